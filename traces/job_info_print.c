/* A job trace's facts on paper. */
#include "traces/job_info_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

enum { TEAMS_SHOWN = 20, MODELS_SHOWN = 20 };

static const char *share(double part, double whole, char buf[TRACE_NUMBER])
{
    if (!(whole > 0))
        return "-";
    snprintf(buf, TRACE_NUMBER, "%.1f %%", 100 * part / whole);
    return buf;
}

/* ---- head ---- */

static void print_head(const struct trace_job_info *info,
                       const struct trace_job_facts *facts, uint64_t xxh64, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER], c[TRACE_NUMBER];

    trace_label("trace", out);
    trace_print_name(info->path, out);
    fputc('\n', out);
    trace_label("format", out);
    fprintf(out, "jobs, %s, %s, %s bytes", facts->format, facts->compression,
            trace_grouped(facts->stored_bytes, a));
    if (facts->stored_bytes != facts->text_bytes)
        fprintf(out, " (%s unpacked)", trace_grouped(facts->text_bytes, b));
    fputc('\n', out);
    trace_label("xxh64", out);
    fprintf(out, "%016" PRIx64 "\n", xxh64);
    trace_label("jobs", out);
    fprintf(out, "%s in %s, %s with GPUs", trace_grouped(info->jobs, a),
            trace_duration(info->span_ns, b), trace_grouped(info->gpu_jobs, c));
    if (info->never.jobs > 0)
        fprintf(out, ", %s never end", trace_grouped(info->never.jobs, a));
    fputc('\n', out);
}

static void print_arrivals(const struct trace_job_info *info, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER], c[TRACE_NUMBER];

    trace_label("arrivals", out);
    fprintf(out, "mean %s/h; gaps with CV %s, longest %s\n",
            trace_figure(info->rate_per_s * 3600, a), trace_figure(info->gap_cv, b),
            trace_duration(info->gap_max_ns, c));
    trace_label("burstiness", out);
    fprintf(out, "%s in 1 min, %s in 1 h (index of dispersion of the jobs)\n",
            trace_figure(info->dispersion_minute, a),
            trace_figure(info->dispersion_hour, b));
}

/* ---- what they ask for ---- */

static void print_gangs(const struct trace_job_info *info, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER], c[TRACE_NUMBER];

    trace_label("gangs", out);
    fprintf(out, "%s of several members", trace_grouped(info->gangs, a));
    if (info->gangs > 0)
        fprintf(out, ", at most %s", trace_grouped(info->members_max, b));
    if (info->totals > 0)
        fprintf(out, "; %s totals to be split", trace_grouped(info->totals, c));
    fputc('\n', out);
}

static void print_kinds(const struct trace_job_info *info, FILE *out)
{
    const struct trace_job_size *shares = &info->sizes[1];
    char a[TRACE_NUMBER], b[TRACE_NUMBER], c[TRACE_NUMBER];

    if (info->of_cpus) {
        trace_label("CPUs", out);
        fprintf(out, "%s asked for in all, %s CPU-h\n",
                trace_figure(trace_gpus(sp_double_from_i128(info->asked_mcpu)), a),
                trace_figure(trace_gpu_h(info->mcpu_ns), b));
        print_gangs(info, out);
        return;
    }
    trace_label("GPUs", out);
    fprintf(out, "%s asked for in all, %s GPU-h; the largest job %s\n",
            trace_figure(trace_gpus(sp_double_from_i128(info->asked_mgpu)), a),
            trace_figure(trace_gpu_h(info->mgpu_ns), b),
            trace_figure(trace_gpus((double)info->max_mgpu), c));
    if (shares->jobs > 0) {
        trace_label("shares", out);
        fprintf(out, "%s of the GPU jobs ask for a part of a GPU: %s of the GPU-h\n",
                trace_percent(shares->jobs, info->gpu_jobs, a),
                share(trace_gpu_h(shares->mgpu_ns), trace_gpu_h(info->mgpu_ns), b));
    }
    print_gangs(info, out);
}

static void print_priorities(const struct trace_job_info *info, FILE *out)
{
    int32_t shown = info->n_priorities < TRACE_JOB_PRIORITIES_MAX
                        ? info->n_priorities
                        : TRACE_JOB_PRIORITIES_MAX;
    char a[TRACE_NUMBER];

    if (info->with_priority == 0)
        return;
    trace_label("priorities", out);
    for (int32_t i = 0; i < shown; i++)
        fprintf(out, "%s%" PRId32 ": %s", i > 0 ? ", " : "", info->priority[i],
                trace_percent(info->priority_jobs[i], info->jobs, a));
    if (shown < info->n_priorities)
        fprintf(out, " and %" PRId32 " more", info->n_priorities - shown);
    fputc('\n', out);
}

