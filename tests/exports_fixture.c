/* Drawn from a generator of its own, so that a seed names a case. */
#include "tests/exports_fixture.h"

#include <math.h>

#include "base/units.h"

struct maker {
    struct sp_arena *arena;
    const struct fixture_exports *f;
    uint64_t state;
};

/* splitmix64 */
static uint64_t draw(struct maker *m, uint64_t below)
{
    uint64_t z = m->state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (z ^ (z >> 31)) % below;
}

static const char *const options[] = {"reserved", "spot", "on-demand", "owned"};

static void fill_prices(const struct maker *m, struct model_policy_result *p, int shift)
{
    (void)m;
    for (int32_t i = 0; i < p->n_nodes; i++) {
        p->nodes[i].option = options[(i + shift) % 4];
        p->nodes[i].list_usd_per_h = p->nodes[i].usd_per_h * (i == 0 ? 1.5 : 1.25);
    }
}

/* Of each node type every part and resource; the last cell takes the rest. */
static void fill_cells(struct maker *m, struct model_policy_result *p)
{
    const struct model_workload_result *w = &p->workloads[0];
    int32_t n = p->n_nodes * ((MODEL_PARTS - 1) * MODEL_RESOURCES + 1), k = 0;
    int64_t left = p->cost.uusd;

    p->cost.cells = sp_arena_array(m->arena, (size_t)n, sizeof *p->cost.cells);
    p->cost.n_cells = n;
    for (int32_t node = 0; node < p->n_nodes; node++)
        for (int part = 0; part < MODEL_PARTS; part++)
            for (int32_t r = 0; r < (part == MODEL_PART_ROUNDING ? 1 : MODEL_RESOURCES);
                 r++) {
                struct model_cost_cell *c = &p->cost.cells[k++];
                bool of_stage = part <= MODEL_PART_BLOCKED && w->n_stages > 0;
                int64_t uusd =
                    k == n ? left : (int64_t)draw(m, (uint64_t)left / 20 + 2);

                left -= uusd;
                *c = (struct model_cost_cell){
                    .part = (enum model_part)part,
                    .resource = part == MODEL_PART_ROUNDING ? MODEL_RESOURCES : r,
                    .node = node,
                    .workload = part <= MODEL_PART_IDLE ? w->name : NULL,
                    .stage = of_stage ? w->stages[r % w->n_stages].name : NULL,
                    .team = p->n_teams > 0 && of_stage ? p->teams[r % p->n_teams].name
                                                       : NULL,
                    .uusd = uusd,
                    .list_uusd =
                        (int64_t)llround((double)uusd * p->nodes[node].list_usd_per_h /
                                         p->nodes[node].usd_per_h),
                };
                c->hours = part == MODEL_PART_ROUNDING ? NAN : (double)uusd / 3e6;
                c->mean_usd = (double)c->uusd / 1e6;
                c->mean_list_usd = (double)c->list_uusd / 1e6;
            }
}

enum { LEASES = 5, THREADS = 3, ROUNDS = 20 };

static struct model_lease lease_of(struct maker *m, int32_t i, int64_t run_ns)
{
    static const char *const ends[] = {"end of run", "idle", "taken back", "failed",
                                       "moved"};
    struct model_lease l = {.node = i / 2, .use = 0, .ended = ends[i % 5]};

    l.requested_ns = i == 0 ? 0 : i * (run_ns / 20);
    l.ready_ns = i == LEASES - 1
                     ? -1
                     : l.requested_ns + (int64_t)draw(m, (uint64_t)run_ns / 40 + 1);
    l.end_ns = i == 0 ? run_ns : l.requested_ns + run_ns / 2;
    return l;
}

