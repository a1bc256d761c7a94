/* Streams of jobs: order, windows and limits; shuffled, drawn again, at times of their
 * own; summaries; what is written and read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/units.h"
#include "model/jobs.h"
#include "tests/job_text.h"
#include "tests/trace_files.h"
#include "traces/job_format.h"
#include "traces/job_write.h"
#include "traces/jobs.h"

#define S SP_NS_PER_S
enum { TEXT_MAX = 4096 };

static const char five[] =
    "job,arrival_s,duration_s,gpu,team\n"
    "a,10,1,1,x\nb,11,2,2,y\nc,13,4,4,x\nd,13,8,0.5,\ne,20,16,8,z\n";

/* ---- limits of a request ---- */

static struct limit {
    const char *name;
    struct trace_job_request request;
    const char *jobs;
} limits[] = {
    {"times_count_from_the_first_arrival",
     {.scale = 1, .jobs = -1, .for_ns = -1},
     "a@0 b@1 c@3 d@3 e@10 "},
    {"a_scale_divides_times",
     {.scale = 2, .jobs = -1, .for_ns = -1},
     "a@0 b@0.5 c@1.5 d@1.5 e@5 "},
    {"so_many_jobs_at_most", {.scale = 1, .jobs = 2, .for_ns = -1}, "a@0 b@1 "},
    {"none_at_all", {.scale = 1, .jobs = 0, .for_ns = -1}, ""},
    {"the_end_is_not_within", {.scale = 1, .jobs = -1, .for_ns = 3 * S}, "a@0 b@1 "},
    {"from_becomes_nought",
     {.scale = 1, .jobs = -1, .from_ns = 2 * S, .for_ns = -1},
     "c@1 d@1 e@8 "},
    {"from_is_within",
     {.scale = 1, .jobs = -1, .from_ns = 3 * S, .for_ns = S},
     "c@0 d@0 "},
    {"jobs_before_from_do_not_count",
     {.scale = 1, .jobs = 1, .from_ns = 1 * S, .for_ns = -1},
     "b@0 "},
    {"from_is_before_and_for_after_the_scale",
     {.scale = 2, .jobs = -1, .from_ns = 1 * S, .for_ns = 2 * S},
     "b@0 c@1 d@1 "},
    {"nothing_may_be_left",
     {.scale = 1, .jobs = -1, .from_ns = 11 * S, .for_ns = -1},
     ""},
};
enum { N_LIMITS = sizeof limits / sizeof limits[0] };

/* Names and times of a stream, in short; closes it. */
static void tell(struct model_job_stream *stream, char *text, size_t size)
{
    enum sp_status status = SP_OK;
    struct sp_err err = {0};
    struct model_job job;
    size_t used = 0;
    int64_t n = 0;

    text[0] = '\0';
    while (stream->next(stream->self, &job, &status, &err)) {
        assert_int_equal(job.number, n++);
        used += (size_t)snprintf(text + used, size - used, "%s@%.12g ", job.name,
                                 sp_s_from_ns(job.arrival_ns));
        assert_true(used < size);
    }
    assert_int_equal(status, SP_OK);
    assert_false(stream->next(stream->self, &job, &status, &err));
    assert_int_equal(status, SP_OK);
    stream->close(stream->self);
}

static void keeps_to_its_limits(void **state)
{
    const struct limit *limit = *state;
    struct trace_job_request request = limit->request;
    struct model_job_stream stream;
    char text[TEXT_MAX], *path = file_of_text(five);
    struct sp_err err = {0};

    request.path = path;
    assert_int_equal(trace_jobs_open(&request, &stream, &err), SP_OK);
    tell(&stream, text, sizeof text);
    assert_string_equal(text, limit->jobs);
    file_drop(path);
}

/* ---- files ---- */

