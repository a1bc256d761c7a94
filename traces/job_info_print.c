/* A job trace's facts on paper and as JSON. */
#include "traces/job_info_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "traces/histogram.h"

enum { TEAMS_SHOWN = 20, MODELS_SHOWN = 20 };

#define MGPU_NS_PER_GPU_H ((double)SP_NS_PER_H * 1000)

static double gpu_h(sp_i128 mgpu_ns)
{
    return sp_double_from_i128(mgpu_ns) / MGPU_NS_PER_GPU_H;
}

static double gpus(double mgpu)
{
    return mgpu / 1000;
}

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
                trace_figure(gpus(sp_double_from_i128(info->asked_mcpu)), a),
                trace_figure(gpu_h(info->mcpu_ns), b));
        print_gangs(info, out);
        return;
    }
    trace_label("GPUs", out);
    fprintf(out, "%s asked for in all, %s GPU-h; the largest job %s\n",
            trace_figure(gpus(sp_double_from_i128(info->asked_mgpu)), a),
            trace_figure(gpu_h(info->mgpu_ns), b),
            trace_figure(gpus((double)info->max_mgpu), c));
    if (shares->jobs > 0) {
        trace_label("shares", out);
        fprintf(out, "%s of the GPU jobs ask for a part of a GPU: %s of the GPU-h\n",
                trace_percent(shares->jobs, info->gpu_jobs, a),
                share(gpu_h(shares->mgpu_ns), gpu_h(info->mgpu_ns), b));
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
            trace_figure(gpu_h(mgpu_ns), b[2]),
            share(gpu_h(mgpu_ns), gpu_h(info->mgpu_ns), b[3]));
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
            ranks[n++] = (struct rank){gpu_h(info->by_team[i].mgpu_ns), i};
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
            p50 >= 0 ? trace_figure(gpus((double)p50), b[1]) : "",
            trace_figure(gpus((double)p95), b[2]),
            trace_figure(gpus((double)p99), b[3]),
            trace_figure(gpus((double)peak), b[4]));
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
            trace_duration(demand->series_ns, a), trace_figure(gpus(most), b));
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

        print_figures(teams->name[ranks[i].id], gpus(f->mean_mgpu), f->p50_mgpu,
                      f->p95_mgpu, f->p99_mgpu, f->peak_mgpu, out);
    }
    if (n > TEAMS_SHOWN)
        fprintf(out, "and %" PRId32 " teams with lower peaks\n", n - TEAMS_SHOWN);
    if (n > 1)
        print_figures("sum of the teams'", gpus(all->mean_mgpu), -1,
                      demand->sum_p95_mgpu, demand->sum_p99_mgpu, demand->sum_peak_mgpu,
                      out);
    print_figures(n > 1 ? "of their sum" : "all", gpus(all->mean_mgpu), all->p50_mgpu,
                  all->p95_mgpu, all->p99_mgpu, all->peak_mgpu, out);
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

/* ---- JSON ---- */

static void json_part(const char *before, const char *name, int64_t jobs,
                      sp_i128 mgpu_ns, FILE *out)
{
    fputs(before, out);
    fputs("{ \"name\": ", out);
    trace_put_string(name, out);
    trace_put_integer(", \"jobs\": ", jobs, out);
    trace_put_number(", \"gpu_h\": ", gpu_h(mgpu_ns), out);
    fputs(" }", out);
}

static const char *comma(int32_t i)
{
    return i > 0 ? ",\n    " : "\n    ";
}

static void json_durations(const char *before, const struct trace_job_durations *d,
                           FILE *out)
{
    bool any = isfinite(d->mean_s);

    fputs(before, out);
    trace_put_number("{ \"mean\": ", d->mean_s, out);
    trace_put_number(", \"p50\": ", any ? sp_s_from_ns(d->p50_ns) : NAN, out);
    trace_put_number(", \"p90\": ", any ? sp_s_from_ns(d->p90_ns) : NAN, out);
    trace_put_number(", \"p99\": ", any ? sp_s_from_ns(d->p99_ns) : NAN, out);
    trace_put_number(", \"max\": ", any ? sp_s_from_ns(d->max_ns) : NAN, out);
    fputs(" }", out);
}

static void json_head(const struct trace_job_info *info,
                      const struct trace_job_facts *facts, uint64_t xxh64, FILE *out)
{
    fputs("{\n  \"kind\": \"jobs\",\n  \"file\": ", out);
    trace_put_string(info->path, out);
    fprintf(out, ",\n  \"format\": \"%s\",\n  \"compression\": \"%s\"", facts->format,
            facts->compression);
    fprintf(out, ",\n  \"xxh64\": \"%016" PRIx64 "\"", xxh64);
    trace_put_integer(",\n  \"bytes\": ", facts->stored_bytes, out);
    trace_put_integer(",\n  \"text_bytes\": ", facts->text_bytes, out);
    trace_put_integer(",\n  \"jobs\": ", info->jobs, out);
    trace_put_integer(",\n  \"gpu_jobs\": ", info->gpu_jobs, out);
    trace_put_integer(",\n  \"never_end\": ", info->never.jobs, out);
    trace_put_number(",\n  \"span_s\": ", sp_s_from_ns(info->span_ns), out);
    trace_put_number(",\n  \"rate_per_s\": ", info->rate_per_s, out);
    trace_put_number(",\n  \"gap_s\": { \"mean\": ", info->gap_mean_s, out);
    trace_put_number(", \"cv\": ", info->gap_cv, out);
    trace_put_number(", \"max\": ", sp_s_from_ns(info->gap_max_ns), out);
    trace_put_integer(", \"max_line\": ", info->gap_max_line, out);
    trace_put_number(" },\n  \"dispersion\": { \"60_s\": ", info->dispersion_minute,
                     out);
    trace_put_number(", \"3600_s\": ", info->dispersion_hour, out);
    fputs(" }", out);
}

