/* Calibrated kernels: what they take of a task, and what was asked of them.
 *
 * The formula stands in model/scenario.h.  What items differ by is drawn from their own
 * generators, so an item is as hard under every policy; what is not known exactly of a
 * kernel is drawn once a replication, the same for all policies. */
#include <math.h>

#include "model/profile.h"
#include "sim/draw.h"
#include "sim/pipeline_rows.h"

enum { SALT_KERNEL = 0x6b65726e };

struct sim_kernel {
    const struct model_kernel_use *use;
    enum sim_kernel_part part;
    struct model_kernel_draw draw;
    double cv; /* of items at the same x, or of what the features leave unexplained */
    struct model_dist spread;
    int32_t n_amounts; /* the features, or x */
    const struct model_item_amount *amounts;
    bool alike; /* every item has the same of it: at_type is one call for an item */
    struct model_kernel_time *at_type;

    int64_t calls, extrapolated, mcpu_most;
    double x_least, x_most;
    uint64_t types; /* bit: it was called there */
};

/* ---- one call ---- */

static struct model_kernel_time call(const struct sim_kernel *k, int32_t type,
                                     const double *amounts)
{
    const struct model_kernel *m = k->use->by_type[type];

    return k->use->by_features ? model_kernel_by_features(m, &k->draw, amounts)
                               : model_kernel_at(m, &k->draw, amounts[0]);
}

/* Adds what the item at record id has. */
static void add_amounts(const struct sim_pipeline *p, const struct sim_kernel *k,
                        const struct sim_stage *s, int32_t pieces, int32_t id,
                        double *amounts)
{
    for (int32_t i = 0; i < k->n_amounts; i++) {
        const struct model_item_amount *a = &k->amounts[i];

        amounts[i] += a->fixed;
        if (a->per_byte > 0)
            amounts[i] += a->per_byte * sim_item_bytes(p, s, pieces, id);
        for (int32_t z = 0; z < p->plan->n_sizes; z++)
            amounts[i] += a->per_size[z] * (double)p->items[id].size[z];
    }
}

static double spread_of(const struct sim_pipeline *p, const struct sim_kernel *k,
                        const struct sim_stage *s, int32_t id)
{
    uint64_t salt = SALT_KERNEL + (uint64_t)k->part;

    if (!(k->cv > 0))
        return 1;
    return sim_draw_of_key(&k->spread, sim_draw_key(s, &p->items[id]) ^ salt);
}

static void note_call(struct sim_kernel *k, double x, bool extrapolated)
{
    if (k->part == SIM_KERNEL_SHARES)
        return;
    k->calls++;
    k->extrapolated += extrapolated;
    if (k->use->by_features)
        return;
    k->x_least = fmin(k->x_least, x);
    k->x_most = fmax(k->x_most, x);
}

static void fail_unknown(struct sim_pipeline *p, const struct sim_kernel *k,
                         const struct sim_stage *s, double x)
{
    const struct model_kernel *m = k->use->kernel;

    sp_fail(&p->err, SP_EINPUT,
            "stage '%s': kernel '%s' was asked for %g %s, it was measured from %g to "
            "%g, and its profile has no form to go on with",
            s->m->name, m->name, x, m->axis, m->points[0].x,
            m->points[m->n_points - 1].x);
}

/* ---- a task ---- */

/* What holds for all calls of a task. */
struct ask {
    const struct sim_stage *s;
    const struct sim_task *t;
    int32_t pieces;
    bool beyond; /* more CPUs are at work than is known */
};

/* Of one call, for the item at record id (per task: the first). */
static double call_s(struct sim_pipeline *p, struct sim_kernel *k,
                     const struct ask *ask, const double *amounts, int32_t id)
{
    struct model_kernel_time time =
        k->alike && k->use->kernel->calls == MODEL_CALLS_PER_ITEM
            ? k->at_type[ask->t->node_type]
            : call(k, ask->t->node_type, amounts);

    note_call(k, amounts[0], time.extrapolated || ask->beyond);
    if (isnan(time.s)) {
        fail_unknown(p, k, ask->s, amounts[0]);
        return 0;
    }
    return time.s * spread_of(p, k, ask->s, id);
}