static char *shuffled_file(int n, bool in_order, size_t *size)
{
    size_t room = (size_t)n * 64 + 100;
    char *text = calloc(room, 1);
    struct sp_rng rng = sp_rng_from_key(5);

    assert_non_null(text);
    *size = (size_t)snprintf(text, room, "job,arrival_s,duration_s,gpu,team\n");
    for (int i = 0; i < n; i++) {
        int arrival = in_order ? i / 3 : (int)(sp_rng_uniform(&rng) * n);

        *size += (size_t)snprintf(text + *size, room - *size, "j%d,%d,%d,%d,t%d\n", i,
                                  arrival, i % 7, 1 + i % 8, i % 5);
    }
    return text;
}

/* Checks that a stream of a shuffled_file() has all jobs, in order, ties by row. */
static void check_all(struct model_job_stream *stream, int n)
{
    enum sp_status status = SP_OK;
    struct sp_err err = {0};
    struct model_job job;
    int64_t last_ns = -1, last_line = 0, sum = 0;

    for (int i = 0; i < n; i++) {
        assert_true(stream->next(stream->self, &job, &status, &err));
        assert_true(job.arrival_ns > last_ns ||
                    (job.arrival_ns == last_ns && job.line > last_line));
        last_ns = job.arrival_ns;
        last_line = job.line;
        sum += job.line;
        assert_int_equal(atoi(job.name + 1), job.line - 2);
    }
    assert_false(stream->next(stream->self, &job, &status, &err));
    assert_int_equal(status, SP_OK);
    assert_true(sum == (int64_t)n * (n + 3) / 2);
}

static void packed_and_plain_files_give_the_same_jobs(void **state)
{
    enum { N = 20000 };

    (void)state;
    for (int kind = 0; kind < FILE_KINDS; kind++)
        for (int order = 0; order < 2; order++) {
            size_t size, packed_size;
            char *text = shuffled_file(N, order == 1, &size);
            void *packed = file_pack((enum file_kind)kind, text, size, &packed_size);
            char *path = file_new(packed, packed_size);
            struct trace_job_request request = {
                .path = path, .scale = 1, .jobs = -1, .for_ns = -1};
            struct model_job_stream stream;
            struct sp_err err = {0};

            assert_int_equal(trace_jobs_open(&request, &stream, &err), SP_OK);
            assert_string_equal(trace_jobs_facts(&stream)->compression,
                                file_kind_names[kind]);
            assert_true(trace_jobs_facts(&stream)->sorted == (order == 0));
            assert_int_equal(trace_jobs_facts(&stream)->rows, N);
            assert_int_equal(trace_jobs_facts(&stream)->text_bytes, size);
            check_all(&stream, N);
            assert_int_equal(trace_jobs_teams(&stream).n, 6);
            assert_string_equal(trace_jobs_teams(&stream).name[0], "-");
            assert_string_equal(trace_jobs_teams(&stream).name[1], "t0");
            stream.close(stream.self);
            file_drop(path);
            free(packed);
            free(text);
        }
}

static void a_pipe_is_read_once(void **state)
{
    struct trace_job_request request = {.scale = 1, .jobs = -1, .for_ns = -1};
    struct model_job_stream stream;
    char path[40], text[TEXT_MAX];
    struct sp_err err = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], five, strlen(five)), strlen(five));
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    request.path = path;
    assert_int_equal(trace_jobs_open(&request, &stream, &err), SP_OK);
    tell(&stream, text, sizeof text);
    assert_string_equal(text, "a@0 b@1 c@3 d@3 e@10 ");
    close(ends[0]);
}

static void truncated_gzip_is_no_shorter_trace(void **state)
{
    size_t size, packed_size;
    char *text = shuffled_file(5000, true, &size), *path;
    void *packed = file_pack(FILE_GZIP, text, size, &packed_size);
    struct model_job_stream stream;
    struct sp_err err = {0};

    (void)state;
    path = file_new(packed, packed_size - 20);
    assert_int_equal(
        trace_jobs_open(&(struct trace_job_request){path, NULL, 1, -1, 0, -1}, &stream,
                        &err),
        SP_EINPUT);
    assert_non_null(strstr(err.text, "truncated gzip data"));
    file_drop(path);
    free(packed);
    free(text);
}

