/* What teams hold of what is theirs, and the sum of what they took from the pool. */
#include "sim/quota.h"

#include "base/status.h"

struct team {
    int64_t guarantee[MODEL_RESOURCES]; /* -1: not limited */
    int64_t limit[MODEL_RESOURCES];     /* with all it may borrow; INT64_MAX */
    int64_t local[MODEL_RESOURCES];     /* not lent */
    int64_t used[MODEL_RESOURCES];
    double weight;
};

struct sim_quota {
    int32_t n;
    bool limits; /* quotas are in force */
    struct team *teams;
    int64_t pool[MODEL_RESOURCES];       /* lent, in sum */
    int64_t taken[MODEL_RESOURCES];      /* from the pool */
    int64_t guaranteed[MODEL_RESOURCES]; /* in sum */
};

static void read_team(struct sim_quota *q, struct team *t, const struct model_team *m)
{
    t->weight = m->weight > 0 ? m->weight : 1;
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        int64_t all = m->guarantee.amount[r], borrow = m->borrow_limit.amount[r];
        int64_t lend = m->lend_limit.amount[r];

        t->guarantee[r] = all;
        t->limit[r] = INT64_MAX;
        if (all < 0)
            continue;
        lend = lend < 0 || lend > all ? all : lend;
        if (borrow >= 0 && borrow <= INT64_MAX - all)
            t->limit[r] = all + borrow;
        t->local[r] = all - lend;
        q->pool[r] += lend;
        q->guaranteed[r] += all;
    }
}

struct sim_quota *sim_quota_new(struct sp_arena *arena,
                                const struct model_policy *policy)
{
    struct sim_quota *q = sp_arena_alloc(arena, sizeof *q);

    q->n = policy->n_teams > 0 ? policy->n_teams : 1;
    q->limits = policy->has_teams;
    q->teams = sp_arena_array(arena, (size_t)q->n, sizeof *q->teams);
    for (int32_t i = 0; i < policy->n_teams; i++)
        read_team(q, &q->teams[i], &policy->teams[i]);
    return q;
}

static int64_t over(int64_t a, int64_t b)
{
    return a > b ? a - b : 0;
}

void sim_quota_use(struct sim_quota *q, int32_t team,
                   const int64_t amount[MODEL_RESOURCES], int sign)
{
    struct team *t = &q->teams[team];

    sp_assert(team >= 0 && team < q->n);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        int64_t before = over(t->used[r], t->local[r]);

        t->used[r] += sign * amount[r];
        if (t->guarantee[r] >= 0)
            q->taken[r] += over(t->used[r], t->local[r]) - before;
    }
}

int64_t sim_quota_used(const struct sim_quota *q, int32_t team, int r)
{
    return q->teams[team].used[r];
}

static bool within(const struct sim_quota *q, const struct team *t,
                   const int64_t amount[MODEL_RESOURCES], bool alone)
{
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        int64_t used = alone ? 0 : t->used[r];
        int64_t taken = alone ? 0 : q->taken[r] - over(t->used[r], t->local[r]);

        if (t->guarantee[r] < 0)
            continue;
        if (used + amount[r] > t->limit[r] ||
            taken + over(used + amount[r], t->local[r]) > q->pool[r])
            return false;
    }
    return true;
}

bool sim_quota_admits(const struct sim_quota *q, int32_t team,
                      const int64_t amount[MODEL_RESOURCES])
{
    return !q->limits || within(q, &q->teams[team], amount, false);
}

bool sim_quota_could_admit(const struct sim_quota *q, int32_t team,
                           const int64_t amount[MODEL_RESOURCES])
{
    return !q->limits || within(q, &q->teams[team], amount, true);
}

bool sim_quota_borrows(const struct sim_quota *q, int32_t team,
                       const int64_t amount[MODEL_RESOURCES])
{
    const struct team *t = &q->teams[team];

    for (int r = 0; r < MODEL_RESOURCES && q->limits; r++)
        if (t->guarantee[r] >= 0 &&
            t->used[r] + (amount != NULL ? amount[r] : 0) > t->guarantee[r])
            return true;
    return false;
}

double sim_quota_share(const struct sim_quota *q, int32_t team,
                       const int64_t amount[MODEL_RESOURCES])
{
    const struct team *t = &q->teams[team];
    double most = 0;

    for (int r = 0; r < MODEL_RESOURCES && q->limits; r++) {
        double share;

        if (t->guarantee[r] < 0 || q->guaranteed[r] == 0)
            continue;
        share = (double)over(t->used[r] + amount[r], t->guarantee[r]) /
                (double)q->guaranteed[r];
        most = share > most ? share : most;
    }
    return most / t->weight;
}
