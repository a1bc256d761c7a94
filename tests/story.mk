# The bill in steps, what would change the answer, and what is said of it.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_report_story
%C%_test_report_story_SOURCES = %D%/test_report_story.c
%C%_test_report_story_LDADD = $(REPORT_TEST_LIBS)
endif
