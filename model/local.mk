noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	%D%/arrivals.h \
	%D%/catalog.c %D%/catalog.h \
	%D%/catalog_used.c %D%/catalog_used.h \
	%D%/csv.c %D%/csv_rows.c %D%/csv.h \
	%D%/diurnal.h \
	%D%/dist.c %D%/dist.h \
	%D%/embedded.h \
	%D%/inputs.c %D%/inputs.h %D%/inputs_parts.h \
	%D%/inputs_jobs.c \
	%D%/inputs_kernels.c \
	%D%/items.h \
	%D%/job.h %D%/jobs.h \
	%D%/serving.h \
	%D%/result.h \
	%D%/figure.c %D%/figure_take.c %D%/figure.h \
	%D%/found.h \
	%D%/goals.h \
	%D%/indices.c %D%/indices.h \
	%D%/goal_kinds.c %D%/goals.c %D%/goals.h \
	%D%/indices.h \
	%D%/planned.h \
	%D%/prepare.c %D%/prepare.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/scenario.h \
	%D%/search.c %D%/search.h \
	%D%/stat.c %D%/stat.h \
	%D%/timeline.c %D%/timeline.h \
	%D%/names.c
libmodel_a_CFLAGS = $(AM_CFLAGS) $(FYAML_CFLAGS)
MODEL_LIBS = libmodel.a $(FYAML_LIBS)

# The catalogs are compiled in: a C file is made of each CSV.
nodist_libmodel_a_SOURCES = %D%/instances_csv.c %D%/gpus_csv.c
EXTRA_DIST += %D%/instances.csv %D%/gpus.csv %D%/instances-sources.md %D%/embed.awk
CLEANFILES += %D%/instances_csv.c %D%/gpus_csv.c
%D%/instances_csv.c: $(srcdir)/%D%/instances.csv $(srcdir)/%D%/embed.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v name=model_instances_csv \
		-f $(srcdir)/%D%/embed.awk $(srcdir)/%D%/instances.csv >$@-t && mv $@-t $@
%D%/gpus_csv.c: $(srcdir)/%D%/gpus.csv $(srcdir)/%D%/embed.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v name=model_gpus_csv \
		-f $(srcdir)/%D%/embed.awk $(srcdir)/%D%/gpus.csv >$@-t && mv $@-t $@

# Reading and checking scenario files, and what follows from them alone.
libmodel_a_SOURCES += \
	%D%/factor.c %D%/factor.h \
	%D%/feasible.c %D%/feasible.h \
	%D%/jobs.c \
	%D%/keys.c %D%/keys.h \
	%D%/scenario_autoscale.c \
	%D%/scenario_catalog.c \
	%D%/scenario_dist.c \
	%D%/scenario_file.c \
	%D%/scenario_fleet.c \
	%D%/scenario_graph.c \
	%D%/scenario_job_class.c %D%/scenario_jobs.c \
	%D%/scenario_loss.c \
	%D%/scenario_node_list.c \
	%D%/scenario_node_type.c \
	%D%/scenario_team.c \
	%D%/scenario_iteration.c \
	%D%/scenario_kv.c \
	%D%/scenario_llm.c \
	%D%/scenario_parts.h \
	%D%/scenario_plan.c \
	%D%/scenario_policy.c \
	%D%/scenario_pool.c \
	%D%/scenario_read.c \
	%D%/scenario_serving.c \
	%D%/scenario_set.c \
	%D%/scenario_sizes.c \
	%D%/scenario_source.c \
	%D%/scenario_stage.c \
	%D%/scenario_time.c \
	%D%/scenario_unit.c \
	%D%/sizing.c %D%/sizing.h \
	%D%/warnings.c %D%/warnings.h \
	%D%/validation.c %D%/validation.h \
	%D%/words.c %D%/words.h \
	%D%/planned_tree.c \
	%D%/yaml.c %D%/yaml_edit.c %D%/yaml_write.c %D%/yaml.h

# Shapes of language models: records made of a CSV.
libmodel_a_SOURCES += %D%/llm.c %D%/llm.h %D%/llm_models.h
nodist_libmodel_a_SOURCES += %D%/llm_models_csv.c
EXTRA_DIST += %D%/llm_models.csv %D%/llm_models.awk
CLEANFILES += %D%/llm_models_csv.c
%D%/llm_models_csv.c: $(srcdir)/%D%/llm_models.csv $(srcdir)/%D%/llm_models.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -f $(srcdir)/%D%/llm_models.awk \
		$(srcdir)/%D%/llm_models.csv >$@-t && mv $@-t $@

# How long an iteration takes: one interface, several sources.
libmodel_a_SOURCES += \
	%D%/iteration.c %D%/iteration.h %D%/iteration_parts.h \
	%D%/iteration_attention.c \
	%D%/iteration_curve.c \
	%D%/iteration_fit.c \
	%D%/iteration_kernels.h \
	%D%/iteration_profile.c %D%/iteration_profile.h \
	%D%/iteration_profile_read.c \
	%D%/iteration_records.c \
	%D%/iteration_roofline.c \
	%D%/iteration_skew.c \
	%D%/iteration_table.c

# What clouds and clusters recorded: spot availability, lists of nodes.
libmodel_a_SOURCES += \
	%D%/availability.c %D%/availability.h %D%/availability_parts.h \
	%D%/availability_read.c \
	%D%/availability_rows.c \
	%D%/availability_ticks.c \
	%D%/node_list.c %D%/node_list.h

# What calibration measured: the profile and the times it gives.
libmodel_a_SOURCES += \
	%D%/calibration.c %D%/calibration.h \
	%D%/form.c \
	%D%/kernel_scaling.c \
	%D%/kernel_time.c \
	%D%/kernel_transfer.c \
	%D%/profile.h \
	%D%/profile_find.c \
	%D%/profile_parts.h \
	%D%/profile_print.c \
	%D%/profile_read.c \
	%D%/profile_read_fits.c \
	%D%/profile_read_kernel.c \
	%D%/profile_values.c

# Kernels of a profile in a scenario.
libmodel_a_SOURCES += %D%/scenario_kernel.c %D%/scenario_kernel_nodes.c \
	%D%/scenario_roofline.c
