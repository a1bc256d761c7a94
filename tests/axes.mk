# Axes, designs and Sobol' indices.
if HAVE_CMOCKA
AXES_LIBS = $(STUDY_LIBS) $(SIM_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_sobol
%C%_test_sobol_SOURCES = %D%/test_sobol.c
%C%_test_sobol_LDADD = $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_indices
%C%_test_indices_SOURCES = %D%/test_indices.c %D%/ishigami.h
%C%_test_indices_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_axis
%C%_test_axis_SOURCES = %D%/test_axis.c
%C%_test_axis_LDADD = $(AXES_LIBS)
check_PROGRAMS += %D%/test_factor
%C%_test_factor_SOURCES = %D%/test_factor.c
%C%_test_factor_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_design
%C%_test_design_SOURCES = %D%/test_design.c %D%/ishigami.h
%C%_test_design_LDADD = $(AXES_LIBS)
check_PROGRAMS += %D%/test_sweep_sensitivity
%C%_test_sweep_sensitivity_SOURCES = %D%/test_sweep_sensitivity.c
%C%_test_sweep_sensitivity_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_test_sweep_sensitivity_LDADD = $(STUDY_LIBS) $(REPORT_TEST_LIBS)
endif
dist_check_SCRIPTS += %D%/e2e_calibration_draw.sh
