# Threads and ranks.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_pool
%C%_test_pool_SOURCES = %D%/test_pool.c
%C%_test_pool_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_workers
%C%_test_workers_SOURCES = %D%/test_workers.c
%C%_test_workers_LDADD = $(STUDY_LIBS) $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
