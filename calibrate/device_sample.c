/* Ways of taking a sample on a device. */
#include <math.h>
#include <string.h>

#include "base/clock.h"

#include "calibrate/device_rows.h"

/* ---- one stream ---- */

static enum sp_status enqueue_calls(struct cal_rig *rig, const struct cal_sampling *of,
                                    struct sp_err *err)
{
    for (int32_t i = 0; i < of->calls; i++)
        if (of->row->enqueue(rig, of->row, of->x, 0, err) != SP_OK)
            return SP_EIO;
    return SP_OK;
}

enum sp_status cal_sample_held(struct cal_rig *rig, const struct cal_sampling *of,
                               struct cal_sampled *got, struct sp_err *err)
{
    const struct cal_device_ops *ops = rig->ops;
    struct cal_stream *stream = rig->streams[0];
    bool held = true;
    double s = 0;

    if (ops->hold(stream, err) != SP_OK ||
        ops->record(stream, rig->begin[0], err) != SP_OK ||
        enqueue_calls(rig, of, err) != SP_OK ||
        ops->record(stream, rig->end[0], err) != SP_OK ||
        ops->release(stream, &held, err) != SP_OK ||
        ops->finish(stream, err) != SP_OK ||
        ops->elapsed(rig->d, rig->begin[0], rig->end[0], &s, err) != SP_OK)
        return SP_EIO;
    *got = (struct cal_sampled){s / of->calls, NAN, held};
    return SP_OK;
}

enum sp_status cal_sample_host(struct cal_rig *rig, const struct cal_sampling *of,
                               struct cal_sampled *got, struct sp_err *err)
{
    double begin_s = sp_clock_s();

    for (int32_t i = 0; i < of->calls; i++)
        if (of->row->enqueue(rig, of->row, of->x, 0, err) != SP_OK ||
            rig->ops->finish(rig->streams[0], err) != SP_OK)
            return SP_EIO;
    *got = (struct cal_sampled){(sp_clock_s() - begin_s) / of->calls, NAN, true};
    return SP_OK;
}

enum sp_status cal_sample_enqueue(struct cal_rig *rig, const struct cal_sampling *of,
                                  struct cal_sampled *got, struct sp_err *err)
{
    double begin_s = sp_clock_s(), end_s;

    if (enqueue_calls(rig, of, err) != SP_OK)
        return SP_EIO;
    end_s = sp_clock_s();
    *got = (struct cal_sampled){(end_s - begin_s) / of->calls, NAN, true};
    return rig->ops->finish(rig->streams[0], err);
}

/* ---- two streams ---- */

/* What runs in a stream, `calls` times. */
struct lane {
    enum sp_status (*enqueue)(struct cal_rig *rig, double x, int stream,
                              struct sp_err *err);
    double x;
    int32_t calls;
};

static enum sp_status enqueue_lane(struct cal_rig *rig, const struct lane *lane,
                                   int stream, struct sp_err *err)
{
    struct cal_stream *s = rig->streams[stream];

    if (rig->ops->hold(s, err) != SP_OK ||
        rig->ops->record(s, rig->begin[stream], err) != SP_OK)
        return SP_EIO;
    for (int32_t i = 0; i < lane->calls; i++)
        if (lane->enqueue(rig, lane->x, stream, err) != SP_OK)
            return SP_EIO;
    return rig->ops->record(s, rig->end[stream], err);
}

static enum sp_status between(struct cal_rig *rig, int from, bool from_end, int to,
                              bool to_end, double *s, struct sp_err *err)
{
    return rig->ops->elapsed(rig->d, from_end ? rig->end[from] : rig->begin[from],
                             to_end ? rig->end[to] : rig->begin[to], s, err);
}

/* Times of both lanes when run at once, and of the two together. */
struct both {
    double lane_s[2], span_s;
    double behind_s; /* end of lane 1 after the end of lane 0 */
    bool held;
};

static enum sp_status run_both(struct cal_rig *rig, const struct lane lanes[2],
                               struct both *is, struct sp_err *err)
{
    bool held[2] = {true, true};
    double late = 0, to_other = 0;

    for (int i = 0; i < 2; i++)
        if (enqueue_lane(rig, &lanes[i], i, err) != SP_OK)
            return SP_EIO;
    for (int i = 1; i >= 0; i--)
        if (rig->ops->release(rig->streams[i], &held[i], err) != SP_OK)
            return SP_EIO;
    for (int i = 0; i < 2; i++)
        if (rig->ops->finish(rig->streams[i], err) != SP_OK ||
            between(rig, i, false, i, true, &is->lane_s[i], err) != SP_OK)
            return SP_EIO;
    if (between(rig, 0, false, 1, false, &late, err) != SP_OK ||
        between(rig, 0, true, 1, true, &is->behind_s, err) != SP_OK)
        return SP_EIO;
    to_other = is->lane_s[0] + (is->behind_s > 0 ? is->behind_s : 0);
    is->span_s = late < 0 ? to_other - late : to_other;
    is->held = held[0] && held[1];
    return SP_OK;
}

