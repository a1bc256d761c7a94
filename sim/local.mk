noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = \
	%D%/aggregate.c \
	%D%/aggregate_cells.c \
	%D%/arrivals.c %D%/arrivals.h \
	%D%/assumptions.c \
	%D%/autoscaler.c %D%/autoscaler.h \
	%D%/batches.c %D%/batches.h \
	%D%/batching.c %D%/batching.h \
	%D%/bitset.c %D%/bitset.h \
	%D%/backfill.c \
	%D%/causes.h \
	%D%/cdf.c %D%/cdf.h \
	%D%/cluster.c %D%/cluster.h %D%/cluster_rows.h \
	%D%/cluster_kinds.c \
	%D%/cluster_result.c \
	%D%/cluster_story.c \
	%D%/cluster_stranded.c \
	%D%/evict.c \
	%D%/evict_again.c %D%/evict_again.h \
	%D%/explain.c %D%/explain.h \
	%D%/gang.c \
	%D%/plan.c \
	%D%/quota.c %D%/quota.h \
	%D%/scheduler.c %D%/scheduler.h \
	%D%/leases.c %D%/leases.h %D%/leases_rows.h \
	%D%/leases_loss.c \
	%D%/leases_market.c \
	%D%/leases_reason.c \
	%D%/leases_record.c \
	%D%/nodes.c %D%/nodes.h \
	%D%/compare.c %D%/leaning.h \
	%D%/compare_jobs.c %D%/compare_jobs.h \
	%D%/compare_serving.c %D%/compare_serving.h \
	%D%/compare_why.c %D%/compare_why.h \
	%D%/draw.c %D%/draw.h \
	%D%/event_queue.c %D%/event_queue.h \
	%D%/floor.c %D%/floor.h \
	%D%/fragment.c %D%/fragment.h \
	%D%/gaps.c %D%/gaps.h \
	%D%/histogram.c %D%/histogram.h \
	%D%/job_floor.c %D%/job_floor.h \
	%D%/job_split.c %D%/job_split.h \
	%D%/job_stint.c %D%/job_stint.h \
	%D%/jobs.c %D%/jobs.h %D%/jobs_rows.h \
	%D%/jobs_ask.c \
	%D%/jobs_count.c \
	%D%/jobs_result.c \
	%D%/jobs_run.c \
	%D%/jobs_source.c \
	%D%/jobs_told.c \
	%D%/ledger.c %D%/ledger.h %D%/ledger_rows.h \
	%D%/ledger_cells.c \
	%D%/ledger_lines.c \
	%D%/level.h \
	%D%/timeline.c %D%/timeline.h %D%/timeline_rows.h \
	%D%/timeline_result.c \
	%D%/timeline_sample.c \
	%D%/pipeline_record.c \
	%D%/jobs_record.c \
	%D%/serving_record.c \
	%D%/mix.c %D%/mix.h \
	%D%/mser.c %D%/mser.h \
	%D%/network.c %D%/network.h \
	%D%/node_index.c %D%/node_index.h \
	%D%/pipeline.c %D%/pipeline.h %D%/pipeline_rows.h \
	%D%/pipeline_autoscale.c \
	%D%/pipeline_flow.c \
	%D%/pipeline_items.c \
	%D%/cpu_use.h \
	%D%/pipeline_join.c \
	%D%/pipeline_kernel.c \
	%D%/pipeline_loss.c \
	%D%/pipeline_output.c \
	%D%/pipeline_result.c \
	%D%/pipeline_service.c \
	%D%/pipeline_settle.c \
	%D%/pipeline_source.c \
	%D%/pipeline_store.c \
	%D%/pipeline_task.c \
	%D%/pipeline_units.c \
	%D%/placement.c %D%/placement.h \
	%D%/ranking.c %D%/ranking.h \
	%D%/run.c %D%/run.h %D%/run_parts.h %D%/run_rows.h \
	%D%/precision.c %D%/precision.h \
	%D%/rounds.c %D%/rounds.h \
	%D%/run_all.c \
	%D%/run_intervals.c \
	%D%/run_marks.c \
	%D%/run_result.c \
	%D%/run_setup.c \
	%D%/samples.c %D%/samples.h \
	%D%/schedule.c %D%/schedule.h \
	%D%/score.c %D%/score.h \
	%D%/series.c %D%/series.h \
	%D%/serving.c %D%/serving.h %D%/serving_rows.h \
	%D%/serving_count.c \
	%D%/serving_handover.c \
	%D%/serving_price.c \
	%D%/serving_result.c \
	%D%/serving_route.c \
	%D%/serving_scale.c \
	%D%/serving_source.c \
	%D%/serving_told.c \
	%D%/serving_units.c \
	%D%/serving_verify.c \
	%D%/warn_kernels.c \
	%D%/workload.h
libsim_a_CFLAGS = $(AM_CFLAGS)
SIM_LIBS = libsim.a

# Serving: the parts of a replica and of its pool.
libsim_a_SOURCES += \
	%D%/id_table.c %D%/id_table.h \
	%D%/kv_cache.c %D%/kv_cache.h \
	%D%/prefix_store.c %D%/prefix_store.h \
	%D%/replica.c %D%/replica.h %D%/replica_rows.h \
	%D%/replica_batch.c \
	%D%/replica_plan.c \
	%D%/replica_span.c \
	%D%/replica_verify.c \
	%D%/request.c %D%/request.h \
	%D%/router.c %D%/router.h
