/* Streamed statistics of a job trace.  Sums are exact integers; doubles come at the
 * end. */
#include "traces/job_info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "traces/gaps.h"
#include "traces/histogram.h"
#include "traces/job_fit.h"
#include "traces/windows.h"

#define AMOUNT_MAX INT64_C(1000000000000000) /* thousandths that one job adds */

enum { PRIORITIES_MAX = 1000, EIGHT = 8000 };

const char *const trace_job_size_names[TRACE_JOB_SIZES] = {"none",   "a share", "1",
                                                           "2 to 7", "8",       "more"};

struct running {
    int64_t end_ns, mgpu, mcpu;
    int32_t team;
};

struct priority {
    int32_t priority;
    int64_t jobs;
};

struct pass {
    const struct trace_job_study *study;
    struct trace_job_info *info;
    struct sp_arena *scratch;
    struct trace_demand *demand, *cpu_demand; /* the latter until a job has a GPU */
    struct trace_job_fit *fit;                /* NULL: no fleet */
    struct running *heap;                     /* the first end on top */
    int32_t n_running, heap_room;
    int64_t end_ns; /* of the last job that ends */
    int64_t last_ns, last_line;
    struct trace_job_team *by_team;
    int64_t by_model[MODEL_JOB_MODELS_MAX];
    struct trace_histogram gaps, durations, gpu_durations;
    sp_i128 gap_squares;
    struct trace_windows minute, hour;
    struct priority priorities[PRIORITIES_MAX];
    int32_t n_priorities;
};

/* Of all members. */
static int64_t job_amount(const struct model_job *job, int64_t of_member)
{
    sp_i128 amount = sp_i128_mul(of_member, job->members > 0 ? job->members : 1);

    if (of_member < 0) /* not said */
        return 0;
    return amount < AMOUNT_MAX ? (int64_t)amount : AMOUNT_MAX;
}

/* ---- demand ---- */

static void heap_push(struct pass *p, struct running job)
{
    int32_t at = p->n_running;

    p->heap = sp_arena_more(p->scratch, p->heap, at, &p->heap_room, sizeof *p->heap);
    p->n_running++;
    for (; at > 0 && p->heap[(at - 1) / 2].end_ns > job.end_ns; at = (at - 1) / 2)
        p->heap[at] = p->heap[(at - 1) / 2];
    p->heap[at] = job;
}

static struct running heap_pop(struct pass *p)
{
    struct running top = p->heap[0], last = p->heap[--p->n_running];
    int32_t at = 0;

    for (;;) {
        int32_t child = 2 * at + 1;

        if (child + 1 < p->n_running &&
            p->heap[child + 1].end_ns < p->heap[child].end_ns)
            child++;
        if (child >= p->n_running || p->heap[child].end_ns >= last.end_ns)
            break;
        p->heap[at] = p->heap[child];
        at = child;
    }
    p->heap[at] = last;
    return top;
}

static void change_demand(struct pass *p, int32_t team, int64_t at_ns, int64_t mgpu,
                          int64_t mcpu)
{
    trace_demand_change(p->demand, team, at_ns, mgpu);
    if (p->info->gpu_jobs == 0)
        trace_demand_change(p->cpu_demand, team, at_ns, mcpu);
}

static void end_jobs(struct pass *p, int64_t until_ns)
{
    while (p->n_running > 0 && p->heap[0].end_ns <= until_ns) {
        struct running job = heap_pop(p);

        change_demand(p, job.team, job.end_ns, -job.mgpu, -job.mcpu);
    }
}

static void add_demand(struct pass *p, const struct model_job *job, int64_t mgpu,
                       int64_t mcpu)
{
    struct running r = {.mgpu = mgpu, .mcpu = mcpu, .team = job->team};

    end_jobs(p, job->arrival_ns);
    change_demand(p, job->team, job->arrival_ns, mgpu, mcpu);
    if (job->duration_ns == MODEL_NEVER)
        return;
    r.end_ns = sp_ns_after(job->arrival_ns, job->duration_ns);
    p->end_ns = r.end_ns > p->end_ns ? r.end_ns : p->end_ns;
    heap_push(p, r);
}

/* ---- sizes, teams, durations ---- */

static int size_class(int64_t mgpu)
{
    if (mgpu == 0)
        return 0;
    if (mgpu < 1000)
        return 1;
    return mgpu < 2000 ? 2 : mgpu < EIGHT ? 3 : mgpu == EIGHT ? 4 : 5;
}

static void add_duration(struct pass *p, const struct model_job *job, int64_t mgpu,
                         int64_t mcpu)
{
    struct trace_job_info *info = p->info;
    sp_i128 mgpu_ns = sp_i128_mul(mgpu, job->duration_ns);

    info->mgpu_ns += mgpu_ns;
    info->mcpu_ns += sp_i128_mul(mcpu, job->duration_ns);
    info->sizes[size_class(mgpu)].mgpu_ns += mgpu_ns;
    p->by_team[job->team].mgpu_ns += mgpu_ns;
    trace_histogram_add(&p->durations, job->duration_ns);
    if (mgpu > 0)
        trace_histogram_add(&p->gpu_durations, job->duration_ns);
}

