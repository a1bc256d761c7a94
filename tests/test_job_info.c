#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/units.h"
#include "tests/job_array.h"
#include "tests/trace_files.h"
#include "traces/histogram.h"
#include "traces/job_check.h"
#include "traces/job_fit.h"
#include "traces/job_info_print.h"

/* cmocka compares floats, which hold seven figures. */
#define assert_near(found, want, tolerance)                                            \
    assert_true(fabs((found) - (want)) <= (tolerance))

#define N_ELEMENTS(a) (sizeof(a) / sizeof(a)[0])

static const char *const team_names[] = {"-", "red", "blue"};
static const char *const model_names[] = {"V100", "T4"};

/* A study of an array of jobs; `stream` is the caller's. */
static struct trace_job_study study_of(struct job_array *a,
                                       struct model_job_stream *stream)
{
    a->teams = (struct model_names){3, team_names};
    a->models = (struct model_names){2, model_names};
    *stream = job_array_stream(a);
    return (struct trace_job_study){.path = "array",
                                    .stream = stream,
                                    .teams = job_array_teams,
                                    .models = job_array_models};
}

/* ---- by hand ---- */

static void figures_are_those_of_the_hand(void **state)
{
    struct model_job jobs[] = {
        job_of(0, 100, 1000, 1),  job_of(0, 50, 500, 2), job_of(10, 0, 8000, 1),
        job_of(20, 80, 2000, 2),  job_of(40, 10, 0, 0),  job_of(200, -1, 4000, 1),
        job_of(240, 60, 2000, 0),
    };
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct model_job_stream stream;
    struct trace_job_study study = study_of(&a, &stream);
    struct trace_job_info *info;

    (void)state;
    jobs[3].members = 4; /* a gang of 4 x 2 GPUs */
    jobs[3].models = 1;
    jobs[3].priority = 5;
    jobs[6].members = 0; /* a total */
    jobs[6].models = 3;
    jobs[6].priority = 5;
    jobs[0].priority = -2;
    jobs[0].estimate_ns = 1;
    jobs[0].deadline_ns = 2;
    jobs[0].preemptible = 1;
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    assert_int_equal(info->jobs, 7);
    assert_int_equal(info->gpu_jobs, 6);
    assert_int_equal(info->span_ns, 240 * SP_NS_PER_S);
    assert_int_equal(info->never.jobs, 1);
    assert_int_equal(info->zero_duration.jobs, 1);
    assert_int_equal(info->gangs, 1);
    assert_int_equal(info->totals, 1);
    assert_int_equal(info->members_max, 4);
    assert_int_equal(info->max_mgpu, 8000);
    assert_true(info->asked_mgpu == 1000 + 500 + 8000 + 8000 + 4000 + 2000);
    /* GPU-seconds: 100 + 25 + 0 + 640 + 0 + (never) + 120 */
    assert_true(info->mgpu_ns == (sp_i128)885000 * SP_NS_PER_S);
    assert_int_equal(info->sizes[0].jobs, 1);
    assert_int_equal(info->sizes[1].jobs, 1);
    assert_int_equal(info->sizes[2].jobs, 1);
    assert_int_equal(info->sizes[3].jobs, 2);
    assert_int_equal(info->sizes[4].jobs, 2);
    assert_int_equal(info->sizes[5].jobs, 0);
    assert_true(info->sizes[4].mgpu_ns == (sp_i128)640000 * SP_NS_PER_S);
    assert_int_equal(info->by_team[1].jobs, 3);
    assert_true(info->by_team[2].mgpu_ns == (sp_i128)665000 * SP_NS_PER_S);
    assert_string_equal(info->teams.name[2], "blue");
    assert_int_equal(info->by_model[0], 2);
    assert_int_equal(info->by_model[1], 1);
    assert_int_equal(info->any_model, 4);
    assert_near(info->durations.mean_s, 300 / 6.0, 1e-9);
    assert_int_equal(info->durations.max_ns, 100 * SP_NS_PER_S);
    assert_near(sp_s_from_ns(info->durations.p50_ns), 50, 50 * TRACE_QUANTILE_ERROR);
    assert_near(info->gpu_durations.mean_s, 290 / 5.0, 1e-9);
    assert_int_equal(info->with_priority, 3);
    assert_int_equal(info->n_priorities, 2);
    assert_int_equal(info->priority[0], 5);
    assert_int_equal(info->priority_jobs[0], 2);
    assert_int_equal(info->priority[1], -2);
    assert_int_equal(info->with_estimate, 1);
    assert_int_equal(info->with_deadline, 1);
    assert_int_equal(info->preemptible, 1);
    assert_int_equal(info->not_preemptible, 0);
    assert_int_equal(info->simultaneous, 1);
    assert_near(info->gap_mean_s, 40, 1e-9);
    assert_int_equal(info->gap_max_ns, 160 * SP_NS_PER_S);
    /* demand, GPUs: [0,20) 1.5, [20,50) 9.5, [50,100) 9, [100,200) 0, [200,240) 4,
     * [240,300) 6 */
    assert_int_equal(info->demand->length_ns, 300 * SP_NS_PER_S);
    assert_int_equal(info->demand->all.peak_mgpu, 9500);
    assert_int_equal(info->demand->all.peak_at_ns, 20 * SP_NS_PER_S);
    assert_int_equal(info->demand->all.p50_mgpu, 4000);
    assert_near(info->demand->all.mean_mgpu,
                (30 + 285 + 450 + 160 + 360) / 300.0 * 1000, 1e-6);
    /* of the teams: red 4 at 200, blue 8.5 in [20, 50), none 2 */
    assert_int_equal(info->demand->sum_peak_mgpu, 4000 + 8500 + 2000);
    sp_arena_free(arena);
}

