# The device kernels: one source, compiled by nvcc to a file of data.
EXTRA_DIST += %D%/kernels.inc %D%/opencl.h %D%/cuda.h %D%/kernels.cu
if HAVE_NVCC
pkgdata_DATA += %D%/kernels.fatbin
endif
CLEANFILES += %D%/kernels.fatbin
AM_V_NVCC = $(am__v_NVCC_@AM_V@)
am__v_NVCC_ = $(am__v_NVCC_@AM_DEFAULT_V@)
am__v_NVCC_0 = @echo "  NVCC    " $@;
am__v_NVCC_1 =
%D%/kernels.fatbin: $(srcdir)/%D%/kernels.cu $(srcdir)/%D%/cuda.h \
		$(srcdir)/%D%/kernels.inc
	$(AM_V_NVCC)$(MKDIR_P) %D% && \
	$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE) --fatbin -o $@ $(srcdir)/%D%/kernels.cu
