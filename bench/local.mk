# make bench: each program prints ratios measured in one run; nothing here is a test.
# To add one: append it to BENCHES and say what it is made of.
BENCHES = \
	%D%/bench_engine \
	%D%/bench_jobs \
	%D%/bench_pipeline \
	%D%/bench_placement \
	%D%/bench_scale \
	%D%/bench_scheduler \
	%D%/bench_serving \
	%D%/bench_serving_traces \
	%D%/bench_sweep \
	%D%/bench_trace
include %D%/sqlite.mk
EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)

# make bench-calibrate: how well campaigns agree; some minutes, so not with the others
EXTRA_PROGRAMS += %D%/bench_calibrate
CLEANFILES += %D%/bench_calibrate
bench-calibrate: %D%/bench_calibrate
	./%D%/bench_calibrate
.PHONY: bench-calibrate
%C%_bench_calibrate_SOURCES = %D%/bench_calibrate.c
%C%_bench_calibrate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

%C%_bench_engine_SOURCES = %D%/bench_engine.c
%C%_bench_engine_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

%C%_bench_jobs_SOURCES = %D%/bench_jobs.c %D%/process.c %D%/process.h
%C%_bench_jobs_LDADD =

%C%_bench_pipeline_SOURCES = %D%/bench_pipeline.c
%C%_bench_pipeline_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

%C%_bench_placement_SOURCES = %D%/bench_placement.c tests/naive_nodes.c tests/naive_nodes.h \
	tests/openb.c tests/openb.h
%C%_bench_placement_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

%C%_bench_scale_SOURCES = %D%/bench_scale.c %D%/process.c %D%/process.h
%C%_bench_scale_LDADD =

%C%_bench_scheduler_SOURCES = %D%/bench_scheduler.c
%C%_bench_scheduler_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

%C%_bench_serving_SOURCES = %D%/bench_serving.c
%C%_bench_serving_LDADD = $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

%C%_bench_serving_traces_SOURCES = %D%/bench_serving_traces.c %D%/process.c %D%/process.h
%C%_bench_serving_traces_LDADD =

%C%_bench_trace_SOURCES = %D%/bench_trace.c
%C%_bench_trace_LDADD = $(TRACES_LIBS) $(MODEL_LIBS) $(BASE_LIBS)

bench: $(BENCHES) stageplan$(EXEEXT)
	@for b in $(BENCHES); do ./$$b || exit 1; echo; done
.PHONY: bench

# ten thousand nodes for a week: docs/performance.md
EXTRA_DIST += %D%/week.yaml

%C%_bench_sweep_SOURCES = %D%/bench_sweep.c
%C%_bench_sweep_LDADD = $(STUDY_LIBS) $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS)
