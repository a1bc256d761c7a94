/* sim/quota.h: against a brute reading of its formulas at every step of random use, and
 * the examples of Kueue's documentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sim/quota.h"

enum { TEAMS = 5, STEPS = 400, CASES = 200 };

struct ledger {
    struct model_team team[TEAMS];
    int64_t used[TEAMS][MODEL_RESOURCES];
};

static int64_t lent(const struct model_team *t, int r)
{
    int64_t g = t->guarantee.amount[r], l = t->lend_limit.amount[r];

    return l < 0 || l > g ? g : l;
}

static bool limited(const struct model_team *t, int r)
{
    return t->guarantee.amount[r] >= 0;
}

/* used_i + r <= guarantee_i + borrow_limit_i, and the sum of what all take from the
 * pool is at most the pool. */
static bool admits(const struct ledger *l, int32_t team, const int64_t *amount)
{
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct model_team *t = &l->team[team];
        int64_t pool = 0, taken = 0;

        if (!limited(t, r))
            continue;
        if (t->borrow_limit.amount[r] >= 0 &&
            l->used[team][r] + amount[r] >
                t->guarantee.amount[r] + t->borrow_limit.amount[r])
            return false;
        for (int32_t i = 0; i < TEAMS; i++) {
            int64_t p = l->used[i][r] + (i == team ? amount[r] : 0);

            if (!limited(&l->team[i], r))
                continue;
            p -= l->team[i].guarantee.amount[r] - lent(&l->team[i], r);
            taken += p > 0 ? p : 0;
            pool += lent(&l->team[i], r);
        }
        if (taken > pool)
            return false;
    }
    return true;
}

static bool borrows(const struct ledger *l, int32_t team, const int64_t *amount)
{
    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (limited(&l->team[team], r) &&
            l->used[team][r] + (amount != NULL ? amount[r] : 0) >
                l->team[team].guarantee.amount[r])
            return true;
    return false;
}

static double share(const struct ledger *l, int32_t team, const int64_t *amount)
{
    double most = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        int64_t over = l->used[team][r] + amount[r] - l->team[team].guarantee.amount[r];
        int64_t all = 0;

        for (int32_t i = 0; i < TEAMS; i++)
            all += limited(&l->team[i], r) ? l->team[i].guarantee.amount[r] : 0;
        if (limited(&l->team[team], r) && over > 0 && all > 0 &&
            (double)over / (double)all > most)
            most = (double)over / (double)all;
    }
    return most / l->team[team].weight;
}

static int64_t within(struct sp_rng *r, int64_t from, int64_t to)
{
    return from + (int64_t)(sp_rng_uniform(r) * (double)(to - from + 1));
}

static void random_teams(struct sp_rng *rng, struct ledger *l)
{
    memset(l, 0, sizeof *l);
    for (int32_t i = 0; i < TEAMS; i++) {
        l->team[i].weight = (double)within(rng, 1, 3);
        for (int r = 0; r < MODEL_RESOURCES; r++) {
            l->team[i].guarantee.amount[r] = within(rng, -1, 6);
            l->team[i].borrow_limit.amount[r] = within(rng, -1, 4);
            l->team[i].lend_limit.amount[r] = within(rng, -1, 4);
        }
    }
}

static void agrees(const struct sim_quota *q, const struct ledger *l,
                   struct sp_rng *rng)
{
    for (int32_t i = 0; i < TEAMS; i++) {
        int64_t a[MODEL_RESOURCES];
        struct ledger alone = *l;

        for (int r = 0; r < MODEL_RESOURCES; r++) {
            a[r] = within(rng, 0, 5);
            assert_int_equal(sim_quota_used(q, i, r), l->used[i][r]);
        }
        memset(alone.used, 0, sizeof alone.used);
        assert_int_equal(sim_quota_admits(q, i, a), admits(l, i, a));
        assert_int_equal(sim_quota_could_admit(q, i, a), admits(&alone, i, a));
        assert_int_equal(sim_quota_borrows(q, i, a), borrows(l, i, a));
        assert_int_equal(sim_quota_borrows(q, i, NULL), borrows(l, i, NULL));
        assert_true(sim_quota_share(q, i, a) == share(l, i, a));
    }
}

