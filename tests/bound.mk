# Lower bounds, packing, shapes and the programs under them.
if HAVE_CMOCKA
BOUND_TEST_LIBS = $(PLAN_LIBS) $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_bound_laws
SLOW_TESTS += %D%/test_bound_laws
%C%_test_bound_laws_SOURCES = %D%/test_bound_laws.c $(RANDOM_SCENARIO_FILES) \
	%D%/serving_random.c %D%/serving_random.h $(SERVING_FILES) \
	%D%/twin_jobs_case.c %D%/twin_jobs_case.h
%C%_test_bound_laws_LDADD = $(BOUND_TEST_LIBS)
check_PROGRAMS += %D%/test_milp %D%/test_pack
%C%_test_milp_SOURCES = %D%/test_milp.c
%C%_test_milp_LDADD = $(BOUND_TEST_LIBS)
%C%_test_pack_SOURCES = %D%/test_pack.c
%C%_test_pack_LDADD = $(BOUND_TEST_LIBS)
check_PROGRAMS += %D%/test_shape %D%/test_bound
%C%_test_shape_SOURCES = %D%/test_shape.c $(PLAN_FILES)
%C%_test_shape_LDADD = $(BOUND_TEST_LIBS)
%C%_test_bound_SOURCES = %D%/test_bound.c %D%/scenario_text.h
%C%_test_bound_LDADD = $(BOUND_TEST_LIBS)
endif