static void a_trace_without_gpus_is_counted_in_cpus(void **state)
{
    struct model_job jobs[] = {job_of(0, 10, 0, 1), job_of(5, 10, 0, 2)};
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct model_job_stream stream;
    struct trace_job_study study = study_of(&a, &stream);
    struct trace_job_info *info;

    (void)state;
    jobs[0].members = 8;
    jobs[0].needs.mcpu = 2000;
    jobs[1].needs.mcpu = 500;
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    assert_true(info->of_cpus);
    assert_true(info->asked_mcpu == 16500);
    assert_true(info->mcpu_ns == (sp_i128)165000 * SP_NS_PER_S);
    assert_true(info->demand->all.mgpu_ns == info->mcpu_ns);
    assert_int_equal(info->demand->all.peak_mgpu, 16500);
    jobs[1].needs.mgpu = 1; /* one share of a GPU, and GPUs are what counts */
    study = study_of(&a, &stream);
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    assert_false(info->of_cpus);
    assert_int_equal(info->demand->all.peak_mgpu, 1);
    sp_arena_free(arena);
}

static void one_job_has_no_rate(void **state)
{
    struct model_job jobs[] = {job_of(0, 7, 1000, 0)};
    struct job_array a = {.jobs = jobs, .n = 1};
    struct sp_arena *arena = sp_arena_new();
    struct model_job_stream stream;
    struct trace_job_study study = study_of(&a, &stream);
    struct trace_job_info *info;

    (void)state;
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    assert_true(isnan(info->rate_per_s) && isnan(info->gap_cv));
    assert_int_equal(info->demand->length_ns, 7 * SP_NS_PER_S);
    assert_int_equal(info->demand->all.p50_mgpu, 1000);
    sp_arena_free(arena);
}

static void a_broken_stream_is_the_caller_s_to_hear(void **state)
{
    struct model_job jobs[] = {job_of(0, 7, 1000, 0)};
    struct job_array a = {.jobs = jobs, .n = 1, .broken = SP_EINPUT};
    struct sp_arena *arena = sp_arena_new();
    struct model_job_stream stream;
    struct trace_job_study study = study_of(&a, &stream);
    struct trace_job_info *info = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(trace_job_info_read(&study, arena, &info, &err), SP_EINPUT);
    assert_null(info);
    assert_string_equal(err.text, "array: broken");
    sp_arena_free(arena);
}

static void the_largest_jobs_do_not_overflow(void **state)
{
    struct model_job jobs[100];
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct model_job_stream stream;
    struct trace_job_study study = study_of(&a, &stream);
    struct trace_job_info *info;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(jobs); i++) {
        jobs[i] = job_of(0, 0, INT64_C(1000000000), 1);
        jobs[i].members = MODEL_JOB_MEMBERS_MAX;
        jobs[i].needs.mcpu = INT64_C(1000000000);
        jobs[i].duration_ns = SP_NS_MAX;
    }
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    assert_int_equal(info->demand->all.peak_mgpu, INT64_C(1000000000000000));
    assert_true(info->mgpu_ns == (sp_i128)SP_NS_MAX * INT64_C(100000000000000) * 100);
    sp_arena_free(arena);
}

