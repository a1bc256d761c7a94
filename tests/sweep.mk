# Figures of a run, and sweeps.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_figure
%C%_test_figure_SOURCES = %D%/test_figure.c
%C%_test_figure_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_database_sweep
%C%_test_database_sweep_SOURCES = %D%/test_database_sweep.c \
	%D%/database_help.c %D%/database_help.h $(REPORT_TEST_HELP)
%C%_test_database_sweep_LDADD = $(REPORT_TEST_LIBS)
endif

dist_check_SCRIPTS += %D%/e2e_sweep.sh %D%/e2e_sweep_kill.sh
SLOW_TESTS += %D%/e2e_sweep_kill.sh
LONG_TESTS += %D%/e2e_sweep.sh %D%/e2e_sweep_kill.sh
