# The bill by part: cells, stranded capacity, list prices, the floor.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_cells
%C%_test_cells_SOURCES = %D%/test_cells.c $(HAND_FILES) %D%/cell_laws.c %D%/cell_laws.h
%C%_test_cells_LDADD = $(SIM_TEST_LIBS)
endif
