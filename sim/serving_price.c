/* The price of tokens, made of the finished bill. */
#include <math.h>
#include <string.h>

#include "sim/serving_rows.h"

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whether the workload pays a line: alone on the fleet all of them; beside others what
 * is its own, busy and idle, and nothing of what nobody reserved. */
static bool is_ours(const struct model_cost_line *l, const char *workload, bool sole)
{
    return sole || same(l->workload, workload);
}

struct money {
    double all, prefill, decode; /* USD; the last two of busy lines */
};

/* A pool's busy money by its own busy time of prefill and decode: so an expensive pool
 * counts for what it costs. */
static void add_busy(const struct sim_serving *w, const struct model_cost_line *l,
                     struct money *m)
{
    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct sim_serving_pool *p = &w->pools[i];
        struct sim_replica_counts c = sim_serving_counts(p);
        double decode = sp_i128_ratio(c.decode_ticks, c.busy_ticks);

        if (!same(l->stage, p->m->name) || c.busy_ticks == 0)
            continue;
        m->decode += decode * (double)l->uusd / 1e6;
        m->prefill += (1 - decode) * (double)l->uusd / 1e6;
    }
}

static struct model_stat per_million(double usd, sp_i128 tokens)
{
    return model_stat_one(tokens > 0 ? usd / sp_double_from_i128(tokens) * 1e6 : NAN);
}

void sim_serving_price(const void *self, const struct model_cost *cost, bool sole,
                       struct model_workload_result *r)
{
    const struct sim_serving *w = self;
    struct money m = {0};

    for (int32_t i = 0; i < cost->n_lines; i++) {
        const struct model_cost_line *l = &cost->lines[i];

        if (!is_ours(l, w->plan->workload, sole))
            continue;
        m.all += (double)l->uusd / 1e6;
        if (l->kind == MODEL_LINE_BUSY && same(l->workload, w->plan->workload))
            add_busy(w, l, &m);
    }
    r->serving->usd_per_million_tokens =
        per_million(m.all, w->prompt_done + w->output_done);
    if (m.prefill + m.decode <= 0)
        return;
    r->serving->usd_per_million_prompt_tokens =
        per_million(m.all * m.prefill / (m.prefill + m.decode), w->prompt_done);
    r->serving->usd_per_million_output_tokens =
        per_million(m.all * m.decode / (m.prefill + m.decode), w->output_done);
}
