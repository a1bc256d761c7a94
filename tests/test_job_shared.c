/* The published traces, where SHARED_DATA names the folder that has them: counts and
 * sums by another program (awk on the files' own columns, November 2026) or from their
 * publications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "tests/trace_files.h"
#include "traces/jobs.h"

/* What all jobs of a file add up to. */
struct sums {
    int64_t jobs, mgpu, mcpu, never, zero, shares, with_models;
    int64_t teams, models; /* names; of teams without "-" */
    double gpu_s, span_s, cpu_s;
};

static void add(struct sums *s, const struct model_job *job)
{
    int64_t members = job->members > 0 ? job->members : 1;

    s->jobs++;
    s->mgpu += members * job->needs.mgpu;
    s->mcpu += job->needs.mcpu > 0 ? members * job->needs.mcpu : 0;
    s->zero += job->duration_ns == 0;
    s->shares += job->needs.mgpu > 0 && job->needs.mgpu < 1000;
    s->with_models += job->models != 0;
    s->span_s = sp_s_from_ns(job->arrival_ns);
    if (job->duration_ns == MODEL_NEVER) {
        s->never++;
        return;
    }
    s->gpu_s +=
        (double)(members * job->needs.mgpu) / 1000 * sp_s_from_ns(job->duration_ns);
    if (job->needs.mcpu > 0)
        s->cpu_s +=
            (double)(members * job->needs.mcpu) / 1000 * sp_s_from_ns(job->duration_ns);
}

#define DAY (24 * SP_NS_PER_H)

static const struct row {
    const char *name, *file, *format;
    bool sorted;
    int64_t from_ns, for_ns;
    struct sums want;
} rows[] = {
    {.name = "openb_default_asks_for_6086_gpus",
     .file = "openb/openb_pod_list_default.csv.gz",
     .format = "openb",
     .want = {.jobs = 8152,
              .mgpu = 6086800,
              .mcpu = 85436012,
              .gpu_s = 185395450.66,
              .span_s = 12901761,
              .zero = 1,
              .shares = 3078}},
    {.name = "openb_gpuspec25_names_seven_models",
     .file = "openb/openb_pod_list_gpuspec25.csv.gz",
     .format = "openb",
     .want = {.jobs = 8152,
              .mgpu = 6086800,
              .mcpu = 85436012,
              .gpu_s = 185395450.66,
              .span_s = 12901761,
              .zero = 1,
              .shares = 3078,
              .with_models = 1759,
              .models = 7}},
    {.name = "openb_multigpu50_has_no_times",
     .file = "openb/openb_pod_list_multigpu50.csv.gz",
     .format = "openb",
     .want = {.jobs = 9061,
              .mgpu = 11358800,
              .mcpu = 137776412,
              .never = 9061,
              .span_s = 9060,
              .shares = 3078}},
    {.name = "philly_has_74167_jobs_of_fifteen_teams",
     .file = "philly/philly_jobs_2017-09_11.csv.gz",
     .format = "philly-csv",
     .want = {.jobs = 74167,
              .mgpu = 94658000,
              .gpu_s = 3221884955,
              .span_s = 7564890,
              .teams = 15}},
    /* 68,503 jobs and 690,860 GPU-hours in the 11 teams with nodes; 7 in 3 others. */
    {.name = "philly_october_and_november",
     .file = "philly/philly_jobs_2017-09_11.csv.gz",
     .format = "philly-csv",
     .from_ns = 26 * DAY + (13 * 3600 + 29 * 60 + 19) * SP_NS_PER_S,
     .for_ns = 61 * DAY - 59 * SP_NS_PER_S,
     .want = {.jobs = 68510,
              .mgpu = 86996000,
              .gpu_s = 690876.551 * 3600,
              .span_s = 5269931,
              .teams = 15}},
    {.name = "dlrm_2025_has_156_applications",
     .file = "alibaba/dlrm2025_instances.csv.gz",
     .format = "dlrm-2025",
     .sorted = true,
     .want = {.jobs = 23871,
              .mgpu = 7386000,
              .mcpu = 1252594000,
              .gpu_s = 1252225932,
              .never = 23871 - 14993,
              .span_s = 2676636,
              .zero = 16,
              .teams = 156}},
    {.name = "tiresias_has_60_jobs",
     .file = "other/tiresias_60_job.csv",
     .format = "tiresias",
     .want = {.jobs = 60, .mgpu = 170000, .gpu_s = 26624, .span_s = 1779}},
    {.name = "nasa_ipsc_has_18239_jobs",
     .file = "other/NASA-iPSC-1993-3.1-cln.swf.gz",
     .format = "swf",
     .want = {.jobs = 18239,
              .mcpu = 309953000,
              .cpu_s = 474238015,
              .span_s = 7948936,
              .zero = 173,
              .teams = 2}},
    {.name = "gavels_durations_follow_from_what_it_measured",
     .file = "gavel/msr_ed69ec_seed0.trace.gz",
     .format = "gavel",
     .want =
         {.jobs = 951, .mgpu = 951000, .gpu_s = 108837533.464402, .span_s = 6555771}},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void check(const struct sums *got, const struct sums *want)
{
    assert_int_equal(got->jobs, want->jobs);
    assert_int_equal(got->mgpu, want->mgpu);
    assert_int_equal(got->mcpu, want->mcpu);
    assert_int_equal(got->never, want->never);
    assert_int_equal(got->zero, want->zero);
    assert_int_equal(got->shares, want->shares);
    assert_int_equal(got->with_models, want->with_models);
    assert_int_equal(got->teams, want->teams);
    assert_int_equal(got->models, want->models);
    assert_true(got->span_s == want->span_s);
    /* Sums of some 10^5 doubles, of values written with 3 or more decimals. */
    assert_true(fabs(got->gpu_s - want->gpu_s) <= 1e-6 * want->gpu_s + 1e-6);
    if (want->cpu_s > 0)
        assert_true(fabs(got->cpu_s - want->cpu_s) <= 1e-9 * want->cpu_s);
}

static void adds_up_as_published(void **state)
{
    const struct row *row = *state;
    char name[200], *path;
    struct model_job_stream stream;
    enum sp_status status = SP_OK;
    struct sums got = {0};
    struct sp_err err = {0};
    struct model_job job;

    snprintf(name, sizeof name, "cluster/%s", row->file);
    path = file_shared(name);
    if (path == NULL)
        skip();
    assert_int_equal(
        trace_jobs_open(
            &(struct trace_job_request){.path = path,
                                        .scale = 1,
                                        .jobs = -1,
                                        .from_ns = row->from_ns,
                                        .for_ns = row->for_ns > 0 ? row->for_ns : -1},
            &stream, &err),
        SP_OK);
    while (stream.next(stream.self, &job, &status, &err))
        add(&got, &job);
    assert_int_equal(status, SP_OK);
    assert_string_equal(trace_jobs_facts(&stream)->format, row->format);
    assert_true(trace_jobs_facts(&stream)->sorted == row->sorted);
    got.teams = trace_jobs_teams(&stream).n - 1;
    got.models = trace_jobs_models(&stream).n;
    check(&got, &row->want);
    stream.close(stream.self);
    free(path);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = adds_up_as_published,
                                       .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("job_shared", tests, NULL, NULL);
}