static double calls_s(struct sim_pipeline *p, struct sim_kernel *k,
                      const struct ask *ask)
{
    const bool per_task = k->use->kernel->calls == MODEL_CALLS_PER_TASK;
    double amounts[MODEL_FEATURES_MAX] = {0}, sum = 0;

    for (int32_t id = ask->t->head, i = 0; id != SP_NO_ID; id = p->items[id].next) {
        if (i++ % ask->pieces != 0)
            continue;
        add_amounts(p, k, ask->s, ask->pieces, id, amounts);
        if (per_task)
            continue;
        sum += call_s(p, k, ask, amounts, id);
        for (int32_t a = 0; a < k->n_amounts; a++)
            amounts[a] = 0;
    }
    return per_task ? call_s(p, k, ask, amounts, ask->t->head) : sum;
}

/* By the CPUs at work on the task's node, its own among them. */
static struct model_kernel_time slowdown(const struct sim_pipeline *p,
                                         struct sim_kernel *k, const struct sim_task *t)
{
    int64_t mcpu;

    if (!k->use->contention || k->part == SIM_KERNEL_SHARES)
        return (struct model_kernel_time){.s = 1};
    mcpu = sim_cpu_use_mcpu(p->env.cpu_use, t->node);
    if (k->part == SIM_KERNEL_WHOLE) /* its first phase has not begun */
        mcpu += p->stages[t->stage].m->slot_needs.mcpu;
    if (mcpu > k->mcpu_most)
        k->mcpu_most = mcpu;
    return model_kernel_slowdown(k->use->by_type[t->node_type], &k->draw,
                                 mcpu > 1000 ? (double)mcpu / 1000 : 1);
}

double sim_kernel_s(struct sim_pipeline *p, struct sim_kernel *k,
                    const struct sim_stage *s, const struct sim_task *t)
{
    struct model_kernel_time slower = slowdown(p, k, t);
    const struct ask ask = {s, t, sim_task_pieces(p, t), slower.extrapolated};

    sp_assert(k->use->by_type[t->node_type] != NULL);
    k->types |= UINT64_C(1) << t->node_type;
    return k->use->times * slower.s * calls_s(p, k, &ask);
}

/* ---- building ---- */

static bool is_alike(const struct sim_pipeline *p, const struct sim_kernel *k)
{
    for (int32_t i = 0; i < k->n_amounts; i++) {
        if (k->amounts[i].per_byte > 0)
            return false;
        for (int32_t z = 0; z < p->plan->n_sizes; z++)
            if (k->amounts[i].per_size[z] > 0)
                return false;
    }
    return true;
}

static void time_alike(const struct sim_pipeline *p, struct sim_kernel *k)
{
    double amounts[MODEL_FEATURES_MAX] = {0};
    int32_t n = p->env.policy->n_types;

    for (int32_t i = 0; i < k->n_amounts; i++)
        amounts[i] = k->amounts[i].fixed;
    k->at_type = sp_arena_array(p->arena, (size_t)n, sizeof *k->at_type);
    for (int32_t t = 0; t < n; t++)
        if (k->use->by_type[t] != NULL)
            k->at_type[t] = call(k, t, amounts);
}

static struct model_kernel_draw draw_of(const struct sim_pipeline *p,
                                        const struct model_kernel_use *use)
{
    const char *name;
    struct sp_rng rng;

    if (p->env.kernel_key == 0)
        return (struct model_kernel_draw){0};
    name = sp_arena_printf(p->arena, "%s\n%s\n%s", use->profile_name,
                           use->kernel->device, use->kernel->name);
    rng =
        sp_rng_from_key(sp_mix_keys(p->env.kernel_key, sp_rng_stream_key(0, 0, name)));
    return model_kernel_draw(&rng);
}

struct sim_kernel *sim_kernel_new(const struct sim_pipeline *p,
                                  const struct model_kernel_use *use,
                                  enum sim_kernel_part part)
{
    struct sim_kernel *k;

