/* Replicas: what tokens cost where iterations are as good as they may be. */
#include <math.h>

#include "base/units.h"
#include "model/serving.h"
#include "plan/demand_parts.h"

/* ---- an iteration ---- */

/* Seconds for a token of a prompt in a chunk of n, or, decoding, for one of n sequences
 * with a context of `context` each, beside a prompt of `beside` tokens; NaN: the source
 * knows of no such iteration. */
static double token_s(const struct model_pool *pool, bool decode, int64_t n,
                      int64_t context, int64_t beside)
{
    struct model_batch batch = {0};
    struct model_iteration_time time;
    const int64_t chunk = decode ? beside : n;
    struct sp_err why;

    if (decode) {
        batch.decodes = (int32_t)n;
        batch.decode_context = n * context;
        batch.decode_least = batch.decode_most = context;
    }
    if (chunk > 0) {
        batch.prefills = 1;
        batch.prefill_tokens = batch.prefill_pairs = batch.prefill_squares = chunk;
    }
    if (model_iteration_time(pool->iteration, &batch, &time, &why) != SP_OK)
        return NAN;
    return (double)time.ticks / (1 << MODEL_TICK_BITS) * 1e-9 / (double)n;
}

/* Steps of one up to 4096, then of a 64th: what lies between two is no longer than the
 * first says, shared by the second. */
static int64_t step_of(int64_t n)
{
    return n < 4096 ? 1 : n / 64;
}

static double least_of(const struct model_pool *pool, bool decode, int64_t most,
                       int64_t context, int64_t beside)
{
    double least = NAN;

    for (int64_t n = 1; n <= most; n += step_of(n))
        least = fmin(least, token_s(pool, decode, n, context, beside) * (double)n /
                                (double)(n + step_of(n) - 1));
    return least;
}

/* The least context of which the source knows: shorter ones end a run.  0: none. */
static int64_t least_context(const struct model_pool *pool)
{
    int64_t low = 0, high = 1;

    while (isnan(token_s(pool, true, 1, high, 0)) && high < MODEL_PROMPT_MAX) {
        low = high;
        high *= 2;
    }
    if (isnan(token_s(pool, true, 1, high, 0)))
        return 0;
    while (high - low > 1) {
        int64_t mid = low + (high - low) / 2;

        *(isnan(token_s(pool, true, 1, mid, 0)) ? &low : &high) = mid;
    }
    return high;
}

/* Decoding alone, or beside a prompt where that is as good as free. */
static double decode_s(const struct model_pool *pool)
{
    const int64_t context = least_context(pool);

    if (context == 0)
        return NAN;
    return fmin(least_of(pool, true, pool->max_num_seqs, context, 0),
                least_of(pool, true, pool->max_num_seqs, context, 1));
}

static double prefill_s(const struct model_pool *pool)
{
    return least_of(pool, false, pool->max_num_batched_tokens, 0, 0);
}

/* ---- tokens ---- */

/* Of an item, over the `share` of items with fewest; rounded as sources do. */
static double tokens(const struct model_plan *plan, int32_t size, double share)
{
    const struct model_source *s = &plan->source;
    const struct model_dist *d = size == MODEL_PROMPT_TOKENS
                                     ? &plan->serving->prompt_tokens
                                     : &plan->serving->output_tokens;

    if (s->kind == MODEL_SOURCE_TRACE) /* who is left out may be the longest */
        return !s->trace.known ? NAN : share >= 1 ? s->trace.mean_size[size] : share;
    if (d->kind == MODEL_DIST_CONSTANT)
        return share * fmax(1, round(d->a));
    return fmax(share, plan_demand_least_mean(d, share) - 0.5 * share);
}

static double token_scv(const struct model_plan *plan, int32_t size)
{
    return plan->source.kind == MODEL_SOURCE_TRACE
               ? 0
               : model_dist_scv(size == MODEL_PROMPT_TOKENS
                                    ? &plan->serving->prompt_tokens
                                    : &plan->serving->output_tokens);
}

/* Tokens of `items` of `arrive`, less what chance may take; `each`: of an item, not
 * counted. */
