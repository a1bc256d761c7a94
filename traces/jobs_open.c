/* Jobs as a scenario asks for them: as the trace has them, shuffled, drawn again, at
 * times of their own; and what a pass over the trace finds. */
#include "traces/jobs.h"

#include <stdlib.h>

#include "base/path.h"
#include "base/rng.h"
#include "base/units.h"
#include "model/jobs.h"
#include "traces/generate.h"
#include "traces/job_shapes.h"
#include "traces/job_table.h"

/* ---- the trace itself ---- */

/* The rows that a plan may use.  With times of their own the trace's count for nothing
 * but the order. */
static enum sp_status open_rows(const char *folder, const struct model_plan *plan,
                                int64_t jobs, struct model_job_stream *stream,
                                struct sp_err *err)
{
    const struct model_source *s = &plan->source;
    bool own_times = plan->jobs->own_times;
    struct sp_arena *scratch = sp_arena_new();
    struct trace_job_request request = {
        .path = sp_path_from(scratch, folder, s->trace_path),
        .format = s->trace_format,
        .scale = own_times ? 1 : s->trace_scale,
        .jobs = jobs,
        .from_ns = s->from_ns,
        .for_ns = own_times ? -1 : s->for_ns};
    enum sp_status status = trace_jobs_open(&request, stream, err);

    sp_arena_free(scratch);
    return status;
}

/* ---- drawn ones ---- */

struct drawn {
    struct model_job_stream
        rows; /* of the trace, as far as they are not in the table */
    bool has_rows, own_times, again;
    struct trace_job_table table; /* shuffle: the rows in file order */
    int64_t *order;               /* row of the k-th job, for the first table.n */
    struct sp_rng draws;
    int64_t made, jobs_left, demand_left_mgpu; /* INT64_MAX: not limited */
    int64_t lap_ns; /* the trace's times begin again after this long */
    struct trace_recipe recipe;
    struct trace_generator times;
};

static void close_drawn(void *self)
{
    struct drawn *d = self;

    if (d->has_rows)
        d->rows.close(d->rows.self);
    trace_job_table_fini(&d->table);
    free(d->order);
    free(d);
}

static int64_t gpus_of(const struct model_job *job)
{
    return job->needs.mgpu * (job->members > 0 ? job->members : 1);
}

/* Below n, each as likely. */
static int64_t draw_below(struct sp_rng *rng, int64_t n)
{
    return (int64_t)(sp_rng_uniform(rng) * (double)n);
}

static bool end(struct drawn *d)
{
    d->jobs_left = 0;
    return false;
}

/* The next job but for its time; false at the end. */
static bool pick(struct drawn *d, struct model_job *job, enum sp_status *status,
                 struct sp_err *err)
{
    int64_t row;

    if (d->order == NULL)
        return d->rows.next(d->rows.self, job, status, err);
    if (d->made >= d->table.n && !d->again)
        return false;
    row = d->made < d->table.n ? d->order[d->made] : draw_below(&d->draws, d->table.n);
    *job = d->table.jobs[row];
    if (gpus_of(job) > d->demand_left_mgpu)
        return false;
    if (d->again)
        d->demand_left_mgpu -= gpus_of(job);
    return true;
}

/* Gives the job its time; false where it is past the end. */
static bool settle(struct drawn *d, struct model_job *job, int64_t for_ns)
{
    struct trace_row row;
    int64_t lap;

    if (d->own_times) {
        if (!trace_generator_next(&d->times, &row))
            return false;
        job->arrival_ns = row.time_ns;
    } else if (d->order != NULL) {
        lap = d->made / d->table.n;
        job->arrival_ns = d->table.jobs[d->made % d->table.n].arrival_ns;
        if (lap > (SP_NS_MAX - job->arrival_ns) / d->lap_ns)
            return false;
        job->arrival_ns += lap * d->lap_ns;
    }
    return for_ns < 0 || job->arrival_ns < for_ns;
}