/* ---- a naive second ---- */

/* Demand of a team (-1: all) in each second, from the definition. */
static int64_t naive_level(const struct model_job *jobs, size_t n, int32_t team,
                           int64_t s)
{
    int64_t mgpu = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t from = jobs[i].arrival_ns / SP_NS_PER_S;
        int64_t to = jobs[i].duration_ns == MODEL_NEVER
                         ? INT64_MAX
                         : from + jobs[i].duration_ns / SP_NS_PER_S;

        if ((team < 0 || jobs[i].team == team) && from <= s && s < to)
            mgpu += jobs[i].needs.mgpu * jobs[i].members;
    }
    return mgpu;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void agrees_with(const struct trace_demand_figures *f,
                        const struct model_job *jobs, size_t n, int32_t team,
                        int64_t length_s)
{
    int64_t *levels = sp_xcalloc((size_t)length_s, sizeof *levels), sum = 0;

    for (int64_t s = 0; s < length_s; s++) {
        levels[s] = naive_level(jobs, n, team, s);
        sum += levels[s];
    }
    qsort(levels, (size_t)length_s, sizeof *levels, by_value);
    assert_true(f->mgpu_ns == (sp_i128)sum * SP_NS_PER_S);
    assert_int_equal(f->peak_mgpu, levels[length_s - 1]);
    assert_int_equal(f->p50_mgpu, levels[(length_s * 50 + 99) / 100 - 1]);
    assert_int_equal(f->p95_mgpu, levels[(length_s * 95 + 99) / 100 - 1]);
    assert_int_equal(f->p99_mgpu, levels[(length_s * 99 + 99) / 100 - 1]);
    free(levels);
}

static void demand_agrees_with_a_count_of_every_second(void **state)
{
    enum { N = 60 };

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct sp_rng rng = sp_rng_from_key(seed);
        struct model_job jobs[N];
        struct job_array a = {.jobs = jobs, .n = 1 + (int64_t)(sp_rng_next(&rng) % N)};
        struct sp_arena *arena = sp_arena_new();
        struct model_job_stream stream;
        struct trace_job_study study = study_of(&a, &stream);
        struct trace_job_info *info;
        int64_t at = 0, end = 0;

        for (int64_t i = 0; i < a.n; i++) {
            int64_t lasts = (int64_t)(sp_rng_next(&rng) % 40) - (seed % 2 == 0);

            at += i > 0 ? (int64_t)(sp_rng_next(&rng) % 5) : 0;
            jobs[i] = job_of(at, lasts, (int64_t)(sp_rng_next(&rng) % 5) * 500,
                             (int32_t)(sp_rng_next(&rng) % 3));
            jobs[i].members = 1 + (int32_t)(sp_rng_next(&rng) % 3);
            end = at + lasts > end ? at + lasts : end;
        }
        end = at > end ? at : end;
        assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
        assert_int_equal(info->demand->length_ns, end * SP_NS_PER_S);
        if (end > 0) {
            agrees_with(&info->demand->all, jobs, (size_t)a.n, -1, end);
            for (int32_t t = 0; t < info->demand->n_teams; t++)
                agrees_with(&info->demand->teams[t], jobs, (size_t)a.n, t, end);
        }
        sp_arena_free(arena);
    }
}

/* ---- what fits ---- */

#define GIB(n) ((int64_t)(n) << 30)

static const struct model_listed_kind fleet[] = {
    {{.mcpu = 64000, .mgpu = 8000, .memory_bytes = GIB(256)}, "V100-32GB", 2},
    {{.mcpu = 32000, .mgpu = 2000, .memory_bytes = -1}, "t4", 3},
    {{.mcpu = 96000, .mgpu = 0, .memory_bytes = GIB(512)}, "", 1},
};

