/* Coefficients: a + b tokens + c squares, and a + b context + c batch.
 *
 * Source of the form: DistServe (OSDI 2024).  Chunks of a prompt are charged so that
 * they come to what the whole prompt costs beyond `a`: in place of the square of a
 * chunk c after h tokens stands (h + c)^2 - h^2 = 2 pairs - c. */
#include "model/iteration_parts.h"

static void decode_coefficients(const struct model_fit_options *o, int32_t decodes,
                                double c[3])
{
    bool large = o->threshold > 0 && decodes >= o->threshold;

    for (int i = 0; i < 3; i++)
        c[i] = large ? o->decode_large[i] : o->decode[i];
}

static enum sp_status fit_line(const void *self, const struct model_batch *b,
                               struct model_line *line,
                               struct model_iteration_time *time, struct sp_err *err)
{
    double c[3];
    int64_t slope, along;

    (void)err;
    decode_coefficients(self, b->decodes, c);
    slope = model_ticks_round(model_ticks(c[1]));
    *line = (struct model_line){
        model_ticks_round(model_ticks(c[0]) + model_ticks(c[2]) * b->decodes), 0,
        INT64_MAX};
    if (__builtin_mul_overflow(slope, b->decode_context, &along) ||
        __builtin_mul_overflow(slope, (int64_t)b->decodes, &line->step)) {
        line->first = slope > 0 ? MODEL_TICKS_MAX : -1;
        line->step = 0;
        line->count = 1;
    } else {
        model_line_add(line, (struct model_line){along, 0, INT64_MAX});
    }
    *time = (struct model_iteration_time){0};
    return SP_OK;
}

static double prefill_ticks(const struct model_fit_options *o, double tokens,
                            double squares)
{
    return model_ticks(o->prefill[0]) + model_ticks(o->prefill[1]) * tokens +
           model_ticks(o->prefill[2]) * squares;
}

static enum sp_status fit_mixed(const void *self, const struct model_batch *b,
                                struct model_iteration_time *time, struct sp_err *err)
{
    const struct model_fit_options *o = self;
    struct model_line line = {0, 0, 1};
    double tokens = (double)b->prefill_tokens;
    double squares = 2 * (double)b->prefill_pairs - tokens;
    double prefill = prefill_ticks(o, tokens, squares), decode, c[3], base;
    enum sp_status status = SP_OK;

    *time = (struct model_iteration_time){0};
    if (b->decodes > 0)
        status = fit_line(self, b, &line, time, err);
    decode = (double)line.first;
    decode_coefficients(o, b->decodes, c);
    base = model_ticks(c[0] < o->prefill[0] ? c[0] : o->prefill[0]);
    if (b->decodes == 0)
        time->ticks = model_ticks_round(prefill);
    else if (o->mixed == MODEL_MIXED_SUM)
        time->ticks = model_ticks_round(prefill + decode - base);
    else if (o->mixed == MODEL_MIXED_MAX)
        time->ticks = model_ticks_round(prefill > decode ? prefill : decode);
    else
        time->ticks = model_ticks_round(
            (o->mixed_factor > 0 ? o->mixed_factor : 1) *
            prefill_ticks(o, tokens + b->decodes, squares + b->decodes));
    return status;
}

static const struct model_iteration_ops fit_ops = {fit_mixed, fit_line};

enum sp_status model_iteration_fit(const struct model_fit_options *o,
                                   struct sp_arena *arena, struct model_iteration **it,
                                   struct sp_err *err)
{
    struct model_fit_options *kept = sp_arena_alloc(arena, sizeof *kept);
    const double *c[] = {o->prefill, o->decode, o->decode_large};

    for (int i = 0; i < 9; i++)
        if (!(c[i / 3][i % 3] >= -1e6 && c[i / 3][i % 3] <= 1e6))
            return sp_fail(err, SP_EINPUT,
                           "found the coefficient %g s, expected one within +-1e6 s",
                           c[i / 3][i % 3]);
    *kept = *o;
    *it = model_iteration_new(
        arena, &(struct model_iteration){
                   .ops = &fit_ops,
                   .kind = MODEL_TIME_FIT,
                   .self = kept,
                   .text = sp_arena_printf(
                       arena,
                       "fit: prefill %g ms + %g ms per token + %g ms per squared "
                       "token; decode %g ms + %g ms per token of context + %g ms per "
                       "sequence%s",
                       1e3 * o->prefill[0], 1e3 * o->prefill[1], 1e3 * o->prefill[2],
                       1e3 * o->decode[0], 1e3 * o->decode[1], 1e3 * o->decode[2],
                       o->threshold > 0
                           ? sp_arena_printf(arena, " (from %d: %g ms + %g ms + %g ms)",
                                             o->threshold, 1e3 * o->decode_large[0],
                                             1e3 * o->decode_large[1],
                                             1e3 * o->decode_large[2])
                           : ""),
               });
    return SP_OK;
}
