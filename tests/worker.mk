# devices: the worker, its parent, the CUDA backend on the fake driver
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_cuda %D%/test_worker %D%/test_worker_line
WORKER_TEST_LIBS = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_cuda_SOURCES = %D%/test_cuda.c
%C%_test_cuda_LDADD = $(WORKER_TEST_LIBS)
%C%_test_worker_SOURCES = %D%/test_worker.c
%C%_test_worker_LDADD = $(WORKER_TEST_LIBS)
%C%_test_worker_line_SOURCES = %D%/test_worker_line.c
%C%_test_worker_line_LDADD = $(WORKER_TEST_LIBS)
endif