static bool next_drawn(void *self, struct model_job *job, enum sp_status *status,
                       struct sp_err *err)
{
    struct drawn *d = self;

    *status = SP_OK;
    if (d->jobs_left <= 0)
        return false;
    if (!pick(d, job, status, err) || !settle(d, job, d->recipe.for_ns))
        return end(d);
    d->jobs_left--;
    job->number = d->made++;
    return true;
}

/* All rows, in a table. */
static enum sp_status load_rows(struct drawn *d, struct sp_err *err)
{
    enum sp_status status = SP_OK;
    struct model_job job;

    while (d->rows.next(d->rows.self, &job, &status, err))
        trace_job_table_add(&d->table, &job);
    d->rows.close(d->rows.self);
    d->has_rows = false;
    if (status != SP_OK)
        return status;
    if (d->table.n == 0)
        return sp_fail(err, SP_EINPUT,
                       "the trace has no job between the source's from and for, "
                       "expected at least one to draw from");
    return SP_OK;
}

/* Fisher and Yates. */
static void shuffle(struct drawn *d, struct sp_rng rng)
{
    d->order = sp_xcalloc((size_t)d->table.n, sizeof *d->order);
    for (int64_t i = 0; i < d->table.n; i++)
        d->order[i] = i;
    for (int64_t i = d->table.n - 1; i > 0; i--) {
        int64_t k = draw_below(&rng, i + 1), other = d->order[k];

        d->order[k] = d->order[i];
        d->order[i] = other;
    }
}

/* The trace's times go round: after the last, a mean gap later, the first again. */
static int64_t lap_of(const struct trace_job_table *t)
{
    int64_t span_ns = t->jobs[t->n - 1].arrival_ns - t->jobs[0].arrival_ns;
    int64_t gap_ns = t->n > 1 ? span_ns / (t->n - 1) : SP_NS_PER_S;

    return span_ns + (gap_ns > 0 ? gap_ns : 1);
}

static struct sp_rng stream_of(const struct model_plan *plan, uint64_t seed,
                               const char *what)
{
    return sp_rng_from_key(sp_mix_keys(sp_rng_stream_key(seed, 0, what),
                                       sp_rng_stream_key(0, 0, plan->workload)));
}

static enum sp_status prepare_shuffle(struct drawn *d, const struct model_plan *plan,
                                      uint64_t seed, struct sp_err *err)
{
    enum sp_status status = load_rows(d, err);
    bool any = false;

    if (status != SP_OK)
        return status;
    shuffle(d, stream_of(plan, seed, "job trace shuffle"));
    d->draws = stream_of(plan, seed, "job trace draws");
    d->lap_ns = lap_of(&d->table);
    d->again = plan->jobs->demand_mgpu > 0;
    if (!d->again)
        return SP_OK;
    d->demand_left_mgpu = plan->jobs->demand_mgpu;
    for (int64_t i = 0; i < d->table.n && !any; i++)
        any = gpus_of(&d->table.jobs[i]) > 0;
    if (!any && d->jobs_left == INT64_MAX)
        return sp_fail(
            err, SP_EINPUT,
            "no job of the trace asks for GPUs, so no number of them adds up "
            "to the demand asked for");
    return SP_OK;
}

static enum sp_status prepare_times(struct drawn *d, const struct model_plan *plan,
                                    uint64_t seed, struct sp_err *err)
{
    const struct model_source *s = &plan->source;

    if (s->kind < MODEL_SOURCE_CONSTANT || s->kind > MODEL_SOURCE_DIURNAL)
        return sp_fail(
            err, SP_EINPUT,
            "jobs of a trace at times of their own need a constant, poisson, "
            "gamma or diurnal rate");
    d->recipe = (struct trace_recipe){
        .arrivals = s->kind,
        .rate_per_s = s->rate_per_s,
        .cv = s->cv,
        .amplitude = s->amplitude,
        .period_s = s->period_s,
        .peak_s = s->peak_s,
        .requests = INT64_MAX,
        .for_ns = s->for_ns,
        .seed = sp_mix_keys(seed, sp_rng_stream_key(0, 0, plan->workload))};
    d->times = trace_generator_of(&d->recipe);
    return SP_OK;
}

