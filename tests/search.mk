# The planner against trying everything, and on cases with known answers.
if HAVE_CMOCKA
PLAN_TEST_LIBS = $(PLAN_LIBS) $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
PLAN_WORLD_FILES = %D%/plan_world.c %D%/plan_world.h
check_PROGRAMS += %D%/test_plan_exhaustive
%C%_test_plan_exhaustive_SOURCES = %D%/test_plan_exhaustive.c \
	%D%/plan_naive.c %D%/plan_naive.h %D%/plan_random.c %D%/plan_random.h \
	$(PLAN_WORLD_FILES)
%C%_test_plan_exhaustive_LDADD = $(PLAN_TEST_LIBS)
check_PROGRAMS += %D%/test_evaluate
%C%_test_evaluate_SOURCES = %D%/test_evaluate.c $(PLAN_WORLD_FILES)
%C%_test_evaluate_LDADD = $(PLAN_TEST_LIBS)
check_PROGRAMS += %D%/test_search_plans
%C%_test_search_plans_SOURCES = %D%/test_search_plans.c $(PLAN_WORLD_FILES)
%C%_test_search_plans_LDADD = $(PLAN_TEST_LIBS)
LONG_TESTS += %D%/test_plan_exhaustive
SLOW_TESTS += %D%/test_plan_exhaustive
endif
