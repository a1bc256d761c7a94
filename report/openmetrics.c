/* Families are a table; each has a function that writes its samples. */
#include "report/openmetrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "report/csv_text.h"
#include "report/file.h"
#include "report/text.h"

struct label {
    const char *key, *value; /* value NULL: left out; key NULL ends a list */
};

struct family;

struct writer {
    FILE *out;
    const struct model_result *r;
    const struct model_policy_result *p; /* of the samples; NULL: the run's */
    const struct family *family;
    bool began;             /* the family's head is written */
    struct sp_arena *arena; /* of one family */
};

struct family {
    const char *name; /* behind "stageplan_" */
    const char *type, *unit, *help;
    void (*samples)(struct writer *w); /* of w->p; NULL: of the run */
    void (*of_run)(struct writer *w);
};

/* ---- a sample ---- */

static void put_value(struct writer *w, const char *text)
{
    const char *c = report_text_clean(w->arena, text, REPORT_TEXT_LINE);

    for (; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            putc('\\', w->out);
        putc(*c, w->out);
    }
}

static void put_label(struct writer *w, bool *first, const struct label *l)
{
    if (l->value == NULL || *l->value == '\0')
        return;
    fprintf(w->out, "%c%s=\"", *first ? '{' : ',', l->key);
    put_value(w, l->value);
    putc('"', w->out);
    *first = false;
}

static void put_head(struct writer *w)
{
    const struct family *f = w->family;

    fprintf(w->out, "# TYPE stageplan_%s %s\n", f->name, f->type);
    if (f->unit != NULL)
        fprintf(w->out, "# UNIT stageplan_%s %s\n", f->name, f->unit);
    fprintf(w->out, "# HELP stageplan_%s %s\n", f->name, f->help);
    w->began = true;
}

/* Nothing where the value is not known. */
static void put(struct writer *w, const char *suffix, double value,
                const struct label *labels)
{
    const struct label scenario = {"scenario", w->r->name};
    bool first = true;
    char digits[REPORT_CSV_NUMBER];

    if (!isfinite(value))
        return;
    if (!w->began)
        put_head(w);
    fprintf(w->out, "stageplan_%s%s", w->family->name, suffix);
    put_label(w, &first, &scenario);
    if (w->p != NULL)
        put_label(w, &first, &(struct label){"policy", w->p->name});
    for (; labels->key != NULL; labels++)
        put_label(w, &first, labels);
    fprintf(w->out, "%s %s\n", first ? "" : "}", report_csv_number(value, digits));
}

/* Labels of a sample, ended. */
#define LABELS(...) ((const struct label[]){__VA_ARGS__, {NULL, NULL}})
#define NO_LABELS   ((const struct label[]){{NULL, NULL}})

static const char *number(struct writer *w, double value)
{
    return report_csv_number(value, sp_arena_alloc(w->arena, REPORT_CSV_NUMBER));
}

/* As the bound of a bucket: a number that is no integer in its form. */
static const char *bound(struct writer *w, double value)
{
    const char *digits = number(w, value);

    return strpbrk(digits, ".e") != NULL ? digits
                                         : sp_arena_printf(w->arena, "%s.0", digits);
}

enum { LABELS_MAX = 6 };

static const struct label *with(struct writer *w, const struct label *labels,
                                const char *key, const char *value)
{
    struct label *more = sp_arena_array(w->arena, LABELS_MAX, sizeof *more);
    int n = 0;

    for (; labels[n].key != NULL; n++)
        more[n] = labels[n];
    sp_assert(n + 2 <= LABELS_MAX);
    more[n] = (struct label){key, value};
    return more;
}

/* A summary's samples. */
static void put_times(struct writer *w, const struct model_times *t,
                      const struct label *labels)
{
    const struct {
        const char *quantile;
        double s;
    } rows[] = {{"0.5", t->p50_s.mean},
                {"0.9", t->p90_s.mean},
                {"0.99", t->p99_s.mean},
                {"1.0", t->max_s.mean}};

    if (t->count == 0)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        put(w, "", rows[i].s, with(w, labels, "quantile", rows[i].quantile));
    put(w, "_sum", t->mean_s.mean * (double)t->count, labels);
    put(w, "_count", (double)t->count, labels);
}

