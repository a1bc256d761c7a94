# Plots, and the records of calibration that some of them draw.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_report_plot
%C%_test_report_plot_SOURCES = %D%/test_report_plot.c \
	%D%/plot_fixture.c %D%/plot_fixture.h $(REPORT_TEST_HELP)
%C%_test_report_plot_LDADD = $(REPORT_TEST_LIBS)
check_PROGRAMS += %D%/test_calibration
%C%_test_calibration_SOURCES = %D%/test_calibration.c %D%/profile_text.h
%C%_test_calibration_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
dist_check_SCRIPTS += %D%/e2e_plots.sh
EXTRA_DIST += %D%/golden/plots
