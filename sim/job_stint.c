/* The arithmetic of checkpoints. */
#include "sim/job_stint.h"

#include <math.h>

#include "base/units.h"
#include "base/wide.h"

int64_t sim_job_speed(double speed)
{
    double whole = round(speed * SIM_SPEED_ONE);

    return whole < 1 ? 1 : whole > 0x1p60 ? INT64_C(1) << 60 : (int64_t)whole;
}

int64_t sim_work_time_ns(int64_t work_ns, int64_t speed)
{
    sp_i128 ns = ((sp_i128)work_ns * SIM_SPEED_ONE + speed - 1) / speed;

    return ns > SP_NS_FAR ? SP_NS_FAR : (int64_t)ns;
}

/* Work done in a time of work. */
static int64_t work_in(const struct sim_stint *s, int64_t time_ns)
{
    sp_i128 work = (sp_i128)time_ns * s->speed / SIM_SPEED_ONE;

    return work > s->left_ns ? s->left_ns : (int64_t)work;
}

/* Checkpoints on the way through so much work. */
static int64_t checkpoints_of(const struct sim_stint *s, int64_t work_ns)
{
    return s->every_ns == 0 || work_ns == 0 ? 0 : (work_ns - 1) / s->every_ns;
}

int64_t sim_stint_span_ns(const struct sim_stint *s, int64_t work_ns)
{
    sp_i128 span = (sp_i128)checkpoints_of(s, work_ns) * s->cost_ns;

    span += sim_work_time_ns(work_ns, s->speed);
    return span > SP_NS_FAR ? SP_NS_FAR : (int64_t)span;
}

int64_t sim_stint_end_ns(const struct sim_stint *s)
{
    if (s->left_ns == INT64_MAX)
        return INT64_MAX;
    return sp_ns_after(s->work_from_ns, sim_stint_span_ns(s, s->left_ns));
}

int64_t sim_stint_leave_ns(const struct sim_stint *s)
{
    return s->stop_ns == INT64_MAX ? INT64_MAX : sp_ns_after(s->stop_ns, s->cost_ns);
}

/* Checkpoints written by `elapsed_ns` after work began: the most k with
 * ceil(k every / speed) + k cost <= elapsed, which in whole numbers is
 * k (every + cost speed) <= elapsed speed. */
static int64_t written_by(const struct sim_stint *s, int64_t elapsed_ns)
{
    int64_t most = checkpoints_of(s, s->left_ns);
    sp_i128 each, k;

    if (most == 0 || elapsed_ns <= 0)
        return 0;
    each = (sp_i128)s->every_ns * SIM_SPEED_ONE + (sp_i128)s->cost_ns * s->speed;
    k = (sp_i128)elapsed_ns * s->speed / each;
    return k > most ? most : (int64_t)k;
}

/* Time of work until the next stop: the checkpoint after the k-th, or the end. */
static int64_t work_until(const struct sim_stint *s, int64_t k)
{
    if (k < checkpoints_of(s, s->left_ns))
        return sim_work_time_ns((k + 1) * s->every_ns, s->speed);
    return s->left_ns == INT64_MAX ? INT64_MAX : sim_work_time_ns(s->left_ns, s->speed);
}

/* Time of work by `elapsed_ns` after it began, of which k checkpoints were written. */
static int64_t worked_by(const struct sim_stint *s, int64_t elapsed_ns, int64_t k)
{
    int64_t ns = elapsed_ns - k * s->cost_ns, most = work_until(s, k);

    return elapsed_ns <= 0 ? 0 : ns < most ? ns : most;
}

/* Of an instant, how long after work began; work stands still from stop_ns on. */
static int64_t elapsed(const struct sim_stint *s, int64_t now_ns)
{
    return (now_ns < s->stop_ns ? now_ns : s->stop_ns) - s->work_from_ns;
}

int64_t sim_stint_worked_ns(const struct sim_stint *s, int64_t now_ns)
{
    int64_t e = elapsed(s, now_ns);

    return worked_by(s, e, written_by(s, e));
}

bool sim_stint_works(const struct sim_stint *s, int64_t now_ns)
{
    int64_t e = now_ns - s->work_from_ns, k = written_by(s, e), into;

    if (e <= 0 || now_ns >= s->stop_ns)
        return false;
    into = e - k * s->cost_ns;
    return into > (k == 0 ? 0 : sim_work_time_ns(k * s->every_ns, s->speed)) &&
           into < work_until(s, k);
}

int64_t sim_stint_stop_ns(const struct sim_stint *s, int64_t now_ns)
{
    int64_t e = now_ns - s->work_from_ns, k = written_by(s, e);
    int64_t worked = worked_by(s, e, k);

    if (sim_stint_works(s, now_ns))
        return now_ns;
    if (worked == (k == 0 ? 0 : sim_work_time_ns(k * s->every_ns, s->speed)))
        k--; /* just written */
    return s->work_from_ns + worked + k * s->cost_ns;
}

struct sim_stint_sum sim_stint_lost(const struct sim_stint *s, int64_t now_ns)
{
    int64_t e = elapsed(s, now_ns), k = written_by(s, e);
    struct sim_stint_sum sum = {.worked_ns = worked_by(s, e, k), .left_ns = s->left_ns};
    int64_t kept = k * s->every_ns;

    if (now_ns >= sim_stint_leave_ns(s) || now_ns >= sim_stint_end_ns(s)) {
        kept = now_ns >= sim_stint_end_ns(s) ? s->left_ns : work_in(s, sum.worked_ns);
        sum.useful_ns = sum.worked_ns;
    } else {
        sum.useful_ns = k == 0 ? 0 : sim_work_time_ns(kept, s->speed);
    }
    if (s->left_ns != INT64_MAX)
        sum.left_ns = s->left_ns - kept;
    return sum;
}
