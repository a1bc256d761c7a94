# distributions of times, and the terminal's answer to "why"
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_cdf
%C%_test_cdf_SOURCES = %D%/test_cdf.c %D%/serving_build.c %D%/serving_build.h \
	$(JOBS_BUILD_FILES) $(PLAN_FILES)
%C%_test_cdf_LDADD = $(SIM_TEST_LIBS)
check_PROGRAMS += %D%/test_catalog_used
%C%_test_catalog_used_SOURCES = %D%/test_catalog_used.c
%C%_test_catalog_used_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_sparkline
%C%_test_sparkline_SOURCES = %D%/test_sparkline.c
%C%_test_sparkline_LDADD = $(REPORT_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_terminal_why
%C%_test_terminal_why_SOURCES = %D%/test_terminal_why.c $(REPORT_TEST_HELP)
%C%_test_terminal_why_LDADD = $(REPORT_TEST_LIBS)
endif

# The examples' bills, as they show them, add up.
dist_check_SCRIPTS += %D%/e2e_why.sh
