/* A job trace's facts as JSON. */
#include "traces/job_info_print.h"

#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "traces/histogram.h"

static void json_part(const char *before, const char *name, int64_t jobs,
                      sp_i128 mgpu_ns, FILE *out)
{
    fputs(before, out);
    fputs("{ \"name\": ", out);
    trace_put_string(name, out);
    trace_put_integer(", \"jobs\": ", jobs, out);
    trace_put_number(", \"gpu_h\": ", trace_gpu_h(mgpu_ns), out);
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
    trace_put_number(",\n  \"gpus_asked\": ",
                     trace_gpus(sp_double_from_i128(info->asked_mgpu)), out);
    trace_put_number(",\n  \"gpu_h\": ", trace_gpu_h(info->mgpu_ns), out);
    trace_put_number(",\n  \"largest_gpus\": ", trace_gpus((double)info->max_mgpu),
                     out);
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
    trace_put_number("{ \"mean\": ", trace_gpus(f->mean_mgpu), out);
    trace_put_number(", \"p50\": ", trace_gpus((double)f->p50_mgpu), out);
    trace_put_number(", \"p95\": ", trace_gpus((double)f->p95_mgpu), out);
    trace_put_number(", \"p99\": ", trace_gpus((double)f->p99_mgpu), out);
    trace_put_number(", \"peak\": ", trace_gpus((double)f->peak_mgpu), out);
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
                     trace_gpus((double)demand->sum_p95_mgpu), out);
    trace_put_number(", \"p99\": ", trace_gpus((double)demand->sum_p99_mgpu), out);
    trace_put_number(", \"peak\": ", trace_gpus((double)demand->sum_peak_mgpu), out);
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
        trace_put_number(i > 0 ? ", " : "", trace_gpus(demand->series_mgpu[i]), out);
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
