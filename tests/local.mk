# Unit tests, a fragment per folder under test; each appends to check_PROGRAMS.
TESTS += $(check_PROGRAMS) $(dist_check_SCRIPTS)
TEST_LIBS = $(CMOCKA_LIBS)
AM_TESTS_ENVIRONMENT = \
	POCL_CACHE_DIR=$(abs_top_builddir)/tests/pocl; export POCL_CACHE_DIR; \
	STAGEPLAN=$(abs_top_builddir)/stageplan; export STAGEPLAN; \
	SRCDIR=$(abs_top_srcdir); export SRCDIR; \
	SHARED_DATA=$${SHARED_DATA:-$(abs_top_srcdir)/../shared/data}; export SHARED_DATA; \
	FAKE_CUDA_LIBRARY=$(abs_top_builddir)/%D%/fake_cuda/libfakecuda.so; \
	FAKE_NVML_LIBRARY=$(abs_top_builddir)/%D%/fake_nvml/libfakenvml.so; \
	export FAKE_CUDA_LIBRARY FAKE_NVML_LIBRARY;
EXTRA_DIST += %D%/summary.sh

# Fragments append to these: tests that take more than some seconds (left out where the
# short ones are run a second time), and tests with a slow part behind STAGEPLAN_SLOW=1.
LONG_TESTS =
SLOW_TESTS =

include %D%/base.mk
include %D%/errorbars.mk
include %D%/pool.mk
include %D%/model.mk
include %D%/traces.mk
include %D%/sim.mk
include %D%/timeline.mk
include %D%/cells.mk
include %D%/calibrate.mk
include %D%/report.mk
include %D%/workbook.mk
include %D%/database.mk
include %D%/terminal.mk
include %D%/story.mk
include %D%/plots.mk
include %D%/exports.mk
include %D%/page.mk
include %D%/cli.mk
include %D%/planface.mk
include %D%/bound.mk
include %D%/examples.mk
include %D%/axes.mk
include %D%/sweep.mk
include %D%/search.mk
include %D%/slow.mk
