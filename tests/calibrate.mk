# Calibration: its library and those below.

# The fits, known answers.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_fit_form
%C%_test_fit_form_SOURCES = %D%/test_fit_form.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_form_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif

# The real pipeline, and its verdict.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_validate %D%/test_verdict
%C%_test_validate_SOURCES = %D%/test_validate.c
%C%_test_validate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_verdict_SOURCES = %D%/test_verdict.c
%C%_test_verdict_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
