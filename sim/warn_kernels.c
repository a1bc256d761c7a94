/* What to know of calibrated kernels before the figures that rest on them are believed.
 */
#include <math.h>
#include <string.h>

#include "model/profile.h"
#include "sim/run_parts.h"

static void add(struct model_result *r, struct sp_arena *arena, const char *text)
{
    const size_t had = (size_t)r->n_warnings;

    r->warnings = sp_arena_grow(arena, r->warnings, had, had + 1, sizeof *r->warnings);
    r->warnings[r->n_warnings++] = text;
}

/* "megapixels from 1 to 20, measured from 0.1 to 8" */
static const char *axis_text(const struct model_kernel_asked *k, struct sp_arena *arena)
{
    char x[2][32], known[2][32];

    return sp_arena_printf(
        arena, "%s from %s to %s, measured from %s to %s", k->axis,
        model_axis_format(k->axis, k->x_least, x[0], sizeof x[0]),
        model_axis_format(k->axis, k->x_most, x[1], sizeof x[1]),
        model_axis_format(k->axis, k->known_least, known[0], sizeof known[0]),
        model_axis_format(k->axis, k->known_most, known[1], sizeof known[1]));
}

static const char *asked_text(const struct model_kernel_asked *k,
                              struct sp_arena *arena)
{
    const char *work = "", *cores = "";

    if (model_asked_beyond_work(k) && k->by_features)
        work = "the features of its items";
    else if (model_asked_beyond_work(k) && !isnan(k->known_least))
        work = axis_text(k, arena);
    if (model_asked_beyond_cores(k))
        cores = sp_arena_printf(arena, "up to %g CPUs at work at once, measured on %g",
                                k->cores_most, k->known_cores);
    if (*work == '\0' && *cores == '\0')
        return "";
    return sp_arena_printf(arena, " (%s%s%s)", work,
                           *work != '\0' && *cores != '\0' ? "; " : "", cores);
}

static void warn_of_extrapolated(struct model_result *r, const char *policy,
                                 const struct model_kernel_asked *k,
                                 struct sp_arena *arena)
{
    if (k->extrapolated > 0)
        add(r, arena,
            sp_arena_printf(arena,
                            "policy '%s': %s '%s': %lld of %lld calls of kernel '%s' "
                            "lie outside of what was measured%s: their times are "
                            "extrapolated",
                            policy, k->fused ? "unit" : "stage", k->stage,
                            (long long)k->extrapolated, (long long)k->calls, k->kernel,
                            asked_text(k, arena)));
}

static void warn_of_cores(struct model_result *r, const char *policy,
                          const struct model_kernel_asked *k, struct sp_arena *arena)
{
    if (r->n_runs > 1 || !model_asked_beyond_cores(k))
        return;
    add(r, arena,
        sp_arena_printf(
            arena,
            "policy '%s': %s '%s': up to %g CPUs work at once, and kernel "
            "'%s' was measured on at most %g: it may be slowed down %.3g to "
            "%.3g times, which replications would carry into the results",
            policy, k->fused ? "unit" : "stage", k->stage, k->cores_most, k->kernel,
            k->known_cores, k->slowdown_low, k->slowdown_high));
}

static bool same_kernel(const struct model_kernel_asked *a,
                        const struct model_kernel_asked *b)
{
    return strcmp(a->kernel, b->kernel) == 0 && strcmp(a->device, b->device) == 0 &&
           strcmp(a->profile, b->profile) == 0;
}

/* Whether the same kernel was asked before `k`, in the order of the result. */
static bool told_before(const struct model_result *r,
                        const struct model_kernel_asked *k)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        for (int32_t w = 0; w < r->policies[p].n_workloads; w++) {
            const struct model_workload_result *of = &r->policies[p].workloads[w];

            for (int32_t i = 0; i < of->n_kernels; i++) {
                if (&of->kernels[i] == k)
                    return false;
                if (same_kernel(&of->kernels[i], k))
                    return true;
            }
        }
    return false;
}

static void warn_of_not_converged(struct model_result *r,
                                  const struct model_kernel_asked *k,
                                  struct sp_arena *arena)
{
    if (!k->converged && !told_before(r, k))
        add(r, arena,
            sp_arena_printf(
                arena,
                "kernel '%s' of profile '%s' was not measured as exactly as "
                "it should be%s%s",
                k->kernel, k->profile, k->why != NULL ? ": " : "",
                k->why != NULL ? k->why : ""));
}

void sim_warn_of_kernels(struct model_result *r, struct sp_arena *arena)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        for (int32_t w = 0; w < r->policies[p].n_workloads; w++) {
            const struct model_workload_result *of = &r->policies[p].workloads[w];

            for (int32_t i = 0; i < of->n_kernels; i++) {
                const char *policy = r->policies[p].name;

                warn_of_extrapolated(r, policy, &of->kernels[i], arena);
                warn_of_cores(r, policy, &of->kernels[i], arena);
                warn_of_not_converged(r, &of->kernels[i], arena);
            }
        }
}