/* Teams 1 .. n, each a row; models m1 .. in one list or one a row. */
static enum sp_status open_with(int teams, int models, struct sp_err *err)
{
    size_t room = (size_t)(teams + models) * 32 + 200, used;
    char *text = calloc(room, 1);
    struct trace_job_facts facts;
    char out[TEXT_MAX * 20];
    enum sp_status status;

    assert_non_null(text);
    used = (size_t)snprintf(text, room, "arrival_s,duration_s,gpu,team,gpu_models\n");
    for (int i = 0; i < teams; i++)
        used += (size_t)snprintf(text + used, room - used, "0,1,1,team%d,\n", i);
    for (int i = 0; i < models; i++)
        used += (size_t)snprintf(text + used, room - used, "0,1,1,,m%d\n", i);
    status = job_text_of_file(
        text, (struct trace_job_request){.scale = 1, .jobs = -1, .for_ns = -1}, out,
        sizeof out, &facts, err);
    free(text);
    return status;
}

static void teams_and_models_have_their_limits(void **state)
{
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(open_with(MODEL_JOB_TEAMS_MAX - 1, MODEL_JOB_MODELS_MAX, &err),
                     SP_OK);
    assert_int_equal(open_with(MODEL_JOB_TEAMS_MAX, 0, &err), SP_EINPUT);
    assert_string_equal(err.text, ":1001: column team: found the name of another team, "
                                  "expected at most 1000 (those without one included)");
    err = (struct sp_err){0};
    assert_int_equal(open_with(0, MODEL_JOB_MODELS_MAX + 1, &err), SP_EINPUT);
    assert_string_equal(err.text,
                        ":65: column gpu_models: found the name of another GPU model, "
                        "expected at most 63 in a trace");
}

static void long_names_are_refused(void **state)
{
    enum { LONG = 10000 };
    char *text = calloc(2 * LONG, 1), out[TEXT_MAX];
    struct trace_job_facts facts;
    struct sp_err err = {0};
    const struct trace_job_request all = {.scale = 1, .jobs = -1, .for_ns = -1};

    (void)state;
    assert_non_null(text);
    for (int n = MODEL_NAME_MAX; n <= LONG;
         n = n == MODEL_NAME_MAX ? n + 1 : LONG + (n == LONG)) {
        int at = snprintf(text, LONG, "job,arrival_s,duration_s,gpu\n");

        memset(text + at, 'n', (size_t)n);
        strcpy(text + at + n, ",0,1,1\n");
        assert_int_equal(job_text_of_file(text, all, out, sizeof out, &facts, &err),
                         n == MODEL_NAME_MAX ? SP_OK : SP_EINPUT);
        assert_true(n == MODEL_NAME_MAX ||
                    strstr(err.text, "...', expected a name of at most 100 bytes") !=
                        NULL);
        err = (struct sp_err){0};
    }
    free(text);
}

/* Any byte changed, dropped or doubled: an answer or a message, never more. */
static void damaged_files_get_an_answer(void **state)
{
    static const char *const files[] = {
        five,
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,creation_time\n"
        "p0,1000,16384,1,460,T4|P100,LS,100\np1,1000,1,8,1000,,BE,101\n",
        "[{\"jobid\": \"a\", \"vc\": \"v\", \"submitted_time\": \"2017-10-09 "
        "07:00:00\", \"attempts\": [{\"start_time\": \"2017-10-09 07:02:20\", "
        "\"end_time\": \"2017-10-09 07:02:29\", \"detail\": [{\"gpus\": "
        "[\"g\"]}]}]}]\n",
        ";x\n2 20 5 60 -1 -1 2048 4 3600 1024 1 7 -1 -1 -1 -1 -1 -1\n",
        "j,worker,2.0,Terminated,494551.0,498551.5,600.0,29.29,25.0,V100\n",
    };
    static const char bytes[] = "\0\xff\n\r,;\"{}[]|-. 0919eE\t\xc3";
    struct sp_rng rng = sp_rng_from_key(11);
    char text[1024], out[2 * TEXT_MAX];
    struct trace_job_facts facts;

    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++)
        for (int round = 0; round < 400; round++) {
            size_t size = strlen(files[f]);
            struct sp_err err = {0};
            enum sp_status status;

            strcpy(text, files[f]);
            for (int k = 0; k <= round % 3; k++) {
                size_t at = (size_t)(sp_rng_uniform(&rng) * (double)size);

                text[at] =
                    bytes[(size_t)(sp_rng_uniform(&rng) * (double)(sizeof bytes - 1))];
                if (text[at] == '\0') /* not through strlen(): the rest is lost */
                    size = at > 0 ? at : 1;
            }
            status = job_text_of_file(
                text, (struct trace_job_request){.scale = 1, .jobs = -1, .for_ns = -1},
                out, sizeof out, &facts, &err);
            assert_true(status == SP_OK || status == SP_EINPUT);
            assert_true((status == SP_OK) == (err.text[0] == '\0'));
            for (const char *p = err.text; *p != '\0'; p++)
                assert_true((unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f);
        }
}