    if (use == NULL)
        return NULL;
    k = sp_arena_alloc(p->arena, sizeof *k);
    *k = (struct sim_kernel){
        .use = use,
        .part = part,
        .draw = draw_of(p, use),
        .cv = use->by_features ? use->kernel->features.cv : use->kernel->item_cv,
        .n_amounts = use->by_features ? use->kernel->features.n : 1,
        .amounts = use->by_features ? use->features : &use->x,
        .x_least = INFINITY,
        .x_most = -INFINITY,
    };
    if (k->cv > 0)
        k->spread = model_dist_lognormal(1, k->cv);
    k->alike = is_alike(p, k);
    if (k->alike)
        time_alike(p, k);
    return k;
}

/* ---- what was asked ---- */

static void fill_cores(const struct sim_kernel *k, const struct model_kernel *m,
                       struct model_kernel_asked *a)
{
    const struct model_kernel_draw estimate = {0};
    const struct model_scaling *s = &m->scaling;

    a->cores_most = a->slowdown_most = a->slowdown_low = a->slowdown_high = NAN;
    a->known_cores = s->n > 0 ? s->cores[s->n - 1] : 1;
    if (!k->use->contention || k->mcpu_most == 0)
        return;
    a->cores_most = fmax((double)k->mcpu_most / 1000, 1);
    a->slowdown_most = model_kernel_slowdown(m, &estimate, a->cores_most).s;
    model_kernel_slowdown_interval(m, a->cores_most, &a->slowdown_low,
                                   &a->slowdown_high);
}

/* Of the node types on which it was called (else: may be called) the least certain. */
static const struct model_kernel *least_certain(const struct sim_pipeline *p,
                                                const struct sim_kernel *k)
{
    const struct model_kernel *worst = k->use->kernel;

    for (int32_t t = 0; t < p->env.policy->n_types; t++) {
        const struct model_kernel *m = k->use->by_type[t];

        if (m != NULL && (k->types == 0 || (k->types >> t & 1) != 0) &&
            m->sd_frac > worst->sd_frac)
            worst = m;
    }
    return worst;
}

static void fill_asked(const struct sim_pipeline *p, const struct sim_kernel *k,
                       const char *name, struct model_kernel_asked *a)
{
    const struct model_kernel *m = least_certain(p, k);
    const bool x_known = !k->use->by_features && m->axis[0] != '\0';

    *a = (struct model_kernel_asked){
        .workload = p->plan->workload,
        .stage = name,
        .fused = k->part == SIM_KERNEL_WHOLE,
        .kernel = m->name,
        .device = m->device,
        .profile = k->use->profile_name,
        .axis = m->axis,
        .basis = m->basis,
        .converged = m->converged,
        .why = m->why,
        .by_features = k->use->by_features,
        .calls = k->calls,
        .extrapolated = k->extrapolated,
        .x_least = x_known && k->calls > 0 ? k->x_least : NAN,
        .x_most = x_known && k->calls > 0 ? k->x_most : NAN,
        .known_least = x_known ? m->points[0].x : NAN,
        .known_most = x_known ? m->points[m->n_points - 1].x : NAN,
        .sd_frac = m->sd_frac,
    };
    fill_cores(k, m, a);
}

void sim_kernels_result(const struct sim_pipeline *p, struct sp_arena *arena,
                        struct model_workload_result *r)
{
    r->kernels =
        sp_arena_array(arena, (size_t)(p->n_stages + p->n_pools), sizeof *r->kernels);
    for (int32_t i = 0; i < p->n_stages; i++) {
        const struct sim_stage *s = &p->stages[i];

        if (s->kernel != NULL && s->kernel->part != SIM_KERNEL_SHARES)
            fill_asked(p, s->kernel, s->m->name, &r->kernels[r->n_kernels++]);
    }
    for (int32_t i = 0; i < p->n_pools; i++)
        if (p->pools[i].kernel != NULL)
            fill_asked(p, p->pools[i].kernel, p->pools[i].m->name,
                       &r->kernels[r->n_kernels++]);
}
