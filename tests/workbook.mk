# what a workbook's cells say, for scripts
EXTRA_PROGRAMS += %D%/book_values
check_DATA += %D%/book_values
%C%_book_values_SOURCES = %D%/book_values.c %D%/report_help.c %D%/report_help.h
%C%_book_values_LDADD = $(BASE_LIBS) $(ZLIB_LIBS)
CLEANFILES += %D%/book_values
dist_check_SCRIPTS += %D%/e2e_workbook.sh
SLOW_TESTS += %D%/e2e_workbook.sh
LONG_TESTS += %D%/e2e_workbook.sh
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_workbook_golden
%C%_test_workbook_golden_SOURCES = %D%/test_workbook_golden.c \
	%D%/book_fixture.c %D%/book_fixture.h $(REPORT_TEST_HELP)
%C%_test_workbook_golden_LDADD = $(REPORT_TEST_LIBS)

# After a look at what differs: the files that the workbook is held against, anew.
update-golden-workbook: %D%/test_workbook_golden
	UPDATE_GOLDEN=1 SRCDIR=$(abs_top_srcdir) %D%/test_workbook_golden

endif
EXTRA_DIST += %D%/golden/workbook