static double all_tokens(const struct model_plan *plan, int32_t size, double arrive,
                         double items, double each)
{
    const double share = isfinite(arrive) && arrive > 0 ? fmin(1, items / arrive) : 0;
    const double mean = tokens(plan, size, share) - each * share;
    const double whole = tokens(plan, size, 1);

    if (items <= 0)
        return 0;
    if (isnan(arrive)) /* a rate of a closed loop: whoever is short */
        return fmax(0, items * (1 - each));
    return fmax(0, arrive * mean - PLAN_DEMAND_SIGMAS *
                                       sqrt(arrive * token_scv(plan, size)) * whole);
}

/* ---- rows ---- */

/* Prompts may be found in a cache: those of traces, which alone say what they share. */
static bool may_find(const struct model_plan *plan, const struct model_pool *pool)
{
    return pool->prefix != MODEL_PREFIX_NONE && plan->source.kind == MODEL_SOURCE_TRACE;
}

static void add_pool(struct plan_demand_builder *b, int32_t w, int32_t p,
                     const struct plan_wanted *wanted)
{
    const struct model_plan *plan = &b->policy->plans[w];
    const struct model_pool *pool = &plan->serving->pools[p];
    const bool prefills = pool->role != MODEL_ROLE_DECODE && !may_find(plan, pool);
    const double prompt_s = prefills ? prefill_s(pool) : 0;
    const double output_s = pool->role != MODEL_ROLE_PREFILL ? decode_s(pool) : 0;
    struct plan_demand_row *row;

    if (isnan(prompt_s) || isnan(output_s)) {
        plan_demand_leave_out(b, plan->workload,
                              "how long an iteration takes at least");
        return;
    }
    row = plan_demand_add_row(b, w);
    row->stage = p;
    row->name = sp_arena_printf(b->arena, "replicas %s", plan->stages[p].name);
    row->needs = plan->stages[p].slot_needs;
    row->allowed_types = (uint64_t)plan->units[p].allowed_types;
    for (int i = 0; i < 2; i++) {
        const double items = i == 0 ? wanted->items : wanted->floor;
        const double prefill =
            prompt_s * all_tokens(plan, MODEL_PROMPT_TOKENS, wanted->arrive, items, 0);
        const double decode =
            output_s * all_tokens(plan, MODEL_OUTPUT_TOKENS, wanted->arrive, items, 1);

        *(i == 0 ? &row->slot_s : &row->floor_s) = fmax(prefill, decode);
    }
}

/* Whether every request passes every pool: one, or one for each of the two parts. */
static bool all_pass(const struct model_serving *s)
{
    return s->n_pools == 1 ||
           (s->n_pools == 2 && s->pools[0].role != s->pools[1].role &&
            s->pools[0].role != MODEL_ROLE_BOTH && s->pools[1].role != MODEL_ROLE_BOTH);
}

static bool may_drop(const struct plan_demand_builder *b, const struct model_serving *s)
{
    for (int32_t p = 0; p < s->n_pools; p++)
        if (s->pools[p].has_failures)
            return true;
    for (int32_t t = 0; t < b->policy->n_types; t++) {
        const struct model_loss *loss = &b->policy->types[t].loss;

        if (loss->taken_back || loss->availability != NULL || loss->fails)
            return true;
    }
    return false;
}

/* An iteration that does both takes at least as long as either part of it alone.
 * Requests whose replicas were lost may be dropped: they are work for nobody. */
void plan_demand_serving(struct plan_demand_builder *b, int32_t w)
{
    const struct model_plan *plan = &b->policy->plans[w];
    struct plan_wanted wanted = plan_demand_wanted(b, w, INFINITY);

    if (isnan(wanted.arrive) && wanted.items <= 0)
        plan_demand_leave_out(b, plan->workload,
                              "how much arrives is not known before a run");
    else if (!all_pass(plan->serving))
        plan_demand_leave_out(b, plan->workload, "which of its pools a request passes");
    else if (may_drop(b, plan->serving))
        plan_demand_leave_out(b, plan->workload,
                              "how many requests are dropped as replicas are lost");
    else if (isnan(tokens(plan, MODEL_PROMPT_TOKENS, 1)))
        plan_demand_leave_out(b, plan->workload, "tokens that are not known");
    else
        for (int32_t p = 0; p < plan->serving->n_pools && wanted.items > 0; p++)
            add_pool(b, w, p, &wanted);
}
