if HAVE_CMOCKA
check_PROGRAMS += %D%/test_arena
%C%_test_arena_SOURCES = %D%/test_arena.c
%C%_test_arena_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_decimal
%C%_test_decimal_SOURCES = %D%/test_decimal.c
%C%_test_decimal_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_gsl
%C%_test_gsl_SOURCES = %D%/test_gsl.c
%C%_test_gsl_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_hash
%C%_test_hash_SOURCES = %D%/test_hash.c
%C%_test_hash_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_lru
%C%_test_lru_SOURCES = %D%/test_lru.c
%C%_test_lru_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_rng
%C%_test_rng_SOURCES = %D%/test_rng.c
%C%_test_rng_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_text
%C%_test_text_SOURCES = %D%/test_text.c
%C%_test_text_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_units
%C%_test_units_SOURCES = %D%/test_units.c
%C%_test_units_LDADD = $(BASE_LIBS) $(TEST_LIBS)
endif