static void formulas_hold_under_random_use(void **state)
{
    struct sp_rng rng = sp_rng_from_key(5);
    int32_t admitted = 0, refused = 0;

    (void)state;
    for (int c = 0; c < CASES; c++) {
        struct sp_arena *arena = sp_arena_new();
        struct ledger l;
        struct model_policy p = {.has_teams = true, .n_teams = TEAMS, .teams = l.team};
        struct sim_quota *q;

        random_teams(&rng, &l);
        q = sim_quota_new(arena, &p);
        for (int s = 0; s < STEPS; s++) {
            int32_t i = (int32_t)within(&rng, 0, TEAMS - 1);
            int64_t a[MODEL_RESOURCES];
            bool give = within(&rng, 0, 2) == 0;

            for (int r = 0; r < MODEL_RESOURCES; r++) {
                a[r] = within(&rng, 0, 2);
                if (give && a[r] > l.used[i][r])
                    a[r] = l.used[i][r];
            }
            if (!give && !admits(&l, i, a)) {
                refused++;
                continue;
            }
            admitted += !give;
            sim_quota_use(q, i, a, give ? -1 : 1);
            for (int r = 0; r < MODEL_RESOURCES; r++)
                l.used[i][r] += (give ? -1 : 1) * a[r];
            agrees(q, &l, &rng);
        }
        sp_arena_free(arena);
    }
    assert_true(admitted > 1000 && refused > 1000);
}

/* https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/, read 2026-07: team-a-cq and
 * team-b-cq, 9 CPUs each.  team-a alone may use 9 + 9; with a borrowingLimit of 1 it
 * may use 10; with a lendingLimit of 1 of team-b's it may use 9 + 1. */
static void kueues_examples_of_borrowing_and_lending(void **state)
{
    static const struct {
        int64_t borrow, lend, most;
    } row[] = {{-1, -1, 18}, {1, -1, 10}, {-1, 1, 10}, {0, -1, 9}, {-1, 0, 9}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_team teams[2] = {
            {.guarantee = {{-1, 9000, -1}},
             .borrow_limit = {{-1, row[i].borrow < 0 ? -1 : 1000 * row[i].borrow, -1}},
             .lend_limit = {{-1, -1, -1}}},
            {.guarantee = {{-1, 9000, -1}},
             .borrow_limit = {{-1, -1, -1}},
             .lend_limit = {{-1, row[i].lend < 0 ? -1 : 1000 * row[i].lend, -1}}}};
        struct model_policy p = {.has_teams = true, .n_teams = 2, .teams = teams};
        struct sim_quota *q = sim_quota_new(arena, &p);
        int64_t most[MODEL_RESOURCES] = {0, 1000 * row[i].most, 0};
        int64_t more[MODEL_RESOURCES] = {0, 1000 * row[i].most + 1, 0};
        int64_t own[MODEL_RESOURCES] = {0, 9000, 0};

        assert_true(sim_quota_admits(q, 0, most));
        assert_false(sim_quota_admits(q, 0, more));
        assert_false(sim_quota_could_admit(q, 0, more));
        sim_quota_use(q, 1, own, 1); /* team-b takes its own */
        assert_true(sim_quota_admits(q, 0, own));
        assert_int_equal(sim_quota_admits(q, 0, most), row[i].most == 9);
        sp_arena_free(arena);
    }
}

static void without_quotas_all_is_admitted(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_team team = {.guarantee = {{0, 0, 0}}, .weight = 1};
    struct model_policy p = {.n_teams = 1, .teams = &team};
    struct sim_quota *q = sim_quota_new(arena, &p);
    int64_t much[MODEL_RESOURCES] = {1000000, 1000000, INT64_C(1) << 50};

    (void)state;
    assert_true(sim_quota_admits(q, 0, much));
    assert_false(sim_quota_borrows(q, 0, much));
    assert_true(sim_quota_share(q, 0, much) == 0);
    sp_arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_hold_under_random_use),
        cmocka_unit_test(kueues_examples_of_borrowing_and_lending),
        cmocka_unit_test(without_quotas_all_is_admitted),
    };

    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
