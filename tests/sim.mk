if HAVE_CMOCKA
# Theory, hand arithmetic and laws through sim_run(), on scenarios built in memory.
ARRAY_FILES = %D%/array_trace.c %D%/array_trace.h
PLAN_FILES = %D%/plan_build.c %D%/plan_build.h $(ARRAY_FILES)
SIM_TEST_LIBS = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
HAND_FILES = %D%/by_hand.c %D%/by_hand.h $(PLAN_FILES)
check_PROGRAMS += %D%/test_closed_forms
%C%_test_closed_forms_SOURCES = %D%/test_closed_forms.c $(PLAN_FILES)
%C%_test_closed_forms_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_kernels
%C%_test_kernels_SOURCES = %D%/test_kernels.c %D%/scenario_text.h
%C%_test_kernels_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_by_hand %D%/test_graphs_by_hand \
	%D%/test_autoscale_by_hand
%C%_test_by_hand_SOURCES = %D%/test_by_hand.c $(HAND_FILES)
%C%_test_by_hand_LDADD = $(SIM_TEST_LIBS)
%C%_test_graphs_by_hand_SOURCES = %D%/test_graphs_by_hand.c $(HAND_FILES)
%C%_test_graphs_by_hand_LDADD = $(SIM_TEST_LIBS)
%C%_test_autoscale_by_hand_SOURCES = %D%/test_autoscale_by_hand.c $(HAND_FILES)
%C%_test_autoscale_by_hand_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_ray_budgets
%C%_test_ray_budgets_SOURCES = %D%/test_ray_budgets.c $(PLAN_FILES)
%C%_test_ray_budgets_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_little
%C%_test_little_SOURCES = %D%/test_little.c $(PLAN_FILES)
%C%_test_little_LDADD = $(SIM_TEST_LIBS)
LONG_TESTS += %D%/test_closed_forms
SLOW_TESTS += %D%/test_closed_forms

# Parts of sim/, one program a file.
check_PROGRAMS += \
	%D%/test_event_queue \
	%D%/test_histogram \
	%D%/test_bitset \
	%D%/test_node_index \
	%D%/test_placement \
	%D%/test_cluster \
	%D%/test_ledger \
	%D%/test_network \
	%D%/test_series \
	%D%/test_level \
	%D%/test_draw \
	%D%/test_mser \
	%D%/test_compare \
	%D%/test_compare_serving \
	%D%/test_compare_jobs \
	%D%/test_words
%C%_test_event_queue_SOURCES = %D%/test_event_queue.c
%C%_test_event_queue_LDADD = $(SIM_TEST_LIBS)
%C%_test_histogram_SOURCES = %D%/test_histogram.c
%C%_test_histogram_LDADD = $(SIM_TEST_LIBS)
%C%_test_bitset_SOURCES = %D%/test_bitset.c
%C%_test_bitset_LDADD = $(SIM_TEST_LIBS)
%C%_test_node_index_SOURCES = %D%/test_node_index.c
%C%_test_node_index_LDADD = $(SIM_TEST_LIBS)
%C%_test_placement_SOURCES = %D%/test_placement.c %D%/fleet.c %D%/fleet.h
%C%_test_placement_LDADD = $(SIM_TEST_LIBS)
%C%_test_cluster_SOURCES = %D%/test_cluster.c %D%/fleet.c %D%/fleet.h
%C%_test_cluster_LDADD = $(SIM_TEST_LIBS)
%C%_test_ledger_SOURCES = %D%/test_ledger.c
%C%_test_ledger_LDADD = $(SIM_TEST_LIBS)
%C%_test_network_SOURCES = %D%/test_network.c
%C%_test_network_LDADD = $(SIM_TEST_LIBS)
%C%_test_series_SOURCES = %D%/test_series.c
%C%_test_series_LDADD = $(SIM_TEST_LIBS)
%C%_test_level_SOURCES = %D%/test_level.c
%C%_test_level_LDADD = $(SIM_TEST_LIBS)
%C%_test_draw_SOURCES = %D%/test_draw.c
%C%_test_draw_LDADD = $(SIM_TEST_LIBS)
%C%_test_mser_SOURCES = %D%/test_mser.c
%C%_test_mser_LDADD = $(SIM_TEST_LIBS)
%C%_test_compare_SOURCES = %D%/test_compare.c
%C%_test_compare_LDADD = $(SIM_TEST_LIBS)
%C%_test_compare_serving_SOURCES = %D%/test_compare_serving.c
%C%_test_compare_serving_LDADD = $(SIM_TEST_LIBS)
%C%_test_compare_jobs_SOURCES = %D%/test_compare_jobs.c
%C%_test_compare_jobs_LDADD = $(SIM_TEST_LIBS)
%C%_test_words_SOURCES = %D%/test_words.c
%C%_test_words_LDADD = $(SIM_TEST_LIBS)

