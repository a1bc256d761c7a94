noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	%D%/bound.h \
	%D%/demand.h \
	%D%/evaluate.h \
	%D%/milp.c %D%/milp.h \
	%D%/pack.c %D%/pack.h \
	%D%/pack_nodes.c %D%/pack_nodes.h \
	%D%/search.h \
	%D%/shape.c %D%/shape.h
PLAN_LIBS = libplan.a $(GLPK_LIBS)
