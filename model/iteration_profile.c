/* An iteration from the times of its kernels.
 *
 * T tokens, R rows of the head, L layers:
 *   L x (2 layernorm(T) + qkv_proj(T) + qk_norm(T) + rotary_emb(T) + attention +
 *        o_proj(T) + gate_up_proj(T) + act_fn(T) + down_proj(T) + 2 all-reduces)
 *   + embedding(T) + final_layernorm(T) + lm_head(R) + sampler(R) + step_s,
 * with moe(T, experts met) in place of gate_up_proj, act_fn and down_proj where there
 * are experts.  Attention is looked up once, for all chunks together and the decodes'
 * mean context, then corrected for uneven contexts (model/iteration_skew.c).  Below the
 * first point of an axis a kernel takes what it does there.
 */
#include "model/iteration_profile.h"

#include <math.h>

static double moe_ticks(const struct model_folder *p, double tokens)
{
    bool clamp = p->beyond == MODEL_BEYOND_CLAMP;
    double met = model_llm_experts_met(&p->llm, tokens), v;
    struct model_bracket at =
        model_bracket_find(p->moe.tokens, p->moe.n, tokens, model_clamp_kernel(clamp));

    v = model_curve_at(&p->moe.curves[at.at], met, MODEL_CLAMP_BOTH);
    return at.w == 0 ? v
                     : v * (1 - at.w) + model_curve_at(&p->moe.curves[at.at + 1], met,
                                                       MODEL_CLAMP_BOTH) *
                                            at.w;
}

/* All but attention. */
static double other_ticks(const struct model_folder *p, double tokens, double rows,
                          bool *beyond)
{
    bool clamp = p->beyond == MODEL_BEYOND_CLAMP;
    double ticks = p->fixed_ticks + p->reduce_token_ticks * tokens +
                   model_curve_at(&p->tokens, tokens, model_clamp_kernel(clamp));

    *beyond |= tokens > p->tokens_most;
    if (rows > 0) {
        ticks += model_curve_at(&p->rows, rows, model_clamp_kernel(clamp));
        *beyond |= rows > p->rows_most;
    }
    if (p->moe.n > 0) {
        ticks += moe_ticks(p, tokens);
        *beyond |= tokens > p->moe.tokens[p->moe.n - 1];
    }
    return ticks;
}

static enum sp_status check_beyond(const struct model_folder *p,
                                   const struct model_batch *b, bool beyond,
                                   struct sp_err *err)
{
    if (!beyond || p->beyond != MODEL_BEYOND_FAIL)
        return SP_OK;
    return sp_fail(
        err, SP_EINPUT,
        "%s was not measured for an iteration of %d decodes (contexts %lld in "
        "all, the longest %lld) and %lld prompt tokens in %d chunks (after "
        "%lld tokens): measure more, or 'beyond: clamp' or 'beyond: extend', "
        "would tell",
        p->shown, b->decodes, (long long)b->decode_context, (long long)b->decode_most,
        (long long)b->prefill_tokens, b->prefills, (long long)b->prefill_context);
}

static struct model_skew_query skew_query(const struct model_batch *b)
{
    return (struct model_skew_query){.chunk = b->prefill_tokens,
                                     .prefill_context = b->prefill_context,
                                     .prefills = b->prefills,
                                     .decodes = b->decodes,
                                     .context = b->decode_context,
                                     .least = b->decode_least,
                                     .most = b->decode_most};
}

static bool is_uneven(const struct model_batch *b)
{
    return b->decodes > 1 && b->decode_least < b->decode_most;
}

/* Decodes alone: the batches measured around theirs, at one context of each. */
struct around {
    const struct model_ramp *ramps;
    int32_t n;
    double w[2];
};

static struct model_line decode_line(const struct around *a, struct model_walk walk,
                                     double weight, bool *beyond)
{
    struct model_line sum = {0, 0, INT64_MAX};

    for (int32_t i = 0; i < a->n; i++) {
        walk.weight = weight * a->w[i];
        model_line_add(&sum, model_ramp_line(&a->ramps[i], &walk));
        *beyond |= model_ramp_beyond(&a->ramps[i], walk.x, walk.scale);
    }
    return sum;
}