/* ---- the run ---- */

static void run_info(struct writer *w)
{
    const struct model_result *r = w->r;

    put(w, "_info", 1,
        LABELS({"version", r->version},
               {"seed", sp_arena_printf(w->arena, "%" PRIu64, r->seed)},
               {"replications", sp_arena_printf(w->arena, "%d", (int)r->n_runs)},
               {"baseline", r->baseline >= 0 && r->baseline < r->n_policies
                                ? r->policies[r->baseline].name
                                : NULL},
               {"catalog", r->catalog}, {"partial", r->partial ? "true" : "false"}));
}

static void input_info(struct writer *w)
{
    for (int32_t i = 0; i < w->r->n_files; i++)
        put(w, "_info", 1,
            LABELS({"file", w->r->files[i].file},
                   {"xxh64",
                    sp_arena_printf(w->arena, "%016" PRIx64, w->r->files[i].xxh64)}));
}

static void assumption_info(struct writer *w)
{
    for (int32_t i = 0; i < w->r->n_assumptions; i++)
        put(w, "_info", 1,
            LABELS({"id", w->r->assumptions[i].id},
                   {"text", w->r->assumptions[i].text}));
}

static void warnings(struct writer *w)
{
    put(w, "", w->r->n_warnings, NO_LABELS);
}

/* ---- policies ---- */

static void policy_info(struct writer *w)
{
    put(w, "_info", 1,
        LABELS({"end", model_end_name(w->p->end)}, {"window", w->p->window}));
}

static void run_time(struct writer *w)
{
    put(w, "", w->p->time_s.mean, NO_LABELS);
}

static void bill(struct writer *w)
{
    put(w, "", w->p->cost.usd.mean, NO_LABELS);
}

static void bill_half(struct writer *w)
{
    put(w, "", w->p->cost.usd.half95, NO_LABELS);
}

static void floor_usd(struct writer *w)
{
    put(w, "", w->p->cost.floor_usd.mean, NO_LABELS);
}

static void per_1k(struct writer *w)
{
    put(w, "", w->p->cost.usd_per_1k_items.mean, NO_LABELS);
}

static void cost(struct writer *w)
{
    for (int32_t i = 0; i < w->p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &w->p->cost.cells[i];
        const struct model_node_use *n = &w->p->nodes[c->node];

        put(w, "", c->mean_usd,
            LABELS(
                {"part", model_part_name(c->part)},
                {"resource", c->resource < MODEL_RESOURCES
                                 ? model_resource_name((enum model_resource)c->resource)
                                 : NULL},
                {"node_type", n->type}, {"option", n->option},
                {"workload", c->workload}, {"stage", c->stage}, {"team", c->team}));
    }
}

#define EACH_NODE(function, suffix, value)                                             \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int32_t i = 0; i < w->p->n_nodes; i++) {                                  \
            const struct model_node_use *n = &w->p->nodes[i];                          \
                                                                                       \
            put(w, suffix, value,                                                      \
                LABELS({"node_type", n->type}, {"option", n->option}));                \
        }                                                                              \
    }
EACH_NODE(nodes_mean, "", n->mean.mean)
EACH_NODE(nodes_peak, "", n->peak)
EACH_NODE(node_held, "_total", n->hours.mean * 3600)
EACH_NODE(node_billed, "_total", n->billed_hours.mean * 3600)
EACH_NODE(node_price, "", n->usd_per_h)
EACH_NODE(node_usd, "", n->usd.mean)

static void nodes_lost(struct writer *w)
{
    put(w, "_total", (double)w->p->nodes_taken_back, LABELS({"reason", "taken back"}));
    put(w, "_total", (double)w->p->nodes_failed, LABELS({"reason", "failed"}));
}

