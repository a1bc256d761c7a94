/* The cells of replications put together: those of any of them appear, with the money
 * and time of the first and the mean money of all. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run_parts.h"

/* What tells cells apart, in their order. */
enum { KEY_NODE, KEY_PART, KEY_RESOURCE, KEY_WORKLOAD, KEY_STAGE, KEY_TEAM, KEYS };

struct found {
    int32_t key[KEYS]; /* of workload, stage and team: place in the result; -1 none */
    int32_t run;
    const struct model_cost_cell *cell;
};

static int by_key(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    for (int k = 0; k < KEYS; k++)
        if (x->key[k] != y->key[k])
            return x->key[k] < y->key[k] ? -1 : 1;
    return x->run < y->run ? -1 : x->run > y->run;
}

static bool same_key(const struct found *a, const struct found *b)
{
    return memcmp(a->key, b->key, sizeof a->key) == 0;
}

static int32_t workload_of(const struct model_policy_result *p, const char *name)
{
    int32_t w = 0;

    if (name == NULL)
        return -1;
    while (w < p->n_workloads && strcmp(p->workloads[w].name, name) != 0)
        w++;
    return w;
}

static int32_t stage_of(const struct model_policy_result *p, int32_t workload,
                        const char *name)
{
    int32_t s = 0;

    if (name == NULL || workload < 0 || workload >= p->n_workloads)
        return -1;
    while (s < p->workloads[workload].n_stages &&
           strcmp(p->workloads[workload].stages[s].name, name) != 0)
        s++;
    return s;
}

static int32_t team_of(const struct model_policy_result *p, const char *name)
{
    int32_t t = 0;

    if (name == NULL)
        return -1;
    while (t < p->n_teams && strcmp(p->teams[t].name, name) != 0)
        t++;
    return t;
}

static struct found find(const struct model_policy_result *p, int32_t run,
                         const struct model_cost_cell *c)
{
    int32_t workload = workload_of(p, c->workload);

    return (struct found){.key = {c->node, (int32_t)c->part, c->resource, workload,
                                  stage_of(p, workload, c->stage), team_of(p, c->team)},
                          .run = run,
                          .cell = c};
}

/* Where the types of a replication stand among those that any of them used. */
static int32_t *places_of_types(const struct model_policy_result *runs, int32_t n,
                                struct sp_arena *arena)
{
    int32_t *place = sp_arena_array(arena, (size_t)runs[0].n_nodes, sizeof *place);
    int32_t kept = 0;

    for (int32_t t = 0; t < runs[0].n_nodes; t++) {
        bool used = false;

        for (int32_t i = 0; i < n; i++)
            used = used || runs[i].nodes[t].peak > 0;
        place[t] = kept;
        kept += used;
    }
    return place;
}

/* The cells from..to are one, of several replications. */
static struct model_cost_cell put_together(const struct found *from,
                                           const struct found *to, int32_t n)
{
    struct model_cost_cell c = *from->cell;
    double usd = 0, list_usd = 0;

    for (const struct found *f = from; f < to; f++) {
        usd += f->cell->mean_usd;
        list_usd += f->cell->mean_list_usd;
    }
    if (from->run > 0) {
        c.uusd = c.list_uusd = 0;
        c.hours = isnan(c.hours) ? NAN : 0;
    }
    c.mean_usd = usd / n;
    c.mean_list_usd = list_usd / n;
    return c;
}

void sim_aggregate_cells(const struct model_policy_result *runs, int32_t n,
                         struct sp_arena *arena, struct model_cost *cost)
{
    const int32_t *place = places_of_types(runs, n, arena);
    struct found *all;
    size_t room = 1;
    int32_t found = 0, kept = 0;

    for (int32_t i = 0; i < n; i++)
        room += (size_t)runs[i].cost.n_cells;
    all = sp_xcalloc(room, sizeof *all);
    for (int32_t i = 0; i < n; i++)
        for (int32_t c = 0; c < runs[i].cost.n_cells; c++)
            all[found++] = find(&runs[0], i, &runs[i].cost.cells[c]);
    qsort(all, (size_t)found, sizeof *all, by_key);
    cost->cells = sp_arena_array(arena, (size_t)found, sizeof *cost->cells);
    for (int32_t from = 0, to; from < found; from = to) {
        for (to = from + 1; to < found && same_key(&all[from], &all[to]);)
            to++;
        cost->cells[kept] = put_together(&all[from], &all[to], n);
        cost->cells[kept].node = place[all[from].key[KEY_NODE]];
        kept++;
    }
    cost->n_cells = kept;
    free(all);
}