static struct fit_row {
    const char *name;
    int32_t members;
    struct model_amounts needs;
    uint64_t models; /* 1: V100, 2: T4 */
    enum trace_job_fits want;
} fit_rows[] = {
    {"a_whole_node_fits", 1, {64000, 8000, GIB(256)}, 0, TRACE_JOB_FITS},
    {"a_gpu_more_than_a_node_has_does_not",
     1,
     {1000, 9000, 0},
     0,
     TRACE_JOB_MEMBER_TOO_LARGE},
    {"cpus_alone_go_where_no_gpus_are", 1, {96000, 0, GIB(512)}, 0, TRACE_JOB_FITS},
    {"cpus_beyond_any_node_do_not_fit",
     1,
     {96001, 0, 0},
     0,
     TRACE_JOB_MEMBER_TOO_LARGE},
    {"memory_where_it_is_not_limited_fits",
     1,
     {1000, 2000, GIB(4000)},
     0,
     TRACE_JOB_FITS},
    {"memory_beyond_the_node_does_not",
     1,
     {1000, 3000, GIB(257)},
     0,
     TRACE_JOB_MEMBER_TOO_LARGE},
    {"what_is_not_said_is_nothing", 1, {-1, 8000, -1}, 0, TRACE_JOB_FITS},
    {"a_model_begins_the_kind_s_name", 1, {-1, 8000, -1}, 1, TRACE_JOB_FITS},
    {"a_model_that_has_too_few_gpus", 1, {-1, 3000, -1}, 2, TRACE_JOB_MEMBER_TOO_LARGE},
    {"either_model_will_do", 1, {-1, 3000, -1}, 3, TRACE_JOB_FITS},
    {"a_model_that_nobody_has", 1, {-1, 1000, -1}, 4, TRACE_JOB_MEMBER_TOO_LARGE},
    {"a_gang_on_all_gpus_fits", 22, {-1, 1000, -1}, 0, TRACE_JOB_FITS},
    {"a_gang_of_one_more_does_not", 23, {-1, 1000, -1}, 0, TRACE_JOB_GANG_TOO_LARGE},
    {"a_gang_of_shares_packs_devices_not_sums", 22, {-1, 600, -1}, 0, TRACE_JOB_FITS},
    {"and_one_share_more_has_no_device",
     23,
     {-1, 600, -1},
     0,
     TRACE_JOB_GANG_TOO_LARGE},
    {"a_gang_is_held_by_its_cpus_too", 7, {32000, 1000, -1}, 0, TRACE_JOB_FITS},
    {"a_gang_of_cpus_one_too_many", 8, {32000, 1000, -1}, 0, TRACE_JOB_GANG_TOO_LARGE},
    {"a_total_of_all_gpus_fits", 0, {-1, 22000, -1}, 0, TRACE_JOB_FITS},
    {"a_total_of_more_does_not", 0, {-1, 22001, -1}, 0, TRACE_JOB_GANG_TOO_LARGE},
    {"a_total_is_of_its_models", 0, {-1, 7000, -1}, 2, TRACE_JOB_GANG_TOO_LARGE},
};

static void job_fits_as_wanted(void **state)
{
    static const char *const names[] = {"V100", "T4", "A100"};
    const struct fit_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct trace_job_fit *fit = trace_job_fit_new(N_ELEMENTS(fleet), fleet, arena);
    struct model_job job = job_of(0, 1, 0, 0);

    job.members = row->members;
    job.needs = row->needs;
    job.models = row->models;
    assert_int_equal(trace_job_fit_of(fit, &job, (struct model_names){3, names}),
                     row->want);
    sp_arena_free(arena);
}

/* ---- the check ---- */

static bool has_text(const struct trace_warnings *w, const char *text)
{
    for (int32_t i = 0; i < w->n; i++)
        if (strstr(w->text[i], text) != NULL)
            return true;
    return false;
}

static struct trace_warnings check_of(struct job_array *a, int32_t n_kinds,
                                      const struct model_listed_kind *kinds,
                                      struct sp_arena *arena)
{
    struct model_job_stream stream;
    struct trace_job_study study = study_of(a, &stream);
    struct trace_job_info *info;

    study.n_kinds = n_kinds;
    study.kinds = kinds;
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    return trace_job_check(&study, info, arena);
}

