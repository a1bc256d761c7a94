noinst_LIBRARIES += libtraces.a
libtraces_a_SOURCES = \
	%D%/jobs.h %D%/arrivals.c %D%/arrivals.h \
	%D%/fit.c %D%/fit.h \
	%D%/fit_print.c \
	%D%/format.c %D%/format.h \
	%D%/format_azure.c \
	%D%/format_burstgpt.c \
	%D%/format_csv.c \
	%D%/format_json.c \
	%D%/generate.c %D%/generate.h \
	%D%/histogram.c %D%/histogram.h \
	%D%/info.c %D%/info.h \
	%D%/info_print.c \
	%D%/lengths.c %D%/lengths.h \
	%D%/prefix.c %D%/prefix.h \
	%D%/reader.c %D%/reader.h \
	%D%/row.c %D%/row.h \
	%D%/row_json.c \
	%D%/row_json_odd.c \
	%D%/row_odd.c \
	%D%/write.c %D%/write.h
libtraces_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
TRACES_LIBS = libtraces.a $(JANSSON_LIBS)
