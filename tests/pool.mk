# Threads and ranks.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_pool
%C%_test_pool_SOURCES = %D%/test_pool.c
%C%_test_pool_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_workers
%C%_test_workers_SOURCES = %D%/test_workers.c
%C%_test_workers_LDADD = $(STUDY_LIBS) $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_ranks
%C%_test_ranks_SOURCES = %D%/test_ranks.c
%C%_test_ranks_LDADD = $(STUDY_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
# a program for tests, not one itself
EXTRA_PROGRAMS += %D%/ranks_check
check_DATA += %D%/ranks_check
CLEANFILES += %D%/ranks_check
%C%_ranks_check_SOURCES = %D%/ranks_check.c
%C%_ranks_check_LDADD = $(STUDY_LIBS) $(BASE_LIBS)
dist_check_SCRIPTS += %D%/e2e_mpi.sh