static void add_sizes(struct pass *p, const struct model_job *job, int64_t mgpu,
                      int64_t mcpu)
{
    struct trace_job_info *info = p->info;

    info->gpu_jobs += mgpu > 0;
    info->asked_mgpu += mgpu;
    info->asked_mcpu += mcpu;
    info->max_mgpu = mgpu > info->max_mgpu ? mgpu : info->max_mgpu;
    info->sizes[size_class(mgpu)].jobs++;
    p->by_team[job->team].jobs++;
    info->gangs += job->members > 1;
    info->totals += job->members == 0;
    info->members_max =
        job->members > info->members_max ? job->members : info->members_max;
    info->any_model += mgpu > 0 && job->models == 0;
    for (int i = 0; i < MODEL_JOB_MODELS_MAX && job->models >> i != 0; i++)
        p->by_model[i] += (job->models >> i & 1) != 0;
    if (job->duration_ns != MODEL_NEVER)
        add_duration(p, job, mgpu, mcpu);
}

/* ---- what a job says of itself ---- */

static void add_priority(struct pass *p, int32_t priority)
{
    int32_t i = 0;

    if (priority == MODEL_PRIORITY_UNSAID)
        return;
    p->info->with_priority++;
    while (i < p->n_priorities && p->priorities[i].priority != priority)
        i++;
    if (i == PRIORITIES_MAX)
        return;
    if (i == p->n_priorities)
        p->priorities[p->n_priorities++].priority = priority;
    p->priorities[i].jobs++;
}

static void add_words(struct pass *p, const struct model_job *job)
{
    struct trace_job_info *info = p->info;

    info->with_estimate += job->estimate_ns >= 0;
    info->with_deadline += job->deadline_ns >= 0;
    info->preemptible += job->preemptible == 1;
    info->not_preemptible += job->preemptible == 0;
    info->cpu_unknown += job->needs.mcpu < 0;
    info->memory_unknown += job->needs.memory_bytes < 0;
    add_priority(p, job->priority);
}

/* ---- what the check looks at ---- */

static void found(struct trace_job_found *f, const char *name, int64_t line)
{
    if (f->jobs < TRACE_JOB_NAMED) {
        snprintf(f->name[f->jobs], sizeof f->name[0], "%s", name != NULL ? name : "");
        f->line[f->jobs] = line;
    }
    f->jobs++;
}

static void add_findings(struct pass *p, const struct model_job *job)
{
    struct trace_job_info *info = p->info;

    if (job->duration_ns == 0)
        found(&info->zero_duration, job->name, job->line);
    if (job->duration_ns == MODEL_NEVER)
        found(&info->never, job->name, job->line);
    if (job->line > 0 && job->line < p->last_line)
        found(&info->disordered, "", p->last_line);
    if (p->fit == NULL)
        return;
    switch (trace_job_fit_of(p->fit, job, p->study->models(p->study->stream))) {
    case TRACE_JOB_FITS:
        break;
    case TRACE_JOB_MEMBER_TOO_LARGE:
        found(&info->oversized, job->name, job->line);
        break;
    case TRACE_JOB_GANG_TOO_LARGE:
        found(&info->homeless, job->name, job->line);
        break;
    }
}

/* ---- arrivals ---- */

static void add_arrival(struct pass *p, const struct model_job *job)
{
    struct trace_job_info *info = p->info;
    int64_t gap_ns = job->arrival_ns - p->last_ns;

    trace_windows_add(&p->minute, job->arrival_ns);
    trace_windows_add(&p->hour, job->arrival_ns);
    if (info->jobs == 0)
        return;
    p->gap_squares += sp_i128_mul(gap_ns, gap_ns);
    trace_histogram_add(&p->gaps, gap_ns);
    info->simultaneous += gap_ns == 0;
    if (gap_ns > info->gap_max_ns) {
        info->gap_max_ns = gap_ns;
        info->gap_max_line = job->line;
    }
}

static void add_job(struct pass *p, const struct model_job *job)
{
    int64_t mgpu = job_amount(job, job->needs.mgpu);
    int64_t mcpu = job_amount(job, job->needs.mcpu);

    sp_assert(job->team >= 0 && job->team <= MODEL_JOB_TEAMS_MAX);
    add_arrival(p, job);
    add_sizes(p, job, mgpu, mcpu);
    add_words(p, job);
    add_findings(p, job);
    add_demand(p, job, mgpu, mcpu);
    p->last_ns = job->arrival_ns;
    p->last_line = job->line;
    p->info->jobs++;
}

/* ---- the end ---- */

static void finish_gaps(const struct pass *p, struct trace_job_info *info)
{
    struct trace_gaps g = trace_gaps_of(info->jobs, info->span_ns, p->gap_squares);

    info->rate_per_s = g.rate_per_s;
    info->gap_mean_s = g.mean_s;
    info->gap_cv = g.cv;
    info->gap_p99_ns = trace_histogram_quantile(&p->gaps, 990);
}

