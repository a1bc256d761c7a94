noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = \
	%D%/alike.c %D%/alike.h \
	%D%/bill.c %D%/bill.h \
	%D%/columns.c %D%/columns.h \
	%D%/book.c %D%/book.h \
	%D%/compare.c %D%/compare.h \
	%D%/compare_parts.h %D%/compare_serving.c %D%/compare_jobs.c \
	%D%/context.h \
	%D%/csv_out.c %D%/csv_out.h %D%/csv_out_parts.h \
	%D%/csv_out_policy.c \
	%D%/csv_text.c %D%/csv_text.h \
	%D%/database.c %D%/database.h %D%/database_parts.h \
	%D%/database_items.c \
	%D%/database_policy.c \
	%D%/database_read.c %D%/database_read.h %D%/read_parts.h \
	%D%/database_sweep.c %D%/database_sweep.h \
	%D%/tables_sweep.c %D%/tables_sweep.h \
	%D%/database_workload.c \
	%D%/read_comparisons.c \
	%D%/read_others.c \
	%D%/json_records.c \
	%D%/read_policy.c \
	%D%/read_workload.c \
	%D%/embedded.h \
	%D%/file.c %D%/file.h \
	%D%/focus.c %D%/focus.h \
	%D%/focus_months.c %D%/focus_months.h \
	%D%/format.c %D%/format.h \
	%D%/found.c %D%/found.h %D%/found_parts.h \
	%D%/found_nodes.c \
	%D%/planned.c %D%/planned.h %D%/planned_parts.h \
	%D%/planned_beside.c \
	%D%/planned_curves.c \
	%D%/planned_fleet.c \
	%D%/planned_scenario.c \
	%D%/planned_words.c \
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
	%D%/json_planned.c \
	%D%/json_jobs.c \
	%D%/json_kernels.c \
	%D%/json_quote.c %D%/json_quote.h \
	%D%/json_serving.c \
	%D%/lookup.h \
	%D%/month.c %D%/month.h \
	%D%/openmetrics.c %D%/openmetrics.h \
	%D%/parts.c %D%/parts.h \
	%D%/page.c %D%/page.h \
	%D%/plot.c %D%/plot.h %D%/plot_parts.h \
	%D%/plot_cost.c \
	%D%/plot_fit.c \
	%D%/plot_gantt.c \
	%D%/plot_grid.c \
	%D%/plot_jobs.c \
	%D%/plot_latency.c \
	%D%/plot_roofline.c \
	%D%/plot_script.c \
	%D%/plot_serving.c \
	%D%/plot_sweep.c \
	%D%/plot_terminal.c \
	%D%/plot_tornado.c \
	%D%/plot_tradeoff.c \
	%D%/plot_utilization.c \
	%D%/plot_waterfall.c \
	%D%/plot_runs.h \
	%D%/gnuplot.c %D%/gnuplot.h \
	%D%/json_validation.c \
	%D%/validation_print.c %D%/validation_print.h \
	%D%/profile_print.c %D%/profile_print.h \
	%D%/schema.c %D%/schema.h %D%/schema_5.c %D%/schema_6.c %D%/schema_steps.h \
	%D%/tables.h %D%/tables_parts.h \
	%D%/tables_run.c %D%/tables_policy.c \
	%D%/tables_kinds.c %D%/tables_workload.c \
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
	%D%/trace_json.c %D%/trace_json.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/sweep_depends.c %D%/sweep_depends_plot.c %D%/sweep_depends_plot.h \
	%D%/json_sweep_depends.c \
	%D%/sweep_sensitivity.c %D%/sweep_sensitivity.h \
	%D%/sweep_context.c %D%/sweep_context.h \
	%D%/sweep_csv.c %D%/sweep_out.h \
	%D%/sweep_json.c \
	%D%/sweep_plot.c \
	%D%/sweep_points.c %D%/sweep_parts.h \
	%D%/sweep_print.c %D%/sweep_print.h \
	%D%/sweep_read.c \
	%D%/sweep_undone.c \
	%D%/sweep_words.c \
	%D%/utc.c %D%/utc.h \
	%D%/waterfall.c %D%/waterfall.h \
	%D%/whatif.h \
	%D%/workbook.c %D%/workbook.h \
	%D%/workbook_parts.h \
	%D%/workbook_allocation.c \
	%D%/workbook_assumptions.c \
	%D%/workbook_calibration.c \
	%D%/workbook_cells.c \
	%D%/workbook_cost.c \
	%D%/workbook_fleet.c \
	%D%/workbook_jobs.c \
	%D%/workbook_kernels.c \
	%D%/workbook_latency.c \
	%D%/workbook_log.c \
	%D%/workbook_policies.c \
	%D%/workbook_prices.c \
	%D%/workbook_sensitivity.c \
	%D%/workbook_serving.c \
	%D%/workbook_stages.c \
	%D%/workbook_summary.c \
	%D%/workbook_timeline.c \
	%D%/workbook_utilization.c \
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
