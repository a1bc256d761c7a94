/* What the ledger says of the bill: its lines, and what is of which team. */
#include <string.h>

#include "sim/ledger_rows.h"

void sim_ledger_teams(const struct sim_ledger *l, int32_t n_teams,
                      struct sim_ledger_team *teams)
{
    memset(teams, 0, (size_t)n_teams * sizeof *teams);
    for (int32_t o = 0; o < l->n_owners; o++) {
        const struct sim_ledger_owner *row = &l->owners[o];

        sp_assert(row->team >= 0 && row->team < n_teams);
        teams[row->team].idle_uusd += row->idle_uusd;
        for (int r = 0; r < MODEL_RESOURCES; r++) {
            teams[row->team].allocated[r] += row->allocated[r];
            teams[row->team].busy[r] += row->busy[r];
        }
    }
    for (int32_t s = 0; s < l->n_stages; s++)
        teams[l->owners[l->stages[s].owner].team].busy_uusd += l->stages[s].uusd;
}

/* ---- lines ---- */

struct lines {
    struct model_cost_line *out;
    int32_t n;
    int64_t sum;
};

static void add_line(struct lines *to, struct model_cost_line line)
{
    if (line.uusd != 0)
        to->out[to->n++] = line;
    to->sum += line.uusd;
}

static int64_t *busy_by_line(const struct sim_ledger *l, struct sp_arena *arena)
{
    int64_t *uusd = sp_arena_array(arena, (size_t)l->n_stages, sizeof *uusd);

    for (int32_t s = 0; s < l->n_stages; s++)
        uusd[l->stages[s].line] += l->stages[s].uusd;
    return uusd;
}

static int64_t *idle_by_workload(const struct sim_ledger *l, struct sp_arena *arena)
{
    int64_t *uusd = sp_arena_array(arena, (size_t)l->policy->n_plans, sizeof *uusd);

    for (int32_t o = 0; o < l->n_owners; o++)
        uusd[l->owners[o].workload] += l->owners[o].idle_uusd;
    return uusd;
}

void sim_ledger_lines(const struct sim_ledger *l, struct sp_arena *arena,
                      const char *const *workloads, struct model_cost_line **lines,
                      int32_t *n_lines)
{
    int32_t most = l->n_stages + l->policy->n_plans + MODEL_RESOURCES + 1;
    int64_t *busy = busy_by_line(l, arena), *idle = idle_by_workload(l, arena);
    struct lines to = {.out = sp_arena_array(arena, (size_t)most, sizeof *to.out)};

    for (int32_t s = 0; s < l->n_stages; s++)
        add_line(&to,
                 (struct model_cost_line){workloads[sim_ledger_workload_of(l, s)],
                                          l->stages[s].name, MODEL_LINE_BUSY, busy[s]});
    for (int32_t w = 0; w < l->policy->n_plans; w++)
        add_line(&to, (struct model_cost_line){workloads[w], NULL, MODEL_LINE_IDLE,
                                               idle[w]});
    for (int r = 0; r < MODEL_RESOURCES; r++)
        add_line(&to,
                 (struct model_cost_line){
                     NULL, NULL, (enum model_line_kind)(MODEL_LINE_UNALLOCATED + r),
                     l->unallocated_uusd[r]});
    add_line(&to, (struct model_cost_line){NULL, NULL, MODEL_LINE_ROUNDING,
                                           l->rounding_uusd});
    sp_assert(to.sum == l->total_uusd);
    *lines = to.out;
    *n_lines = to.n;
}