static enum sp_status opener_open(void *self, const struct model_plan *plan,
                                  uint64_t seed, struct model_job_stream *stream,
                                  struct sp_err *err)
{
    const struct model_jobs *jobs = plan->jobs;
    bool mixed = jobs->shuffle || jobs->demand_mgpu > 0;
    struct drawn *d;
    enum sp_status status;

    if (!mixed && !jobs->own_times)
        return open_rows(self, plan, plan->source.items, stream, err);
    d = sp_xcalloc(1, sizeof *d);
    d->jobs_left = plan->source.items >= 0 ? plan->source.items : INT64_MAX;
    d->demand_left_mgpu = INT64_MAX;
    d->own_times = jobs->own_times;
    d->recipe.for_ns = plan->source.for_ns;
    status = open_rows(self, plan, -1, &d->rows, err);
    d->has_rows = status == SP_OK;
    if (status == SP_OK && mixed)
        status = prepare_shuffle(d, plan, seed, err);
    if (status == SP_OK && jobs->own_times)
        status = prepare_times(d, plan, seed, err);
    if (status != SP_OK) {
        close_drawn(d);
        return status;
    }
    *stream =
        (struct model_job_stream){.self = d, .next = next_drawn, .close = close_drawn};
    return SP_OK;
}

struct model_job_opener trace_job_opener(char *folder)
{
    return (struct model_job_opener){.self = folder, .open = opener_open};
}

/* ---- summary ---- */

static struct model_names copy_names(struct model_names names, struct sp_arena *arena)
{
    const char **copy = sp_arena_array(arena, (size_t)names.n, sizeof *copy);

    for (int32_t i = 0; i < names.n; i++)
        copy[i] = sp_arena_strdup(arena, names.name[i]);
    return (struct model_names){.n = names.n, .name = copy};
}

static void add_job(struct model_job_summary *s, const struct model_jobs *jobs,
                    const struct model_job *job)
{
    double members = job->members > 0 ? job->members : 1;
    double mcpu = (double)job->needs.mcpu, duration_s;

    s->jobs++;
    s->span_ns = job->arrival_ns;
    if (job->duration_ns == MODEL_NEVER || jobs->forever) {
        s->never++;
        return;
    }
    if (job->needs.mcpu < 0)
        mcpu = (double)job->needs.mgpu / 1000 * (double)jobs->mcpu_per_gpu;
    duration_s = sp_s_from_ns(job->duration_ns);
    s->gpu_s += duration_s * members * (double)job->needs.mgpu / 1000;
    s->cpu_s += duration_s * members * mcpu / 1000;
}

enum sp_status trace_jobs_summary(const char *folder, const struct model_plan *plan,
                                  struct sp_arena *arena,
                                  struct model_job_summary *summary, struct sp_err *err)
{
    struct model_job_summary s = {.known = true};
    bool drawn = plan->jobs->shuffle || plan->jobs->demand_mgpu > 0;
    struct trace_job_shapes *shapes;
    struct model_job_stream stream;
    struct model_job job;
    enum sp_status status =
        open_rows(folder, plan, drawn ? -1 : plan->source.items, &stream, err);

    if (status != SP_OK)
        return status;
    shapes = trace_job_shapes_new();
    while (stream.next(stream.self, &job, &status, err)) {
        add_job(&s, plan->jobs, &job);
        trace_job_shapes_add(shapes, &job);
    }
    if (status == SP_OK) {
        s.n_shapes = trace_job_shapes_list(shapes, arena, &s.shapes);
        s.teams = copy_names(trace_jobs_teams(&stream), arena);
        s.models = copy_names(trace_jobs_models(&stream), arena);
        *summary = s;
    }
    trace_job_shapes_free(shapes);
    stream.close(stream.self);
    return status;
}
