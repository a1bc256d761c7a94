# Replications, intervals, and what is said of them.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_rounds
%C%_test_rounds_SOURCES = %D%/test_rounds.c %D%/plan_build.c %D%/plan_build.h \
	%D%/array_trace.c %D%/array_trace.h
%C%_test_rounds_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_precision
%C%_test_precision_SOURCES = %D%/test_precision.c %D%/plan_build.c %D%/plan_build.h \
	%D%/array_trace.c %D%/array_trace.h
%C%_test_precision_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_coverage
SLOW_TESTS += %D%/test_coverage
%C%_test_coverage_SOURCES = %D%/test_coverage.c %D%/plan_build.c %D%/plan_build.h \
	%D%/array_trace.c %D%/array_trace.h
%C%_test_coverage_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
