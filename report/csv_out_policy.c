/* The tables that have rows for each policy. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/csv_out_parts.h"

#define STAT  REPORT_CSV_STAT
#define TIMES REPORT_CSV_TIMES
#define GIB   1073741824.0

#define EACH_POLICY(p, c)                                                              \
    for (const struct model_policy_result *p = (c)->result->policies;                  \
         p < (c)->result->policies + (c)->result->n_policies; p++)

static void policies(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    {
        report_csv_text(csv, p->name);
        report_csv_text(csv, model_end_name(p->end));
        report_csv_text(csv, p->end_text);
        report_csv_text(csv, p->unplaced_text);
        report_csv_stat(csv, p->time_s);
        report_csv_text(csv, p->window);
        report_csv_real(csv, p->window_from_s);
        report_csv_real(csv, p->window_to_s);
        report_csv_stat(csv, p->cost.usd);
        if (p->cost.known)
            report_csv_usd(csv, p->cost.uusd);
        else
            report_csv_empty(csv);
        report_csv_stat(csv, p->cost.usd_per_1k_items);
        report_csv_stat(csv, p->cost.idle_usd);
        report_csv_stat(csv, p->cost.unallocated_usd);
        report_csv_stat(csv, p->cost.floor_usd);
        report_csv_int(csv, p->n_gpu_nodes_peak);
        report_csv_real(csv, p->peak_gpus_demand);
        report_csv_int(csv, p->nodes_taken_back);
        report_csv_int(csv, p->nodes_failed);
        report_csv_int(csv, p->launches_refused);
        report_csv_int(csv, (int64_t)p->events);
        report_csv_end(csv);
    }
}

static void resources(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        const struct model_resource_use *u = &p->resources[r];

        report_csv_text(csv, p->name);
        report_csv_text(csv, model_resource_name((enum model_resource)r));
        report_csv_stat(csv, u->provisioned_h);
        report_csv_stat(csv, u->allocated_h);
        report_csv_stat(csv, u->busy_h);
        report_csv_stat(csv, u->stranded_h);
        report_csv_stat(csv, u->allocated_of_provisioned);
        report_csv_stat(csv, u->busy_of_provisioned);
        report_csv_end(csv);
    }
}

static void one_stage(struct report_csv *csv, const struct model_stage_result *s)
{
    report_csv_text(csv, s->name);
    report_csv_text(csv, s->unit);
    report_csv_stat(csv, s->slots);
    report_csv_stat(csv, s->busy_frac);
    report_csv_stat(csv, s->blocked_frac);
    report_csv_stat(csv, s->fetch_frac);
    report_csv_times(csv, &s->wait);
    report_csv_times(csv, &s->service);
    report_csv_stat(csv, s->queue_mean);
    report_csv_stat(csv, s->queue_peak);
    report_csv_stat(csv, s->batch_mean);
    report_csv_int(csv, s->in);
    report_csv_int(csv, s->done);
    report_csv_int(csv, s->emitted);
    report_csv_int(csv, s->retried);
    report_csv_int(csv, s->dropped);
    report_csv_int(csv, s->lost);
    report_csv_bool(csv, s->bottleneck);
    report_csv_end(csv);
}

static void stages(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t w = 0; w < p->n_workloads; w++)
        for (int32_t i = 0; i < p->workloads[w].n_stages; i++) {
            report_csv_text(csv, p->name);
            report_csv_text(csv, p->workloads[w].name);
            one_stage(csv, &p->workloads[w].stages[i]);
        }
}

static void workloads(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->n_workloads; i++) {
        const struct model_workload_result *w = &p->workloads[i];

        report_csv_text(csv, p->name);
        report_csv_text(csv, w->name);
        report_csv_text(csv, w->kind);
        report_csv_int(csv, w->in);
        report_csv_int(csv, w->done);
        report_csv_int(csv, w->in_flight);
        report_csv_int(csv, w->dropped);
        for (int d = 0; d < MODEL_DROP_REASONS; d++)
            report_csv_int(csv, w->dropped_by[d]);
        report_csv_stat(csv, w->per_s);
        report_csv_real(csv, w->bound_per_s);
        report_csv_int(csv, w->moved_bytes);
        report_csv_int(csv, w->spilled_bytes);
        report_csv_end(csv);
    }
}

static void nodes(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->n_nodes; i++) {
        const struct model_node_use *n = &p->nodes[i];

        report_csv_text(csv, p->name);
        report_csv_text(csv, n->type);
        report_csv_text(csv, n->option);
        report_csv_text(csv, n->group);
        report_csv_text(csv, n->catalog_type);
        report_csv_text(csv, n->gpu_model);
        report_csv_real(csv, (double)n->has.mcpu / 1000);
        report_csv_real(csv, (double)n->has.mgpu / 1000);
        report_csv_real(
            csv, n->has.memory_bytes < 0 ? NAN : (double)n->has.memory_bytes / GIB);
        report_csv_int(csv, n->peak);
        report_csv_stat(csv, n->mean);
        report_csv_stat(csv, n->hours);
        report_csv_stat(csv, n->billed_hours);
        report_csv_stat(csv, n->usd);
        report_csv_real(csv, n->usd_per_h);
        report_csv_real(csv, n->list_usd_per_h);
        report_csv_text(csv, model_basis_name(n->price_basis));
        report_csv_text(csv, n->price_source);
        report_csv_text(csv, n->price_date);
        report_csv_end(csv);
    }
}

static void cost_lines(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->cost.n_lines; i++) {
        const struct model_cost_line *l = &p->cost.lines[i];

        report_csv_text(csv, p->name);
        report_csv_text(csv, model_line_kind_name(l->kind));
        report_csv_text(csv, l->workload);
        report_csv_text(csv, l->stage);
        report_csv_usd(csv, l->uusd);
        report_csv_end(csv);
    }
}

static void cells(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *l = &p->cost.cells[i];

        report_csv_text(csv, p->name);
        report_csv_text(csv, model_part_name(l->part));
        report_csv_text(csv, l->resource < MODEL_RESOURCES
                                 ? model_resource_name((enum model_resource)l->resource)
                                 : NULL);
        report_csv_text(csv, p->nodes[l->node].type);
        report_csv_text(csv, p->nodes[l->node].option);
        report_csv_text(csv, l->workload);
        report_csv_text(csv, l->stage);
        report_csv_text(csv, l->team);
        report_csv_real(csv, l->hours);
        report_csv_usd(csv, l->uusd);
        report_csv_usd(csv, l->list_uusd);
        report_csv_real(csv, l->mean_usd);
        report_csv_real(csv, l->mean_list_usd);
        report_csv_end(csv);
    }
}

static double at(const double *values, int32_t i)
{
    return values != NULL ? values[i] : NAN;
}

static void utilization(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t b = 0; b < p->series.n; b++) {
        const struct model_series *s = &p->series;

        report_csv_text(csv, p->name);
        report_csv_real(csv, b * s->bucket_s);
        report_csv_real(csv, (b + 1) * s->bucket_s);
        for (int r = 0; r < MODEL_RESOURCES; r++) {
            double unit = r == MODEL_MEMORY ? GIB : 1;

            report_csv_real(csv, at(s->provisioned[r], b) / unit);
            report_csv_real(csv, at(s->allocated[r], b) / unit);
            report_csv_real(csv, at(s->busy[r], b) / unit);
            report_csv_real(csv, at(s->stranded[r], b) / unit);
        }
        report_csv_real(csv, at(s->queued, b));
        report_csv_end(csv);
    }
}

struct timed {
    const char *policy, *workload;
};

static void latency_row(struct report_csv *csv, struct timed of, const char *what,
                        const struct model_times *t)
{
    if (t->count == 0)
        return;
    report_csv_text(csv, of.policy);
    report_csv_text(csv, of.workload);
    report_csv_text(csv, what);
    report_csv_int(csv, t->count);
    report_csv_stat(csv, t->mean_s);
    report_csv_stat(csv, t->p50_s);
    report_csv_stat(csv, t->p90_s);
    report_csv_stat(csv, t->p99_s);
    report_csv_stat(csv, t->max_s);
    report_csv_end(csv);
}

static void latency(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->n_workloads; i++) {
        const struct model_workload_result *w = &p->workloads[i];
        struct timed of = {p->name, w->name};

        latency_row(csv, of, "latency", &w->latency);
        if (w->serving != NULL) {
            latency_row(csv, of, "ttft", &w->serving->ttft);
            latency_row(csv, of, "tpot", &w->serving->tpot);
            latency_row(csv, of, "itl", &w->serving->itl);
            latency_row(csv, of, "e2e", &w->serving->e2e);
            latency_row(csv, of, "queue", &w->serving->queue);
        }
        if (w->jobs != NULL && w->jobs->n_groups > 0) {
            latency_row(csv, of, "queue", &w->jobs->groups[0].queue);
            latency_row(csv, of, "completion", &w->jobs->groups[0].completion);
        }
    }
}

static void cdf(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t w = 0; w < p->n_workloads; w++)
        for (int32_t k = 0; k < p->workloads[w].n_cdfs; k++) {
            const struct model_cdf *d = &p->workloads[w].cdfs[k];

            for (int32_t i = 0; i < d->n; i++) {
                report_csv_text(csv, p->name);
                report_csv_text(csv, p->workloads[w].name);
                report_csv_text(csv, d->what);
                report_csv_real(csv, d->s[i]);
                report_csv_real(csv, d->frac[i]);
                report_csv_end(csv);
            }
        }
}

static void one_serving(struct report_csv *csv, const struct model_serving_result *s)
{
    report_csv_text(csv, s->model);
    report_csv_int(csv, s->requests);
    report_csv_int(csv, s->retried);
    report_csv_real(csv, s->has_slo ? s->slo_ttft_s : NAN);
    report_csv_real(csv, s->has_slo ? s->slo_tpot_s : NAN);
    report_csv_real(csv, s->has_slo ? s->slo_e2e_s : NAN);
    report_csv_stat(csv, s->slo_attained);
    report_csv_stat(csv, s->goodput_per_s);
    report_csv_stat(csv, s->prompt_tokens_per_s);
    report_csv_stat(csv, s->output_tokens_per_s);
    report_csv_stat(csv, s->tokens_per_s_per_gpu);
    report_csv_stat(csv, s->usd_per_million_tokens);
    report_csv_int(csv, s->transfers);
    report_csv_int(csv, s->transfer_bytes);
    report_csv_end(csv);
}

static void serving(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t w = 0; w < p->n_workloads; w++)
        if (p->workloads[w].serving != NULL) {
            report_csv_text(csv, p->name);
            report_csv_text(csv, p->workloads[w].name);
            one_serving(csv, p->workloads[w].serving);
        }
}

static void one_pool(struct report_csv *csv, const struct model_serving_pool *s)
{
    report_csv_text(csv, s->name);
    report_csv_text(csv, s->role);
    report_csv_text(csv, s->iteration);
    report_csv_int(csv, s->gpus);
    report_csv_stat(csv, s->replicas);
    report_csv_stat(csv, s->busy_frac);
    report_csv_stat(csv, s->flop_utilization);
    report_csv_stat(csv, s->kv_used_frac);
    report_csv_stat(csv, s->batch_mean);
    report_csv_stat(csv, s->tokens_per_s_per_gpu);
    report_csv_times(csv, &s->queue);
    report_csv_int(csv, s->iterations);
    report_csv_int(csv, s->prefill_tokens);
    report_csv_int(csv, s->decode_tokens);
    report_csv_int(csv, s->preemptions);
    report_csv_int(csv, s->lost);
    report_csv_end(csv);
}

static void pools(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t w = 0; w < p->n_workloads; w++) {
        const struct model_serving_result *s = p->workloads[w].serving;

        for (int32_t i = 0; s != NULL && i < s->n_pools; i++) {
            report_csv_text(csv, p->name);
            report_csv_text(csv, p->workloads[w].name);
            one_pool(csv, &s->pools[i]);
        }
    }
}

static void one_group(struct report_csv *csv, const struct model_job_group *g)
{
    report_csv_text(csv, g->name);
    report_csv_int(csv, g->arrived);
    report_csv_int(csv, g->done);
    report_csv_times(csv, &g->queue);
    report_csv_times(csv, &g->completion);
    report_csv_times(csv, &g->wait);
    report_csv_stat(csv, g->slowdown_mean);
    report_csv_stat(csv, g->slowdown_p99);
    report_csv_stat(csv, g->gpu_h);
    for (int i = 0; i < MODEL_CAUSES; i++)
        report_csv_real(csv, g->wait_frac[i]);
    report_csv_end(csv);
}

static void job_groups(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t w = 0; w < p->n_workloads; w++) {
        const struct model_jobs_result *j = p->workloads[w].jobs;

        for (int32_t i = 0; j != NULL && i < j->n_groups; i++) {
            report_csv_text(csv, p->name);
            report_csv_text(csv, p->workloads[w].name);
            report_csv_text(csv, i == 0 ? "all" : i <= j->n_teams ? "team" : "size");
            one_group(csv, &j->groups[i]);
        }
    }
}

static void teams(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->n_teams; i++) {
        const struct model_team_result *t = &p->teams[i];

        report_csv_text(csv, p->name);
        report_csv_text(csv, t->name);
        if (p->cost.known) {
            report_csv_usd(csv, t->allocated_uusd);
            report_csv_usd(csv, t->busy_uusd);
        } else {
            report_csv_empty(csv);
            report_csv_empty(csv);
        }
        for (int r = 0; r < MODEL_RESOURCES; r++) {
            report_csv_stat(csv, t->allocated_h[r]);
            report_csv_stat(csv, t->busy_h[r]);
        }
        report_csv_stat(csv, t->borrowed_gpu_h);
        report_csv_real(csv, t->peak_gpus);
        report_csv_end(csv);
    }
}

static void leases(struct report_csv *csv, const struct report_context *c)
{
    EACH_POLICY(p, c)
    for (int32_t i = 0; i < p->timeline.n_leases; i++) {
        const struct model_lease *l = &p->timeline.leases[i];

        report_csv_text(csv, p->name);
        report_csv_int(csv, l->node);
        report_csv_text(csv, p->nodes[l->use].type);
        report_csv_text(csv, p->nodes[l->use].option);
        report_csv_real(csv, sp_s_from_ns(l->requested_ns));
        report_csv_real(csv, l->ready_ns < 0 ? NAN : sp_s_from_ns(l->ready_ns));
        report_csv_real(csv, sp_s_from_ns(l->end_ns));
        report_csv_text(csv, l->ended);
        report_csv_text(csv, p->timeline.sample);
        report_csv_end(csv);
    }
}

#define AMOUNTS(of, unit)                                                              \
    of "_provisioned_" unit "," of "_allocated_" unit "," of "_busy_" unit "," of      \
       "_stranded_" unit

const struct report_csv_table report_csv_policy_tables[] = {
    {"policies",
     "policy,end,end_text,unplaced," STAT("time_s") ",window,window_from_s,window_to_"
                                                    "s," STAT(
                                                        "usd") ",first_"
                                                               "replication_"
                                                               "usd," STAT("usd_per_1k_"
                                                                           "items") "," STAT("idle_usd") "," STAT(
                                                                   "unallocated_"
                                                                   "usd") "," STAT("flo"
                                                                                   "or_"
                                                                                   "us"
                                                                                   "d") ",gpu_nodes_peak,gpus_demand_peak,nodes_taken_back,nodes_failed,launches_refused,"
                                                                                        "events",
     policies},
    {"resources",
     "policy,resource," STAT("provisioned_h") "," STAT("allocated_h") "," STAT(
         "busy_h") "," STAT("stranded_h") "," STAT("allocated_frac") "," STAT("busy_"
                                                                              "frac"),
     resources},
    {"workloads",
     "policy,workload,kind,in,done,in_flight,dropped,dropped_filtered,dropped_retries,"
     "dropped_kv_capacity,dropped_zero_tokens,dropped_too_large,dropped_gang," STAT(
         "done_per_s") ",bound_per_s,moved_bytes,spilled_bytes",
     workloads},
    {"stages",
     "policy,workload,stage,unit," STAT("slots") "," STAT("busy_frac") "," STAT("blocke"
                                                                                "d_"
                                                                                "frac") "," STAT("fetch_frac") "," TIMES(
         "wait") "," TIMES("service") "," STAT("queue_mean_items") "," STAT("queue_"
                                                                            "peak_"
                                                                            "items") "," STAT("batch_mean_"
                                                                                              "items") ",in,done,emitted,retried,dropped,tasks_lost,bottleneck",
     stages},
    {"nodes",
     "policy,type,option,group,catalog_type,gpu_model,cpus,gpus,memory_gib,peak_"
     "nodes," STAT("mean_nodes") "," STAT("node_h") "," STAT("billed_node_h") "," STAT(
         "usd") ",usd_per_h,list_usd_per_h,price_basis,price_source,price_date",
     nodes},
    {"cost_lines", "policy,kind,workload,stage,usd", cost_lines},
    {"cells",
     "policy,part,resource,node_type,option,workload,stage,team,hours,usd,list_usd,"
     "mean_usd,mean_list_usd",
     cells},
    {"utilization",
     "policy,from_s,to_s," AMOUNTS("gpu", "gpus") "," AMOUNTS(
         "cpu", "cpus") "," AMOUNTS("memory", "gib") ",queued_items",
     utilization},
    {"latency",
     "policy,workload,what,count," STAT("mean_s") "," STAT("p50_s") "," STAT(
         "p90_s") "," STAT("p99_s") "," STAT("max_s"),
     latency},
    {"cdf", "policy,workload,what,at_most_s,frac", cdf},
    {"serving",
     "policy,workload,model,requests,retried,slo_ttft_s,slo_tpot_s,slo_e2e_s," STAT("sl"
                                                                                    "o_"
                                                                                    "at"
                                                                                    "ta"
                                                                                    "in"
                                                                                    "ed"
                                                                                    "_f"
                                                                                    "ra"
                                                                                    "c") "," STAT(
         "goodput_per_s") "," STAT("prompt_tokens_per_"
                                   "s") "," STAT("output_tokens_per_s") "," STAT("token"
                                                                                 "s_"
                                                                                 "per_"
                                                                                 "s_"
                                                                                 "per_"
                                                                                 "gpu") "," STAT("usd_per_"
                                                                                                 "million_"
                                                                                                 "tokens") ",transfers,transfer_bytes",
     serving},
    {"serving_pools",
     "policy,workload,pool,role,iteration,gpus_per_replica," STAT("replicas") "," STAT("busy_frac") "," STAT("flop_utilization_frac") "," STAT(
         "kv_used_frac") "," STAT("batch_mean_sequences") "," STAT("tokens_per_s_per_"
                                                                   "gpu") "," TIMES("qu"
                                                                                    "eu"
                                                                                    "e") ",iterations,prefill_tokens,decode_tokens,preemptions,replicas_lost",
     pools},
    {"job_groups",
     "policy,workload,by,group,arrived,done," TIMES("queue") "," TIMES("completion") "," TIMES(
         "wait") "," STAT("slowdown_mean") "," STAT("slowdown_"
                                                    "p99") "," STAT("gpu_h") ",wait_"
                                                                             "quota_"
                                                                             "frac,"
                                                                             "wait_"
                                                                             "head_of_"
                                                                             "line_"
                                                                             "frac,"
                                                                             "wait_"
                                                                             "capacity_"
                                                                             "frac,"
                                                                             "wait_"
                                                                             "fragmenta"
                                                                             "tion_"
                                                                             "frac,"
                                                                             "wait_"
                                                                             "gang_"
                                                                             "frac,"
                                                                             "wait_"
                                                                             "spot_"
                                                                             "loss_"
                                                                             "frac,"
                                                                             "wait_"
                                                                             "start_up_"
                                                                             "frac",
     job_groups},
    {"teams",
     "policy,team,allocated_usd,busy_usd," STAT("allocated_gpu_h") "," STAT(
         "busy_gpu_"
         "h") "," STAT("allocated_cpu_h") "," STAT("busy_cpu_h") "," STAT("allocated_"
                                                                          "memory_gib_"
                                                                          "h") "," STAT("busy_memory_gib_h") "," STAT("borrowed_gpu_h") ",peak_gpus",
     teams},
    {"leases", "policy,node,type,option,requested_s,ready_s,end_s,ended,sample",
     leases},
    {0},
};
