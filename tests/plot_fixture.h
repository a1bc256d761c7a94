/* What the plots need beyond tests/result_fixture.h, by hand: bills taken apart,
 * distributions, leases, curves, other runs. */
#ifndef TESTS_PLOT_FIXTURE_H
#define TESTS_PLOT_FIXTURE_H

#include "report/context.h"
#include "tests/result_fixture.h"

/* The bill of an even policy, 56.888889 USD: 20 work, 6.888889 idle, 30 stranded; of an
 * odd one, 13.333333: 10 work, 1 boot, 2.333333 idle; floor 9. */
void plot_fixture_cells(struct sp_arena *arena, struct model_result *r);

/* Of policy i: a quarter each at most 1, 2, 4 and 8 s, times i + 1. */
void plot_fixture_cdfs(struct sp_arena *arena, struct model_result *r);

/* Of every policy `n` nodes of type 0: asked for at 0, ready after a minute, ended by
 * turns after 1, 2, 3 h: end of run, taken back, idle; one was never ready. */
void plot_fixture_leases(struct sp_arena *arena, struct model_result *r, int32_t n);

/* "sgemm" on gpu0: 1, 10 and 100 at 1, 2 and 10 s, fitted as 1, 2.2 and 9; 200 flop and
 * 100 bytes; peaks 40 flop/s and 10 bytes/s.  "hash" on cpu: one point. */
void plot_fixture_curves(struct sp_arena *arena, struct model_result *r);

/* Runs at nodes 2 (here 1) and at price 4 (here 2) and at both; the cost ratio of
 * policy 1 is 0.5 here, 1 / 0.5 at the price 4, 0.5 at nodes 2, 2 at both. */
struct report_context plot_fixture_others(struct sp_arena *arena,
                                          struct model_result *r);

#endif
