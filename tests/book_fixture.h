/* What reports of issue-size need and tests/result_fixture.h lacks: the bill's cells,
 * distributions, leases, kernels; and another run. */
#ifndef TESTS_BOOK_FIXTURE_H
#define TESTS_BOOK_FIXTURE_H

#include "report/context.h"

/* Adds them to a result of fixture_result_new().  Cells of each node: 30 % work of the
 * first stage on CPUs, 10 % of the second on GPUs, 20 % idle, 30 % stranded GPUs, 10 %
 * billing rounding. */
void book_fixture_fill(struct sp_arena *arena, struct model_result *result);

/* A run with a tenth more of each bill, where `name` is 2 instead of 1. */
struct report_context book_fixture_context(struct sp_arena *arena,
                                           const struct model_result *result,
                                           const char *name);

#endif
