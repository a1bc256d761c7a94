if HAVE_CMOCKA
check_PROGRAMS += %D%/test_dist
%C%_test_dist_SOURCES = %D%/test_dist.c
%C%_test_dist_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_catalog
%C%_test_catalog_SOURCES = %D%/test_catalog.c
%C%_test_catalog_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_yaml
%C%_test_yaml_SOURCES = %D%/test_yaml.c
%C%_test_yaml_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_scenario
%C%_test_scenario_SOURCES = %D%/test_scenario.c %D%/scenario_text.h
%C%_test_scenario_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_sizing
%C%_test_sizing_SOURCES = %D%/test_sizing.c %D%/scenario_text.h
%C%_test_sizing_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_feasible
%C%_test_feasible_SOURCES = %D%/test_feasible.c %D%/scenario_text.h
%C%_test_feasible_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
EXTRA_DIST += %D%/bad %D%/scenarios
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_llm
%C%_test_llm_SOURCES = %D%/test_llm.c
%C%_test_llm_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_scenario_serving
%C%_test_scenario_serving_SOURCES = %D%/test_scenario_serving.c %D%/scenario_text.h
%C%_test_scenario_serving_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_iteration
%C%_test_iteration_SOURCES = %D%/test_iteration.c %D%/iteration_laws.c %D%/iteration_laws.h
%C%_test_iteration_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_iteration_profile
%C%_test_iteration_profile_SOURCES = %D%/test_iteration_profile.c %D%/iteration_laws.c \
	%D%/iteration_laws.h
%C%_test_iteration_profile_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_search
%C%_test_search_SOURCES = %D%/test_search.c
%C%_test_search_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_availability %D%/test_node_list
%C%_test_availability_SOURCES = %D%/test_availability.c %D%/trace_files.c %D%/trace_files.h
%C%_test_availability_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_node_list_SOURCES = %D%/test_node_list.c %D%/trace_files.c %D%/trace_files.h
%C%_test_node_list_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_scenario_jobs
%C%_test_scenario_jobs_SOURCES = %D%/test_scenario_jobs.c %D%/scenario_text.h
%C%_test_scenario_jobs_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_form %D%/test_kernel_time %D%/test_kernel_scaling
%C%_test_form_SOURCES = %D%/test_form.c
%C%_test_form_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_kernel_time_SOURCES = %D%/test_kernel_time.c
%C%_test_kernel_time_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_kernel_scaling_SOURCES = %D%/test_kernel_scaling.c
%C%_test_kernel_scaling_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_kernel_transfer
%C%_test_kernel_transfer_SOURCES = %D%/test_kernel_transfer.c
%C%_test_kernel_transfer_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_profile %D%/test_profile_print
%C%_test_profile_SOURCES = %D%/test_profile.c %D%/profile_text.h
%C%_test_profile_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_profile_print_SOURCES = %D%/test_profile_print.c %D%/profile_text.h
%C%_test_profile_print_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
