/* sim/scheduler.h: who starts when under each order and passing rule, gangs, eviction
 * and quotas, on cases small enough to be worked out by hand; and laws that hold for
 * all: nobody waits for what the rules let it have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/units.h"
#include "model/words.h"
#include "sim/scheduler.h"
#include "tests/queue_rig.h"

enum { JOBS = 8, NEVER = -1, ANY = -2 };

/* Amounts of GPUs; other resources are not limited. */
#define GPUS(n)                                                                        \
    {                                                                                  \
        {                                                                              \
            1000 * INT64_C(n), -1, -1                                                  \
        }                                                                              \
    }
#define NO_LIMIT                                                                       \
    {                                                                                  \
        {                                                                              \
            -1, -1, -1                                                                 \
        }                                                                              \
    }
#define NOTHING                                                                        \
    {                                                                                  \
        {                                                                              \
            0, 0, 0                                                                    \
        }                                                                              \
    }
#define TEAM(g, b, l)                                                                  \
    .guarantee = GPUS(g), .borrow_limit = b, .lend_limit = l, .weight = 1

#define J(at, runs, gpus) .at_s = (at), .runs_s = (runs), .mgpu = (gpus)

/* A case: jobs on `nodes` of `gpus`, and when each starts (the last time, where it was
 * evicted). */