# The naive twin, and random scenarios.
LOSSES_FILES = %D%/losses_random.c %D%/losses_random.h
RANDOM_SCENARIO_FILES = %D%/scenario_random.c %D%/scenario_random.h $(LOSSES_FILES)
check_PROGRAMS += %D%/test_twin
%C%_test_twin_SOURCES = %D%/test_twin.c \
	%D%/twin.c %D%/twin.h %D%/twin_rows.h %D%/twin_cluster.c %D%/twin_flow.c \
	%D%/twin_pipe.c %D%/twin_source.c %D%/twin_task.c $(RANDOM_SCENARIO_FILES)
%C%_test_twin_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_laws
%C%_test_laws_SOURCES = %D%/test_laws.c %D%/cell_laws.c %D%/cell_laws.h $(RANDOM_SCENARIO_FILES)
%C%_test_laws_LDADD = $(SIM_TEST_LIBS)
LONG_TESTS += %D%/test_laws
SLOW_TESTS += %D%/test_twin %D%/test_laws

# The naive twin of serving.
SERVING_TWIN_FILES = %D%/twin_serving.c %D%/twin_serving.h %D%/twin_serving_kv.c \
	%D%/twin_serving_replica.c %D%/twin_serving_rows.h \
	%D%/twin_serving_case.c %D%/twin_serving_case.h $(PLAN_FILES)
check_PROGRAMS += %D%/test_twin_serving
%C%_test_twin_serving_SOURCES = %D%/test_twin_serving.c $(SERVING_TWIN_FILES)
%C%_test_twin_serving_LDADD = $(SIM_TEST_LIBS)
SLOW_TESTS += %D%/test_twin_serving

# Several workloads on one fleet.
check_PROGRAMS += %D%/test_shared_fleet
%C%_test_shared_fleet_SOURCES = %D%/test_shared_fleet.c %D%/scenario_text.h
%C%_test_shared_fleet_LDADD = $(SIM_TEST_LIBS)
endif

# Serving: requests, KV blocks, stores of prefixes, routers; autoscaling rules.
if HAVE_CMOCKA
check_PROGRAMS += \
	%D%/test_autoscaler \
	%D%/test_kv_cache \
	%D%/test_prefix_store \
	%D%/test_request \
	%D%/test_router
%C%_test_autoscaler_SOURCES = %D%/test_autoscaler.c
%C%_test_autoscaler_LDADD = $(SIM_TEST_LIBS)
%C%_test_kv_cache_SOURCES = %D%/test_kv_cache.c
%C%_test_kv_cache_LDADD = $(SIM_TEST_LIBS)
%C%_test_prefix_store_SOURCES = %D%/test_prefix_store.c
%C%_test_prefix_store_LDADD = $(SIM_TEST_LIBS)
%C%_test_request_SOURCES = %D%/test_request.c
%C%_test_request_LDADD = $(SIM_TEST_LIBS)
%C%_test_router_SOURCES = %D%/test_router.c
%C%_test_router_LDADD = $(SIM_TEST_LIBS)

# The replica of a serving engine; the rig has a time source of its own.
REPLICA_FILES = %D%/replica_rig.c %D%/replica_rig.h
check_PROGRAMS += %D%/test_replica %D%/test_replica_spans %D%/test_replica_theory
%C%_test_replica_theory_SOURCES = %D%/test_replica_theory.c $(REPLICA_FILES)
%C%_test_replica_theory_LDADD = $(SIM_TEST_LIBS) -lm
%C%_test_replica_SOURCES = %D%/test_replica.c $(REPLICA_FILES)
%C%_test_replica_LDADD = $(SIM_TEST_LIBS)
%C%_test_replica_spans_SOURCES = %D%/test_replica_spans.c $(REPLICA_FILES)
%C%_test_replica_spans_LDADD = $(SIM_TEST_LIBS)
endif

if HAVE_CMOCKA
# Serving workloads through sim_run(), on scenarios built in memory.
SERVING_FILES = %D%/serving_build.c %D%/serving_build.h $(ARRAY_FILES)
check_PROGRAMS += %D%/test_serving_by_hand
%C%_test_serving_by_hand_SOURCES = %D%/test_serving_by_hand.c $(SERVING_FILES)
%C%_test_serving_by_hand_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_serving_laws
%C%_test_serving_laws_SOURCES = %D%/test_serving_laws.c %D%/cell_laws.c %D%/cell_laws.h \
	%D%/serving_random.c %D%/serving_random.h $(LOSSES_FILES) $(SERVING_FILES)
