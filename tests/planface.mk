if HAVE_CMOCKA
check_PROGRAMS += %D%/test_goals
%C%_test_goals_SOURCES = %D%/test_goals.c
%C%_test_goals_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
