/* How long a task is served: its time model, the draws that belong to its items, and
 * the phases of a fused task. */
#include <math.h>

#include "base/units.h"
#include "sim/draw.h"
#include "sim/pipeline_rows.h"

enum { SALT_FUSED = 0x66757365 };

int64_t sim_bytes_out(const struct sim_pipeline *p, const struct sim_stage *s,
                      const struct sim_item *it, double bytes_in)
{
    double bytes = s->m->output_bytes + s->m->output_factor * bytes_in;

    if (bytes == 0 && p->plan->n_sizes == 0)
        return 0;
    for (int32_t i = 0; i < p->plan->n_sizes; i++)
        bytes += s->m->output_per_size[i] * it->size[i];
    return bytes < 0x1p62 ? (int64_t)ceil(bytes) : INT64_C(1) << 62;
}

/* Bytes of an item as it comes to stage s, given what came to its pool: within a fused
 * task each stage before s makes its own of them. */
double sim_bytes_at(const struct sim_pipeline *p, const struct sim_stage *s,
                    const struct sim_item *it, double bytes)
{
    const struct sim_pool *pool = &p->pools[s->pool];

    for (int32_t i = 0; pool->m->fused && i < s->local; i++)
        bytes = (double)sim_bytes_out(p, &p->stages[pool->stages[i]], it, bytes);
    return bytes;
}

/* The copies of a joined item, one record each in a row, in the task's first queue. */
int32_t sim_task_pieces(const struct sim_pipeline *p, const struct sim_task *t)
{
    return p->stages[t->stage].pieces;
}

/* Bytes of the item that starts at record id, all copies, as it comes to stage s. */
double sim_item_bytes(const struct sim_pipeline *p, const struct sim_stage *s,
                      int32_t pieces, int32_t id)
{
    const struct sim_item *it = &p->items[id];
    double bytes = 0;

    for (; pieces > 0; pieces--, id = p->items[id].next)
        bytes += (double)p->items[id].bytes;
    return sim_bytes_at(p, s, it, bytes);
}

static double per_item_s(const struct sim_pipeline *p, const struct sim_stage *s,
                         const struct model_time *m, int32_t pieces, int32_t id)
{
    const struct sim_item *it = &p->items[id];
    double t = m->per_byte_s > 0 ? m->per_byte_s * sim_item_bytes(p, s, pieces, id) : 0;

    if (m->per_item.kind == MODEL_DIST_CONSTANT)
        t += m->per_item.a;
    else
        t += sim_draw_of_key(&m->per_item, ~sim_draw_key(s, it));
    for (int32_t i = 0; i < p->plan->n_sizes; i++)
        t += m->per_size_s[i] * (double)it->size[i];
    return t;
}

static double table_s(struct sim_pipeline *p, const struct sim_stage *s,
                      const struct model_time *m, const struct sim_task *t)
{
    double x = t->n_items, seconds = 0;

    if (m->table_by != MODEL_BY_ITEMS) {
        int32_t pieces = sim_task_pieces(p, t);

        x = 0;
        for (int32_t id = t->head, i = 0; id != SP_NO_ID; id = p->items[id].next, i++)
            if (i % pieces == 0)
                x += m->table_by == MODEL_BY_BYTES
                         ? sim_item_bytes(p, s, pieces, id)
                         : (double)p->items[id].size[m->table_by];
    }
    if (!sim_table_at(m->table, x, &seconds))
        sp_fail(&p->err, SP_EINPUT,
                "stage '%s': the service-time table %s was asked for %g, it covers %g "
                "to %g; "
                "nothing is extrapolated",
                s->m->name, m->table->path, x, m->table->x[0],
                m->table->x[m->table->n - 1]);
    return seconds;
}

static bool needs_items(const struct sim_pipeline *p, const struct model_time *m)
{
    bool any = m->per_byte_s > 0 || m->per_item.kind != MODEL_DIST_CONSTANT;

    for (int32_t i = 0; i < p->plan->n_sizes; i++)
        any = any || m->per_size_s[i] > 0;
    return any;
}

/* Seconds of service of a task at stage s, by time model m (model/scenario.h). */
static double time_of(struct sim_pipeline *p, const struct sim_stage *s,
                      const struct model_time *m, const struct sim_task *t,
                      uint64_t salt)
{
    double seconds =
        m->fixed.kind == MODEL_DIST_CONSTANT
            ? m->fixed.a
            : sim_draw_of_key(&m->fixed, sim_draw_key(s, &p->items[t->head]) ^ salt);
    int32_t pieces = sim_task_pieces(p, t);

    if (m->table != NULL)
        seconds += table_s(p, s, m, t);
    if (m->kernel != NULL)
        seconds += sim_kernel_s(
            p, m == &s->m->time ? s->kernel : p->pools[s->pool].kernel, s, t);
    if (!needs_items(p, m))
        return seconds + m->per_item.a * t->n_items;
    for (int32_t id = t->head, i = 0; id != SP_NO_ID; id = p->items[id].next, i++)
        if (i % pieces == 0)
            seconds += per_item_s(p, s, m, pieces, id);
    return seconds;
}

static double speed_of(const struct sim_pipeline *p, const struct sim_stage *s,
                       const struct sim_task *t)
{
    return s->m->slot_needs.mgpu > 0 ? 1 : p->env.policy->types[t->node_type].cpu_speed;
}

/* The service time of a stage that draws once a task.  It belongs to the item, so it
 * can be drawn while the item waits; the key says whose it is. */
static int64_t drawn_ns(const struct sim_stage *s, const struct sim_item *first)
{
    uint64_t key = sim_draw_key(s, first);

    if (key == s->ahead_key)
        return s->ahead_ns;
    return sp_ns_from_s(sim_draw_of_key(&s->m->time.fixed, key));
}

void sim_service_ahead(const struct sim_pipeline *p, struct sim_stage *s)
{
    if (s->queue.first == SP_NO_ID)
        return;
    s->ahead_key = sim_draw_key(s, &p->items[s->queue.first]);
    s->ahead_ns = sp_ns_from_s(sim_draw_of_key(&s->m->time.fixed, s->ahead_key));
}

int64_t sim_service_ns(struct sim_pipeline *p, const struct sim_stage *s,
                       const struct sim_task *t)
{
    double seconds;

    if (s->const_ns >= 0 && t->fused_factor == 1)
        return s->const_ns;
    if (s->draw_only)
        return drawn_ns(s, &p->items[t->head]);
    if (t->fused_factor < 0) /* a measured whole without parts: equal parts */
        return sp_ns_from_s(-t->fused_factor);
    seconds = time_of(p, s, &s->m->time, t, 0) / speed_of(p, s, t);
    return sp_ns_from_s(seconds * t->fused_factor);
}

/* How the phases of a fused task are stretched so that they add up to its own time. */
double sim_fused_factor(struct sim_pipeline *p, const struct sim_pool *pool,
                        const struct sim_task *t)
{
    const struct sim_stage *first = &p->stages[t->stage];
    double sum = 0, whole;

    if (!pool->m->fused || !pool->m->has_fused_time)
        return 1;
    for (int32_t i = 0; i < pool->n_stages; i++) {
        const struct sim_stage *s = &p->stages[pool->stages[i]];

        sum += time_of(p, s, &s->m->time, t, 0) / speed_of(p, s, t);
    }
    whole = time_of(p, first, &pool->m->fused_time, t, SALT_FUSED) /
            (pool->needs.mgpu > 0 ? 1 : p->env.policy->types[t->node_type].cpu_speed);
    return sum > 0 ? whole / sum : -whole / pool->n_stages;
}
