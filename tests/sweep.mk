# Figures of a run, and sweeps.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_figure
%C%_test_figure_SOURCES = %D%/test_figure.c
%C%_test_figure_LDADD = $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
