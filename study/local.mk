noinst_LIBRARIES += libstudy.a
libstudy_a_SOURCES = \
	%D%/axis.c %D%/axis.h \
	%D%/design.c %D%/design.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/sweep_bytes.c %D%/sweep_bytes.h \
	%D%/workers.c %D%/workers.h
libstudy_a_CFLAGS = $(AM_CFLAGS) $(GSL_CFLAGS) -pthread
# Ranks and what they say to each other: the one library that may see MPI's flags.
noinst_LIBRARIES += libranks.a
libranks_a_SOURCES = \
	%D%/crew.c %D%/crew.h \
	%D%/follow.c \
	%D%/launched.c %D%/launched.h \
	%D%/lead.c \
	%D%/link.h \
	%D%/ranks.h
if HAVE_MPI
libranks_a_SOURCES += %D%/ranks_mpi.c
else
libranks_a_SOURCES += %D%/ranks_alone.c
endif
libranks_a_CFLAGS = $(AM_CFLAGS) $(MPI_CFLAGS) -pthread
STUDY_LIBS = libstudy.a libranks.a $(MPI_LIBS)
