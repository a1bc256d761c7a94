/* The one way into all sources, and the integer lines they are made of. */
#include "model/iteration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/iteration_parts.h"

struct model_iteration *model_iteration_new(struct sp_arena *arena,
                                            const struct model_iteration *as)
{
    struct model_iteration *it = sp_arena_alloc(arena, sizeof *it);

    *it = *as;
    return it;
}

enum model_source_of_time model_iteration_kind(const struct model_iteration *it)
{
    return it->kind;
}

bool model_iteration_knows_bound(const struct model_iteration *it)
{
    return it->knows_bound;
}

const char *model_iteration_text(const struct model_iteration *it)
{
    return it->text;
}

struct model_iteration_reach model_iteration_reach(const struct model_iteration *it)
{
    return it->reach;
}

double model_ticks(double s)
{
    return ldexp(s * 1e9, MODEL_TICK_BITS);
}

int64_t model_ticks_round(double ticks)
{
    sp_assert(ticks == ticks);
    if (ticks >= (double)MODEL_TICKS_MAX)
        return MODEL_TICKS_MAX;
    if (ticks <= -(double)MODEL_TICKS_MAX)
        return -MODEL_TICKS_MAX;
    return llround(ticks);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t add_within(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return a > 0 ? MODEL_TICKS_MAX : -MODEL_TICKS_MAX;
    return sum;
}

void model_line_add(struct model_line *sum, struct model_line part)
{
    sum->first = add_within(sum->first, part.first);
    sum->step = add_within(sum->step, part.step);
    sum->count = least(sum->count, part.count);
}

int64_t model_side_count(int64_t d, int64_t step)
{
    if (d > 0)
        return step >= 0 ? INT64_MAX : (d - 1) / -step + 1;
    return step <= 0 ? INT64_MAX : -d / step + 1;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;

    return q - (a % b != 0 && (a < 0) != (b < 0));
}

/* The segment of the ramp that x is in: -1 before the first knot; the last segment
 * holds the last knot. */
static int32_t segment_of(const struct model_ramp *ramp, int64_t x, int64_t scale)
{
    int32_t low = 0, high = ramp->n; /* x is at or after knots below `low` */

    while (low < high) {
        int32_t mid = low + (high - low) / 2;

        if (x >= scale * ramp->x[mid])
            low = mid + 1;
        else
            high = mid;
    }
    if (low == ramp->n && ramp->n > 1 && x == scale * ramp->x[ramp->n - 1])
        return ramp->n - 2;
    return low - 1;
}

bool model_ramp_beyond(const struct model_ramp *ramp, int64_t x, int64_t scale)
{
    return x > scale * ramp->x[ramp->n - 1];
}

/* Iterations until x passes `last`, the last place of a segment. */
static int64_t until(const struct model_walk *w, int64_t last)
{
    return (last - w->x) / w->dx + 1;
}

static struct model_line on_segment(const struct model_ramp *ramp,
                                    const struct model_walk *w, int32_t k,
                                    int64_t count)
{
    int64_t v = model_ticks_round(w->weight * ramp->ticks[k]);
    int64_t rise = model_ticks_round(w->weight * ramp->ticks[k + 1]) - v;
    int64_t run = w->scale * (ramp->x[k + 1] - ramp->x[k]);
    int64_t slope = floor_div(rise, run), step, along;

    if (__builtin_mul_overflow(slope, w->dx, &step) ||
        __builtin_mul_overflow(slope, w->x - w->scale * ramp->x[k], &along))
        return (struct model_line){slope > 0 ? MODEL_TICKS_MAX : -MODEL_TICKS_MAX, 0,
                                   1};
    return (struct model_line){add_within(v, along), step, count};
}

static struct model_line flat(const struct model_ramp *ramp, const struct model_walk *w,
                              int32_t knot, int64_t count)
{
    return (struct model_line){model_ticks_round(w->weight * ramp->ticks[knot]), 0,
                               count};
}

struct model_line model_ramp_line(const struct model_ramp *ramp,
                                  const struct model_walk *w)
{
    int32_t k = segment_of(ramp, w->x, w->scale), last = ramp->n - 1;

    if (ramp->n == 1)
        return flat(ramp, w, 0,
                    w->x < w->scale * ramp->x[0] ? until(w, w->scale * ramp->x[0] - 1)
                    : w->x == w->scale * ramp->x[0] ? 1
                                                    : INT64_MAX);
    if (k < 0)
        return w->clamp_low
                   ? flat(ramp, w, 0, until(w, w->scale * ramp->x[0] - 1))
                   : on_segment(ramp, w, 0, until(w, w->scale * ramp->x[0] - 1));
    if (k < last - 1)
        return on_segment(ramp, w, k, until(w, w->scale * ramp->x[k + 1] - 1));
    if (k == last - 1)
        return on_segment(ramp, w, k, until(w, w->scale * ramp->x[last]));
    return w->clamp ? flat(ramp, w, last, INT64_MAX)
                    : on_segment(ramp, w, last - 1, INT64_MAX);
}

/* Cuts a line where it would fall below 0 (it stays there) or pass the longest time. */
static void keep_within(struct model_line *line)
{
    if (line->first < 0) {
        line->count = least(line->count, model_side_count(line->first, line->step));
        *line = (struct model_line){0, 0, line->count};
        return;
    }
    if (line->step < 0)
        line->count = least(line->count, line->first / -line->step + 1);
    else if (line->step > 0)
        line->count =
            least(line->count, (MODEL_TICKS_MAX - 1 - line->first) / line->step + 1);
}

static enum sp_status check_length(const struct model_iteration *it, int64_t ticks,
                                   struct sp_err *err)
{
    if (ticks < MODEL_TICKS_MAX)
        return SP_OK;
    return sp_fail(err, SP_EINPUT,
                   "%s: an iteration takes more than 2,199 s, the longest there is",
                   it->text);
}

static void check_batch(const struct model_batch *b)
{
    sp_assert(b->decodes >= 0 && b->prefills >= 0 && b->decodes + b->prefills >= 1);
    sp_assert(b->decode_context >= 0 && b->prefill_tokens >= 0);
}

enum sp_status model_iteration_line(const struct model_iteration *it,
                                    const struct model_batch *batch,
                                    struct model_line *line,
                                    struct model_iteration_time *time,
                                    struct sp_err *err)
{
    struct model_line found = {0, 0, INT64_MAX};
    struct model_iteration_time as = {0};
    enum sp_status status;

    check_batch(batch);
    sp_assert(batch->prefills == 0);
    status = it->ops->line(it->self, batch, &found, &as, err);
    if (status == SP_OK)
        status = check_length(it, found.first, err);
    if (status != SP_OK)
        return status;
    keep_within(&found);
    sp_assert(found.count >= 1);
    as.ticks = found.first;
    *line = found;
    *time = as;
    return SP_OK;
}

enum sp_status model_iteration_time(const struct model_iteration *it,
                                    const struct model_batch *batch,
                                    struct model_iteration_time *time,
                                    struct sp_err *err)
{
    struct model_iteration_time as = {0};
    struct model_line line;
    enum sp_status status;

    if (batch->prefills == 0)
        return model_iteration_line(it, batch, &line, time, err);
    check_batch(batch);
    status = it->ops->mixed(it->self, batch, &as, err);
    if (status == SP_OK)
        status = check_length(it, as.ticks, err);
    if (status != SP_OK)
        return status;
    if (as.ticks < 0)
        as.ticks = 0;
    *time = as;
    return SP_OK;
}