static void launches_refused(struct writer *w)
{
    put(w, "_total", (double)w->p->launches_refused, NO_LABELS);
}

#define EACH_RESOURCE(function, suffix, value)                                         \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int i = 0; i < MODEL_RESOURCES; i++) {                                    \
            const struct model_resource_use *u = &w->p->resources[i];                  \
                                                                                       \
            put(w, suffix, value,                                                      \
                LABELS({"resource", model_resource_name((enum model_resource)i)}));    \
        }                                                                              \
    }
EACH_RESOURCE(provisioned, "_total", u->provisioned_h.mean * 3600)
EACH_RESOURCE(allocated, "_total", u->allocated_h.mean * 3600)
EACH_RESOURCE(busy, "_total", u->busy_h.mean * 3600)
EACH_RESOURCE(stranded, "_total", u->stranded_h.mean * 3600)
EACH_RESOURCE(allocated_ratio, "", u->allocated_of_provisioned.mean)
EACH_RESOURCE(busy_ratio, "", u->busy_of_provisioned.mean)

/* ---- workloads and stages ---- */

static void items(struct writer *w)
{
    for (int32_t i = 0; i < w->p->n_workloads; i++) {
        const struct model_workload_result *k = &w->p->workloads[i];
        const struct {
            const char *event;
            int64_t n;
        } rows[] = {{"in", k->in}, {"done", k->done}, {"dropped", k->dropped}};

        for (size_t e = 0; e < sizeof rows / sizeof rows[0]; e++)
            put(w, "_total", (double)rows[e].n,
                LABELS({"workload", k->name}, {"event", rows[e].event}));
    }
}

#define EACH_WORKLOAD(function, suffix, value)                                         \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int32_t i = 0; i < w->p->n_workloads; i++) {                              \
            const struct model_workload_result *k = &w->p->workloads[i];               \
                                                                                       \
            put(w, suffix, value, LABELS({"workload", k->name}));                      \
        }                                                                              \
    }
EACH_WORKLOAD(in_flight, "", (double)k->in_flight)
EACH_WORKLOAD(per_s, "", k->per_s.mean)
EACH_WORKLOAD(moved, "_total", (double)k->moved_bytes)
EACH_WORKLOAD(spilled, "_total", (double)k->spilled_bytes)

#define EACH_STAGE(function, write)                                                    \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int32_t i = 0; i < w->p->n_workloads; i++)                                \
            for (int32_t j = 0; j < w->p->workloads[i].n_stages; j++) {                \
                const struct model_stage_result *s = &w->p->workloads[i].stages[j];    \
                const struct label *at =                                               \
                    with(w, LABELS({"workload", w->p->workloads[i].name}), "stage",    \
                         s->name);                                                     \
                                                                                       \
                write;                                                                 \
            }                                                                          \
    }

static void put_events(struct writer *w, const struct model_stage_result *s,
                       const struct label *at)
{
    const struct {
        const char *event;
        int64_t n;
    } rows[] = {{"in", s->in},
                {"done", s->done},
                {"emitted", s->emitted},
                {"retried", s->retried},
                {"dropped", s->dropped}};

    for (size_t e = 0; e < sizeof rows / sizeof rows[0]; e++)
        put(w, "_total", (double)rows[e].n, with(w, at, "event", rows[e].event));
}
EACH_STAGE(stage_items, put_events(w, s, at))
EACH_STAGE(stage_slots, put(w, "", s->slots.mean, at))
EACH_STAGE(stage_busy, put(w, "", s->busy_frac.mean, at))
EACH_STAGE(stage_blocked, put(w, "", s->blocked_frac.mean, at))
EACH_STAGE(stage_fetch, put(w, "", s->fetch_frac.mean, at))
EACH_STAGE(stage_queue, put(w, "", s->queue_mean.mean, at))
EACH_STAGE(stage_queue_peak, put(w, "", s->queue_peak.mean, at))
EACH_STAGE(stage_lost, put(w, "_total", (double)s->lost, at))
EACH_STAGE(stage_wait, put_times(w, &s->wait, at))
EACH_STAGE(stage_service, put_times(w, &s->service, at))

