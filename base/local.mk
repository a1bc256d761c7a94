noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	%D%/arena.c %D%/arena.h \
	%D%/clock.c %D%/clock.h \
	%D%/codec.h \
	%D%/date.c %D%/date.h \
	%D%/decimal.c %D%/decimal.h \
	%D%/gsl.c %D%/gsl.h \
	%D%/gsl_fit.c %D%/gsl_fit.h \
	%D%/gzip.c \
	%D%/hash.c %D%/hash.h \
	%D%/heap.c %D%/heap.h \
	%D%/input.c %D%/input.h \
	%D%/lru.c %D%/lru.h \
	%D%/median.c %D%/median.h \
	%D%/names.c %D%/names.h \
	%D%/path.c %D%/path.h \
	%D%/pool.c %D%/pool.h \
	%D%/quantities.c \
	%D%/rng.c %D%/rng.h \
	%D%/sha256.c %D%/sha256.h \
	%D%/sobol.c %D%/sobol.h \
	%D%/status.c %D%/status.h \
	%D%/text.c %D%/text.h \
	%D%/units.c %D%/units.h \
	%D%/wide.h \
	%D%/zstd.c
libbase_a_CFLAGS = $(AM_CFLAGS) -pthread $(GSL_CFLAGS) $(XXHASH_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS)
BASE_LIBS = libbase.a $(GSL_LIBS) $(XXHASH_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(PTHREAD_LIBS) -lm
