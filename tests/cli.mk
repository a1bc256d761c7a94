# End-to-end tests: each drives the built binary, named by $STAGEPLAN.
EXTRA_DIST += %D%/e2e_lib.sh
dist_check_SCRIPTS += %D%/e2e_catalog.sh
dist_check_SCRIPTS += %D%/e2e_trace.sh
dist_check_SCRIPTS += %D%/e2e_run.sh %D%/e2e_docs.sh %D%/e2e_find.sh %D%/e2e_scale.sh %D%/e2e_sweep_report.sh
dist_check_SCRIPTS += %D%/e2e_jobs.sh %D%/e2e_kernels.sh %D%/e2e_validate.sh
EXTRA_PROGRAMS += %D%/json_check
check_DATA += %D%/json_check
%C%_json_check_SOURCES = %D%/json_check.c
%C%_json_check_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_json_check_LDADD = $(JANSSON_LIBS)
CLEANFILES += %D%/json_check

# The command's prediction is a function; its library is none, so the test has its source.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_validate_predict
%C%_test_validate_predict_SOURCES = %D%/test_validate_predict.c cli/validate_predict.c
%C%_test_validate_predict_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_test_validate_predict_LDADD = $(SIM_LIBS) $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS) -lm
endif