static struct row {
    const char *name;
    const char *order, *passing;
    enum model_evict evict;
    int32_t nodes, gpus, depth;
    struct model_team teams[QUEUE_TEAMS]; /* weight 0 ends */
    struct queue_job jobs[JOBS];          /* mgpu 0 ends */
    double start_s[JOBS];
    int32_t node[JOBS][4]; /* of members, 1 + number; 0: not looked at */
    int32_t evicted[JOBS];
    int32_t refused[JOBS]; /* enum model_drop; 0: not looked at */
    struct {
        int32_t job;
        enum model_cause cause;
        double s;
    } why[4]; /* s 0 ends */
} rows[] = {
    /* ---- orders ---- */
    {"fifo_strict_holds_the_line", "fifo", "strict", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 5, 1000)}},
     .start_s = {0, 10, 20},
     .why = {{1, MODEL_CAUSE_CAPACITY, 9},
             {2, MODEL_CAUSE_HEAD_OF_LINE, 8},
             {2, MODEL_CAUSE_CAPACITY, 10}}},
    {"skip_lets_what_fits_pass", "fifo", "skip", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 5, 1000)}},
     .start_s = {0, 10, 2}},
    {"skip_still_looks_in_order", "fifo", "skip", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 4000)}, {J(1, 5, 3000)}, {J(2, 5, 2000)}, {J(3, 5, 2000)}},
     .start_s = {0, 10, 15, 15}},
    {"priority_goes_first_then_who_asked_first", "priority", "strict", .nodes = 1,
     .gpus = 1,
     .jobs = {{J(0, 10, 1000)},
              {J(1, 10, 1000), .priority = 1},
              {J(2, 10, 1000), .priority = 5},
              {J(3, 10, 1000), .priority = 1}},
     .start_s = {0, 20, 10, 30}},
    {"shortest_goes_first_within_a_kind_and_across", "shortest-first", "skip",
     .nodes = 1, .gpus = 2,
     .jobs = {{J(0, 10, 2000)},
              {J(1, 9, 2000)},
              {J(1, 3, 2000)},
              {J(2, 5, 1000)},
              {J(2, 4, 2000)}},
     .start_s = {0, 22, 10, 17, 13}},
    {"unknown_length_goes_last", "shortest-first", "skip", .nodes = 1, .gpus = 1,
     .jobs = {{J(0, 10, 1000)}, {J(1, 1, 1000), .unknown = true}, {J(2, 50, 1000)}},
     .start_s = {0, 60, 10}},
    {"largest_goes_first", "largest-first", "skip", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 4000)}, {J(1, 5, 1000)}, {J(2, 5, 2000)}, {J(3, 5, 4000)}},
     .start_s = {0, 15, 15, 10}},
    {"equal_sizes_keep_their_turn", NULL, NULL, .nodes = 1, .gpus = 1,
     .jobs = {{J(0, 10, 1000)}, {J(1, 10, 1000)}, {J(1, 10, 1000)}},
     .start_s = {0, 10, 20}},
    /* ---- reservations ---- */
    {"easy_starts_what_ends_before_the_head", "fifo", "easy", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 8, 1000)}, {J(2, 9, 1000)}},
     .start_s = {0, 10, 2, 20}, .why = {{3, MODEL_CAUSE_CAPACITY, 18}}},
    {"easy_starts_what_the_head_has_room_beside", "fifo", "easy", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 3000)}, {J(1, 10, 3000)}, {J(2, 100, 1000)}},
     .start_s = {0, 10, 2}},
    {"easy_keeps_out_what_would_delay_the_head", "fifo", "easy", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 2000)}, {J(1, 10, 3000)}, {J(2, 100, 2000)}, {J(3, 100, 1000)}},
     .start_s = {0, 10, 20, 3},
     .why = {{2, MODEL_CAUSE_HEAD_OF_LINE, 1}, {2, MODEL_CAUSE_CAPACITY, 17}}},
    {"easy_passes_over_the_long_of_a_kind", "fifo", "easy", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 50, 1000)}, {J(2, 3, 1000)}},
     .start_s = {0, 10, 20, 2}},
    {"easy_cannot_wait_for_whom_nobody_expects_to_leave", "fifo", "easy", .nodes = 1,
     .gpus = 4,
     .jobs = {{J(0, 10, 3000), .unknown = true}, {J(1, 10, 4000)}, {J(2, 50, 1000)}},
     .start_s = {0, 52, 2}},
    {"easy_delays_the_second_that_waits", "fifo", "easy", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 2000)}, {J(1, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 30, 1000)}},
     .start_s = {0, 10, 32, 2}},
    {"conservative_delays_nobody", "fifo", "conservative", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 2000)}, {J(1, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 30, 1000)}},
     .start_s = {0, 10, 20, 30},
     .why = {{3, MODEL_CAUSE_HEAD_OF_LINE, 18}, {3, MODEL_CAUSE_CAPACITY, 10}}},
    {"conservative_fills_the_gaps", "fifo", "conservative", .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 10, 2000)},
              {J(1, 10, 3000)},
              {J(1, 10, 4000)},
              {J(2, 8, 2000)},
              {J(2, 18, 1000)}},
     .start_s = {0, 10, 20, 2, 30}},
    {"conservative_plans_no_more_than_depth", "fifo", "conservative", .nodes = 1,
     .gpus = 4, .depth = 1,
     .jobs = {{J(0, 10, 3000)}, {J(1, 10, 4000)}, {J(2, 1, 1000)}},
     .start_s = {0, 10, 20}},
    /* ---- gangs ---- */
    {"gang_waits_for_all_of_its_members", "fifo", "skip", .nodes = 2, .gpus = 2,
     .jobs = {{J(0, 10, 1000)}, {J(0, 20, 1000)}, {J(1, 5, 1000), .members = 3}},
     .start_s = {0, 0, 10}, .why = {{2, MODEL_CAUSE_GANG, 9}}},
    {"pack_fills_a_node_first", "fifo", "skip", .nodes = 3, .gpus = 4,
     .jobs = {{J(0, 5, 2000), .members = 3}}, .start_s = {0}, .node = {{1, 1, 2}}},
    {"rest_goes_where_a_member_is", "fifo", "skip", .nodes = 3, .gpus = 4,
     .jobs = {{J(0, 50, 1000)}, {J(1, 5, 3000), .members = 2, .rest_mgpu = 1000}},
     .start_s = {0, 1}, .node = {{1}, {1, 2, 2}}},
    {"spread_takes_a_node_each_while_there_are", "fifo", "skip", .nodes = 2, .gpus = 4,
     .jobs = {{J(0, 5, 1000), .members = 3, .gang = MODEL_GANG_SPREAD}}, .start_s = {0},
     .node = {{1, 2, 1}}},
    {"strict_pack_waits_for_one_node", "fifo", "skip", .nodes = 2, .gpus = 4,
     .jobs = {{J(0, 10, 2000)},
              {J(0, 20, 3000)},
              {J(1, 5, 1000), .members = 4, .gang = MODEL_GANG_STRICT_PACK}},
     .start_s = {0, 0, 10}, .node = {{1}, {2}, {1, 1, 1, 1}},
     .why = {{2, MODEL_CAUSE_GANG, 9}}},
    {"strict_pack_of_shares_fills_devices", "fifo", "skip", .nodes = 2, .gpus = 2,
     .jobs = {{J(0, 10, 600)},
              {J(1, 5, 400), .members = 3, .gang = MODEL_GANG_STRICT_PACK}},
     .start_s = {0, 1}, .node = {{1}, {1, 1, 1}}},
    {"strict_spread_never_shares_a_node", "fifo", "skip", .nodes = 3, .gpus = 4,
     .jobs = {{J(0, 10, 4000)},
              {J(1, 5, 1000), .members = 3, .gang = MODEL_GANG_STRICT_SPREAD}},
     .start_s = {0, 10}, .node = {{1}, {1, 2, 3}}},
    {"gang_that_can_never_be_is_refused", "fifo", "skip", .nodes = 2, .gpus = 4,
     .jobs = {{J(0, 5, 1000), .members = 9},
              {J(0, 5, 1000), .members = 8},
              {J(0, 5, 1000), .members = 3, .gang = MODEL_GANG_STRICT_SPREAD},
              {J(0, 5, 1000), .members = 5, .gang = MODEL_GANG_STRICT_PACK},
              {J(0, 5, 3000), .members = 2, .rest_mgpu = 2000},
              {J(0, 5, 3000), .members = 2, .rest_mgpu = 1000}},
     .start_s = {NEVER, 0, NEVER, NEVER, NEVER, 5},
     .refused = {MODEL_DROP_GANG, SP_NO_ID, MODEL_DROP_GANG, MODEL_DROP_GANG,
                 MODEL_DROP_GANG, SP_NO_ID}},
    {"member_larger_than_any_node_is_refused", "fifo", "skip", .nodes = 2, .gpus = 4,
     .jobs = {{J(0, 5, 5000)}, {J(0, 5, 4000)}}, .start_s = {NEVER, 0},
     .refused = {MODEL_DROP_TOO_LARGE, SP_NO_ID}},
    {"fragments_are_told_from_lack", "fifo", "skip", .nodes = 2, .gpus = 2,
     .jobs = {{J(0, 10, 1000)}, {J(0, 10, 2000), .priority = 1}, {J(1, 5, 2000)}},
     .start_s = {0, 0, 10}, .why = {{2, MODEL_CAUSE_CAPACITY, 9}}},
    /* ---- eviction ---- */
    {"evicts_the_lowest_then_the_latest_and_no_more", "priority", "skip",
     .evict = MODEL_EVICT_LOWER_PRIORITY, .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 90, 1000), .preemptible = true},
              {J(1, 90, 1000), .preemptible = true},
              {J(2, 90, 1000), .priority = 1, .preemptible = true},
              {J(3, 90, 1000)},
              {J(4, 10, 2000), .priority = 5}},
     .start_s = {14, 14, 2, 3, 4}, .evicted = {1, 1, 0, 0, 0}},
    {"evicts_nobody_where_all_together_do_not_do", "priority", "skip",
     .evict = MODEL_EVICT_LOWER_PRIORITY, .nodes = 1, .gpus = 4,
     .jobs = {{J(0, 90, 2000), .preemptible = true},
              {J(0, 50, 2000)},
              {J(4, 10, 4000), .priority = 5}},
     .start_s = {60, 0, 50}, /* at 50 the other two are free */
     .evicted = {1}},
    {"evicts_no_equal_and_nobody_who_may_not_be", "priority", "skip",
     .evict = MODEL_EVICT_LOWER_PRIORITY, .nodes = 1, .gpus = 2,
     .jobs = {{J(0, 30, 1000), .priority = 5, .preemptible = true},
              {J(0, 20, 1000)},
              {J(4, 10, 1000), .priority = 5}},
     .start_s = {0, 0, 20}, .evicted = {0}},
    /* Latest first: 3 does not help, nor does 1 alone; with 0 there is room on their
     * node, and 3 is put back. */
    {"puts_back_who_was_not_in_the_way", "priority", "skip",
     .evict = MODEL_EVICT_LOWER_PRIORITY, .nodes = 2, .gpus = 2,
     .jobs = {{J(0, 50, 1000), .preemptible = true},
              {J(1, 50, 1000), .preemptible = true},
              {J(2, 50, 1000)},
              {J(3, 50, 1000), .preemptible = true},
              {J(4, 10, 2000), .priority = 1}},
     .start_s = {14, 14, 2, 3, 4}, .evicted = {1, 1, 0, 0, 0}},
    {"gang_evicts_for_all_of_its_members", "priority", "skip",
     .evict = MODEL_EVICT_LOWER_PRIORITY, .nodes = 2, .gpus = 2,
     .jobs = {{J(0, 50, 1000), .preemptible = true},
              {J(1, 50, 1000), .preemptible = true},
              {J(2, 50, 2000), .preemptible = true},
              {J(4, 10, 2000), .members = 2, .priority = 1}},
     .start_s = {14, 14, 14, 4}, .evicted = {1, 1, 1, 0}},
    {"nobody_is_evicted_unless_told", "priority", "skip", .nodes = 1, .gpus = 1,
     .jobs = {{J(0, 50, 1000), .preemptible = true}, {J(1, 5, 1000), .priority = 9}},
     .start_s = {0, 50}, .evicted = {0}},
    /* ---- quotas ---- */
    {"static_teams_leave_idle_what_others_want", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NOTHING, NOTHING)}, {TEAM(4, NOTHING, NOTHING)}},
     .jobs = {{J(0, 10, 4000)}, {J(0, 10, 4000)}, {J(1, 5, 4000), .team = 1}},
     .start_s = {0, 10, 1}, .why = {{1, MODEL_CAUSE_QUOTA, 10}}},
    {"borrowing_uses_what_others_leave", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT)}, {TEAM(4, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 10, 4000)}, {J(0, 10, 4000)}, {J(1, 5, 4000), .team = 1}},
     .start_s = {0, 0, 10}, .why = {{2, MODEL_CAUSE_QUOTA, 9}}},
    {"borrow_limit_holds", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, GPUS(2), NO_LIMIT)}, {TEAM(4, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 10, 4000)}, {J(0, 10, 2000)}, {J(0, 10, 1000)}},
     .start_s = {0, 0, 10}, .why = {{2, MODEL_CAUSE_QUOTA, 10}}},
    {"lend_limit_keeps_a_part_for_its_owner", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT)}, {TEAM(4, NO_LIMIT, GPUS(1))}},
     .jobs = {{J(0, 10, 4000)},
              {J(0, 10, 1000)},
              {J(0, 10, 1000)},
              {J(1, 5, 3000), .team = 1}},
     .start_s = {0, 0, 10, 1}},
    {"reclaim_evicts_who_borrows", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT)},
               {TEAM(4, NO_LIMIT, NO_LIMIT), .reclaim = MODEL_EVICT_ANY}},
     .jobs = {{J(0, 20, 4000), .preemptible = true},
              {J(0, 20, 4000), .preemptible = true},
              {J(1, 5, 4000), .team = 1}},
     .start_s = {0, 6, 1}, .evicted = {0, 1, 0}},
    /* At 1 only a unit of one GPU is over the guarantee; at 2 another of priority 1 is
     * placed, so that the large one of priority 0 is over it, too. */
    {"reclaim_takes_who_is_over_since_a_higher_one_came", "fifo", "skip", .nodes = 2,
     .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT)},
               {TEAM(16, NO_LIMIT, NO_LIMIT), .reclaim = MODEL_EVICT_ANY}},
     .jobs = {{J(0, 20, 4000), .preemptible = true},
              {J(0, 20, 1000), .team = 1},
              {J(0, 20, 1000), .preemptible = true},
              {J(1, 5, 4000), .team = 1},
              {J(2, 20, 1000), .preemptible = true, .priority = 1},
              {J(3, 1, 4000)}},
     .start_s = {8, 0, 0, 3, 2, 22}, .evicted = {1}},
    {"reclaim_of_lower_priority_leaves_equals", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT)},
               {TEAM(4, NO_LIMIT, NO_LIMIT), .reclaim = MODEL_EVICT_LOWER_PRIORITY}},
     .jobs = {{J(0, 20, 4000), .preemptible = true},
              {J(0, 20, 4000), .preemptible = true},
              {J(1, 5, 4000), .team = 1}},
     .start_s = {0, 0, 20}, .evicted = {0}},
    {"who_borrows_reclaims_nothing", "fifo", "skip", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT)},
               {TEAM(2, NO_LIMIT, NO_LIMIT), .reclaim = MODEL_EVICT_ANY},
               {TEAM(2, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 20, 4000), .preemptible = true},
              {J(0, 20, 4000), .preemptible = true},
              {J(1, 5, 3000), .team = 1}},
     .start_s = {0, 0, 20}, .evicted = {0}},
    {"within_a_team_the_higher_evicts", "fifo", "skip", .nodes = 1, .gpus = 4,
     .teams = {{TEAM(4, NO_LIMIT, NO_LIMIT), .evict = MODEL_EVICT_LOWER_PRIORITY}},
     .jobs = {{J(0, 20, 4000), .preemptible = true}, {J(1, 5, 4000), .priority = 1}},
     .start_s = {6, 1}, .evicted = {1, 0}},
    {"strict_holds_only_its_own_team", "fifo", "strict", .nodes = 2, .gpus = 4,
     .teams = {{TEAM(4, NOTHING, NO_LIMIT)}, {TEAM(4, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 10, 3000)},
              {J(1, 10, 2000)},
              {J(2, 5, 1000)},
              {J(2, 5, 1000), .team = 1}},
     .start_s = {0, 10, 10, 2},
     .why = {{1, MODEL_CAUSE_QUOTA, 9}, {2, MODEL_CAUSE_HEAD_OF_LINE, 8}}},
    {"who_need_not_borrow_goes_first", "fifo", "skip", .nodes = 1, .gpus = 4,
     .teams = {{TEAM(1, NO_LIMIT, NO_LIMIT)}, {TEAM(3, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 10, 4000), .team = 1},
              {J(1, 10, 3000)},
              {J(2, 10, 3000), .team = 1}},
     .start_s = {0, 20, 10}},
    {"fair_share_gives_to_who_has_least", "fair-share", "skip", .nodes = 1, .gpus = 4,
     .teams = {{TEAM(1, NO_LIMIT, NO_LIMIT)},
               {TEAM(1, NO_LIMIT, NO_LIMIT)},
               {TEAM(2, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 10, 4000), .team = 2},
              {J(1, 10, 1000)},
              {J(1, 10, 1000)},
              {J(1, 10, 1000)},
              {J(2, 10, 1000), .team = 1},
              {J(2, 10, 1000), .team = 1}},
     .start_s = {0, 10, 10, 20, 10, 10}},
    {"teams_priority_counts_in", "priority", "skip", .nodes = 1, .gpus = 1,
     .teams = {{TEAM(1, NO_LIMIT, NO_LIMIT)},
               {TEAM(1, NO_LIMIT, NO_LIMIT), .priority = 3}},
     .jobs = {{J(0, 10, 1000)},
              {J(1, 10, 1000), .priority = 2},
              {J(2, 10, 1000), .team = 1}},
     .start_s = {0, 20, 10}},
    {"what_its_quota_could_never_hold_is_refused", "fifo", "skip", .nodes = 2,
     .gpus = 4, .teams = {{TEAM(2, GPUS(1), NO_LIMIT)}, {TEAM(6, NO_LIMIT, NO_LIMIT)}},
     .jobs = {{J(0, 5, 4000)}, {J(0, 5, 3000)}}, .start_s = {NEVER, 0},
     .refused = {MODEL_DROP_TOO_LARGE, SP_NO_ID}},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static void as_worked_out(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct queue_fleet fleet = {
        .nodes = row->nodes,
        .gpus = row->gpus,
        .cpus = 64,
        .rules = {row->order, row->passing, row->evict, row->depth},
        .teams = row->teams};
    struct queue_rig *r;
    int32_t n = 0;

    while (n < JOBS && row->jobs[n].mgpu > 0)
        n++;
    while (fleet.n_teams < QUEUE_TEAMS && row->teams[fleet.n_teams].weight > 0)
        fleet.n_teams++;
    r = queue_rig_new(arena, &fleet, row->jobs, n);
    queue_rig_run(r);
    for (int32_t j = 0; j < n; j++) {
        if (r->start_s[j] != row->start_s[j])
            fail_msg("job %d starts at %g, not at %g", (int)j, r->start_s[j],
                     row->start_s[j]);
        if (r->evicted[j] != row->evicted[j])
            fail_msg("job %d is evicted %d times, not %d", (int)j, (int)r->evicted[j],
                     (int)row->evicted[j]);
        if (row->refused[j] != 0)
            assert_int_equal(r->refused[j], row->refused[j]);
        for (int m = 0; m < 4 && row->node[j][m] > 0; m++)
            if (r->node[j][m] != row->node[j][m] - 1)
                fail_msg("member %d of job %d is on node %d", m, (int)j,
                         (int)r->node[j][m]);
    }
    for (int i = 0; i < 4 && row->why[i].s > 0; i++) {
        double s = sp_s_from_ns(r->waited_ns[row->why[i].job][row->why[i].cause]);

        if (s != row->why[i].s)
            fail_msg("job %d waits %g s for %s, not %g", (int)row->why[i].job, s,
                     model_cause_name(row->why[i].cause), row->why[i].s);
    }
    sp_arena_free(arena);
}

