if HAVE_CMOCKA
check_PROGRAMS += \
	%D%/test_trace_arrivals \
	%D%/test_trace_histogram \
	%D%/test_trace_info \
	%D%/test_trace_input \
	%D%/test_trace_json \
	%D%/test_trace_reader \
	%D%/test_trace_row
TRACE_TEST_FILES = %D%/trace_files.c %D%/trace_files.h
TRACE_TEST_LIBS = $(TRACES_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_trace_arrivals_SOURCES = %D%/test_trace_arrivals.c $(TRACE_TEST_FILES)
%C%_test_trace_arrivals_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_histogram_SOURCES = %D%/test_trace_histogram.c
%C%_test_trace_histogram_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_info_SOURCES = %D%/test_trace_info.c $(TRACE_TEST_FILES)
%C%_test_trace_info_LDADD = $(TRACE_TEST_LIBS) $(JANSSON_LIBS)
%C%_test_trace_input_SOURCES = %D%/test_trace_input.c $(TRACE_TEST_FILES)
%C%_test_trace_input_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_json_SOURCES = %D%/test_trace_json.c $(TRACE_TEST_FILES)
%C%_test_trace_json_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_reader_SOURCES = %D%/test_trace_reader.c $(TRACE_TEST_FILES)
%C%_test_trace_reader_LDADD = $(TRACE_TEST_LIBS)
%C%_test_trace_row_SOURCES = %D%/test_trace_row.c
%C%_test_trace_row_LDADD = $(TRACE_TEST_LIBS)
endif