/* ---- as a plan asks for them ---- */

struct plan_of {
    struct model_jobs jobs;
    struct model_plan plan;
    char *path;
};

static void plan_init(struct plan_of *p, const char *file)
{
    *p = (struct plan_of){.path = file_of_text(file)};
    p->plan = (struct model_plan){.workload = "w",
                                  .kind = MODEL_KIND_JOBS,
                                  .jobs = &p->jobs,
                                  .source = {.kind = MODEL_SOURCE_TRACE,
                                             .items = -1,
                                             .for_ns = -1,
                                             .trace_path = p->path,
                                             .trace_scale = 1}};
}

static enum sp_status plan_open(struct plan_of *p, uint64_t seed,
                                struct model_job_stream *stream, struct sp_err *err)
{
    struct model_job_opener opener = trace_job_opener(NULL);

    return opener.open(opener.self, &p->plan, seed, stream, err);
}

static void plan_tell(struct plan_of *p, uint64_t seed, char *text)
{
    struct model_job_stream stream;
    struct sp_err err = {0};

    assert_int_equal(plan_open(p, seed, &stream, &err), SP_OK);
    tell(&stream, text, TEXT_MAX);
}

static void a_plan_limits_its_trace(void **state)
{
    struct plan_of p;
    char text[TEXT_MAX];

    (void)state;
    plan_init(&p, five);
    plan_tell(&p, 1, text);
    assert_string_equal(text, "a@0 b@1 c@3 d@3 e@10 ");
    p.plan.source.items = 3;
    p.plan.source.from_ns = S;
    p.plan.source.trace_scale = 2;
    plan_tell(&p, 1, text);
    assert_string_equal(text, "b@0 c@1 d@1 ");
    p.plan.source.for_ns = S;
    plan_tell(&p, 1, text);
    assert_string_equal(text, "b@0 ");
    file_drop(p.path);
}

static void a_path_counts_from_the_scenarios_folder(void **state)
{
    struct model_job_opener opener;
    struct plan_of p;
    char *folder, *slash;
    struct model_job_stream stream;
    struct sp_err err = {0};
    char text[TEXT_MAX];

    (void)state;
    plan_init(&p, five);
    folder = strdup(p.path);
    assert_non_null(folder);
    slash = strrchr(folder, '/');
    *slash = '\0';
    p.plan.source.trace_path = slash + 1;
    opener = trace_job_opener(folder);
    assert_int_equal(opener.open(opener.self, &p.plan, 1, &stream, &err), SP_OK);
    tell(&stream, text, sizeof text);
    assert_string_equal(text, "a@0 b@1 c@3 d@3 e@10 ");
    free(folder);
    file_drop(p.path);
}

