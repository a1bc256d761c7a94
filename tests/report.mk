if HAVE_CMOCKA
REPORT_TEST_LIBS = $(REPORT_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(ZLIB_LIBS) $(TEST_LIBS)
REPORT_TEST_HELP = \
	%D%/report_help.c %D%/report_help.h \
	%D%/result_fixture.c %D%/result_fixture.h \
	%D%/serving_fixture.c %D%/serving_fixture.h \
	%D%/jobs_fixture.c %D%/jobs_fixture.h
check_PROGRAMS += %D%/test_report_text
%C%_test_report_text_SOURCES = %D%/test_report_text.c
%C%_test_report_text_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_report_file
%C%_test_report_file_SOURCES = %D%/test_report_file.c $(REPORT_TEST_HELP)
%C%_test_report_file_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_report_terminal
%C%_test_report_terminal_SOURCES = %D%/test_report_terminal.c $(REPORT_TEST_HELP)
%C%_test_report_terminal_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_report_json
%C%_test_report_json_SOURCES = %D%/test_report_json.c $(REPORT_TEST_HELP)
%C%_test_report_json_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_report_found
%C%_test_report_found_SOURCES = %D%/test_report_found.c $(REPORT_TEST_HELP)
%C%_test_report_found_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_report_database
%C%_test_report_database_SOURCES = %D%/test_report_database.c \
	%D%/database_help.c %D%/database_help.h $(REPORT_TEST_HELP)
%C%_test_report_database_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_report_workbook
%C%_test_report_workbook_SOURCES = %D%/test_report_workbook.c \
	%D%/book_fixture.c %D%/book_fixture.h $(REPORT_TEST_HELP)
%C%_test_report_workbook_LDADD = $(REPORT_TEST_LIBS)
endif

# the table of a calibration
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_report_profile
%C%_test_report_profile_SOURCES = %D%/test_report_profile.c
%C%_test_report_profile_LDADD = $(REPORT_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