static void json_asks(const struct trace_job_info *info, FILE *out)
{
    trace_put_number(
        ",\n  \"gpus_asked\": ", gpus(sp_double_from_i128(info->asked_mgpu)), out);
    trace_put_number(",\n  \"gpu_h\": ", gpu_h(info->mgpu_ns), out);
    trace_put_number(",\n  \"largest_gpus\": ", gpus((double)info->max_mgpu), out);
    trace_put_integer(",\n  \"gangs\": ", info->gangs, out);
    trace_put_integer(",\n  \"members_max\": ", info->members_max, out);
    trace_put_integer(",\n  \"totals_to_split\": ", info->totals, out);
    trace_put_integer(",\n  \"with_deadline\": ", info->with_deadline, out);
    trace_put_integer(",\n  \"with_estimate\": ", info->with_estimate, out);
    trace_put_integer(",\n  \"preemptible\": ", info->preemptible, out);
    trace_put_integer(",\n  \"not_preemptible\": ", info->not_preemptible, out);
    fputs(",\n  \"priorities\": [", out);
    for (int32_t i = 0; i < info->n_priorities && i < TRACE_JOB_PRIORITIES_MAX; i++) {
        fputs(comma(i), out);
        trace_put_integer("{ \"priority\": ", info->priority[i], out);
        trace_put_integer(", \"jobs\": ", info->priority_jobs[i], out);
        fputs(" }", out);
    }
    json_durations("],\n  \"duration_s\": ", &info->durations, out);
    json_durations(",\n  \"gpu_job_duration_s\": ", &info->gpu_durations, out);
}

static void json_parts(const struct trace_job_info *info, FILE *out)
{
    fputs(",\n  \"sizes\": [", out);
    for (int i = 0; i < TRACE_JOB_SIZES; i++)
        json_part(comma(i), trace_job_size_names[i], info->sizes[i].jobs,
                  info->sizes[i].mgpu_ns, out);
    fputs("],\n  \"teams\": [", out);
    for (int32_t i = 0; i < info->teams.n; i++)
        json_part(comma(i), info->teams.name[i], info->by_team[i].jobs,
                  info->by_team[i].mgpu_ns, out);
    fputs("],\n  \"models\": [", out);
    for (int32_t i = 0; i < info->models.n; i++) {
        fputs(comma(i), out);
        fputs("{ \"name\": ", out);
        trace_put_string(info->models.name[i], out);
        trace_put_integer(", \"jobs\": ", info->by_model[i], out);
        fputs(" }", out);
    }
    trace_put_integer("],\n  \"any_model_jobs\": ", info->any_model, out);
}

static void json_figures(const char *before, const struct trace_demand_figures *f,
                         FILE *out)
{
    fputs(before, out);
    trace_put_number("{ \"mean\": ", gpus(f->mean_mgpu), out);
    trace_put_number(", \"p50\": ", gpus((double)f->p50_mgpu), out);
    trace_put_number(", \"p95\": ", gpus((double)f->p95_mgpu), out);
    trace_put_number(", \"p99\": ", gpus((double)f->p99_mgpu), out);
    trace_put_number(", \"peak\": ", gpus((double)f->peak_mgpu), out);
    trace_put_number(", \"peak_at_s\": ", sp_s_from_ns(f->peak_at_ns), out);
    fputs(" }", out);
}

void trace_demand_print_table_json(const struct trace_demand_result *demand,
                                   const struct model_names *teams, const char *unit,
                                   FILE *out)
{
    fprintf(out, ",\n  \"demand\": { \"of\": \"%s\"", unit);
    trace_put_number(", \"length_s\": ", sp_s_from_ns(demand->length_ns), out);
    json_figures(",\n    \"pooled\": ", &demand->all, out);
    trace_put_number(",\n    \"sum_of_teams\": { \"p95\": ",
                     gpus((double)demand->sum_p95_mgpu), out);
    trace_put_number(", \"p99\": ", gpus((double)demand->sum_p99_mgpu), out);
    trace_put_number(", \"peak\": ", gpus((double)demand->sum_peak_mgpu), out);
    fputs(" },\n    \"teams\": [", out);
    for (int32_t i = 0; i < demand->n_teams && i < teams->n; i++) {
        fputs(comma(i), out);
        fputs("{ \"name\": ", out);
        trace_put_string(teams->name[i], out);
        json_figures(", \"wants\": ", &demand->teams[i], out);
        fputs(" }", out);
    }
    trace_put_number(
        "],\n    \"series\": { \"bucket_s\": ", sp_s_from_ns(demand->series_ns), out);
    fputs(", \"mean\": [", out);
    for (int32_t i = 0; i < demand->n_series; i++)
        trace_put_number(i > 0 ? ", " : "", gpus(demand->series_mgpu[i]), out);
    fputs("] } }", out);
}

void trace_job_info_print_json(const struct trace_job_info *info,
                               const struct trace_job_facts *facts, uint64_t xxh64,
                               const struct trace_warnings *warnings, FILE *out)
{
    json_head(info, facts, xxh64, out);
    json_asks(info, out);
    json_parts(info, out);
    trace_put_number(",\n  \"quantile_error\": ", TRACE_QUANTILE_ERROR, out);
    trace_demand_print_table_json(info->demand, &info->teams,
                                  info->of_cpus ? "CPUs" : "GPUs", out);
    fputs(",\n  \"check\": [", out);
    for (int32_t i = 0; i < warnings->n; i++) {
        fputs(comma(i), out);
        trace_put_string(warnings->text[i], out);
    }
    fputs("]\n}\n", out);
}
