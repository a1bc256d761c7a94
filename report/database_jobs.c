/* Rows of jobs workloads, of teams and of the fleet that they share. */
#include <math.h>

#include "report/bill.h"
#include "report/database_parts.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void put_reals(struct report_insert *to, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_insert_real(to, values[i]);
}

static void put_ints(struct report_insert *to, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_insert_int(to, values[i]);
}

/* ---- groups ---- */

static void put_times(struct report_insert *to, const struct model_times *t)
{
    report_database_put_stat(to, t->mean_s);
    report_insert_real(to, t->p50_s.mean);
    report_insert_real(to, t->p90_s.mean);
    report_insert_real(to, t->p99_s.mean);
    report_insert_real(to, t->max_s.mean);
}

static void add_causes(struct report_database *d, int64_t workload, int32_t id,
                       const struct model_job_group *g)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_JOBS_CAUSE);

    for (int c = 0; c < MODEL_CAUSES; c++) {
        report_insert_int(to, workload);
        report_insert_int(to, id);
        report_insert_text(to, model_cause_name((enum model_cause)c));
        report_insert_real(to, g->wait_frac[c]);
        report_insert_done(to);
    }
}

static void add_group(struct report_database *d, int64_t workload, int32_t id,
                      const struct model_jobs_result *j)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_JOBS_GROUP);
    const struct model_job_group *g = &j->groups[id];
    const double figures[] = {g->wait.mean_s.mean,  g->slowdown_mean.mean,
                              g->slowdown_p50.mean, g->slowdown_p90.mean,
                              g->slowdown_p99.mean, g->gpu_h.mean};

    report_insert_int(to, workload);
    report_insert_int(to, id);
    report_insert_text(to, id == 0 ? "all" : id <= j->n_teams ? "team" : "size");
    report_database_put_text(d, to, g->name);
    report_insert_int(to, g->arrived);
    report_insert_int(to, g->done);
    put_times(to, &g->queue);
    put_times(to, &g->completion);
    put_reals(to, figures, COUNT(figures));
    report_insert_done(to);
    add_causes(d, workload, id, g);
}

/* ---- the workload ---- */

static void add_curve(struct report_database *d, int64_t workload,
                      const struct model_job_curve *c)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_JOBS_ALLOCATION);

    for (int32_t i = 0; i < c->n; i++) {
        report_insert_int(to, workload);
        report_insert_int(to, i);
        report_insert_real(to, c->arrived_pct[i]);
        report_insert_real(to, c->allocated_pct[i]);
        report_insert_real(to, c->fragment_pct[i]);
        report_insert_done(to);
    }
}

void report_database_add_jobs(struct report_database *d, int64_t workload,
                              const struct model_jobs_result *j)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_JOBS);
    const int64_t counts[] = {j->preempted, j->interrupted, j->failed,
                              j->moved,     j->deadlines,   j->deadlines_missed};
    const double hours[] = {j->useful_gpu_h.mean, j->lost_gpu_h.mean,
                            j->overhead_gpu_h.mean};

    report_insert_int(to, workload);
    put_ints(to, counts, COUNT(counts));
    put_reals(to, hours, COUNT(hours));
    report_database_put_stat(to, j->makespan_s);
    report_database_put_stat(to, j->floor_usd);
    report_insert_done(to);
    for (int32_t i = 0; i < j->n_groups; i++)
        add_group(d, workload, i, j);
    add_curve(d, workload, &j->curve);
}

/* ---- below a policy ---- */

static void add_team(struct report_database *d, int64_t policy, int32_t id,
                     const struct model_policy_result *p)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_TEAM);
    const struct model_team_result *t = &p->teams[id];
    const int64_t money[] = {t->allocated_uusd, t->busy_uusd};

    report_insert_int(to, policy);
    report_insert_int(to, id);
    report_database_put_text(d, to, t->name);
    for (size_t i = 0; i < COUNT(money); i++)
        if (p->cost.known)
            report_insert_int(to, money[i]);
        else
            report_insert_null(to);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        report_insert_real(to, t->allocated_h[r].mean);
        report_insert_real(to, t->busy_h[r].mean);
    }
    report_insert_real(to, t->borrowed_gpu_h.mean);
    report_insert_real(to, t->peak_gpus);
    report_insert_done(to);
}

static void add_fragmentation(struct report_database *d, int64_t policy,
                              const struct model_fragmentation *f)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_FRAGMENTATION);
    const double figures[] = {f->free_gpus, f->usable, f->unwanted,
                              f->by_shape,  f->by_cpu, f->by_memory};

    report_insert_int(to, policy);
    report_insert_int(to, f->samples);
    put_reals(to, figures, COUNT(figures));
    report_insert_done(to);
}

static void add_bought(struct report_database *d, int64_t policy, int32_t id,
                       const struct model_bought *b)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_BOUGHT);

    report_insert_int(to, policy);
    report_insert_int(to, id);
    report_database_put_text(d, to, b->type);
    report_insert_int(to, b->nodes);
    report_database_put_text(d, to, b->reason);
    report_insert_done(to);
}

static void add_explained(struct report_database *d, int64_t policy,
                          const struct model_explained *x)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_EXPLAINED);

    for (int32_t i = 0; i < x->n; i++) {
        report_insert_int(to, policy);
        report_insert_int(to, i);
        report_database_put_text(d, to, x->lines[i]);
        report_insert_done(to);
    }
}

void report_database_add_shared(struct report_database *d, int64_t policy,
                                const struct model_policy_result *p)
{
    if (!report_is_shared(p))
        return;
    for (int32_t i = 0; i < p->n_teams; i++)
        add_team(d, policy, i, p);
    if (p->fragmentation.samples > 0)
        add_fragmentation(d, policy, &p->fragmentation);
    for (int32_t i = 0; i < p->n_bought; i++)
        add_bought(d, policy, i, &p->bought[i]);
    add_explained(d, policy, &p->explained);
}

/* ---- comparisons ---- */

static void add_team_wait(struct report_database *d, const struct model_comparison *c,
                          const struct model_jobs_comparison *k, int32_t id)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_TEAM_WAITS);
    const struct model_team_wait *t = &k->teams[id];

    report_insert_int(to, d->policy_row[c->policy]);
    report_insert_int(to, d->workload_row[c->policy][k->workload]);
    report_insert_int(to, id);
    report_database_put_text(d, to, t->name);
    report_insert_real(to, t->wait_s);
    report_insert_real(to, t->baseline_wait_s);
    report_database_put_stat(to, t->difference_s);
    report_insert_done(to);
}

void report_database_add_jobs_compared(struct report_database *d,
                                       const struct model_comparison *c)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_JOBS_COMPARISONS);

    for (int32_t i = 0; i < c->n_jobs; i++) {
        const struct model_jobs_comparison *k = &c->jobs[i];

        report_insert_int(to, d->policy_row[c->policy]);
        report_insert_int(to, d->workload_row[c->policy][k->workload]);
        report_database_put_stat(to, k->usd_ratio);
        report_database_put_stat(to, k->wait_difference_s);
        report_database_put_stat(to, k->wait_ratio);
        report_database_put_stat(to, k->completion_ratio);
        report_database_put_stat(to, k->missed_difference);
        report_insert_done(to);
        for (int32_t t = 0; t < k->n_teams; t++)
            add_team_wait(d, c, k, t);
    }
}
