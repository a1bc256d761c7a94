noinst_LIBRARIES += libstudy.a
libstudy_a_SOURCES = \
	%D%/axis.h \
	%D%/design.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/sweep_bytes.c %D%/sweep_bytes.h \
	%D%/workers.h
libstudy_a_CFLAGS = $(AM_CFLAGS) $(GSL_CFLAGS) -pthread
STUDY_LIBS = libstudy.a $(MPI_LIBS)