static void shuffled_jobs_take_the_traces_times(void **state)
{
    static const char *const times[] = {"@0 ", "@1 ", "@3 ", "@3 ", "@10 "};
    struct plan_of p;
    char text[TEXT_MAX], again[TEXT_MAX], *at;
    int differ = 0;

    (void)state;
    plan_init(&p, five);
    p.jobs.shuffle = true;
    for (uint64_t seed = 0; seed < 20; seed++) {
        unsigned seen = 0;

        plan_tell(&p, seed, text);
        at = text;
        for (int i = 0; i < 5; i++) {
            seen |= 1u << (*at - 'a');
            assert_int_equal(strncmp(at + 1, times[i], strlen(times[i])), 0);
            at += 1 + strlen(times[i]);
        }
        assert_int_equal(seen, 31);
        plan_tell(&p, seed, again);
        assert_string_equal(text, again);
        plan_tell(&p, seed + 1, again);
        differ += strcmp(text, again) != 0;
    }
    assert_true(differ >= 15); /* 1 in 120 is equal by chance */
    p.plan.source.items = 2;
    plan_tell(&p, 3, again);
    p.plan.source.items = -1;
    plan_tell(&p, 3, text);
    assert_int_equal(strncmp(text, again, strlen(again)), 0);
    assert_string_equal(strchr(strchr(again, ' ') + 1, ' '), " ");
    file_drop(p.path);
}

/* Of 6000 shuffles of three, each of six orders 1000 times but for chance: chi-square
 * of five degrees is above 25.7 once in 10,000 times. */
static void every_order_is_as_likely(void **state)
{
    enum { SEEDS = 6000, ORDERS = 6 };
    int count[27] = {0};
    struct plan_of p;
    double chi = 0;

    (void)state;
    plan_init(&p, "job,arrival_s,duration_s,gpu\na,0,1,1\nb,0,1,1\nc,0,1,1\n");
    p.jobs.shuffle = true;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        char text[TEXT_MAX];

        plan_tell(&p, seed, text);
        count[(text[0] - 'a') * 9 + (text[4] - 'a') * 3 + text[8] - 'a']++;
    }
    for (int i = 0; i < 27; i++)
        if (count[i] > 0)
            chi += pow(count[i] - SEEDS / ORDERS, 2) / (SEEDS / ORDERS);
    assert_true(chi < 25.7);
    file_drop(p.path);
}

/* 1 + 2 + 4 + 0.5 + 8 GPUs come first, then rows again: the sum stays at or below the
 * demand, and the job that would pass it is not one that fits. */
static void demand_is_met_and_never_passed(void **state)
{
    struct plan_of p;

    (void)state;
    plan_init(&p, five);
    p.jobs.demand_mgpu = 100000;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct model_job_stream stream;
        enum sp_status status = SP_OK;
        struct sp_err err = {0};
        struct model_job job;
        int64_t sum = 0, n = 0, last_ns = -1;
        unsigned seen = 0;

        assert_int_equal(plan_open(&p, seed, &stream, &err), SP_OK);
        while (stream.next(stream.self, &job, &status, &err)) {
            if (n < 5)
                seen |= 1u << (job.name[0] - 'a');
            sum += job.needs.mgpu;
            assert_true(job.arrival_ns >= last_ns);
            last_ns = job.arrival_ns;
            n++;
        }
        stream.close(stream.self);
        assert_int_equal(status, SP_OK);
        assert_int_equal(seen, 31);
        assert_true(sum <= 100000 && sum > 100000 - 8000);
        /* Four gaps in 10 s: a lap takes 12.5 s. */
        assert_true(last_ns >= (n - 1) / 5 * (25 * S / 2));
        assert_true(last_ns <= (n - 1) / 5 * (25 * S / 2) + 10 * S);
    }
    file_drop(p.path);
}

/* Rows are drawn again with equal chance: of 20,000 draws of four rows of a GPU each,
 * chi-square of three degrees is above 21.1 once in 10,000 times. */
static void rows_are_drawn_again_with_equal_chance(void **state)
{
    enum { DRAWS = 20000, ROWS = 4 };
    int count[ROWS] = {0};
    struct model_job_stream stream;
    enum sp_status status;
    struct sp_err err = {0};
    struct model_job job;
    struct plan_of p;
    double chi = 0;
    int n = 0;

    (void)state;
    plan_init(&p, "job,arrival_s,duration_s,gpu,members\na,0,1,1,1\nb,0,1,0.5,2\n"
                  "c,0,1,1,0\nd,0,1,1,1\n");
    p.jobs.demand_mgpu = 1000 * (DRAWS + ROWS);
    assert_int_equal(plan_open(&p, 7, &stream, &err), SP_OK);
    while (stream.next(stream.self, &job, &status, &err))
        if (n++ >= ROWS)
            count[job.name[0] - 'a']++;
    stream.close(stream.self);
    assert_int_equal(n, DRAWS + ROWS);
    for (int i = 0; i < ROWS; i++)
        chi += pow(count[i] - DRAWS / ROWS, 2) / (DRAWS / ROWS);
    assert_true(chi < 21.1);
    file_drop(p.path);
}

