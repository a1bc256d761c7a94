noinst_LIBRARIES += libstudy.a
libstudy_a_SOURCES = \
	%D%/axis.h \
	%D%/design.h \
	%D%/sweep.h \
	%D%/workers.h
libstudy_a_CFLAGS = $(AM_CFLAGS) $(GSL_CFLAGS) -pthread
STUDY_LIBS = libstudy.a $(MPI_LIBS)
