bin_PROGRAMS += stageplan
stageplan_SOURCES = \
	%D%/catalog.h \
	%D%/catalog_json.c \
	%D%/catalog_list.c \
	%D%/catalog_show.c \
	%D%/cli.h \
	%D%/cmd_calibrate.c \
	%D%/cmd_catalog.c \
	%D%/cmd_report.c \
	%D%/cmd_plan.c \
	%D%/cmd_run.c \
	%D%/cmd_sweep.c \
	%D%/cmd_trace.c \
	%D%/find.c %D%/find.h \
	%D%/find_nodes.c %D%/find_nodes.h \
	%D%/find_rate.c %D%/find_rate.h \
	%D%/main.c \
	%D%/options.c \
	%D%/outputs.c %D%/outputs.h \
	%D%/prepare.c %D%/prepare.h \
	%D%/progress.c %D%/progress.h \
	%D%/run_traces.c %D%/run_traces.h \
	%D%/sweep_setup.c %D%/sweep_setup.h \
	%D%/sweep_store.c %D%/sweep_store.h \
	%D%/trace.h \
	%D%/trace_generate.c \
	%D%/trace_info.c \
	%D%/trace_jobs.c \
	%D%/cmd_validate.c \
	%D%/validate_compare.c %D%/validate_compare.h \
	%D%/validate_predict.c %D%/validate_predict.h
stageplan_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
stageplan_LDADD = $(CALIBRATE_LIBS) $(REPORT_LIBS) $(STUDY_LIBS) $(PLAN_LIBS) $(SIM_LIBS) $(TRACES_LIBS) $(MODEL_LIBS) $(BASE_LIBS)