static void print_words(const struct trace_job_info *info, FILE *out)
{
    char a[TRACE_NUMBER];

    print_priorities(info, out);
    if (info->preemptible + info->not_preemptible > 0) {
        trace_label("preemptible", out);
        fprintf(out, "%s\n", trace_percent(info->preemptible, info->jobs, a));
    }
    if (info->with_deadline > 0) {
        trace_label("deadlines", out);
        fprintf(out, "%s\n", trace_grouped(info->with_deadline, a));
    }
    if (info->with_estimate > 0) {
        trace_label("estimates", out);
        fprintf(out, "%s\n", trace_grouped(info->with_estimate, a));
    }
}

static void print_duration(const char *name, const struct trace_job_durations *d,
                           FILE *out)
{
    char b[5][TRACE_NUMBER];

    if (!isfinite(d->mean_s))
        return;
    fprintf(out, "%-18s %11s %11s %11s %11s %11s\n", name,
            sp_format_duration(d->mean_s, b[0], TRACE_NUMBER),
            trace_duration(d->p50_ns, b[1]), trace_duration(d->p90_ns, b[2]),
            trace_duration(d->p99_ns, b[3]), trace_duration(d->max_ns, b[4]));
}

static void print_durations(const struct trace_job_info *info, FILE *out)
{
    if (!isfinite(info->durations.mean_s))
        return;
    fprintf(out, "\n%-18s %11s %11s %11s %11s %11s\n", "duration", "mean", "p50", "p90",
            "p99", "max");
    print_duration("all jobs", &info->durations, out);
    print_duration("jobs with GPUs", &info->gpu_durations, out);
}

/* A name in its column, and what follows begins where it should. */
static void print_first(const char *name, FILE *out)
{
    trace_print_name(name, out);
    fprintf(out, "%*s", strlen(name) < 18 ? (int)(18 - strlen(name)) : 0, "");
}

static void print_part(const char *name, int64_t jobs, sp_i128 mgpu_ns,
                       const struct trace_job_info *info, FILE *out)
{
    char b[4][TRACE_NUMBER];

    print_first(name, out);
    fprintf(out, " %11s %9s %13s %9s\n", trace_grouped(jobs, b[0]),
            share((double)jobs, (double)info->jobs, b[1]),
            trace_figure(trace_gpu_h(mgpu_ns), b[2]),
            share(trace_gpu_h(mgpu_ns), trace_gpu_h(info->mgpu_ns), b[3]));
}

static void print_sizes(const struct trace_job_info *info, FILE *out)
{
    if (info->of_cpus)
        return;
    fprintf(out, "\n%-18s %11s %9s %13s %9s\n", "GPUs of a job", "jobs", "share",
            "GPU-h", "share");
    for (int i = 0; i < TRACE_JOB_SIZES; i++)
        if (info->sizes[i].jobs > 0)
            print_part(trace_job_size_names[i], info->sizes[i].jobs,
                       info->sizes[i].mgpu_ns, info, out);
}

struct rank {
    double value;
    int32_t id;
};

static int by_value(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;

    if (x->value != y->value)
        return (x->value < y->value) - (x->value > y->value);
    return (x->id > y->id) - (x->id < y->id);
}

static void print_teams(const struct trace_job_info *info, FILE *out)
{
    struct rank *ranks = sp_xcalloc((size_t)info->teams.n + 1, sizeof *ranks);
    int32_t n = 0;

    for (int32_t i = 0; i < info->teams.n; i++)
        if (info->by_team[i].jobs > 0)
            ranks[n++] = (struct rank){trace_gpu_h(info->by_team[i].mgpu_ns), i};
    qsort(ranks, (size_t)n, sizeof *ranks, by_value);
    if (n > 1)
        fprintf(out, "\n%-18s %11s %9s %13s %9s\n", "team", "jobs", "share", "GPU-h",
                "share");
    for (int32_t i = 0; n > 1 && i < n && i < TEAMS_SHOWN; i++)
        print_part(info->teams.name[ranks[i].id], info->by_team[ranks[i].id].jobs,
                   info->by_team[ranks[i].id].mgpu_ns, info, out);
    if (n > TEAMS_SHOWN)
        fprintf(out, "and %" PRId32 " teams with less\n", n - TEAMS_SHOWN);
    free(ranks);
}

static void print_models(const struct trace_job_info *info, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER];

    if (info->models.n == 0)
        return;
    fprintf(out, "\n%-18s %11s %9s\n", "GPU model", "jobs", "share");
    for (int32_t i = 0; i < info->models.n && i < MODELS_SHOWN; i++) {
        print_first(info->models.name[i], out);
        fprintf(out, " %11s %9s\n", trace_grouped(info->by_model[i], a),
                share((double)info->by_model[i], (double)info->gpu_jobs, b));
    }
    fprintf(out, "%-18s %11s %9s\n", "any", trace_grouped(info->any_model, a),
            share((double)info->any_model, (double)info->gpu_jobs, b));
}

/* ---- demand ---- */

