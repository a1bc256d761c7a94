# A stored run, read back.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_database_read
%C%_test_database_read_SOURCES = %D%/test_database_read.c \
	%D%/database_help.c %D%/database_help.h $(REPORT_TEST_HELP)
%C%_test_database_read_LDADD = $(REPORT_TEST_LIBS)
endif

dist_check_SCRIPTS += %D%/e2e_report.sh