/* ---- latencies ---- */

struct timed {
    const char *what;
    const struct model_times *t;
};
enum { TIMED_MAX = 8 };

static int timed_of(const struct model_workload_result *k,
                    struct timed rows[static TIMED_MAX])
{
    int n = 0;

    rows[n++] = (struct timed){"latency", &k->latency};
    if (k->serving != NULL) {
        rows[n++] = (struct timed){"ttft", &k->serving->ttft};
        rows[n++] = (struct timed){"tpot", &k->serving->tpot};
        rows[n++] = (struct timed){"itl", &k->serving->itl};
        rows[n++] = (struct timed){"e2e", &k->serving->e2e};
        rows[n++] = (struct timed){"queue", &k->serving->queue};
    } else if (k->jobs != NULL && k->jobs->n_groups > 0) {
        rows[n++] = (struct timed){"queue", &k->jobs->groups[0].queue};
        rows[n++] = (struct timed){"completion", &k->jobs->groups[0].completion};
    }
    return n;
}

static void latency_quantiles(struct writer *w)
{
    for (int32_t i = 0; i < w->p->n_workloads; i++) {
        const struct model_workload_result *k = &w->p->workloads[i];
        struct timed rows[TIMED_MAX];
        int n = timed_of(k, rows);

        for (int j = 0; j < n; j++)
            put_times(w, rows[j].t,
                      LABELS({"workload", k->name}, {"what", rows[j].what}));
    }
}

/* Bounds of buckets, the same for all series so that they can be added: eight in each
 * decade. */
static const double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8};
enum { N_STEPS = sizeof steps / sizeof steps[0], DECADE_MIN = -6, DECADE_MAX = 8 };

static double step_of(int bucket)
{
    int decade = DECADE_MIN + bucket / N_STEPS;
    double power = 1;

    for (int i = 0; i < (decade < 0 ? -decade : decade); i++)
        power *= 10;
    return decade < 0 ? steps[bucket % N_STEPS] / power
                      : steps[bucket % N_STEPS] * power;
}

/* The share that took at most s seconds. */
static double cdf_at(const struct model_cdf *cdf, double s)
{
    int32_t low = 0, high = cdf->n;

    while (low < high) {
        int32_t mid = (low + high) / 2;

        if (cdf->s[mid] <= s)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 ? cdf->frac[low - 1] : 0;
}

/* First and last bucket that tell something of any series. */
static void widen(const struct model_cdf *cdf, int *first, int *last)
{
    int b = 0;

    if (cdf->n == 0)
        return;
    while (b < N_STEPS * (DECADE_MAX - DECADE_MIN) && step_of(b) < cdf->s[0])
        b++;
    *first = b < *first ? b : *first;
    while (b < N_STEPS * (DECADE_MAX - DECADE_MIN) && step_of(b) < cdf->s[cdf->n - 1])
        b++;
    *last = b > *last ? b : *last;
}

static void bucket_range(const struct model_result *r, int *first, int *last)
{
    *first = N_STEPS * (DECADE_MAX - DECADE_MIN);
    *last = 0;
    for (int32_t p = 0; p < r->n_policies; p++)
        for (int32_t i = 0; i < r->policies[p].n_workloads; i++)
            for (int32_t j = 0; j < r->policies[p].workloads[i].n_cdfs; j++)
                widen(&r->policies[p].workloads[i].cdfs[j], first, last);
}

static void put_histogram(struct writer *w, const struct model_cdf *cdf,
                          const struct model_times *t, const struct label *labels)
{
    int first, last;
    double count = (double)t->count;

    bucket_range(w->r, &first, &last);
    for (int b = first; b <= last; b++)
        put(w, "_bucket", round(cdf_at(cdf, step_of(b)) * count),
            with(w, labels, "le", bound(w, step_of(b))));
    put(w, "_bucket", count, with(w, labels, "le", "+Inf"));
    put(w, "_sum", t->mean_s.mean * count, labels);
    put(w, "_count", count, labels);
}

static void latency(struct writer *w)
{
    for (int32_t i = 0; i < w->p->n_workloads; i++) {
        const struct model_workload_result *k = &w->p->workloads[i];
        struct timed rows[TIMED_MAX];
        int n = timed_of(k, rows);

        for (int32_t c = 0; c < k->n_cdfs; c++)
            for (int j = 0; j < n; j++)
                if (strcmp(rows[j].what, k->cdfs[c].what) == 0 && rows[j].t->count > 0)
                    put_histogram(
                        w, &k->cdfs[c], rows[j].t,
                        LABELS({"workload", k->name}, {"what", rows[j].what}));
    }
}

/* ---- serving, jobs, teams ---- */

#define EACH_SERVING(function, value)                                                  \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int32_t i = 0; i < w->p->n_workloads; i++) {                              \
            const struct model_serving_result *s = w->p->workloads[i].serving;         \
                                                                                       \
            if (s != NULL)                                                             \
                put(w, "", value, LABELS({"workload", w->p->workloads[i].name}));      \
        }                                                                              \
    }