/* ---- laws ---- */

static int32_t within(struct sp_rng *r, int32_t from, int32_t to)
{
    return from + (int32_t)(sp_rng_uniform(r) * (to - from + 1));
}

/* What the first that waits can count on: its place when those before it are gone. */
static double count_on_s(const struct queue_rig *r, int32_t head, int32_t gpus)
{
    double best = 0;
    int32_t free = gpus;

    for (int32_t j = 0; j < r->n; j++)
        if (r->running[j])
            free -= r->jobs[j].mgpu / 1000;
    while (free < r->jobs[head].mgpu / 1000) {
        double next = 1e300;

        for (int32_t j = 0; j < r->n; j++) {
            double end = r->start_s[j] + r->jobs[j].runs_s;

            if (r->running[j] && end > best && end < next)
                next = end;
        }
        for (int32_t j = 0; j < r->n; j++)
            if (r->running[j] && r->start_s[j] + r->jobs[j].runs_s == next)
                free += r->jobs[j].mgpu / 1000;
        best = next;
    }
    return best;
}

/* The first of all that wait, once all of the instant has happened. */
static int32_t first_waiting(const struct queue_rig *r)
{
    for (int32_t j = 0; j < r->n; j++)
        if (r->unit[j] != SP_NO_ID && !r->running[j])
            return j;
    return SP_NO_ID;
}

