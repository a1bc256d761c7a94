if HAVE_CMOCKA
check_PROGRAMS += \
	%D%/test_trace_arrivals \
	%D%/test_trace_fit \
	%D%/test_trace_generate \
	%D%/test_trace_histogram \
	%D%/test_trace_info \
	%D%/test_trace_json \
	%D%/test_trace_prefix \
	%D%/test_trace_reader \
	%D%/test_trace_row
TRACE_TEST_FILES = %D%/trace_files.c %D%/trace_files.h
TRACE_TEST_LIBS = $(TRACES_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_trace_arrivals_SOURCES = %D%/test_trace_arrivals.c $(TRACE_TEST_FILES)
%C%_test_trace_arrivals_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_fit_SOURCES = %D%/test_trace_fit.c $(TRACE_TEST_FILES)
%C%_test_trace_fit_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_generate_SOURCES = %D%/test_trace_generate.c $(TRACE_TEST_FILES)
%C%_test_trace_generate_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_histogram_SOURCES = %D%/test_trace_histogram.c
%C%_test_trace_histogram_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_info_SOURCES = %D%/test_trace_info.c $(TRACE_TEST_FILES)
%C%_test_trace_info_LDADD = $(TRACE_TEST_LIBS) $(JANSSON_LIBS)
%C%_test_trace_json_SOURCES = %D%/test_trace_json.c $(TRACE_TEST_FILES)
%C%_test_trace_json_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_prefix_SOURCES = %D%/test_trace_prefix.c $(TRACE_TEST_FILES)
%C%_test_trace_prefix_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_reader_SOURCES = %D%/test_trace_reader.c $(TRACE_TEST_FILES)
%C%_test_trace_reader_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_row_SOURCES = %D%/test_trace_row.c
%C%_test_trace_row_LDADD = $(TRACE_TEST_LIBS)
endif

if HAVE_CMOCKA
check_PROGRAMS += %D%/test_job_formats %D%/test_job_generate %D%/test_job_shared \
	%D%/test_jobs
JOB_TEST_FILES = %D%/job_text.c %D%/job_text.h $(TRACE_TEST_FILES)
%C%_test_job_formats_SOURCES = %D%/test_job_formats.c $(JOB_TEST_FILES)
%C%_test_job_formats_LDADD = $(TRACE_TEST_LIBS)
%C%_test_job_generate_SOURCES = %D%/test_job_generate.c
%C%_test_job_generate_LDADD = $(TRACE_TEST_LIBS)
%C%_test_job_shared_SOURCES = %D%/test_job_shared.c $(TRACE_TEST_FILES)
%C%_test_job_shared_LDADD = $(TRACE_TEST_LIBS)
%C%_test_jobs_SOURCES = %D%/test_jobs.c $(JOB_TEST_FILES)
%C%_test_jobs_LDADD = $(TRACE_TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_demand %D%/test_job_info %D%/test_trace_kind
%C%_test_demand_SOURCES = %D%/test_demand.c $(TRACE_TEST_FILES)
%C%_test_demand_LDADD = $(TRACE_TEST_LIBS)
%C%_test_job_info_SOURCES = %D%/test_job_info.c %D%/job_array.c %D%/job_array.h \
	$(TRACE_TEST_FILES)
%C%_test_job_info_LDADD = $(TRACE_TEST_LIBS) $(JANSSON_LIBS)
%C%_test_trace_kind_SOURCES = %D%/test_trace_kind.c $(TRACE_TEST_FILES)
%C%_test_trace_kind_LDADD = $(TRACE_TEST_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_job_shapes
%C%_test_job_shapes_SOURCES = %D%/test_job_shapes.c
%C%_test_job_shapes_LDADD = $(TRACE_TEST_LIBS)
endif