EACH_SERVING(slo_attained, s->has_slo ? s->slo_attained.mean : NAN)
EACH_SERVING(goodput, s->goodput_per_s.mean)
EACH_SERVING(prompt_tokens, s->prompt_tokens_per_s.mean)
EACH_SERVING(output_tokens, s->output_tokens_per_s.mean)
EACH_SERVING(million_tokens, s->usd_per_million_tokens.mean)

#define EACH_POOL(function, suffix, value)                                             \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int32_t i = 0; i < w->p->n_workloads; i++) {                              \
            const struct model_serving_result *s = w->p->workloads[i].serving;         \
                                                                                       \
            for (int32_t j = 0; s != NULL && j < s->n_pools; j++) {                    \
                const struct model_serving_pool *k = &s->pools[j];                     \
                                                                                       \
                put(w, suffix, value,                                                  \
                    LABELS({"workload", w->p->workloads[i].name}, {"stage", k->name},  \
                           {"role", k->role}));                                        \
            }                                                                          \
        }                                                                              \
    }
EACH_POOL(replicas, "", k->replicas.mean)
EACH_POOL(replica_busy, "", k->busy_frac.mean)
EACH_POOL(kv_used, "", k->kv_used_frac.mean)
EACH_POOL(preemptions, "_total", (double)k->preemptions)

#define EACH_GROUP(function, write)                                                    \
    static void function(struct writer *w)                                             \
    {                                                                                  \
        for (int32_t i = 0; i < w->p->n_workloads; i++) {                              \
            const struct model_jobs_result *j = w->p->workloads[i].jobs;               \
                                                                                       \
            for (int32_t g = 0; j != NULL && g < j->n_groups; g++) {                   \
                const struct model_job_group *k = &j->groups[g];                       \
                const struct label *at =                                               \
                    with(w,                                                            \
                         LABELS({"workload", w->p->workloads[i].name},                 \
                                {g == 0            ? "group"                           \
                                 : g <= j->n_teams ? "team"                            \
                                                   : "size",                           \
                                 k->name}),                                            \
                         NULL, NULL);                                                  \
                                                                                       \
                write;                                                                 \
            }                                                                          \
        }                                                                              \
    }
EACH_GROUP(job_queue, put_times(w, &k->queue, at))
EACH_GROUP(job_completion, put_times(w, &k->completion, at))

static void put_jobs(struct writer *w, const struct model_job_group *k,
                     const struct label *at)
{
    put(w, "_total", (double)k->arrived, with(w, at, "event", "arrived"));
    put(w, "_total", (double)k->done, with(w, at, "event", "done"));
}
EACH_GROUP(job_counts, put_jobs(w, k, at))

