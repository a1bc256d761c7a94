# Calibration: its library and those below.

# The fits, known answers.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_fit_form
%C%_test_fit_form_SOURCES = %D%/test_fit_form.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_form_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