static struct model_line attention_line(const struct model_folder *p,
                                        const struct model_batch *b, bool *beyond)
{
    bool clamp = p->beyond == MODEL_BEYOND_CLAMP;
    const struct model_attention_batch *d = p->decodes;
    struct model_bracket at =
        model_bracket_find(d->decodes, d->n, b->decodes, model_clamp_kernel(clamp));
    struct around around = {d->ramps + at.at, at.w == 0 ? 1 : 2, {1 - at.w, at.w}};
    struct model_walk mean = {.x = b->decode_context,
                              .scale = b->decodes,
                              .dx = b->decodes,
                              .clamp = clamp,
                              .clamp_low = true};
    struct model_walk most = {
        .x = b->decode_most, .scale = 1, .dx = 1, .clamp = clamp, .clamp_low = true};
    struct model_line line = decode_line(&around, mean, 1, beyond), longest, sum;
    struct model_skew_query q = skew_query(b);
    double alpha;

    *beyond |= b->decodes > d->decodes[d->n - 1];
    if (!is_uneven(b))
        return line;
    longest = decode_line(&around, most, 1, beyond);
    sum = longest;
    model_line_add(&sum, (struct model_line){-line.first, -line.step, line.count});
    sum.count = sum.count < model_side_count(sum.first, sum.step)
                    ? sum.count
                    : model_side_count(sum.first, sum.step);
    if (sum.first <= 0) {
        line.count = sum.count;
        return line;
    }
    alpha = model_skew_alpha(p->skew, &q);
    line = decode_line(&around, mean, 1 - alpha, beyond);
    model_line_add(&line, decode_line(&around, most, alpha, beyond));
    model_line_add(&line, (struct model_line){0, 0, sum.count});
    model_line_add(&line, (struct model_line){0, 0, model_skew_count(&q)});
    return line;
}

/* Operations less bytes, in ticks at the datasheet's rates: without the decodes'
 * contexts, and per token of them. */
static double excess_fixed(const struct model_folder *p, const struct model_batch *b)
{
    double tokens = (double)b->prefill_tokens + b->decodes;
    double rows = (double)b->prefill_ends + b->decodes;
    double flop = model_llm_dense_flop(&p->llm, tokens) +
                  model_llm_head_flop(&p->llm, rows) +
                  model_llm_attention_flop(&p->llm, (double)b->prefill_pairs);
    double bytes = model_llm_layers_met_bytes(&p->llm, tokens) +
                   (rows > 0 ? model_llm_head_bytes(&p->llm) : 0) +
                   (double)model_llm_kv_bytes(&p->llm) * (double)b->prefill_context;

    return flop * p->flop_ticks - bytes * p->byte_ticks;
}

static double excess_slope(const struct model_folder *p)
{
    return model_llm_attention_flop(&p->llm, 1) * p->flop_ticks -
           (double)model_llm_kv_bytes(&p->llm) * p->byte_ticks;
}

static enum sp_status profile_line(const void *self, const struct model_batch *b,
                                   struct model_line *line,
                                   struct model_iteration_time *time,
                                   struct sp_err *err)
{
    const struct model_folder *p = self;
    bool beyond = false;
    double other = other_ticks(p, b->decodes, b->decodes, &beyond);
    int64_t slope = model_ticks_round(excess_slope(p)), along, step;
    enum sp_status status;