/* One after the other on each thread, some of no length, some right behind another. */
static void fill_slices(struct maker *m, struct model_policy_result *p)
{
    struct model_timeline *t = &p->timeline;
    int64_t at_ns[LEASES][THREADS];
    int32_t n_stages = p->workloads[0].n_stages;

    for (int32_t i = 0; i < LEASES; i++)
        for (int32_t k = 0; k < THREADS; k++)
            at_ns[i][k] = t->leases[i].ready_ns;
    for (int32_t round = 0; round < ROUNDS; round++)
        for (int32_t i = 0; i < LEASES - 1; i++)
            for (int32_t k = 0; k < THREADS; k++) {
                int64_t from =
                    at_ns[i][k] +
                    (int64_t)draw(m, 2) * ((t->leases[i].end_ns - at_ns[i][k]) / 50);
                int64_t most = (t->leases[i].end_ns - from) / 2;
                int64_t to =
                    from + (int64_t)(draw(m, 5) == 0 ? 0 : draw(m, (uint64_t)most + 1));

                t->slices[t->n_slices++] = (struct model_slice){
                    .lease = i,
                    .thread = k,
                    .stage =
                        n_stages > 0 ? (int32_t)draw(m, (uint64_t)n_stages) : SP_NO_ID,
                    .kind = (enum model_slice_kind)draw(m, MODEL_SLICE_KINDS),
                    .name = draw(m, 4) == 0 ? p->workloads[0].name : NULL,
                    .from_ns = from,
                    .to_ns = to,
                    .items = 1 + (int64_t)draw(m, 8),
                    .first_item = draw(m, 3) == 0 ? -1 : (int64_t)draw(m, 1000),
                };
                at_ns[i][k] = to;
            }
}

static int by_time(const void *a, const void *b)
{
    const struct model_slice *x = a, *y = b;

    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    if (x->lease != y->lease)
        return x->lease < y->lease ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

/* Stable, as slices of a thread that begin together must keep their order. */
static void sort_slices(struct model_timeline *t)
{
    for (int32_t i = 1; i < t->n_slices; i++)
        for (int32_t k = i; k > 0 && by_time(&t->slices[k - 1], &t->slices[k]) > 0;
             k--) {
            struct model_slice other = t->slices[k];

            t->slices[k] = t->slices[k - 1];
            t->slices[k - 1] = other;
        }
}

static void fill_timeline(struct maker *m, struct model_policy_result *p,
                          int64_t run_ns)
{
    struct model_timeline *t = &p->timeline;

    t->n_leases = LEASES;
    t->leases = sp_arena_array(m->arena, LEASES, sizeof *t->leases);
    for (int32_t i = 0; i < LEASES; i++)
        t->leases[i] = lease_of(m, i, run_ns);
    t->slices = sp_arena_array(m->arena, LEASES * THREADS * ROUNDS, sizeof *t->slices);
    fill_slices(m, p);
    sort_slices(t);
    t->links = sp_arena_array(m->arena, 2000, sizeof *t->links);
    for (int32_t from = 0; from < t->n_slices; from += 3)
        for (int32_t to = from + 1; to < t->n_slices && to < from + 30; to += 7)
            if (t->slices[from].to_ns <= t->slices[to].from_ns)
                t->links[t->n_links++] = (struct model_slice_link){from, to};
    t->all_leases = 8 * LEASES;
    t->all_slices = 8 * (int64_t)t->n_slices;
    t->sample = "nodes 0, 8, 16, ...: 1 in 8";
}

static void fill_cdfs(struct maker *m, struct model_workload_result *w)
{
    enum { POINTS = 100 };
    struct model_cdf *cdf = sp_arena_alloc(m->arena, sizeof *cdf);

    *cdf = (struct model_cdf){.what = "latency", .n = POINTS};
    cdf->s = sp_arena_array(m->arena, POINTS, sizeof *cdf->s);
    cdf->frac = sp_arena_array(m->arena, POINTS, sizeof *cdf->frac);
    for (int i = 0; i < POINTS; i++) {
        cdf->s[i] = 0.2 * (i + 1);
        cdf->frac[i] = (i + 1) / (double)POINTS;
    }
    w->n_cdfs = 1;
    w->cdfs = cdf;
}

struct report_context *fixture_exports_new(struct sp_arena *arena,
                                           const struct fixture_exports *f)
{
    struct maker m = {arena, f, f->seed};
    struct report_context *c = sp_arena_alloc(arena, sizeof *c);
    struct model_result *r = fixture_result_new(arena, &f->options);
    double run_s = f->run_s > 0 ? f->run_s : 200;

    for (int32_t i = 0; i < r->n_policies && !f->options.empty; i++) {
        struct model_policy_result *p = &r->policies[i];

        if (i > 1)
            p->name = sp_arena_printf(arena, "%s %d", p->name, (int)i);
        p->time_s.mean = run_s;
        p->series.bucket_s = run_s / p->series.n;
        if (p->cost.known) {
            fill_prices(&m, p, (int)draw(&m, 4));
            fill_cells(&m, p);
        }
        fill_timeline(&m, p, sp_ns_from_s(run_s));
        fill_cdfs(&m, &p->workloads[0]);
    }
    *c = (struct report_context){.result = r, .created_s = FIXTURE_CREATED_S};
    return c;
}
