# Calibration: its library and those below.
# tables measured elsewhere
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_import
%C%_test_import_SOURCES = %D%/test_import.c %D%/profile_text.h
%C%_test_import_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
