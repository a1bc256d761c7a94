/* The head, who leads, and the ends of each figure. */
#include "report/sweep_print.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/goals.h"
#include "report/sweep_parts.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- head ---- */

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

static void print_counts(struct report_page *page, const struct report_sweep *s)
{
    const struct model_sweep *m = &s->sweep;
    int64_t runs = s->n_points * m->n_policies * m->replications;

    report_page_wrap(page, 2, "",
                     sp_arena_printf(page->arena,
                                     "sweep %" PRId64 ": %" PRId64
                                     " point%s (%s), %" PRId32 " polic%s, %" PRId32
                                     " replication%s: %" PRId64 " runs, seed %" PRIu64,
                                     s->id, s->n_points, plural(s->n_points),
                                     model_design_name(m->design), m->n_policies,
                                     m->n_policies == 1 ? "y" : "ies", m->replications,
                                     plural(m->replications), runs, m->seed),
                     REPORT_PLAIN);
    if (s->n_points < m->n_points)
        report_page_wrap(page, 0, "PARTIAL: ",
                         sp_arena_printf(page->arena,
                                         "%" PRId64 " of %" PRId64
                                         " points are there; the same command goes "
                                         "on where it stopped.",
                                         s->n_points, m->n_points),
                         REPORT_ALARM);
}

static void print_head(struct report_page *page, const struct report_sweep *s)
{
    const struct model_sweep *m = &s->sweep;

    fprintf(page->out, "stageplan %s  ", report_page_name(page, m->version, 16));
    report_page_cell(page, m->scenario, page->columns - 20, REPORT_LEFT, REPORT_BOLD);
    report_page_end_line(page);
    print_counts(page, s);
    for (int32_t i = 0; i < m->n_files; i++) {
        fputs("  ", page->out);
        report_page_cell(page, m->files[i].file, page->columns - 26, REPORT_LEFT,
                         REPORT_PLAIN);
        fprintf(page->out, " xxh64 %016" PRIx64 "\n", m->files[i].xxh64);
    }
    for (int32_t i = 0; i < m->n_sets; i++)
        report_page_wrap(page, 2, "set ",
                         sp_arena_printf(page->arena, "%s=%s",
                                         report_page_name(page, m->sets[i].path, 100),
                                         report_page_name(page, m->sets[i].value, 100)),
                         REPORT_PLAIN);
    for (int32_t a = 0; a < m->n_axes; a++) {
        const struct model_axis *axis = &m->axes[a];
        const bool drawn = m->design == MODEL_DESIGN_LATIN ||
                           m->design == MODEL_DESIGN_SOBOL ||
                           m->design == MODEL_DESIGN_INDICES;

        report_page_wrap(page, 2, "vary ",
                         sp_arena_printf(page->arena, "%s = %s%s%s",
                                         report_page_name(page, axis->path, 100),
                                         axis->relative ? "what stands there x " : "",
                                         report_page_name(page, axis->text, 100),
                                         drawn && axis->whole ? ", whole numbers" : ""),
                         REPORT_PLAIN);
    }
}

/* ---- who leads ---- */

struct leads {
    int64_t n[REPORT_LEADS];
};

static struct leads count_leads(const struct report_sweep *s,
                                const struct report_sweep_figure *f, int32_t policy)
{
    struct leads leads = {0};

    for (int64_t point = 0; point < s->n_points; point++)
        leads.n[report_sweep_lead(s, f, point * s->sweep.n_policies + policy)]++;
    return leads;
}

/* ", the same at 3": of what there may be nothing to say. */
static const char *some(struct report_page *page, const char *what, int64_t n)
{
    return n > 0 ? sp_arena_printf(page->arena, ", %s at %" PRId64, what, n) : "";
}