static void print_figures(const char *name, double mean, int64_t p50, int64_t p95,
                          int64_t p99, int64_t peak, FILE *out)
{
    char b[5][TRACE_NUMBER];

    print_first(name, out);
    fprintf(out, " %11s %11s %11s %11s %11s\n", trace_figure(mean, b[0]),
            p50 >= 0 ? trace_figure(trace_gpus((double)p50), b[1]) : "",
            trace_figure(trace_gpus((double)p95), b[2]),
            trace_figure(trace_gpus((double)p99), b[3]),
            trace_figure(trace_gpus((double)peak), b[4]));
}

static void print_chart(const struct trace_demand_result *demand, const char *unit,
                        struct trace_info_style style, FILE *out)
{
    double most = 0;
    char a[TRACE_NUMBER], b[TRACE_NUMBER];

    for (int32_t i = 0; i < demand->n_series; i++)
        most = fmax(most, demand->series_mgpu[i]);
    fputc('\n', out);
    trace_print_bars(demand->series_mgpu, demand->n_series, style, out);
    fprintf(out, "\n%s over time, %s a column, tallest %s\n", unit,
            trace_duration(demand->series_ns, a), trace_figure(trace_gpus(most), b));
}

void trace_demand_print_table(const struct trace_demand_result *demand,
                              const struct model_names *teams, const char *unit,
                              struct trace_info_style style, FILE *out)
{
    const struct trace_demand_figures *all = &demand->all;
    struct rank *ranks;
    int32_t n = 0, shown;

    if (demand->length_ns == 0 || all->peak_mgpu == 0)
        return;
    fprintf(out, "\n%s%-14s %11s %11s %11s %11s %11s\n", unit, " wanted", "mean", "p50",
            "p95", "p99", "peak");
    ranks = sp_xcalloc((size_t)demand->n_teams + 1, sizeof *ranks);
    for (int32_t i = 0; i < demand->n_teams; i++)
        if (demand->teams[i].peak_mgpu > 0)
            ranks[n++] = (struct rank){(double)demand->teams[i].peak_mgpu, i};
    qsort(ranks, (size_t)n, sizeof *ranks, by_value);
    shown = n < 2 ? 0 : n < TEAMS_SHOWN ? n : TEAMS_SHOWN;
    for (int32_t i = 0; i < shown; i++) {
        const struct trace_demand_figures *f = &demand->teams[ranks[i].id];

        print_figures(teams->name[ranks[i].id], trace_gpus(f->mean_mgpu), f->p50_mgpu,
                      f->p95_mgpu, f->p99_mgpu, f->peak_mgpu, out);
    }
    if (n > TEAMS_SHOWN)
        fprintf(out, "and %" PRId32 " teams with lower peaks\n", n - TEAMS_SHOWN);
    if (n > 1)
        print_figures("sum of the teams'", trace_gpus(all->mean_mgpu), -1,
                      demand->sum_p95_mgpu, demand->sum_p99_mgpu, demand->sum_peak_mgpu,
                      out);
    print_figures(n > 1 ? "of their sum" : "all", trace_gpus(all->mean_mgpu),
                  all->p50_mgpu, all->p95_mgpu, all->p99_mgpu, all->peak_mgpu, out);
    free(ranks);
    if (style.chart)
        print_chart(demand, unit, style, out);
}

/* ---- the check ---- */

/* A text in lines of at most 78 columns, the later ones set in. */
static void print_wrapped(const char *text, FILE *out)
{
    enum { WIDTH = 78, INDENT = 2 };
    size_t room = WIDTH;

    for (;;) {
        size_t size = strlen(text), cut = size;

        if (size > room) {
            for (cut = room; cut > 0 && text[cut] != ' ';)
                cut--;
            if (cut == 0) /* one long word */
                cut = strcspn(text, " ");
        }
        fprintf(out, "%.*s\n", (int)cut, text);
        text += cut + strspn(text + cut, " ");
        if (*text == '\0')
            return;
        fprintf(out, "%*s", INDENT, "");
        room = WIDTH - INDENT;
    }
}

static void print_warnings(const struct trace_warnings *w, FILE *out)
{
    fputs(w->n > 0 ? "\ncheck\n" : "\ncheck       nothing odd\n", out);
    for (int32_t i = 0; i < w->n; i++)
        print_wrapped(w->text[i], out);
}

void trace_job_info_print(const struct trace_job_info *info,
                          const struct trace_job_facts *facts, uint64_t xxh64,
                          const struct trace_warnings *warnings,
                          struct trace_info_style style, FILE *out)
{
    print_head(info, facts, xxh64, out);
    print_arrivals(info, out);
    print_kinds(info, out);
    print_words(info, out);
    print_durations(info, out);
    print_sizes(info, out);
    print_teams(info, out);
    print_models(info, out);
    trace_demand_print_table(info->demand, &info->teams,
                             info->of_cpus ? "CPUs" : "GPUs", style, out);
    print_warnings(warnings, out);
}
