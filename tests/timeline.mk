# What is recorded of a run: by hand, and what always holds.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_timeline %D%/test_timeline_laws
%C%_test_timeline_SOURCES = %D%/test_timeline.c $(HAND_FILES) \
	%D%/serving_build.c %D%/serving_build.h \
	%D%/jobs_build.c %D%/jobs_build.h %D%/job_array.c %D%/job_array.h
%C%_test_timeline_LDADD = $(SIM_TEST_LIBS)
%C%_test_timeline_laws_SOURCES = %D%/test_timeline_laws.c $(RANDOM_SCENARIO_FILES) \
	%D%/serving_random.c %D%/serving_random.h $(SERVING_FILES) \
	%D%/twin_jobs_case.c %D%/twin_jobs_case.h
%C%_test_timeline_laws_LDADD = $(SIM_TEST_LIBS)
endif