/* Without error bars what leads is said of single runs, and that they are. */
static void print_bare(struct report_page *page, const struct report_sweep *s,
                       const struct report_sweep_figure *cost, int32_t policy)
{
    int64_t below = 0, above = 0, undone = 0;

    for (int64_t point = 0; point < s->n_points; point++) {
        const int64_t at = point * s->sweep.n_policies + policy;
        double d = report_sweep_other_work(s, at) ? NAN : cost->difference[at].mean;

        below += d < 0;
        above += d > 0;
        undone += report_sweep_other_work(s, at);
    }
    report_page_wrap(
        page, 3, "",
        sp_arena_printf(
            page->arena,
            "%s: costs less than %s at %" PRId64 " of %" PRId64
            " points, more at %" PRId64
            "%s, in one run each: no error bars (--replications)",
            report_page_name(page, s->sweep.policies[policy], 30),
            report_page_name(page, s->sweep.policies[s->sweep.baseline], 30), below,
            s->n_points, above, some(page, "not the same work", undone)),
        REPORT_BOLD);
}

static void print_leads(struct report_page *page, const struct report_sweep *s,
                        const struct report_sweep_figure *cost)
{
    if (cost->difference == NULL || s->sweep.n_policies < 2)
        return;
    for (int32_t p = 0; p < s->sweep.n_policies; p++) {
        struct leads leads;

        if (p == s->sweep.baseline)
            continue;
        if (s->sweep.replications < 2) {
            print_bare(page, s, cost, p);
            continue;
        }
        leads = count_leads(s, cost, p);
        report_page_wrap(
            page, 3, "",
            sp_arena_printf(
                page->arena,
                "%s: cheaper than %s at %" PRId64 " of %" PRId64
                " points, dearer at %" PRId64 ", no difference shown at %" PRId64
                "%s%s%s",
                report_page_name(page, s->sweep.policies[p], 30),
                report_page_name(page, s->sweep.policies[s->sweep.baseline], 30),
                leads.n[REPORT_LEAD_BETTER], s->n_points, leads.n[REPORT_LEAD_WORSE],
                leads.n[REPORT_LEAD_NONE],
                some(page, "the same", leads.n[REPORT_LEAD_SAME]),
                some(page, "not the same work", leads.n[REPORT_LEAD_UNDONE]),
                some(page, "can't be compared", leads.n[REPORT_LEAD_UNKNOWN])),
            REPORT_BOLD);
    }
}

/* Points of a kind. */
struct such {
    int64_t n, first;
};

static void count(struct such *such, int64_t point)
{
    if (such->n++ == 0)
        such->first = point;
}

/* ---- who does not do the work ---- */

static void print_undone(struct report_page *page, const struct report_sweep *s)
{
    for (int32_t p = 0; p < s->sweep.n_policies; p++) {
        struct such such = {0};

        for (int64_t point = 0; point < s->n_points; point++)
            if (report_sweep_undone(s, point * s->sweep.n_policies + p))
                count(&such, point);
        if (such.n > 0)
            report_page_wrap(
                page, 3, "! ",
                sp_arena_printf(page->arena,
                                "%s leaves over %.0f %% of the work undone at %" PRId64
                                " point%s (the first is %s): its cost there is not "
                                "that of the same work, and is not compared",
                                report_page_name(page, s->sweep.policies[p], 30),
                                100 * MODEL_UNDONE_FRAC, such.n, plural(such.n),
                                report_sweep_point_text(s, such.first, page->arena)),
                REPORT_ALARM);
    }
}

/* ---- the ends of a figure ---- */

static const struct report_column ends_columns[] = {
    {"policy", 22, REPORT_LEFT},
    {"least", 20, REPORT_RIGHT},
    {"most", 20, REPORT_RIGHT},
    {"points", 8, REPORT_RIGHT},
};

struct ends {
    int64_t least, most, n; /* points; n: of which it is known */
};

static struct ends ends_of(const struct report_sweep *s,
                           const struct report_sweep_figure *f, int32_t policy)
{
    struct ends e = {-1, -1, 0};
    const int32_t n = s->sweep.n_policies;

    for (int64_t point = 0; point < s->n_points; point++) {
        double v = f->stats[point * n + policy].mean;

        if (isnan(v))
            continue;
        e.n++;
        if (e.least < 0 || v < f->stats[e.least * n + policy].mean)
            e.least = point;
        if (e.most < 0 || v > f->stats[e.most * n + policy].mean)
            e.most = point;
    }
    return e;
}

