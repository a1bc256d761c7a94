/* See terminal_kernels.h. */
#include "report/terminal_kernels.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/profile.h"
#include "model/result.h"
#include "report/format.h"

static const char *number(struct report_page *page, double v)
{
    return sp_arena_printf(page->arena, "%.6g", v);
}

static const char *ratio(struct report_page *page, double v)
{
    return sp_arena_printf(page->arena, "%.3g", v);
}

/* ", its megapixels and the CPUs at work" */
static const char *beyond_text(struct report_page *page,
                               const struct model_kernel_asked *k)
{
    const bool work = model_asked_beyond_work(k), cores = model_asked_beyond_cores(k);
    const char *what =
        k->by_features ? "features" : report_page_name(page, k->axis, 24);

    return sp_arena_printf(page->arena, "%s%s%s%s", work ? ", by its " : "",
                           work ? what : "",
                           !cores ? ""
                           : work ? " and "
                                  : ", by ",
                           cores ? "the CPUs at work at once" : "");
}

void report_terminal_extrapolated(struct report_page *page,
                                  const struct model_workload_result *w,
                                  const char *stage)
{
    for (int32_t i = 0; i < w->n_kernels; i++) {
        const struct model_kernel_asked *k = &w->kernels[i];

        if (k->extrapolated == 0 || k->fused || strcmp(k->stage, stage) != 0)
            continue;
        report_page_wrap(
            page, 4, "extrapolated: ",
            sp_arena_printf(
                page->arena, "%s of its %" PRId64 " calls of %s%s",
                report_page_figure(page, report_format_percent,
                                   (double)k->extrapolated / (double)k->calls),
                k->calls, report_page_name(page, k->kernel, 40), beyond_text(page, k)),
            REPORT_BOLD);
    }
}

void report_terminal_rests_on(struct report_page *page,
                              const struct model_policy_result *p)
{
    const char *stages = NULL;

    for (int32_t w = 0; w < p->n_workloads; w++)
        for (int32_t i = 0; i < p->workloads[w].n_kernels; i++) {
            const struct model_kernel_asked *k = &p->workloads[w].kernels[i];
            const char *name = report_page_name(page, k->stage, 40);

            if (k->extrapolated > 0)
                stages = stages == NULL
                             ? name
                             : sp_arena_printf(page->arena, "%s, %s", stages, name);
        }
    if (stages != NULL)
        report_page_wrap(
            page, 2, "extrapolated: ",
            sp_arena_printf(page->arena,
                            "its figures rest on times outside of what was measured, "
                            "of %s",
                            stages),
            REPORT_BOLD);
}

/* "; megapixels 2 asked, 0.3 to 8 measured" */
static const char *range_text(struct report_page *page,
                              const struct model_kernel_asked *k)
{
    const char *most = "";
    char least[32], x[32], known[2][32];

    if (k->by_features)
        return "; by the features of its items";
    if (isnan(k->x_least))
        return "";
    if (k->x_most > k->x_least)
        most = sp_arena_printf(page->arena, " to %s",
                               model_axis_format(k->axis, k->x_most, x, sizeof x));
    return sp_arena_printf(
        page->arena, "; %s %s%s asked, %s to %s measured",
        report_page_name(page, k->axis, 24),
        model_axis_format(k->axis, k->x_least, least, sizeof least), most,
        model_axis_format(k->axis, k->known_least, known[0], sizeof known[0]),
        model_axis_format(k->axis, k->known_most, known[1], sizeof known[1]));
}

/* "; up to 2 CPUs at once (2 measured): x 1.01, 1 to 1.02" */
static const char *cores_text(struct report_page *page,
                              const struct model_kernel_asked *k)
{
    if (!(k->cores_most > 1)) /* NaN, or alone: nothing slows it down */
        return "";
    return sp_arena_printf(
        page->arena,
        "; up to %s CPUs at once (%s measured), which take it %s times as long (95 %%: "
        "%s to %s)",
        number(page, k->cores_most), number(page, k->known_cores),
        ratio(page, k->slowdown_most), ratio(page, k->slowdown_low),
        ratio(page, k->slowdown_high));
}

/* "100000 calls, 12500 extrapolated" */
static const char *calls_text(struct report_page *page,
                              const struct model_kernel_asked *k)
{
    const char *beyond = "";

    if (k->extrapolated > 0)
        beyond =
            sp_arena_printf(page->arena, ", %" PRId64 " extrapolated", k->extrapolated);
    return sp_arena_printf(page->arena, "%" PRId64 " call%s%s", k->calls,
                           k->calls == 1 ? "" : "s", beyond);
}

static void print_kernel(struct report_page *page, const struct model_kernel_asked *k)
{
    const char *text = sp_arena_printf(
        page->arena, "%s: %s on %s of profile %s, %s, known to +- %s (sd)%s; %s%s%s",
        report_page_name(page, k->stage, 40), report_page_name(page, k->kernel, 40),
        report_page_name(page, k->device, 24), report_page_name(page, k->profile, 40),
        model_basis_name(k->basis),
        report_page_figure(page, report_format_percent, k->sd_frac),
        k->converged ? "" : ", not converged", calls_text(page, k), range_text(page, k),
        cores_text(page, k));

    report_page_wrap(page, 2, "kernel of ", text, REPORT_PLAIN);
}

void report_terminal_kernels(struct report_page *page,
                             const struct model_workload_result *w)
{
    for (int32_t i = 0; i < w->n_kernels; i++)
        print_kernel(page, &w->kernels[i]);
}
