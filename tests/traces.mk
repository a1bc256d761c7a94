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