static void print_ends(struct report_page *page, const struct report_sweep *s,
                       const struct report_sweep_figure *f)
{
    const int32_t n = s->sweep.n_policies;

    report_page_rule(page, report_sweep_figure_name(s, f->of, page->arena));
    report_page_head(page, ends_columns, COUNT(ends_columns));
    for (int32_t p = 0; p < n; p++) {
        struct ends e = ends_of(s, f, p);
        const char *texts[] = {s->sweep.policies[p], "-", "-",
                               sp_arena_printf(page->arena, "%" PRId64, e.n)};

        if (e.n > 0) {
            texts[1] = report_sweep_stat(f->of, f->stats[e.least * n + p], page->arena);
            texts[2] = report_sweep_stat(f->of, f->stats[e.most * n + p], page->arena);
        }
        report_page_row(page, ends_columns, COUNT(ends_columns), texts,
                        p == s->sweep.baseline ? '*' : ' ', REPORT_PLAIN);
        if (e.n > 1 && e.least != e.most)
            report_page_wrap(
                page, 4, "",
                sp_arena_printf(page->arena, "least at %s, most at %s",
                                report_sweep_point_text(s, e.least, page->arena),
                                report_sweep_point_text(s, e.most, page->arena)),
                REPORT_DIM);
    }
}

static void print_infeasible(struct report_page *page, const struct report_sweep *s)
{
    struct such such = {0};

    for (int64_t i = 0; s->reasons != NULL && i < s->n_points; i++)
        if (s->reasons[i] != NULL)
            count(&such, i);
    if (such.n > 0)
        report_page_wrap(
            page, 2, "INFEASIBLE: ",
            sp_arena_printf(page->arena,
                            "%" PRId64 " point%s can't be run under some policy; the "
                            "first is %s: %s",
                            such.n, plural(such.n),
                            report_sweep_point_text(s, such.first, page->arena),
                            report_page_name(page, s->reasons[such.first], 300)),
            REPORT_ALARM);
}

/* ---- all of it ---- */

static bool load(const struct report_sweep *s, const struct report_sweep_asked *asked,
                 struct sp_arena *arena, struct report_sweep_figure **figures,
                 int32_t *n)
{
    *n = asked->n;
    if (*n == 0) {
        *figures = report_sweep_main_figures(s, arena, n);
        return *figures != NULL;
    }
    *figures = sp_arena_array(arena, (size_t)*n, sizeof **figures);
    for (int32_t i = 0; i < *n; i++)
        if (!report_sweep_figure_of(s, asked->figures[i], arena, &(*figures)[i]))
            return false;
    return true;
}

static void print_all(struct report_page *page, const struct report_sweep *s,
                      const struct report_sweep_figure *figures, int32_t n)
{
    print_head(page, s);
    print_infeasible(page, s);
    for (int32_t i = 0; i < n; i++)
        if (strcmp(figures[i].of.figure->name, "usd") == 0) {
            fputs("\n", page->out);
            print_leads(page, s, &figures[i]);
        }
    print_undone(page, s);
    report_sweep_print_depends(page, s, figures, n);
    report_sweep_print_points(page, s, figures, n);
    for (int32_t i = 0; i < n; i++)
        print_ends(page, s, &figures[i]);
    report_sweep_print_front(page, s, figures, n);
    if (s->sweep.baseline != SP_NO_ID && s->sweep.n_policies > 1)
        report_page_wrap(page, 1, "* ", "the baseline that the others are held against",
                         REPORT_DIM);
}

enum sp_status report_sweep_print(FILE *out, const struct report_sweep *sweep,
                                  const struct report_sweep_asked *asked,
                                  const struct report_terminal_options *how,
                                  struct sp_err *err)
{
    struct report_page page;
    struct report_sweep_figure *figures;
    struct sp_arena *arena = sp_arena_new();
    enum sp_status status = SP_OK;
    int32_t n;

    if (load(sweep, asked, arena, &figures, &n)) {
        report_page_open(&page, how);
        print_all(&page, sweep, figures, n);
        status = report_page_close(&page, out, err);
    }
    sp_arena_free(arena);
    return status;
}