static void an_even_trace_within_its_fleet_draws_no_warning(void **state)
{
    static const struct model_listed_kind small = {
        {.mcpu = 8000, .mgpu = 2000, .memory_bytes = -1}, "V100", 1};
    struct model_job jobs[100];
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct trace_warnings w;

    (void)state;
    for (int i = 0; i < 100; i++) {
        jobs[i] = job_of(10 * i, 8, 1000, 1);
        jobs[i].line = 2 + i;
    }
    jobs[50].needs.mgpu = jobs[51].needs.mgpu = 2000;
    jobs[50].duration_ns *= 2; /* for a while more is asked for than there is */
    w = check_of(&a, 1, &small, arena);
    assert_int_equal(w.n, 0);
    sp_arena_free(arena);
}

static void what_is_odd_is_named_with_its_line(void **state)
{
    static const char *const oversized[] = {"big one", "big\ttwo", "b3", "b4"};
    struct model_job jobs[300];
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct trace_warnings w;

    (void)state;
    for (int i = 0; i < 300; i++) {
        jobs[i] = job_of(i + (i >= 250 ? 5000 : 0), 10, 1000, 1);
        jobs[i].line = 2 + i;
    }
    for (int i = 0; i < 4; i++) {
        jobs[10 + i].needs.mgpu = 9000;
        jobs[10 + i].name = oversized[i];
    }
    jobs[20].members = 1000;
    jobs[21].duration_ns = 0;
    jobs[22].duration_ns = MODEL_NEVER;
    jobs[30].line = 33; /* lines 33 and 32 arrive in this order */
    jobs[31].line = 32;
    w = check_of(&a, N_ELEMENTS(fleet), fleet, arena);
    assert_true(has_text(&w, "array:12: 4 jobs have members that fit on no node of the "
                             "fleet and never run: 'big one' (line 12), 'big\\x09two' "
                             "(line 13), 'b3' (line 14) and 1 more"));
    assert_true(has_text(&w, "array:22: a job does not fit on the whole fleet at once "
                             "and never runs: 'job'"));
    assert_true(has_text(&w, "array:23: a job lasts no time: 'job'"));
    assert_true(has_text(&w, "array:24: a job never ends: 'job'"));
    assert_true(has_text(&w, "array:33: rows are not in order of arrival (1 times a "
                             "later row comes earlier); they were sorted"));
    assert_true(has_text(&w, "array:252: nothing arrives for 1h 23m before this"));
    sp_arena_free(arena);
}

static void load_beyond_the_fleet_is_told(void **state)
{
    static const struct model_listed_kind one = {
        {.mcpu = 8000, .mgpu = 1000, .memory_bytes = -1}, "V100", 1};
    struct model_job jobs[101];
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct trace_warnings w;

    (void)state;
    for (int i = 0; i <= 100; i++) /* 101 x 20 GPU-seconds in 1000 s on one GPU */
        jobs[i] = job_of(10 * i, 20, 1000, 1);
    w = check_of(&a, 1, &one, arena);
    assert_int_equal(w.n, 1);
    assert_string_equal(w.text[0],
                        "array: its jobs ask for 202 % of the fleet's 1 GPUs "
                        "over the 16m 40s in which they arrive: the queue "
                        "grows to the end");
    for (int i = 0; i <= 100; i++)
        jobs[i].duration_ns = 5 * SP_NS_PER_S;
    w = check_of(&a, 1, &one, arena);
    assert_int_equal(w.n, 1);
    assert_non_null(strstr(w.text[0], "ask for 50.5 % of the fleet's 1 GPUs"));
    assert_non_null(strstr(w.text[0], "hardly anything will wait"));
    sp_arena_free(arena);
}

/* A snapshot of a full fleet whose recorded lifetimes hardly overlap. */
static void times_that_do_not_make_the_load_are_told(void **state)
{
    static const struct model_listed_kind full = {
        {.mcpu = 8000, .mgpu = 8000, .memory_bytes = -1}, "V100", 10};
    struct model_job jobs[80];
    struct job_array a = {.jobs = jobs, .n = N_ELEMENTS(jobs)};
    struct sp_arena *arena = sp_arena_new();
    struct trace_warnings w;

    (void)state;
    for (int i = 0; i < 80; i++)
        jobs[i] = job_of(100 * i, 150, 1000, 1);
    w = check_of(&a, 1, &full, arena);
    assert_int_equal(w.n, 1);
    assert_non_null(strstr(w.text[0], "replayed, they run 2 GPUs at most"));
    assert_non_null(strstr(w.text[0], "ask for 80, 100 % of the fleet"));
    sp_arena_free(arena);
}

/* ---- JSON ---- */

