/* The table of a profile. */
#include "report/profile_print.h"

#include <math.h>
#include <string.h>

#include "report/page.h"
#include "report/text.h"

/* Four digits: coefficients are of any size. */
static const char *number(struct report_page *p, double v)
{
    return isnan(v) ? "-" : sp_arena_printf(p->arena, "%.4g", v);
}

static const char *percent(struct report_page *p, double frac)
{
    return isnan(frac) ? "-" : sp_arena_printf(p->arena, "%.1f%%", 100 * frac);
}

/* Four digits of a time, whatever its size. */
static const char *span(struct report_page *p, double s)
{
    static const struct {
        double up_to_s, per_s;
        const char *name;
    } units[] = {{1e-6, 1e9, "ns"}, {1e-3, 1e6, "us"}, {1, 1e3, "ms"}, {1e300, 1, "s"}};
    size_t i = 0;

    if (!isfinite(s))
        return "-";
    while (s >= units[i].up_to_s)
        i++;
    return sp_arena_printf(p->arena, "%s %s", number(p, s * units[i].per_s),
                           units[i].name);
}

static bool is_import(const struct model_profile *profile)
{
    return strcmp(profile->mode, "import") == 0;
}

/* ---- points ---- */

static const struct report_column columns[] = {
    {"", 22, REPORT_LEFT},         {"time", 12, REPORT_RIGHT},
    {"sd", 8, REPORT_RIGHT},       {"blocks", 8, REPORT_RIGHT},
    {"rejected", 8, REPORT_RIGHT}, {"converged", 13, REPORT_LEFT},
};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* "not: why" where that fits nowhere goes under the row. */
static void print_point(struct report_page *p, const struct model_kernel *k,
                        const struct model_profile_point *point)
{
    char x[32];
    const char *texts[N_COLUMNS] = {
        *k->axis != '\0'
            ? sp_arena_printf(p->arena, "  %s %s", k->axis,
                              model_axis_format(k->axis, point->x, x, sizeof x))
            : "  a call",
        span(p, point->s),
        point->sd_frac > 0 ? percent(p, point->sd_frac) : "-",
        sp_arena_printf(p->arena, "%d", point->blocks),
        sp_arena_printf(p->arena, "%d", point->rejected),
        point->converged ? "yes" : "not-converged",
    };

    report_page_row(p, columns, N_COLUMNS, texts, ' ', REPORT_PLAIN);
    if (!point->converged && point->why != NULL)
        report_page_wrap(p, 5, "", point->why, REPORT_DIM);
}

/* ---- what was made of them ---- */

static void append(struct report_page *p, const char **text, const char *more)
{
    *text =
        sp_arena_printf(p->arena, "%s%s%s", *text, **text != '\0' ? "; " : "", more);
}

static const char *fit_text(struct report_page *p, const struct model_fit *fit)
{
    const char *coefs = "";

    for (int32_t i = 0; i < fit->form->n; i++)
        coefs = sp_arena_printf(p->arena, "%s%s%s %s", coefs, i > 0 ? ", " : "",
                                fit->form->coefs[i], number(p, fit->coef[i]));
    return sp_arena_printf(p->arena, "%s: %s (%s), off by %s at most", fit->form->name,
                           fit->form->text, coefs, percent(p, fit->max_frac));
}

static const char *features_text(struct report_page *p, const struct model_features *f)
{
    const char *names = "";

    for (int32_t i = 0; i < f->n; i++)
        names =
            sp_arena_printf(p->arena, "%s%s%s", names, i > 0 ? ", " : "", f->names[i]);
    return sp_arena_printf(p->arena, "by %s R2 %s, cv %s left", names, number(p, f->r2),
                           number(p, f->cv));
}

static const char *scaling_text(struct report_page *p, const struct model_scaling *s)
{
    const char *text = "speed-up on";

    for (int32_t i = 1; i < s->n; i++)
        text = sp_arena_printf(p->arena, "%s%s %d cores %.3f", text, i > 1 ? "," : "",
                               s->cores[i], s->speedup[i]);
    if (s->kind == MODEL_SCALING_USL)
        return sp_arena_printf(p->arena, "%s (sigma %.4f, kappa %.5f)", text, s->sigma,
                               s->kappa);
    if (isfinite(s->most))
        return sp_arena_printf(p->arena, "%s (%.2f at most)", text, s->most);
    return sp_arena_printf(p->arena, "%s (no limit seen)", text);
}

