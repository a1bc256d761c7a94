# Calibration: its library and those below.

# The fits, known answers.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_fit_form
%C%_test_fit_form_SOURCES = %D%/test_fit_form.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_form_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_fit_features
%C%_test_fit_features_SOURCES = %D%/test_fit_features.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_features_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_fit_scaling
%C%_test_fit_scaling_SOURCES = %D%/test_fit_scaling.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_scaling_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_fit
%C%_test_fit_SOURCES = %D%/test_fit.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
