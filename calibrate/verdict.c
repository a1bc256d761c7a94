/* The bands, and which rounds count. */
#include "calibrate/verdict.h"

#include <math.h>

#include "calibrate/estimate.h"

bool cal_round_is_clean(const struct model_validation_round *r, bool realtime)
{
    double disturbed = realtime && !isnan(r->waited_frac) ? r->waited_frac
                       : realtime                         ? 0
                                                          : r->foreign_cores;

    return r->canary_good && !(disturbed > CAL_FOREIGN_CORES);
}

static int32_t count_clean(const struct model_validation_round *rounds, int32_t n,
                           bool realtime)
{
    int32_t clean = 0;

    for (int32_t i = 0; i < n; i++)
        clean += cal_round_is_clean(&rounds[i], realtime);
    return clean;
}

/* Errors of the rounds that count, into errors[]; returns how many. */
static int32_t choose(struct model_validation_round *rounds, int32_t n, bool realtime,
                      bool clean_only, double *errors)
{
    int32_t counting = 0;

    for (int32_t i = 0; i < n; i++) {
        struct model_validation_round *r = &rounds[i];

        r->counts = !clean_only || cal_round_is_clean(r, realtime);
        if (r->counts)
            errors[counting++] = r->simulated_per_s / r->per_s - 1;
    }
    return counting;
}

/* "off by -1.8% (standard error 0.6%), 8 of 8 rounds" */
static const char *size_text(const struct cal_verdict *v, int32_t n,
                             struct sp_arena *arena)
{
    const char *error = sp_arena_printf(arena, "off by %+.1f%%", 100 * v->error);

    if (!isnan(v->error_se))
        error = sp_arena_printf(arena, "%s (standard error %.1f%%)", error,
                                100 * v->error_se);
    return sp_arena_printf(arena, "%s, %d of %d round%s", error, (int)v->counting,
                           (int)n, n == 1 ? "" : "s");
}

static void judge(struct cal_verdict *v, int32_t n, struct sp_arena *arena)
{
    double size = fabs(v->error), noise = isnan(v->error_se) ? 0 : 2 * v->error_se;
    const char *band;

    if (size <= fmax(CAL_PASS_FRAC, noise)) {
        v->verdict = MODEL_VERDICT_PASS;
        band = size <= CAL_PASS_FRAC ? "within 5%" : "within two standard errors";
    } else if (size <= CAL_WARN_FRAC) {
        v->verdict = MODEL_VERDICT_WARN;
        band = "more than 5%";
    } else {
        v->verdict = MODEL_VERDICT_FAIL;
        band = "more than 15%";
    }
    v->why = sp_arena_printf(arena, "%s: %s", band, size_text(v, n, arena));
}

static const char *why_dirty(const struct model_validation_round *rounds, int32_t n,
                             bool realtime, struct sp_arena *arena)
{
    double *foreign = sp_arena_array(arena, (size_t)n + 1, sizeof *foreign);
    int32_t canaries = 0, busy = 0;

    for (int32_t i = 0; i < n; i++) {
        const struct model_validation_round *r = &rounds[i];

        foreign[i] = realtime ? r->waited_frac : r->foreign_cores;
        busy += foreign[i] > CAL_FOREIGN_CORES;
        canaries += !r->canary_good;
    }
    return sp_arena_printf(
        arena,
        realtime ? "our threads waited for a CPU in %d of %d rounds (median %.2f of "
                   "their time), the canaries were bad in %d"
                 : "others used the CPUs in %d of %d rounds (median %.2f cores), the "
                   "canaries were bad in %d",
        (int)busy, (int)n, model_validation_median(foreign, n), (int)canaries);
}

struct cal_verdict cal_verdict_of(struct model_validation_round *rounds, int32_t n,
                                  bool realtime, struct sp_arena *arena)
{
    struct cal_verdict v = {.clean = count_clean(rounds, n, realtime)};
    double *errors = sp_arena_array(arena, (size_t)n + 1, sizeof *errors);
    bool enough = v.clean >= CAL_CLEAN_ROUNDS;

    v.counting = choose(rounds, n, realtime, enough, errors);
    v.error = model_validation_median(errors, v.counting);
    v.error_se = cal_median_sd(errors, v.counting, v.error);
    if (isnan(v.error)) {
        v.verdict = MODEL_VERDICT_INCONCLUSIVE;
        v.why = "no round gave a throughput";
    } else if (!enough && 2 * (n - v.clean) > n) {
        v.verdict = MODEL_VERDICT_INCONCLUSIVE;
        v.why = why_dirty(rounds, n, realtime, arena);
    } else {
        judge(&v, n, arena);
    }
    return v;
}
