noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	%D%/bound.c %D%/bound.h \
	%D%/demand.c %D%/demand.h %D%/demand_parts.h \
	%D%/demand_jobs.c \
	%D%/demand_pipeline.c \
	%D%/demand_serving.c \
	%D%/demand_wanted.c \
	%D%/evaluate.h \
	%D%/bindings.c \
	%D%/bound.h \
	%D%/candidate.c %D%/candidate.h \
	%D%/demand.h \
	%D%/evaluate.c %D%/evaluate.h \
	%D%/frontier.c \
	%D%/least.c %D%/least.h \
	%D%/milp.c %D%/milp.h \
	%D%/pack.c %D%/pack.h \
	%D%/pack_nodes.c %D%/pack_nodes.h \
	%D%/planned.c %D%/planned.h \
	%D%/price.h \
	%D%/ratio.c \
	%D%/search.c %D%/search.h \
	%D%/search_fleet.c \
	%D%/search_moves.c \
	%D%/search_options.c \
	%D%/search_parts.h \
	%D%/search_repair.c \
	%D%/search_rest.c \
	%D%/search_space.c %D%/search_view.h \
	%D%/shape.c %D%/shape.h \
	%D%/steps.c
PLAN_LIBS = libplan.a $(GLPK_LIBS)