%C%_test_serving_laws_LDADD = $(SIM_TEST_LIBS)
SLOW_TESTS += %D%/test_serving_laws

# What is bought, lost, repaired and paid for.
check_PROGRAMS += %D%/test_leases
%C%_test_leases_SOURCES = %D%/test_leases.c
%C%_test_leases_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_losses
%C%_test_losses_SOURCES = %D%/test_losses.c %D%/serving_build.c %D%/serving_build.h \
	$(PLAN_FILES)
%C%_test_losses_LDADD = $(SIM_TEST_LIBS)
endif

if HAVE_CMOCKA
# Placement: strategies against a scan of all nodes, their scores by hand, and the
# published experiments on openb.
check_PROGRAMS += %D%/test_nodes %D%/test_score %D%/test_openb
%C%_test_nodes_SOURCES = %D%/test_nodes.c %D%/naive_nodes.c %D%/naive_nodes.h
%C%_test_nodes_LDADD = $(SIM_TEST_LIBS)
%C%_test_score_SOURCES = %D%/test_score.c
%C%_test_score_LDADD = $(SIM_TEST_LIBS)
%C%_test_openb_SOURCES = %D%/test_openb.c %D%/openb.c %D%/openb.h
%C%_test_openb_LDADD = $(SIM_TEST_LIBS)
SLOW_TESTS += %D%/test_nodes %D%/test_openb
LONG_TESTS += %D%/test_openb
endif

# Jobs: by hand, theory and laws.
if HAVE_CMOCKA
JOBS_BUILD_FILES = %D%/jobs_build.c %D%/jobs_build.h %D%/job_array.c %D%/job_array.h
check_PROGRAMS += %D%/test_jobs_by_hand
check_PROGRAMS += %D%/test_job_stint %D%/test_jobs_theory
%C%_test_jobs_theory_SOURCES = %D%/test_jobs_theory.c $(JOBS_BUILD_FILES)
%C%_test_jobs_theory_LDADD = $(SIM_TEST_LIBS)
LONG_TESTS += %D%/test_jobs_theory
check_PROGRAMS += %D%/test_jobs_laws
%C%_test_jobs_laws_SOURCES = %D%/test_jobs_laws.c %D%/cell_laws.c %D%/cell_laws.h %D%/losses_random.c \
	%D%/losses_random.h %D%/twin_jobs_case.c %D%/twin_jobs_case.h
%C%_test_jobs_laws_LDADD = $(SIM_TEST_LIBS)
SLOW_TESTS += %D%/test_jobs_laws
%C%_test_job_stint_SOURCES = %D%/test_job_stint.c
%C%_test_job_stint_LDADD = $(SIM_TEST_LIBS)
%C%_test_jobs_by_hand_SOURCES = %D%/test_jobs_by_hand.c $(JOBS_BUILD_FILES)
%C%_test_jobs_by_hand_LDADD = $(SIM_TEST_LIBS)
endif

if HAVE_CMOCKA
# A deadline on recorded spot capacity, published.
check_PROGRAMS += %D%/test_spot_deadline
%C%_test_spot_deadline_SOURCES = %D%/test_spot_deadline.c $(JOBS_BUILD_FILES) \
	%D%/trace_files.c %D%/trace_files.h
%C%_test_spot_deadline_LDADD = $(SIM_TEST_LIBS)
endif

# The naive twin of jobs.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_twin_jobs
%C%_test_twin_jobs_SOURCES = %D%/test_twin_jobs.c %D%/twin_jobs.c %D%/twin_jobs.h \
	%D%/twin_jobs_case.c %D%/twin_jobs_case.h %D%/twin_jobs_pass.c \
	%D%/twin_jobs_place.c %D%/twin_jobs_plan.c %D%/twin_jobs_quota.c \
	%D%/twin_jobs_rows.h %D%/twin_jobs_scored.c %D%/naive_nodes.c %D%/naive_nodes.h
%C%_test_twin_jobs_LDADD = $(SIM_TEST_LIBS)
SLOW_TESTS += %D%/test_twin_jobs
endif

if HAVE_CMOCKA
# Who is placed next, and quotas.
check_PROGRAMS += %D%/test_scheduler %D%/test_quota
%C%_test_quota_SOURCES = %D%/test_quota.c
%C%_test_quota_LDADD = $(SIM_TEST_LIBS)
%C%_test_scheduler_SOURCES = %D%/test_scheduler.c %D%/queue_rig.c %D%/queue_rig.h
%C%_test_scheduler_LDADD = $(SIM_TEST_LIBS)
endif