static void demand_needs_jobs_with_gpus(void **state)
{
    struct model_job_stream stream;
    struct sp_err err = {0};
    struct plan_of p;

    (void)state;
    plan_init(&p, "arrival_s,duration_s,cpu\n0,1,1\n");
    p.jobs.demand_mgpu = 1000;
    assert_int_equal(plan_open(&p, 7, &stream, &err), SP_EINPUT);
    assert_string_equal(err.text,
                        "no job of the trace asks for GPUs, so no number of them adds "
                        "up to the demand asked for");
    file_drop(p.path);
}

static void own_times_come_from_the_process(void **state)
{
    struct plan_of p;
    char text[TEXT_MAX];

    (void)state;
    plan_init(&p, five);
    p.jobs.own_times = true;
    p.plan.source.kind = MODEL_SOURCE_CONSTANT;
    p.plan.source.rate_per_s = 4;
    plan_tell(&p, 1, text);
    assert_string_equal(text, "a@0 b@0.25 c@0.5 d@0.75 e@1 ");
    p.plan.source.for_ns = S / 2;
    plan_tell(&p, 1, text);
    assert_string_equal(text, "a@0 b@0.25 ");
    p.plan.source.items = 1;
    plan_tell(&p, 1, text);
    assert_string_equal(text, "a@0 ");
    file_drop(p.path);
}

/* The mean of 20,000 exponential gaps of 0.5 s has a standard error of 0.5 /
 * sqrt(20000): within four of them. */
static void own_poisson_times_have_their_rate(void **state)
{
    enum { N = 20000 };
    struct model_job_stream stream;
    enum sp_status status;
    struct sp_err err = {0};
    struct model_job job = {0};
    struct plan_of p;
    int n = 0;

    (void)state;
    plan_init(&p, five);
    p.jobs.own_times = true;
    p.jobs.demand_mgpu = INT64_C(1000000000);
    p.plan.source.kind = MODEL_SOURCE_POISSON;
    p.plan.source.rate_per_s = 2;
    p.plan.source.items = N;
    assert_int_equal(plan_open(&p, 3, &stream, &err), SP_OK);
    while (stream.next(stream.self, &job, &status, &err))
        n++;
    stream.close(stream.self);
    assert_int_equal(n, N);
    assert_true(fabs(sp_s_from_ns(job.arrival_ns) / N - 0.5) < 4 * 0.5 / sqrt(N));
    file_drop(p.path);
}

static void own_times_need_a_process(void **state)
{
    struct model_job_stream stream;
    struct sp_err err = {0};
    struct plan_of p;

    (void)state;
    plan_init(&p, five);
    p.jobs.own_times = true;
    assert_int_equal(plan_open(&p, 3, &stream, &err), SP_EINPUT);
    file_drop(p.path);
}

