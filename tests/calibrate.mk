# Calibration: its library and those below.

# honest measuring on the CPU
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_campaign %D%/test_canary %D%/test_estimate %D%/test_gate \
	%D%/test_measure
endif
%C%_test_campaign_SOURCES = %D%/test_campaign.c %D%/near.h %D%/scripted_world.c %D%/scripted_world.h
%C%_test_campaign_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_canary_SOURCES = %D%/test_canary.c %D%/near.h
%C%_test_canary_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_estimate_SOURCES = %D%/test_estimate.c %D%/near.h
%C%_test_estimate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_gate_SOURCES = %D%/test_gate.c
%C%_test_gate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_measure_SOURCES = %D%/test_measure.c
%C%_test_measure_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