static enum sp_status run_alone(struct cal_rig *rig, const struct lane *lane, double *s,
                                bool *held, struct sp_err *err)
{
    bool was_held = true;

    if (enqueue_lane(rig, lane, 0, err) != SP_OK ||
        rig->ops->release(rig->streams[0], &was_held, err) != SP_OK ||
        rig->ops->finish(rig->streams[0], err) != SP_OK)
        return SP_EIO;
    *held = *held && was_held;
    return between(rig, 0, false, 0, true, s, err);
}

static enum sp_status copy_up(struct cal_rig *rig, double x, int stream,
                              struct sp_err *err)
{
    return rig->ops->to_device(rig->streams[stream], rig->out[stream],
                               rig->pinned[stream], (size_t)x, err);
}

static enum sp_status copy_down(struct cal_rig *rig, double x, int stream,
                                struct sp_err *err)
{
    return rig->ops->to_host(rig->streams[stream], rig->pinned[stream],
                             rig->out[stream], (size_t)x, err);
}

/* aside: time of both at once by that of one after the other, 0.5 (full duplex) to 1.
 */
enum sp_status cal_sample_duplex(struct cal_rig *rig, const struct cal_sampling *of,
                                 struct cal_sampled *got, struct sp_err *err)
{
    const struct lane lanes[2] = {{copy_up, of->x, of->calls},
                                  {copy_down, of->x, of->calls}};
    struct both both;
    double alone_s[2] = {0, 0};
    bool held = true;

    if (run_alone(rig, &lanes[0], &alone_s[0], &held, err) != SP_OK ||
        run_alone(rig, &lanes[1], &alone_s[1], &held, err) != SP_OK ||
        run_both(rig, lanes, &both, err) != SP_OK)
        return SP_EIO;
    *got = (struct cal_sampled){both.span_s / of->calls,
                                both.span_s / (alone_s[0] + alone_s[1]),
                                held && both.held};
    return SP_OK;
}

enum { LANE_CALLS_MAX = 256 };

/* As many calls of `fill` as last `times` as long as `of_s`. */
static int32_t calls_to_fill(double of_s, double fill_s, double times)
{
    double calls = fill_s > 0 ? ceil(times * of_s / fill_s) : 1;

    return calls < 1 ? 1 : calls > LANE_CALLS_MAX ? LANE_CALLS_MAX : (int32_t)calls;
}

/* aside: the part of the shorter that was hidden behind the longer, 0 to 1. */
enum sp_status cal_sample_overlap(struct cal_rig *rig, const struct cal_sampling *of,
                                  struct cal_sampled *got, struct sp_err *err)
{
    struct lane lanes[2] = {{copy_up, of->x, of->calls},
                            {cal_enqueue_gemm, rig->shapes.shared_m, 1}};
    struct both both;
    double copy_s = 0, gemm_s = 0, hidden;
    bool held = true;

    if (run_alone(rig, &lanes[0], &copy_s, &held, err) != SP_OK ||
        run_alone(rig, &lanes[1], &gemm_s, &held, err) != SP_OK)
        return SP_EIO;
    lanes[1].calls = calls_to_fill(copy_s, gemm_s, 1.2);
    if (run_alone(rig, &lanes[1], &gemm_s, &held, err) != SP_OK ||
        run_both(rig, lanes, &both, err) != SP_OK)
        return SP_EIO;
    hidden = (copy_s + gemm_s - both.span_s) / fmin(copy_s, gemm_s);
    *got = (struct cal_sampled){both.lane_s[0] / of->calls, fmax(0, fmin(1, hidden)),
                                held && both.held};
    return SP_OK;
}

/* "share_A_B": A's time while B runs, where B lasts at least four fifths of it. */
enum sp_status cal_sample_shared(struct cal_rig *rig, const struct cal_sampling *of,
                                 struct cal_sampled *got, struct sp_err *err)
{
    const struct lane gemm = {cal_enqueue_gemm, rig->shapes.shared_m, 1},
                      attention = {cal_enqueue_attention, rig->shapes.shared_kv_bytes,
                                   1};
    const char *first = of->row->name + strlen("share_");
    bool gemm_first = strncmp(first, "gemm_", 5) == 0;
    bool gemm_second = strcmp(strchr(first, '_'), "_gemm") == 0;
    struct lane lanes[2] = {gemm_first ? gemm : attention,
                            gemm_second ? gemm : attention};
    struct both both;
    double alone_s = 0, other_s = 0;
    bool held = true;

    lanes[0].calls = of->calls;
    if (run_alone(rig, &lanes[0], &alone_s, &held, err) != SP_OK ||
        run_alone(rig, &lanes[1], &other_s, &held, err) != SP_OK)
        return SP_EIO;
    lanes[1].calls = calls_to_fill(alone_s, other_s, 2);
    if (run_both(rig, lanes, &both, err) != SP_OK)
        return SP_EIO;
    *got = (struct cal_sampled){both.lane_s[0] / of->calls, both.lane_s[0] / alone_s,
                                held && both.held &&
                                    both.behind_s > -0.2 * both.lane_s[0]};
    return SP_OK;
}