static void random_jobs(struct sp_rng *rng, struct queue_job *jobs, int32_t n,
                        int32_t gpus)
{
    double at_s = 0;

    for (int32_t j = 0; j < n; j++) {
        at_s += within(rng, 0, 4);
        jobs[j] = (struct queue_job){.at_s = at_s,
                                     .runs_s = within(rng, 1, 20),
                                     .mgpu = 1000 * within(rng, 1, gpus)};
    }
}

static void heads_are_never_delayed(const char *passing)
{
    enum { CASES = 200, N = 40, GPUS_MAX = 8 };
    struct sp_rng rng = sp_rng_from_key(11);
    int32_t heads = 0;

    for (int c = 0; c < CASES; c++) {
        struct sp_arena *arena = sp_arena_new();
        struct queue_job jobs[N];
        int32_t gpus = within(&rng, 2, GPUS_MAX);
        struct queue_fleet fleet = {.nodes = 1,
                                    .gpus = gpus,
                                    .cpus = 1,
                                    .rules = {.order = "fifo", .passing = passing}};
        double promised_s[N];
        struct queue_rig *r;

        random_jobs(&rng, jobs, N, gpus);
        for (int32_t j = 0; j < N; j++)
            promised_s[j] = -1;
        r = queue_rig_new(arena, &fleet, jobs, N);
        while (queue_rig_step(r)) {
            int32_t j = first_waiting(r);

            if (sim_cluster_moving(r->cluster) || j == SP_NO_ID || promised_s[j] >= 0)
                continue;
            promised_s[j] = count_on_s(r, j, gpus);
            heads++;
        }
        for (int32_t j = 0; j < N; j++) {
            assert_true(r->end_s[j] >= 0);
            assert_true(promised_s[j] < 0 || r->start_s[j] <= promised_s[j]);
        }
        sp_arena_free(arena);
    }
    assert_true(heads > 1000);
}