static struct trace_job_durations durations_of(const struct trace_histogram *h)
{
    return (struct trace_job_durations){
        .mean_s = trace_histogram_mean(h) / (double)SP_NS_PER_S,
        .p50_ns = trace_histogram_quantile(h, 500),
        .p90_ns = trace_histogram_quantile(h, 900),
        .p99_ns = trace_histogram_quantile(h, 990),
        .max_ns = h->max,
    };
}

static int by_jobs(const void *a, const void *b)
{
    const struct priority *x = a, *y = b;

    if (x->jobs != y->jobs)
        return (x->jobs < y->jobs) - (x->jobs > y->jobs);
    return (x->priority < y->priority) - (x->priority > y->priority);
}

static void finish_priorities(struct pass *p, struct trace_job_info *info)
{
    info->n_priorities = p->n_priorities;
    qsort(p->priorities, (size_t)p->n_priorities, sizeof p->priorities[0], by_jobs);
    for (int32_t i = 0; i < p->n_priorities && i < TRACE_JOB_PRIORITIES_MAX; i++) {
        info->priority[i] = p->priorities[i].priority;
        info->priority_jobs[i] = p->priorities[i].jobs;
    }
}

static struct model_names copy_names(struct model_names names, struct sp_arena *arena)
{
    const char **copy = sp_arena_array(arena, (size_t)names.n, sizeof *copy);

    for (int32_t i = 0; i < names.n; i++)
        copy[i] = sp_arena_strdup(arena, names.name[i]);
    return (struct model_names){.n = names.n, .name = copy};
}

static void finish_names(const struct pass *p, struct trace_job_info *info,
                         struct sp_arena *arena)
{
    const struct trace_job_study *s = p->study;

    info->teams = copy_names(s->teams(s->stream), arena);
    info->models = copy_names(s->models(s->stream), arena);
    info->by_team = sp_arena_array(arena, (size_t)info->teams.n, sizeof *info->by_team);
    memcpy(info->by_team, p->by_team, (size_t)info->teams.n * sizeof *info->by_team);
    info->by_model =
        sp_arena_array(arena, (size_t)info->models.n, sizeof *info->by_model);
    memcpy(info->by_model, p->by_model,
           (size_t)info->models.n * sizeof *info->by_model);
}

static void finish(struct pass *p, struct sp_arena *arena)
{
    struct trace_job_info *info = p->info;

    info->span_ns = p->last_ns;
    end_jobs(p, INT64_MAX);
    info->of_cpus = info->gpu_jobs == 0 && info->asked_mcpu > 0;
    info->demand = trace_demand_end(info->of_cpus ? p->cpu_demand : p->demand,
                                    p->end_ns > p->last_ns ? p->end_ns : p->last_ns);
    info->durations = durations_of(&p->durations);
    info->gpu_durations = durations_of(&p->gpu_durations);
    info->dispersion_minute = trace_windows_end(&p->minute, info->span_ns);
    info->dispersion_hour = trace_windows_end(&p->hour, info->span_ns);
    finish_gaps(p, info);
    finish_priorities(p, info);
    finish_names(p, info, arena);
}

static struct pass *pass_new(const struct trace_job_study *study,
                             struct trace_job_info *info, struct sp_arena *scratch,
                             struct sp_arena *arena)
{
    struct pass *p = sp_arena_alloc(scratch, sizeof *p);

    p->study = study;
    p->info = info;
    p->scratch = scratch;
    p->demand = trace_demand_new(arena);
    p->cpu_demand = trace_demand_new(arena);
    p->by_team = sp_arena_array(scratch, MODEL_JOB_TEAMS_MAX + 1, sizeof *p->by_team);
    p->minute.width_ns = 60 * SP_NS_PER_S;
    p->hour.width_ns = SP_NS_PER_H;
    if (study->n_kinds > 0)
        p->fit = trace_job_fit_new(study->n_kinds, study->kinds, scratch);
    return p;
}

enum sp_status trace_job_info_read(const struct trace_job_study *study,
                                   struct sp_arena *arena, struct trace_job_info **info,
                                   struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct trace_job_info *found_info = sp_arena_alloc(arena, sizeof *found_info);
    struct pass *p = pass_new(study, found_info, scratch, arena);
    enum sp_status status = SP_OK;
    struct model_job job;

    found_info->path = study->path;
    for (int32_t i = 0; i < study->n_kinds; i++) {
        found_info->fleet_mgpu += study->kinds[i].count * study->kinds[i].has.mgpu;
        found_info->fleet_mcpu += study->kinds[i].count * study->kinds[i].has.mcpu;
    }
    while (study->stream->next(study->stream->self, &job, &status, err))
        add_job(p, &job);
    if (status == SP_OK) {
        finish(p, arena);
        *info = found_info;
    }
    sp_arena_free(scratch);
    return status;
}
