noinst_LIBRARIES += libtraces.a
libtraces_a_SOURCES = \
	%D%/arrivals.c %D%/arrivals.h \
	%D%/cluster_print.c \
	%D%/demand.c %D%/demand.h \
	%D%/demand_file.c %D%/demand_file.h \
	%D%/fit.c %D%/fit.h \
	%D%/fit_print.c \
	%D%/format.c %D%/format.h \
	%D%/format_azure.c \
	%D%/format_burstgpt.c \
	%D%/format_csv.c \
	%D%/format_json.c \
	%D%/gaps.c %D%/gaps.h \
	%D%/generate.c %D%/generate.h \
	%D%/histogram.c %D%/histogram.h \
	%D%/info.c %D%/info.h \
	%D%/info_print.c \
	%D%/job_cell.c \
	%D%/job_check.c %D%/job_check.h \
	%D%/job_fit.c %D%/job_fit.h \
	%D%/job_format.h \
	%D%/job_format_alibaba.c \
	%D%/job_format_csv.c \
	%D%/job_format_gavel.c \
	%D%/job_format_helios.c \
	%D%/job_format_pai.c \
	%D%/job_format_philly.c \
	%D%/job_format_swf.c \
	%D%/job_formats.c \
	%D%/job_generate.c %D%/job_generate.h \
	%D%/job_json.c %D%/job_json.h \
	%D%/job_info.c %D%/job_info.h \
	%D%/job_info_json.c \
	%D%/job_info_print.c %D%/job_info_print.h \
	%D%/job_json.c %D%/job_json.h \
	%D%/job_objects.c %D%/job_objects.h \
	%D%/job_reader.c %D%/job_reader.h \
	%D%/job_shapes.c %D%/job_shapes.h \
	%D%/job_table.c %D%/job_table.h \
	%D%/job_write.c %D%/job_write.h \
	%D%/jobs.c %D%/jobs.h \
	%D%/jobs_open.c \
	%D%/kind.c %D%/kind.h \
	%D%/lengths.c %D%/lengths.h \
	%D%/level_times.c %D%/level_times.h \
	%D%/paper.c %D%/paper.h \
	%D%/prefix.c %D%/prefix.h \
	%D%/reader.c %D%/reader.h \
	%D%/row.c %D%/row.h \
	%D%/row_json.c \
	%D%/row_json_odd.c \
	%D%/row_odd.c \
	%D%/windows.c %D%/windows.h \
	%D%/write.c %D%/write.h
libtraces_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
TRACES_LIBS = libtraces.a $(JANSSON_LIBS)