static void put_causes(struct writer *w, const struct model_job_group *k,
                       const struct label *at)
{
    for (int c = 0; c < MODEL_CAUSES; c++)
        put(w, "", k->wait_frac[c],
            with(w, at, "cause", model_cause_name((enum model_cause)c)));
}
EACH_GROUP(job_causes, put_causes(w, k, at))

static void team_cost(struct writer *w)
{
    for (int32_t i = 0; i < w->p->n_teams && w->p->cost.known; i++) {
        const struct model_team_result *t = &w->p->teams[i];

        put(w, "", (double)t->allocated_uusd / 1e6,
            LABELS({"team", t->name}, {"basis", "allocated"}));
        put(w, "", (double)t->busy_uusd / 1e6,
            LABELS({"team", t->name}, {"basis", "busy"}));
    }
}

/* ---- the table ---- */

static const struct family families[] = {
    {"run", "info", NULL, "The run that all of this is about.", NULL, run_info},
    {"input_file", "info", NULL, "A file that was read, with its fingerprint.", NULL,
     input_info},
    {"assumption", "info", NULL, "A modelling assumption in force.", NULL,
     assumption_info},
    {"warnings", "gauge", NULL, "What a careful reader should know: how many.", NULL,
     warnings},
    {"policy", "info", NULL, "How a policy ended and over which window it is measured.",
     policy_info, NULL},
    {"time_seconds", "gauge", "seconds", "Simulated time until the end, mean.",
     run_time, NULL},
    {"bill_usd", "gauge", "usd", "The whole bill, mean.", bill, NULL},
    {"bill_half95_usd", "gauge", "usd", "Half of its 95 % confidence interval.",
     bill_half, NULL},
    {"floor_usd", "gauge", "usd", "What no bill for this work can be below.", floor_usd,
     NULL},
    {"per_1k_items_usd", "gauge", "usd", "The bill per 1000 items done.", per_1k, NULL},
    {"cost_usd", "gauge", "usd",
     "The bill by part, resource, node type, workload, stage and team, mean.", cost,
     NULL},
    {"nodes", "gauge", NULL, "Nodes held, time average.", nodes_mean, NULL},
    {"nodes_peak", "gauge", NULL, "Most nodes held at a time.", nodes_peak, NULL},
    {"node_held_seconds", "counter", "seconds", "Node-seconds held, mean.", node_held,
     NULL},
    {"node_billed_seconds", "counter", "seconds", "Node-seconds billed, mean.",
     node_billed, NULL},
    {"node_price_per_hour_usd", "gauge", "usd", "Price of a node-hour.", node_price,
     NULL},
    {"node_usd", "gauge", "usd", "What the nodes of a type cost, mean.", node_usd,
     NULL},
    {"nodes_lost", "counter", NULL, "Nodes that were lost, first replication.",
     nodes_lost, NULL},
    {"launches_refused", "counter", NULL,
     "Times that a node could not be had, first replication.", launches_refused, NULL},
    {"resource_provisioned_seconds", "counter", "seconds",
     "GPU-, CPU- and GiB-seconds that were there.", provisioned, NULL},
    {"resource_allocated_seconds", "counter", "seconds", "Of these, reserved by units.",
     allocated, NULL},
    {"resource_busy_seconds", "counter", "seconds", "Of these, at work.", busy, NULL},
    {"resource_stranded_seconds", "counter", "seconds",
     "Reserved by nobody and of no use to any unit.", stranded, NULL},
    {"resource_allocated_ratio", "gauge", "ratio", "Allocated of provisioned.",
     allocated_ratio, NULL},
    {"resource_busy_ratio", "gauge", "ratio", "Busy of provisioned.", busy_ratio, NULL},
    {"items", "counter", NULL, "Source items, first replication.", items, NULL},
    {"items_in_flight", "gauge", NULL, "Source items in flight at the end.", in_flight,
     NULL},
    {"items_per_second", "gauge", NULL, "Source items done per second.", per_s, NULL},
    {"moved_bytes", "counter", "bytes", "Bytes moved over the network.", moved, NULL},
    {"spilled_bytes", "counter", "bytes", "Bytes spilled to disks.", spilled, NULL},
    {"stage_items", "counter", NULL, "Items of a stage, first replication.",
     stage_items, NULL},
    {"stage_slots", "gauge", NULL, "Slots, time average.", stage_slots, NULL},
    {"stage_busy_ratio", "gauge", "ratio", "Busy, of slot-time.", stage_busy, NULL},
    {"stage_blocked_ratio", "gauge", "ratio", "Blocked, of slot-time.", stage_blocked,
     NULL},
    {"stage_fetch_ratio", "gauge", "ratio", "Waiting for input, of slot-time.",
     stage_fetch, NULL},
    {"stage_queue_items", "gauge", "items", "Items that wait, mean.", stage_queue,
     NULL},
    {"stage_queue_peak_items", "gauge", "items", "Most items that waited.",
     stage_queue_peak, NULL},
    {"stage_tasks_lost", "counter", NULL, "Tasks lost with their nodes.", stage_lost,
     NULL},
    {"stage_wait_seconds", "summary", "seconds",
     "From ready at the stage until served.", stage_wait, NULL},
    {"stage_service_seconds", "summary", "seconds", "Service time of a task.",
     stage_service, NULL},
    {"latency_seconds", "histogram", "seconds",
     "Latencies: shares of the first replication, of all that were counted.", latency,
     NULL},
    {"latency_quantiles_seconds", "summary", "seconds", "The same as quantiles.",
     latency_quantiles, NULL},
    {"slo_attained_ratio", "gauge", "ratio", "Requests that met the SLO.", slo_attained,
     NULL},
    {"goodput_per_second", "gauge", NULL, "Requests that met the SLO, per second.",
     goodput, NULL},
    {"prompt_tokens_per_second", "gauge", NULL, "Of requests done.", prompt_tokens,
     NULL},
    {"output_tokens_per_second", "gauge", NULL, "Of requests done.", output_tokens,
     NULL},
    {"per_million_tokens_usd", "gauge", "usd", "Cost of a million tokens.",
     million_tokens, NULL},
    {"replicas", "gauge", NULL, "Replicas up, time average.", replicas, NULL},
    {"replica_busy_ratio", "gauge", "ratio", "Of their time: an iteration running.",
     replica_busy, NULL},
    {"kv_used_ratio", "gauge", "ratio", "KV cache used, mean over busy time.", kv_used,
     NULL},
    {"preemptions", "counter", NULL, "Requests put off for want of KV blocks.",
     preemptions, NULL},
    {"jobs", "counter", NULL, "Jobs: all, by team, by size.", job_counts, NULL},
    {"job_queue_seconds", "summary", "seconds", "Arrival until a job first runs.",
     job_queue, NULL},
    {"job_completion_seconds", "summary", "seconds", "Arrival until a job is done.",
     job_completion, NULL},
    {"job_wait_cause_ratio", "gauge", "ratio", "Why jobs waited: shares of the wait.",
     job_causes, NULL},
    {"team_cost_usd", "gauge", "usd", "A team's part of the bill, first replication.",
     team_cost, NULL},
};

/* ---- the file ---- */

/* A family without samples is left out. */
static void write_family(FILE *out, const struct model_result *r,
                         const struct family *f)
{
    struct writer w = {.out = out, .r = r, .family = f, .arena = sp_arena_new()};

    if (f->of_run != NULL)
        f->of_run(&w);
    for (int32_t p = 0; f->samples != NULL && p < r->n_policies; p++) {
        w.p = &r->policies[p];
        f->samples(&w);
    }
    sp_arena_free(w.arena);
}

enum sp_status report_openmetrics_write(const char *path,
                                        const struct report_context *c,
                                        struct sp_err *err)
{
    struct report_file *file;
    enum sp_status s = report_file_open(path, &file, err);

    if (s != SP_OK)
        return s;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        write_family(report_file_stream(file), c->result, &families[i]);
    fputs("# EOF\n", report_file_stream(file));
    return report_file_close(file, SP_OK, err);
}
