# what a workbook's cells say, for scripts
EXTRA_PROGRAMS += %D%/book_values
check_DATA += %D%/book_values
%C%_book_values_SOURCES = %D%/book_values.c %D%/report_help.c %D%/report_help.h
%C%_book_values_LDADD = $(BASE_LIBS) $(ZLIB_LIBS)
CLEANFILES += %D%/book_values
dist_check_SCRIPTS += %D%/e2e_workbook.sh