/* Three members of a GPU and two CPUs for 10 s; 8 GPUs for 2 s with half a CPU each. */
static void a_summary_adds_up(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_job_summary s = {0};
    struct sp_err err = {0};
    struct plan_of p;

    (void)state;
    plan_init(&p, "arrival_s,duration_s,gpu,cpu,members,team,gpu_models\n"
                  "5,10,1,2,3,x,A100\n6,2,8,,0,y,\n9,never,1,1,1,x,T4|A100\n");
    p.jobs.mcpu_per_gpu = 500;
    assert_int_equal(trace_jobs_summary(NULL, &p.plan, arena, &s, &err), SP_OK);
    assert_true(s.known);
    assert_int_equal(s.jobs, 3);
    assert_int_equal(s.span_ns, 4 * S);
    assert_int_equal(s.never, 1);
    assert_true(fabs(s.gpu_s - (10 * 3 + 2 * 8)) < 1e-9);
    assert_true(fabs(s.cpu_s - (10 * 3 * 2 + 2 * 8 * 0.5)) < 1e-9);
    assert_int_equal(s.teams.n, 3);
    assert_string_equal(s.teams.name[0], "-");
    assert_string_equal(s.teams.name[1], "x");
    assert_string_equal(s.teams.name[2], "y");
    assert_int_equal(s.models.n, 2);
    assert_string_equal(s.models.name[0], "A100");
    assert_string_equal(s.models.name[1], "T4");
    p.jobs.forever = true;
    p.plan.source.items = 2;
    assert_int_equal(trace_jobs_summary(NULL, &p.plan, arena, &s, &err), SP_OK);
    assert_int_equal(s.jobs, 2);
    assert_int_equal(s.never, 2);
    assert_true(s.gpu_s == 0);
    file_drop(p.path);
    sp_arena_free(arena);
}

/* ---- written and read again ---- */

static void what_is_written_is_read_again(void **state)
{
    static const char file[] =
        "job,arrival_s,duration_s,estimate_s,deadline_s,members,gpus,cpus,"
        "memory_bytes,team,priority,preemptible,gpu_models,checkpoint_s\n"
        "\"a, b\",0,3600.000000001,7200,86400.5,4,8,96.125,1,\" vision\",-3,true,"
        "\"A 100|H100\",600\n"
        "serve,0.25,never,,,0,0.001,,,,,,,\n"
        "last,0.5,0,0,0,100000,0,0,0,t,1000000000,false,H100,0\n";
    const struct trace_job_request all = {.scale = 1, .jobs = -1, .for_ns = -1};
    struct trace_job_request request = all;
    struct model_job_stream stream;
    struct trace_job_facts facts;
    char want[TEXT_MAX], got[TEXT_MAX], *path = file_of_text(file), *written = NULL;
    struct trace_job_writer w = {.has = ~0u};
    enum sp_status status;
    struct sp_err err = {0};
    struct model_job job;
    size_t size;

    (void)state;
    request.path = path;
    w.out = open_memstream(&written, &size);
    assert_non_null(w.out);
    assert_int_equal(trace_jobs_open(&request, &stream, &err), SP_OK);
    trace_job_write_header(&w);
    while (stream.next(stream.self, &job, &status, &err))
        trace_job_write(&w, &job, trace_jobs_teams(&stream),
                        trace_jobs_models(&stream));
    stream.close(stream.self);
    assert_int_equal(fclose(w.out), 0);
    assert_int_equal(job_text_of_file(file, all, want, sizeof want, &facts, &err),
                     SP_OK);
    assert_int_equal(job_text_of_file(written, all, got, sizeof got, &facts, &err),
                     SP_OK);
    assert_string_equal(got, want);
    assert_non_null(strstr(want, "a, b @0 3600.000000001 x4 gpu=8000 cpu=96125 mem=1 "
                                 "team= vision est=7200 due=86400.5 prio=-3 pre=1 "
                                 "on=A 100|H100 ckpt=600\n"));
    free(written);
    file_drop(path);
}

