/* Quotas, as the formulas in docs and sim/quota.h read. */
#include "tests/twin_jobs_rows.h"

static void amounts_of(const struct twin_job *j, int64_t a[MODEL_RESOURCES])
{
    a[MODEL_GPU] = j->needs.mgpu * j->members + (j->has_rest ? j->rest.mgpu : 0);
    a[MODEL_CPU] = j->needs.mcpu * j->members + (j->has_rest ? j->rest.mcpu : 0);
    a[MODEL_MEMORY] =
        j->needs.memory_bytes * j->members + (j->has_rest ? j->rest.memory_bytes : 0);
}

void twin_use(struct twin_room *room, const struct twin_job *j, int sign)
{
    int64_t a[MODEL_RESOURCES];

    amounts_of(j, a);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        room->used[j->team][r] += sign * a[r];
}

static int64_t lendable(const struct model_team *m, int r)
{
    int64_t lend = m->lend_limit.amount[r], all = m->guarantee.amount[r];

    return lend < 0 || lend > all ? all : lend;
}

bool twin_admits(const struct twin *t, const struct twin_room *room,
                 const struct twin_job *j)
{
    int64_t a[MODEL_RESOURCES];

    if (!t->policy->has_teams)
        return true;
    amounts_of(j, a);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct model_team *mine = &t->policy->teams[j->team];
        int64_t pool = 0, taken = 0;

        if (mine->guarantee.amount[r] < 0)
            continue;
        if (mine->borrow_limit.amount[r] >= 0 &&
            room->used[j->team][r] + a[r] >
                mine->guarantee.amount[r] + mine->borrow_limit.amount[r])
            return false;
        for (int32_t i = 0; i < t->policy->n_teams; i++) {
            const struct model_team *m = &t->policy->teams[i];
            int64_t used = room->used[i][r] + (i == j->team ? a[r] : 0), local;

            if (m->guarantee.amount[r] < 0)
                continue;
            local = m->guarantee.amount[r] - lendable(m, r);
            pool += lendable(m, r);
            taken += used > local ? used - local : 0;
        }
        if (taken > pool)
            return false;
    }
    return true;
}

bool twin_borrows(const struct twin *t, const struct twin_room *room, int32_t team,
                  const struct twin_job *j)
{
    int64_t a[MODEL_RESOURCES] = {0, 0, 0};

    if (!t->policy->has_teams)
        return false;
    if (j != NULL)
        amounts_of(j, a);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        int64_t all = t->policy->teams[team].guarantee.amount[r];

        if (all >= 0 && room->used[team][r] + a[r] > all)
            return true;
    }
    return false;
}

double twin_share(const struct twin *t, const struct twin_room *room,
                  const struct twin_job *j)
{
    const struct model_team *mine = &t->policy->teams[j->team];
    int64_t a[MODEL_RESOURCES];
    double most = 0;

    amounts_of(j, a);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        int64_t over = room->used[j->team][r] + a[r] - mine->guarantee.amount[r];
        int64_t all = 0;

        for (int32_t i = 0; i < t->policy->n_teams; i++)
            if (t->policy->teams[i].guarantee.amount[r] > 0)
                all += t->policy->teams[i].guarantee.amount[r];
        if (mine->guarantee.amount[r] >= 0 && over > 0 && all > 0 &&
            (double)over / (double)all > most)
            most = (double)over / (double)all;
    }
    return most / mine->weight;
}
