/* What is counted of requests as they leave and of engines as they work, and the window
 * within which it counts. */
#include "base/units.h"
#include "sim/batches.h"
#include "sim/serving_rows.h"

/* ---- counting ---- */

static void tally_init(struct sim_serving_tally *t, struct sp_arena *arena)
{
    sim_histogram_init(&t->ttft, arena);
    sim_histogram_init(&t->tpot, arena);
    sim_histogram_init(&t->e2e, arena);
}

static void tally_reset(struct sim_serving_tally *t)
{
    sim_histogram_reset(&t->ttft);
    sim_histogram_reset(&t->tpot);
    sim_histogram_reset(&t->e2e);
    t->done = t->dropped = t->good = 0;
}

void sim_serving_count_init(struct sim_serving *w)
{
    size_t n = (size_t)w->m->n_classes;

    tally_init(&w->all, w->arena);
    w->classes = sp_arena_array(w->arena, n, sizeof *w->classes);
    for (size_t i = 0; i < n; i++)
        tally_init(&w->classes[i], w->arena);
    sim_histogram_init(&w->queue, w->arena);
    if (w->env.follow_batches) {
        sim_batches_follow(&w->all.ttft, w->arena);
        sim_batches_follow(&w->all.tpot, w->arena);
        sim_batches_follow(&w->all.e2e, w->arena);
        sim_batches_follow(&w->queue, w->arena);
    }
    sim_histogram_init(&w->transfer, w->arena);
    sim_histogram_init(&w->held_back, w->arena);
    w->attain.width_ns = SP_NS_PER_S;
    w->attain.finished =
        sp_arena_array(w->arena, SIM_ATTAIN_BUCKETS, sizeof *w->attain.finished);
    w->attain.met = sp_arena_array(w->arena, SIM_ATTAIN_BUCKETS, sizeof *w->attain.met);
}

static void attain_double(struct sim_attain *a)
{
    for (int32_t i = 0; i < SIM_ATTAIN_BUCKETS / 2; i++) {
        a->finished[i] = a->finished[2 * i] + a->finished[2 * i + 1];
        a->met[i] = a->met[2 * i] + a->met[2 * i + 1];
    }
    for (int32_t i = SIM_ATTAIN_BUCKETS / 2; i < SIM_ATTAIN_BUCKETS; i++)
        a->finished[i] = a->met[i] = 0;
    a->width_ns *= 2;
    a->n = (a->n + 1) / 2;
}

static void attain_add(struct sim_attain *a, int64_t now_ns, bool good)
{
    int32_t at;

    while (now_ns / a->width_ns >= SIM_ATTAIN_BUCKETS)
        attain_double(a);
    at = (int32_t)(now_ns / a->width_ns);
    a->n = at >= a->n ? at + 1 : a->n;
    a->finished[at]++;
    a->met[at] += good;
}

/* Every limit that is asked for holds; the time per token exactly, not rounded. */
static bool is_good(const struct model_slo *s, const struct sim_request *r)
{
    return (s->ttft_ns < 0 || r->first_token_ns - r->arrived_ns <= s->ttft_ns) &&
           (s->tpot_ns < 0 || r->last_token_ns - r->first_token_ns <=
                                  sp_i128_mul(s->tpot_ns, r->output - 1)) &&
           (s->e2e_ns < 0 || r->last_token_ns - r->arrived_ns <= s->e2e_ns);
}

static void tally_add(struct sim_serving_tally *t, const struct sim_request *r,
                      bool dropped, bool good)
{
    t->dropped += dropped;
    t->good += good;
    if (dropped)
        return;
    t->done++;
    sim_histogram_add(&t->ttft, r->first_token_ns - r->arrived_ns, 1);
    sim_histogram_add(&t->e2e, r->last_token_ns - r->arrived_ns, 1);
    if (r->output > 1)
        sim_histogram_add(&t->tpot,
                          (r->last_token_ns - r->first_token_ns) / (r->output - 1), 1);
}

static struct sim_serving_tally *class_of(struct sim_serving *w, int64_t prompt)
{
    int32_t i = 0;

