/* The table of throughputs, and what stands behind each row. */
#include "report/validation_print.h"

#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/page.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct report_column columns[] = {
    {"pipeline", 18, REPORT_LEFT},  {"measured", 8, REPORT_RIGHT},
    {"simulated", 9, REPORT_RIGHT}, {"error", 7, REPORT_RIGHT},
    {"rule", 7, REPORT_RIGHT},      {"profile", 7, REPORT_RIGHT},
    {"verdict", 12, REPORT_LEFT},
};

static const char *number(struct report_page *p, double v)
{
    return report_format_number_in(v, 8, sp_arena_alloc(p->arena, REPORT_FIGURE));
}

static const char *error_text(struct report_page *p, double frac)
{
    return isfinite(frac) ? sp_arena_printf(p->arena, "%+.1f%%", 100 * frac) : "-";
}

static const char *ms(struct report_page *p, double s)
{
    return isfinite(s) ? sp_arena_printf(p->arena, "%.4g", 1e3 * s) : "-";
}

static enum report_style style_of(enum model_verdict verdict)
{
    return verdict == MODEL_VERDICT_PASS   ? REPORT_GOOD
           : verdict == MODEL_VERDICT_FAIL ? REPORT_ALARM
                                           : REPORT_PLAIN;
}

static void print_row(struct report_page *p, const struct model_validation_pipeline *x)
{
    bool run = x->verdict != MODEL_VERDICT_SKIPPED;
    const char *texts[COUNT(columns)] = {
        x->name,
        run ? number(p, x->per_s.measured) : "-",
        run ? number(p, x->per_s.simulated) : "-",
        run ? error_text(p, x->per_s.error) : "-",
        run ? error_text(p, x->rule_error) : "-",
        run ? error_text(p, x->profile_error) : "-",
        model_verdict_name(x->verdict),
    };

    report_page_row(p, columns, COUNT(columns), texts, ' ', style_of(x->verdict));
}

/* ---- details ---- */

static const struct report_column stage_columns[] = {
    {"stage", 26, REPORT_LEFT}, {"threads", 7, REPORT_RIGHT},
    {"queue", 5, REPORT_RIGHT}, {"alone ms", 8, REPORT_RIGHT},
    {"cv", 5, REPORT_RIGHT},    {"in pipe", 8, REPORT_RIGHT},
    {"busy", 6, REPORT_RIGHT},  {"sim", 6, REPORT_RIGHT},
};

static void print_stage(struct report_page *p,
                        const struct model_validation_pipeline *x, int32_t s)
{
    const struct model_validation_stage *stage = &x->stages[s];
    const char *texts[COUNT(stage_columns)] = {
        sp_arena_printf(p->arena, "%s %g x %d", stage->kernel, stage->x,
                        (int)stage->calls),
        x->fused ? (s == 0 ? sp_arena_printf(p->arena, "%d", (int)stage->workers) : "")
                 : sp_arena_printf(p->arena, "%d", (int)stage->workers),
        s == 0 || x->fused ? "" : sp_arena_printf(p->arena, "%d", (int)stage->queue),
        ms(p, stage->isolated_mean_s),
        sp_arena_printf(p->arena, "%.2f", stage->isolated_cv),
        ms(p, stage->together_mean_s),
        report_page_figure(p, report_format_percent, stage->busy_frac.measured),
        report_page_figure(p, report_format_percent, stage->busy_frac.simulated),
    };

    report_page_row(p, stage_columns, COUNT(stage_columns), texts, ' ', REPORT_PLAIN);
}

static const char *latency(struct report_page *p, const char *name,
                           const struct model_validation_figure *f)
{
    const char *seen = sp_arena_printf(p->arena, "%s %s ms", name, ms(p, f->measured));

    if (isnan(f->simulated))
        return seen;
    return sp_arena_printf(p->arena, "%s, simulated %s (%s)", seen, ms(p, f->simulated),
                           error_text(p, f->error));
}

/* What is said below a pipeline's name. */
static const char *subtitle(struct report_page *p,
                            const struct model_validation_pipeline *x)
{
    return sp_arena_printf(p->arena, "%s%s", x->text,
                           x->shared ? "; more threads than CPUs: how they take turns "
                                       "is the system's, so latencies are not predicted"
                                     : "");
}

static void print_details(struct report_page *p,
                          const struct model_validation_pipeline *x)
{
    report_page_rule(p, x->name);
    if (x->verdict == MODEL_VERDICT_SKIPPED) {
        report_page_wrap(p, 2, "", sp_arena_printf(p->arena, "left out: %s", x->why),
                         REPORT_PLAIN);
        return;
    }
    report_page_wrap(p, 2, "", subtitle(p, x), REPORT_DIM);
    report_page_head(p, stage_columns, COUNT(stage_columns));
    for (int32_t s = 0; s < x->n_stages; s++)
        print_stage(p, x, s);
    report_page_wrap(
        p, 2, "",
        sp_arena_printf(p->arena, "latency %s; %s; %s", latency(p, "p50", &x->p50_s),
                        latency(p, "p99", &x->p99_s), latency(p, "mean", &x->mean_s)),
        REPORT_PLAIN);
    report_page_wrap(
        p, 0, "=> ",
        sp_arena_printf(p->arena, "%s: %s", model_verdict_name(x->verdict), x->why),
        style_of(x->verdict));
}

static void print_head(struct report_page *p, const struct model_validation *v)
{
    fprintf(p->out, "stageplan %s  validate  %s\n", v->version,
            report_page_name(p, v->profile, 50));
    report_page_wrap(
        p, 2, "",
        sp_arena_printf(
            p->arena, "%d CPUs, %d rounds%s, seed %" PRIu64 ", profile of %s",
            (int)v->cores, (int)v->rounds, v->realtime ? " under SCHED_FIFO" : "",
            v->seed, report_page_name(p, v->created, 30)),
        REPORT_PLAIN);
}

enum sp_status report_validation_print(FILE *out, const struct model_validation *v,
                                       struct sp_err *err)
{
    struct report_terminal_options how = report_terminal_options_for(out);
    struct report_page page;

    report_page_open(&page, &how);
    print_head(&page, v);
    if (v->partial)
        report_page_wrap(&page, 0, "PARTIAL: ", "interrupted.", REPORT_ALARM);
    report_page_end_line(&page);
    report_page_head(&page, columns, COUNT(columns));
    for (int32_t i = 0; i < v->n; i++)
        print_row(&page, &v->pipelines[i]);
    report_page_end_line(&page);
    report_page_wrap(
        &page, 2, "",
        "Items per second, medians over the rounds that count. Errors are "
        "predicted / measured - 1: of the simulator, of the bottleneck rule "
        "with the stages' times alone in the same round, and of that rule "
        "with the profile's times.",
        REPORT_DIM);
    for (int32_t i = 0; i < v->n; i++)
        print_details(&page, &v->pipelines[i]);
    return report_page_close(&page, out, err);
}