/* Which of its spreads there are depends on how often it was measured. */
static const char *known_text(struct report_page *p, const struct model_profile *of,
                              const struct model_kernel *k)
{
    const char *between = "";

    if (of->campaigns > 1)
        between =
            sp_arena_printf(p->arena, "between them %s, ", percent(p, k->sd_between));
    return sp_arena_printf(p->arena, "known to +- %s (sd): within %s %s, %sfloor %s",
                           percent(p, k->sd_frac),
                           is_import(of)       ? "its rows"
                           : of->campaigns > 1 ? "campaigns"
                                               : "the campaign",
                           percent(p, k->sd_within), between, percent(p, k->sd_floor));
}

static void print_fits(struct report_page *p, const struct model_profile *of,
                       const struct model_kernel *k)
{
    const char *text = "";

    if (k->n_fits > 0)
        append(p, &text, fit_text(p, &k->fits[0]));
    if (k->item_cv > 0)
        append(
            p, &text,
            sp_arena_printf(p->arena, "items differ by cv %s", number(p, k->item_cv)));
    if (k->features.n > 0)
        append(p, &text, features_text(p, &k->features));
    if (k->scaling.kind != MODEL_SCALING_NONE && k->scaling.n > 1)
        append(p, &text, scaling_text(p, &k->scaling));
    append(p, &text, known_text(p, of, k));
    report_page_wrap(p, 3, "", text, REPORT_PLAIN);
}

static void print_kernel(struct report_page *p, const struct model_profile *of,
                         const struct model_kernel *k)
{
    report_page_wrap(p, 1, "",
                     sp_arena_printf(p->arena, "%s on %s", k->name, k->device),
                     REPORT_BOLD);
    for (int32_t i = 0; i < k->n_points; i++)
        print_point(p, k, &k->points[i]);
    print_fits(p, of, k);
    if (k->basis == MODEL_BASIS_DATASHEET)
        report_page_wrap(p, 3, "", "transferred by datasheets, not measured",
                         REPORT_ALARM);
}

/* ---- the whole ---- */

static void print_legend(struct report_page *p, const struct model_profile *of)
{
    report_page_end_line(p);
    report_page_wrap(
        p, 0, "",
        is_import(of)
            ? "sd: relative standard deviation of a point, by its rows (-: one row, "
              "not known); blocks: rows. Known to: the larger of that and a floor, "
              "for what one table can't show. Replications draw it."
            : "sd: relative standard deviation of a point. Known to: the largest of "
              "the scatter within campaigns, that between them, and a floor for what "
              "campaigns on one machine can't show. Replications draw it.",
        REPORT_DIM);
}

static const char *head_text(struct report_page *p, const struct model_profile *of)
{
    if (is_import(of))
        return sp_arena_printf(p->arena, "Imported, %s, by %s", of->created, of->tool);
    return sp_arena_printf(
        p->arena, "Calibration, %s, %s: %d campaign%s, seed %llu, by %s", of->mode,
        of->created, of->campaigns, of->campaigns == 1 ? "" : "s",
        (unsigned long long)of->seed, of->tool);
}

static void print_head(struct report_page *p, const struct model_profile *profile)
{
    report_page_wrap(p, 0, "", head_text(p, profile), REPORT_BOLD);
    for (int32_t i = 0; i < profile->n_devices; i++) {
        const struct model_profile_device *d = &profile->devices[i];

        report_page_wrap(p, 0, "",
                         d->cores > 0
                             ? sp_arena_printf(p->arena, "%s: %s, %d CPUs", d->name,
                                               d->model, d->cores)
                             : sp_arena_printf(p->arena, "%s: %s", d->name, d->model),
                         REPORT_PLAIN);
    }
}

enum sp_status report_profile_print(FILE *out, const struct model_profile *profile,
                                    struct sp_err *err)
{
    struct report_terminal_options options = report_terminal_options_for(out);
    struct report_page page;

    report_page_open(&page, &options);
    print_head(&page, profile);
    report_page_end_line(&page);
    report_page_head(&page, columns, N_COLUMNS);
    for (int32_t i = 0; i < profile->n_kernels; i++)
        print_kernel(&page, profile, &profile->kernels[i]);
    print_legend(&page, profile);
    if (profile->n_notes > 0)
        report_page_end_line(&page);
    for (int32_t i = 0; i < profile->n_notes; i++)
        report_page_wrap(&page, 0, "note: ", profile->notes[i], REPORT_PLAIN);
    return report_page_close(&page, out, err);
}