    while (i < w->m->n_classes - 1 && prompt > w->m->class_tokens[i])
        i++;
    return w->m->n_classes > 0 ? &w->classes[i] : NULL;
}

void sim_serving_count_left(struct sim_serving *w, const struct sim_request *r,
                            int32_t request, int drop)
{
    bool good = drop < 0 && is_good(&w->m->slo, r);
    struct sim_serving_tally *class = class_of(w, r->prompt);

    attain_add(&w->attain, w->now_ns, good);
    if (!w->measuring)
        return;
    tally_add(&w->all, r, drop >= 0, good);
    if (class != NULL)
        tally_add(class, r, drop >= 0, good);
    if (drop >= 0)
        return;
    sim_histogram_add(&w->queue, w->flights[request].scheduled_ns - r->arrived_ns, 1);
    w->prompt_measured += r->prompt;
    w->output_measured += r->output;
}

/* ---- the window ---- */

static void add_counts(struct sim_replica_counts *to,
                       const struct sim_replica_counts *c)
{
    to->iterations += c->iterations;
    to->decode_iterations += c->decode_iterations;
    to->prefill_tokens += c->prefill_tokens;
    to->decode_tokens += c->decode_tokens;
    to->output_tokens += c->output_tokens;
    to->recomputed_tokens += c->recomputed_tokens;
    to->preemptions += c->preemptions;
    to->prefix_tokens += c->prefix_tokens;
    to->prefix_found_tokens += c->prefix_found_tokens;
    to->prefix_blocks += c->prefix_blocks;
    to->prefix_found_blocks += c->prefix_found_blocks;
    to->beyond += c->beyond;
    to->busy_ticks += c->busy_ticks;
    to->compute_ticks += c->compute_ticks;
    to->decode_ticks += c->decode_ticks;
    to->pairs += c->pairs;
    to->rows += c->rows;
    to->kv_block_ticks += c->kv_block_ticks;
}

struct sim_replica_counts sim_serving_counts(const struct sim_serving_pool *p)
{
    struct sim_replica_counts sum = p->before;

    add_counts(&sum, &p->stats.counts);
    return sum;
}

void sim_serving_settle(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_replicas; i++)
        if (w->replicas[i].engine != NULL)
            sim_replica_settle(w->replicas[i].engine, w->now_ns);
}

static struct sim_serving_mark mark(const struct sim_serving *w,
                                    const struct sim_serving_pool *p)
{
    struct sim_serving_mark m = {.waiting = sim_level_integral(&p->waiting, w->now_ns),
                                 .slots = sim_level_integral(&p->slots, w->now_ns)};

    for (int32_t t = 0; t < w->env.policy->n_types; t++)
        m.busy += sim_level_integral(&p->busy[t], w->now_ns);
    return m;
}

static void begin_window(struct sim_serving *w)
{
    tally_reset(&w->all);
    for (int32_t i = 0; i < w->m->n_classes; i++)
        tally_reset(&w->classes[i]);
    sim_histogram_reset(&w->queue);
    sim_histogram_reset(&w->transfer);
    sim_histogram_reset(&w->held_back);
    w->prompt_measured = w->output_measured = 0;
    for (int32_t i = 0; i < w->n_pools; i++) {
        struct sim_serving_pool *p = &w->pools[i];

        add_counts(&p->before, &p->stats.counts);
        p->stats.counts = (struct sim_replica_counts){0};
        sim_histogram_reset(&p->stats.gaps);
        sim_histogram_reset(&p->wait);
        sim_histogram_reset(&p->service);
        p->from = mark(w, p);
    }
}

static void end_window(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_pools; i++) {
        struct sim_serving_pool *p = &w->pools[i];

        p->to = mark(w, p);
        p->measured.counts = p->stats.counts;
        sim_histogram_reset(&p->measured.gaps);
        sim_histogram_merge(&p->measured.gaps, &p->stats.gaps);
    }
}

void sim_serving_measure(void *self, bool on, int64_t now_ns)
{
    struct sim_serving *w = self;

    w->now_ns = now_ns;
    sim_serving_settle(w);
    if (on)
        begin_window(w);
    else if (w->measuring)
        end_window(w);
    w->measuring = on;
}
