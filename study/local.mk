noinst_LIBRARIES += libstudy.a
libstudy_a_SOURCES = \
	%D%/axis.c %D%/axis.h \
	%D%/design.c %D%/design.h \
	%D%/launched.c %D%/launched.h \
	%D%/ranks.h \
	%D%/ranks_alone.c \
	%D%/sweep.c %D%/sweep.h \
	%D%/sweep_bytes.c %D%/sweep_bytes.h \
	%D%/workers.c %D%/workers.h
libstudy_a_CFLAGS = $(AM_CFLAGS) $(GSL_CFLAGS) -pthread
STUDY_LIBS = libstudy.a $(MPI_LIBS)