static void jobs_are_told_from_requests(void **state)
{
    static const struct {
        const char *file, *format;
        bool jobs;
    } rows[] = {
        {five, NULL, true},
        {five, "csv", true},
        {"arrival_s,prompt_tokens,output_tokens\n0,1,2\n", "csv", false},
        {"arrival_s,prompt_tokens,output_tokens\n0,1,2\n", NULL, false},
        {"arrival_s,prompt_tokens,output_tokens\n0,1,2\n", "openb", true},
        {"arrival_s,gpu,durations_s\n0,1,2\n", NULL, true},
        {five, "mooncake", false},
        {"[\n", "auto", true},
        {"{\"timestamp\": 0}\n", "auto", false},
        {"", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *path = file_of_text(rows[i].file);
        struct sp_err err = {0};
        bool jobs = !rows[i].jobs;

        assert_int_equal(trace_jobs_recognize(path, rows[i].format, &jobs, &err),
                         SP_OK);
        assert_true(jobs == rows[i].jobs);
        file_drop(path);
    }
}

static void unknown_formats_are_listed(void **state)
{
    struct model_job_stream stream;
    struct sp_err err = {0};
    char *path = file_of_text(five);

    (void)state;
    assert_int_equal(
        trace_jobs_open(&(struct trace_job_request){path, "philli", 1, -1, 0, -1},
                        &stream, &err),
        SP_EINPUT);
    assert_string_equal(
        err.text,
        "unknown format of a job trace 'philli', expected one of auto, openb, "
        "dlrm-2025, pai, philly, philly-csv, helios, tiresias, swf, "
        "gavel, csv; did you mean 'philly'?");
    file_drop(path);
}

/* The scenario's parser and the reader list the formats each for itself. */
static void scenarios_know_the_same_formats(void **state)
{
    size_t n;
    const struct trace_job_format *const *formats = trace_job_formats(&n);
    struct sp_err err = {0};
    char text[1000], *words, *rest, *trace = file_of_text(five);

    (void)state;
    for (size_t i = 0; i <= n; i++) {
        const char *name = i < n ? formats[i]->name : "nonsense";
        struct sp_arena *arena = sp_arena_new();
        struct model_scenario *scenario;
        char *path;

        snprintf(text, sizeof text,
                 "scenario: s\n"
                 "fleet: { node: { cpu: 8, gpu: 8, price: 1, count: 1 } }\n"
                 "workloads: { w: { kind: jobs, source: { trace: %s, format: %s } } "
                 "}\n"
                 "policies: { p: { w: {} } }\n",
                 trace, name);
        path = file_of_text(text);
        err = (struct sp_err){0};
        if (model_scenario_read(path, NULL, 0, arena, &scenario, &err) == SP_OK)
            assert_true(i < n);
        if ((strstr(err.text, "format: found") == NULL) != (i < n))
            fail_msg("%s: %s", name, err.text);
        sp_arena_free(arena);
        file_drop(path);
    }
    words = strstr(err.text, "expected one of ");
    assert_non_null(words);
    words += strlen("expected one of ");
    words[strcspn(words, ";\n")] = '\0';
    for (char *word = strtok_r(words, ", ", &rest); word != NULL;
         word = strtok_r(NULL, ", ", &rest)) {
        const struct trace_job_format *format;

        assert_true(strcmp(word, "auto") == 0 ||
                    trace_job_format_find(word, &format, NULL) == SP_OK);
    }
    file_drop(trace);
}

int main(void)
{
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(packed_and_plain_files_give_the_same_jobs),
        cmocka_unit_test(a_pipe_is_read_once),
        cmocka_unit_test(truncated_gzip_is_no_shorter_trace),
        cmocka_unit_test(teams_and_models_have_their_limits),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(damaged_files_get_an_answer),
        cmocka_unit_test(a_plan_limits_its_trace),
        cmocka_unit_test(a_path_counts_from_the_scenarios_folder),
        cmocka_unit_test(shuffled_jobs_take_the_traces_times),
        cmocka_unit_test(every_order_is_as_likely),
        cmocka_unit_test(demand_is_met_and_never_passed),
        cmocka_unit_test(rows_are_drawn_again_with_equal_chance),
        cmocka_unit_test(demand_needs_jobs_with_gpus),
        cmocka_unit_test(own_times_come_from_the_process),
        cmocka_unit_test(own_poisson_times_have_their_rate),
        cmocka_unit_test(own_times_need_a_process),
        cmocka_unit_test(a_summary_adds_up),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(jobs_are_told_from_requests),
        cmocka_unit_test(unknown_formats_are_listed),
        cmocka_unit_test(scenarios_know_the_same_formats),
    };
    enum { N_FIXED = sizeof fixed / sizeof fixed[0] };
    struct CMUnitTest tests[N_FIXED + N_LIMITS];

    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < N_LIMITS; i++)
        tests[N_FIXED + i] = (struct CMUnitTest){.name = limits[i].name,
                                                 .test_func = keeps_to_its_limits,
                                                 .initial_state = &limits[i]};
    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
