# make check-slow: longer checks, each a script; a user may run one alone with
# make check-slow SLOW_CHECKS=tests/slow_valgrind.sh
SLOW_ALL = \
	%D%/slow_tests.sh \
	%D%/slow_clang.sh \
	%D%/slow_sanitize.sh \
	%D%/slow_threads.sh \
	%D%/slow_mpi.sh \
	%D%/slow_valgrind.sh \
	%D%/slow_distcheck.sh
SLOW_CHECKS = $(SLOW_ALL)
EXTRA_DIST += $(SLOW_ALL) %D%/slow.sh
VALGRIND_TESTS = %D%/test_text %D%/test_units %D%/test_trace_reader \
	%D%/test_yaml %D%/test_event_queue %D%/test_report_text

# The sources are built again from what a distribution would hold: so a tree that is itself
# configured can be checked, and a file forgotten in it shows.
check-slow: all
	$(MAKE) $(check_PROGRAMS) $(check_DATA)
	rm -rf slow/source && $(MKDIR_P) slow
	$(MAKE) distdir distdir=slow/source
	STAGEPLAN=$(abs_top_builddir)/stageplan BUILD=$(abs_top_builddir) \
	SOURCE=$(abs_top_builddir)/slow/source SRCDIR=$(abs_top_srcdir) \
	SHARED_DATA=$${SHARED_DATA:-$(abs_top_srcdir)/../shared/data} \
	TESTS='$(TESTS)' LONG_TESTS='$(LONG_TESTS)' SLOW_TESTS='$(SLOW_TESTS)' \
	VALGRIND_TESTS='$(VALGRIND_TESTS)' JOBS=$$(nproc 2>/dev/null || echo 1) \
	sh $(srcdir)/%D%/slow.sh $(SLOW_CHECKS:%=$(abs_top_srcdir)/%)
	rm -rf slow/source
clean-local: clean-slow
clean-slow:
	-chmod -R u+w slow 2>/dev/null
	rm -rf slow
.PHONY: check-slow clean-slow
