# What a plan must meet, and what is told of one.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_goals %D%/test_report_planned
%C%_test_goals_SOURCES = %D%/test_goals.c
%C%_test_goals_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_report_planned_SOURCES = %D%/test_report_planned.c \
	%D%/planned_fixture.c %D%/planned_fixture.h $(REPORT_TEST_HELP)
%C%_test_report_planned_LDADD = $(REPORT_TEST_LIBS)
endif
dist_check_SCRIPTS += %D%/e2e_plan.sh
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_yaml_write
%C%_test_yaml_write_SOURCES = %D%/test_yaml_write.c
%C%_test_yaml_write_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
