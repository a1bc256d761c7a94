# The page for a browser: its text by itself, then in a real one where there is one.
EXTRA_PROGRAMS += %D%/browser
check_DATA += %D%/browser
%C%_browser_SOURCES = %D%/browser.c
%C%_browser_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_browser_LDADD = $(JANSSON_LIBS)
CLEANFILES += %D%/browser
dist_check_SCRIPTS += %D%/e2e_page.sh
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_report_html
%C%_test_report_html_SOURCES = %D%/test_report_html.c $(REPORT_TEST_HELP)
%C%_test_report_html_LDADD = $(REPORT_TEST_LIBS)
endif