static json_t *loaded(FILE *out, char **text)
{
    json_error_t where;
    json_t *root;

    fclose(out);
    root = json_loads(*text, 0, &where);
    if (root == NULL)
        fail_msg("line %d: %s in %s", where.line, where.text, *text);
    free(*text);
    *text = NULL;
    return root;
}

static double number_at(const json_t *root, const char *object, const char *key)
{
    return json_number_value(json_object_get(json_object_get(root, object), key));
}

static void json_is_valid_and_says_the_same(void **state)
{
    static const struct trace_job_facts facts = {.format = "csv",
                                                 .compression = "plain"};
    static const int64_t at_ns[] = {0, 5};
    static const int32_t n_nodes[] = {0, 2};
    const struct model_availability a = {.path = "a\"\xff",
                                         .form = "ticks",
                                         .n = 2,
                                         .at_ns = at_ns,
                                         .nodes = n_nodes,
                                         .length_ns = 10,
                                         .most = 2};
    struct model_listed_kind kind = {{1500, 2000, -1}, "T4", 3};
    const struct model_node_list list = {
        .form = "csv", .n_nodes = 3, .n_kinds = 1, .kinds = &kind};
    struct model_job jobs[] = {job_of(0, -1, 1500, 1)};
    struct job_array array = {.jobs = jobs, .n = 1};
    struct sp_arena *arena = sp_arena_new();
    struct model_job_stream stream;
    struct trace_job_study study = study_of(&array, &stream);
    struct trace_job_info *info;
    struct trace_warnings w;
    char *text = NULL;
    size_t size;
    FILE *out;
    json_t *root;

    (void)state;
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    w = trace_job_check(&study, info, arena);
    out = open_memstream(&text, &size);
    trace_job_info_print_json(info, &facts, 7, &w, out);
    root = loaded(out, &text);
    assert_int_equal(json_integer_value(json_object_get(root, "never_end")), 1);
    assert_true(json_is_null(json_object_get(root, "rate_per_s")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(root, "demand"), "of")),
        "GPUs");
    json_decref(root);

    out = open_memstream(&text, &size);
    trace_availability_print_json(&a, 7, out);
    root = loaded(out, &text);
    assert_near(json_number_value(json_object_get(root, "any_frac")), 0.5, 0);
    assert_string_equal(json_string_value(json_object_get(root, "file")),
                        "a\"\xef\xbf\xbd");
    json_decref(root);

    out = open_memstream(&text, &size);
    trace_node_list_print_json(&list, "n", 7, out);
    root = loaded(out, &text);
    assert_near(json_number_value(json_object_get(root, "gpus")), 6, 0);
    json_decref(root);

    array.jobs = (struct model_job[]){job_of(0, 10, 500, 1)};
    study = study_of(&array, &stream);
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    out = open_memstream(&text, &size);
    trace_job_info_print_json(info, &facts, 7, &w, out);
    root = loaded(out, &text);
    assert_near(number_at(root, "duration_s", "mean"), 10, 0);
    assert_near(number_at(root, "demand", "length_s"), 10, 0);
    json_decref(root);
    sp_arena_free(arena);
}

/* ---- published traces ---- */

/* alibaba/clusterdata 7a6c496: all pods ask for 6086.8 GPUs, 98 % of the 6212 of the
 * 1213 nodes; another program that replays the times (from creation, for as long as a
 * pod was scheduled) has 64.59 GPUs at most and 14.37 in the mean over 149.3 days. */
static void openb_s_times_are_seen_not_to_make_its_load(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *pods = file_shared("cluster/openb/openb_pod_list_default.csv.gz");
    char *nodes = file_shared("cluster/openb/openb_node_list_gpu_node.csv.gz");
    struct model_node_list *list;
    struct trace_warnings w = {0};
    struct trace_job_request request = {
        .path = pods, .scale = 1, .jobs = -1, .for_ns = -1};

    (void)state;
    if (pods == NULL || nodes == NULL) {
        free(pods);
        free(nodes);
        sp_arena_free(arena);
        skip();
    }
    assert_int_equal(model_node_list_read(nodes, arena, &list, NULL), SP_OK);
    assert_int_equal(
        trace_job_check_file(&request, list->n_kinds, list->kinds, arena, &w, NULL),
        SP_OK);
    assert_true(has_text(&w,
                         "replayed, they run 64.59 GPUs at most and 14.37 in the "
                         "mean over 149d 8h, but all jobs together ask for 6,086.8, "
                         "98 % of the fleet"));
    assert_true(has_text(&w, "897 jobs never started"));
    assert_false(has_text(&w, "fit on no node"));
    free(pods);
    free(nodes);
    sp_arena_free(arena);
}