    *line = attention_line(p, b, &beyond);
    model_line_add(line, (struct model_line){model_ticks_round(other), 0, INT64_MAX});
    status = check_beyond(p, b, beyond, err);
    *time = (struct model_iteration_time){.beyond = beyond};
    if (status == SP_OK && p->flop_ticks > 0 &&
        !__builtin_mul_overflow(slope, b->decode_context, &along) &&
        !__builtin_mul_overflow(slope, (int64_t)b->decodes, &step)) {
        struct model_line excess = {model_ticks_round(excess_fixed(p, b)), 0,
                                    INT64_MAX};

        model_line_add(&excess, (struct model_line){along, step, INT64_MAX});
        time->compute_bound = excess.first > 0;
        model_line_add(line, (struct model_line){
                                 0, 0, model_side_count(excess.first, excess.step)});
    }
    return status;
}

static double attention_ticks(const struct model_folder *p, const struct model_batch *b,
                              bool *beyond)
{
    double tokens = (double)b->prefill_tokens, n = b->decodes, mean, longest;
    struct model_attention_query q = {
        .chunk = tokens,
        .key = ((double)b->prefill_pairs - tokens / 2) / tokens,
        .decodes = n,
        .context = n > 0 ? (double)b->decode_context / n : 0,
        .clamp = p->beyond == MODEL_BEYOND_CLAMP};
    struct model_skew_query skew = skew_query(b);

    mean = model_attention_at(&p->attention, &q, beyond);
    if (!is_uneven(b))
        return mean;
    q.context = (double)b->decode_most;
    longest = model_attention_at(&p->attention, &q, beyond);
    return longest > mean ? mean + model_skew_alpha(p->skew, &skew) * (longest - mean)
                          : mean;
}

static enum sp_status profile_mixed(const void *self, const struct model_batch *b,
                                    struct model_iteration_time *time,
                                    struct sp_err *err)
{
    const struct model_folder *p = self;
    bool beyond = false;
    double ticks = other_ticks(p, (double)b->prefill_tokens + b->decodes,
                               (double)b->prefill_ends + b->decodes, &beyond) +
                   attention_ticks(p, b, &beyond);

    *time = (struct model_iteration_time){
        .ticks = model_ticks_round(ticks),
        .beyond = beyond,
        .compute_bound =
            p->flop_ticks > 0 &&
            excess_fixed(p, b) + excess_slope(p) * (double)b->decode_context > 0};
    return check_beyond(p, b, beyond, err);
}

static const struct model_iteration_ops profile_ops = {profile_mixed, profile_line};

static struct model_iteration_reach reach_of(const struct model_folder *p)
{
    const struct model_attention_batch *d = p->decodes;
    const struct model_ramp *ramp = &d->ramps[d->n - 1];
    double decodes = fmin(d->decodes[d->n - 1], fmin(p->tokens_most, p->rows_most));
    double chunk = fmin(p->attention.chunk[p->attention.n - 1], p->tokens_most);

    if (p->beyond != MODEL_BEYOND_FAIL)
        return (struct model_iteration_reach){0};
    return (struct model_iteration_reach){.decodes = (int32_t)decodes,
                                          .decode_context_each = ramp->x[ramp->n - 1],
                                          .prefill_tokens = (int64_t)chunk};
}

enum sp_status model_iteration_profile(const struct model_folder_options *o,
                                       struct sp_arena *arena,
                                       struct model_iteration **it, struct sp_err *err)
{
    struct model_folder *p = sp_arena_alloc(arena, sizeof *p);
    enum sp_status status;

    *p = (struct model_folder){
        .shown = sp_arena_strdup(arena, o->shown), .llm = *o->llm, .beyond = o->beyond};
    status = model_folder_read(o, arena, p, err);
    if (status != SP_OK)
        return status;
    *it = model_iteration_new(
        arena, &(struct model_iteration){
                   .ops = &profile_ops,
                   .kind = MODEL_TIME_PROFILE,
                   .knows_bound = o->gpu != NULL,
                   .self = p,
                   .text = sp_arena_printf(arena,
                                           "kernels measured in %s, for %s on %d "
                                           "GPU%s",
                                           p->shown, p->llm.name, o->tensor_parallel,
                                           o->tensor_parallel == 1 ? "" : "s"),
                   .reach = reach_of(p),
               });
    return SP_OK;
}
