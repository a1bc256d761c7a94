noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = \
	%D%/bill.c %D%/bill.h \
	%D%/book.c %D%/book.h \
	%D%/compare.c %D%/compare.h \
	%D%/compare_parts.h %D%/compare_serving.c %D%/compare_jobs.c \
	%D%/context.h \
	%D%/database.c %D%/database.h %D%/database_parts.h \
	%D%/database_jobs.c \
	%D%/database_kernels.c \
	%D%/database_serving.c \
	%D%/embedded.h \
	%D%/file.c %D%/file.h \
	%D%/format.c %D%/format.h \
	%D%/found.c %D%/found.h %D%/found_parts.h \
	%D%/found_nodes.c \
	%D%/html.c %D%/html.h %D%/html_parts.h \
	%D%/html_compare.c \
	%D%/html_cost.c \
	%D%/html_latency.c \
	%D%/html_nodes.c \
	%D%/html_panel.c \
	%D%/html_story.c \
	%D%/html_tables.c \
	%D%/html_text.c \
	%D%/html_time.c \
	%D%/json.c %D%/json.h \
	%D%/json_parts.c %D%/json_parts.h \
	%D%/json_found.c \
	%D%/json_jobs.c \
	%D%/json_kernels.c \
	%D%/json_serving.c \
	%D%/month.c %D%/month.h \
	%D%/parts.c %D%/parts.h \
	%D%/page.c %D%/page.h \
	%D%/plot.c %D%/plot.h %D%/plot_parts.h \
	%D%/plot_jobs.c \
	%D%/plot_serving.c \
	%D%/json_validation.c \
	%D%/validation_print.c %D%/validation_print.h \
	%D%/profile_print.c %D%/profile_print.h \
	%D%/schema.c %D%/schema.h \
	%D%/sensitivity.c %D%/sensitivity.h \
	%D%/sparkline.c %D%/sparkline.h \
	%D%/store.c %D%/store.h \
	%D%/story.c %D%/story.h \
	%D%/terminal.c %D%/terminal.h \
	%D%/terminal_jobs.c %D%/terminal_jobs.h \
	%D%/terminal_kernels.c %D%/terminal_kernels.h \
	%D%/terminal_teams.c \
	%D%/terminal_why.c %D%/terminal_why.h %D%/terminal_why_parts.h \
	%D%/terminal_why_stage.c \
	%D%/terminal_why_time.c \
	%D%/terminal_serving.c %D%/terminal_serving.h \
	%D%/svg.c %D%/svg.h \
	%D%/text.c %D%/text.h \
	%D%/top.c %D%/top.h \
	%D%/waterfall.c %D%/waterfall.h \
	%D%/workbook.c %D%/workbook.h \
	%D%/workbook_detail.c %D%/workbook_parts.h \
	%D%/workbook_jobs.c \
	%D%/workbook_kernels.c \
	%D%/workbook_policies.c \
	%D%/workbook_serving.c \
	%D%/workbook_tables.c %D%/workbook_tables.h \
	%D%/workbook_teams.c
libreport_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(XLSXWRITER_CFLAGS)
REPORT_LIBS = libreport.a $(JANSSON_LIBS) $(SQLITE_LIBS) $(XLSXWRITER_LIBS)

# The page's styles and script are files of their own, compiled in.
nodist_libreport_a_SOURCES = %D%/page_css.c %D%/page_js.c
EXTRA_DIST += %D%/page.css %D%/page.js
CLEANFILES += %D%/page_css.c %D%/page_js.c
%D%/page_css.c: $(srcdir)/%D%/page.css $(srcdir)/model/embed.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v name=report_page_css \
		-v header=report/embedded.h -f $(srcdir)/model/embed.awk \
		$(srcdir)/%D%/page.css >$@-t && mv $@-t $@
%D%/page_js.c: $(srcdir)/%D%/page.js $(srcdir)/model/embed.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v name=report_page_js \
		-v header=report/embedded.h -f $(srcdir)/model/embed.awk \
		$(srcdir)/%D%/page.js >$@-t && mv $@-t $@
