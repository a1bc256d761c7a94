# What is written for other programs, each file held against its format's own rules.
EXPORTS_CHECKS = \
	%D%/focus_check.c %D%/focus_check.h \
	%D%/openmetrics_check.c %D%/openmetrics_check.h \
	%D%/trace_json_check.c %D%/trace_json_check.h
EXTRA_PROGRAMS += %D%/exports_check
check_DATA += %D%/exports_check
%C%_exports_check_SOURCES = %D%/exports_check.c $(EXPORTS_CHECKS)
%C%_exports_check_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_exports_check_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(JANSSON_LIBS) -lm
CLEANFILES += %D%/exports_check
dist_check_SCRIPTS += %D%/e2e_exports.sh
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_report_exports
%C%_test_report_exports_SOURCES = %D%/test_report_exports.c $(EXPORTS_CHECKS) \
	%D%/exports_fixture.c %D%/exports_fixture.h $(REPORT_TEST_HELP)
%C%_test_report_exports_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_test_report_exports_LDADD = $(REPORT_TEST_LIBS) $(JANSSON_LIBS)
check_PROGRAMS += %D%/test_report_csv
%C%_test_report_csv_SOURCES = %D%/test_report_csv.c \
	%D%/exports_fixture.c %D%/exports_fixture.h $(REPORT_TEST_HELP)
%C%_test_report_csv_LDADD = $(REPORT_TEST_LIBS)
endif