static void easy_never_delays_the_head(void **state)
{
    (void)state;
    heads_are_never_delayed("easy");
}

static void conservative_never_delays_the_head(void **state)
{
    (void)state;
    heads_are_never_delayed("conservative");
}

/* Law 6, for units of one member: on no node is there room for one that waits, even if
 * all of lower priority that may be evicted were gone. */
static void nobody_holds_what_a_higher_one_waits_for(const struct queue_rig *r,
                                                     int32_t nodes, int32_t gpus)
{
    for (int32_t j = 0; j < r->n; j++) {
        if (r->unit[j] == SP_NO_ID || r->running[j])
            continue;
        for (int32_t node = 0; node < nodes; node++) {
            int32_t held = 0;

            for (int32_t v = 0; v < r->n; v++)
                if (r->running[v] && r->node[v][0] == node &&
                    !(r->jobs[v].preemptible &&
                      r->jobs[v].priority < r->jobs[j].priority))
                    held += r->jobs[v].mgpu / 1000;
            assert_true(gpus - held < r->jobs[j].mgpu / 1000);
        }
    }
}

static void no_higher_one_waits_while_a_lower_one_holds_its_room(void **state)
{
    enum { CASES = 150, N = 40, NODES = 3, GPUS_EACH = 4 };
    static const char *const orders[] = {"fifo", "priority", "shortest-first",
                                         "largest-first"};
    struct sp_rng rng = sp_rng_from_key(12);
    int32_t evicted = 0;

    (void)state;
    for (int c = 0; c < CASES; c++) {
        struct sp_arena *arena = sp_arena_new();
        struct queue_job jobs[N];
        struct queue_fleet fleet = {
            .nodes = NODES,
            .gpus = GPUS_EACH,
            .cpus = 1,
            .rules = {orders[c % 4], "skip", MODEL_EVICT_LOWER_PRIORITY, 0},
            .placement = c % 3 == 0 ? "best-fit" : NULL};
        struct queue_rig *r;

        random_jobs(&rng, jobs, N, GPUS_EACH);
        for (int32_t j = 0; j < N; j++) {
            jobs[j].priority = within(&rng, 0, 3);
            jobs[j].preemptible = within(&rng, 0, 2) > 0;
        }
        r = queue_rig_new(arena, &fleet, jobs, N);
        while (queue_rig_step(r))
            if (!sim_cluster_moving(r->cluster))
                nobody_holds_what_a_higher_one_waits_for(r, NODES, GPUS_EACH);
        for (int32_t j = 0; j < N; j++) {
            evicted += r->evicted[j];
            assert_true(r->end_s[j] >= 0);
        }
        sp_arena_free(arena);
    }
    assert_true(evicted > CASES);
}

/* ---- tables ---- */

static void every_rule_has_a_word(void **state)
{
    (void)state;
    for (int32_t i = 0; i < sim_n_passings; i++) {
        const struct model_word *w = model_passing_words;

        while (w->name != NULL && strcmp(w->name, sim_passings[i].name) != 0)
            w++;
        assert_non_null(w->name);
    }
    assert_null(sim_queue_order_find("lottery"));
    assert_null(sim_passing_find("rudely"));
    assert_string_equal(sim_queue_order_find(NULL)->name, "largest-first");
    assert_string_equal(sim_passing_find(NULL)->name, "skip");
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(easy_never_delays_the_head),
        cmocka_unit_test(conservative_never_delays_the_head),
        cmocka_unit_test(no_higher_one_waits_while_a_lower_one_holds_its_room),
        cmocka_unit_test(every_rule_has_a_word),
    };
    enum { N_OTHERS = sizeof others / sizeof others[0] };
    struct CMUnitTest tests[N_ROWS + N_OTHERS];

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = as_worked_out,
                                       .initial_state = &rows[i]};
    memcpy(tests + N_ROWS, others, sizeof others);
    return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
