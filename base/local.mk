noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	%D%/arena.c %D%/arena.h \
	%D%/decimal.c %D%/decimal.h \
	%D%/gsl.c %D%/gsl.h \
	%D%/hash.c %D%/hash.h \
	%D%/lru.c %D%/lru.h \
	%D%/quantities.c \
	%D%/rng.c %D%/rng.h \
	%D%/status.c %D%/status.h \
	%D%/text.c %D%/text.h \
	%D%/units.c %D%/units.h \
	%D%/wide.h
libbase_a_CFLAGS = $(AM_CFLAGS) $(GSL_CFLAGS) $(XXHASH_CFLAGS)
BASE_LIBS = libbase.a $(GSL_LIBS) $(XXHASH_LIBS) -lm