/* The Parallel Workloads Archive's NASA iPSC log: its header says that what stands for
 * submission is the start; 18239 jobs on 128 nodes, of which it kept about 47 % busy.
 */
static void nasa_s_submit_times_are_suspected(void **state)
{
    static const struct model_listed_kind nodes = {
        {.mcpu = 1000, .mgpu = 0, .memory_bytes = -1}, "", 128};
    struct sp_arena *arena = sp_arena_new();
    char *path = file_shared("cluster/other/NASA-iPSC-1993-3.1-cln.swf.gz");
    struct trace_warnings w = {0};
    struct trace_job_request request = {
        .path = path, .scale = 1, .jobs = -1, .for_ns = -1};

    (void)state;
    if (path == NULL) {
        sp_arena_free(arena);
        skip();
    }
    assert_int_equal(trace_job_check_file(&request, 1, &nodes, arena, &w, NULL), SP_OK);
    assert_true(has_text(&w, "it says of no job that it waited"));
    assert_false(has_text(&w, "never run"));
    free(path);
    sp_arena_free(arena);
}

/* siasosp23/artifacts aaf7a0d; sums, and both peaks by another program (events of all
 * jobs sorted by time). */
static void philly_s_teams_peak_at_different_times(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *path = file_shared("cluster/philly/philly_jobs_2017-09_11.csv.gz");
    struct model_job_stream stream;
    struct trace_job_request request = {
        .path = path, .scale = 1, .jobs = -1, .for_ns = -1};
    struct trace_job_study study = {.path = path,
                                    .stream = &stream,
                                    .teams = trace_jobs_teams,
                                    .models = trace_jobs_models};
    struct trace_job_info *info;

    (void)state;
    if (path == NULL) {
        sp_arena_free(arena);
        skip();
    }
    assert_int_equal(trace_jobs_open(&request, &stream, NULL), SP_OK);
    study.facts = trace_jobs_facts(&stream);
    assert_int_equal(trace_job_info_read(&study, arena, &info, NULL), SP_OK);
    stream.close(stream.self);
    assert_int_equal(info->jobs, 74167);
    assert_near(sp_double_from_i128(info->mgpu_ns) / 1000 / (double)SP_NS_PER_H,
                894968.04, 0.005);
    assert_int_equal(info->demand->all.peak_mgpu, 1243000);
    assert_int_equal(info->demand->sum_peak_mgpu, 3207000);
    free(path);
    sp_arena_free(arena);
}

enum { N_FITS = N_ELEMENTS(fit_rows), OTHERS = 14 };

int main(void)
{
    struct CMUnitTest tests[OTHERS + N_FITS] = {
        cmocka_unit_test(figures_are_those_of_the_hand),
        cmocka_unit_test(a_trace_without_gpus_is_counted_in_cpus),
        cmocka_unit_test(one_job_has_no_rate),
        cmocka_unit_test(a_broken_stream_is_the_caller_s_to_hear),
        cmocka_unit_test(the_largest_jobs_do_not_overflow),
        cmocka_unit_test(demand_agrees_with_a_count_of_every_second),
        cmocka_unit_test(an_even_trace_within_its_fleet_draws_no_warning),
        cmocka_unit_test(what_is_odd_is_named_with_its_line),
        cmocka_unit_test(load_beyond_the_fleet_is_told),
        cmocka_unit_test(times_that_do_not_make_the_load_are_told),
        cmocka_unit_test(json_is_valid_and_says_the_same),
        cmocka_unit_test(openb_s_times_are_seen_not_to_make_its_load),
        cmocka_unit_test(nasa_s_submit_times_are_suspected),
        cmocka_unit_test(philly_s_teams_peak_at_different_times),
    };

    for (size_t i = 0; i < N_FITS; i++)
        tests[OTHERS + i] = (struct CMUnitTest){.name = fit_rows[i].name,
                                                .test_func = job_fits_as_wanted,
                                                .initial_state = &fit_rows[i]};
    return cmocka_run_group_tests_name("job_info", tests, NULL, NULL);
}
