/* Jobs on a shared fleet, through sim/cluster.h alone: gangs, three priorities, best
 * fit, nine tenths of the GPUs asked for on average and more at times.
 *
 * Sizes: the cost of a job must not grow faster than the logarithm of the nodes.
 * Side by side: the same jobs by a scan of everything that waits and of all nodes, on
 * a size that the scan can bear; both must start every job at the same time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/rng.h"
#include "base/units.h"
#include "sim/cluster.h"

enum { EV_PLACE, EV_NODE, EV_MARKET, EV_ARRIVES, EV_DONE, GPUS = 8, PRIORITIES = 3 };

struct job {
    int64_t arrival_ns, duration_ns, start_ns;
    int32_t kind;
};

/* A kind of job, and how many in a hundred are of it. */
static const struct shape {
    struct model_amounts needs;
    int32_t members, percent;
} shapes[] = {
    {{4000, 500, 0}, 1, 10},   {{8000, 1000, 0}, 1, 40},  {{16000, 2000, 0}, 1, 15},
    {{32000, 4000, 0}, 1, 13}, {{64000, 8000, 0}, 1, 12}, {{64000, 8000, 0}, 2, 5},
    {{64000, 8000, 0}, 4, 3},  {{32000, 4000, 0}, 6, 2},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double mean_gpus(void)
{
    double sum = 0;

    for (int s = 0; s < SHAPES; s++)
        sum += shapes[s].percent / 100.0 * shapes[s].members *
               (double)shapes[s].needs.mgpu / 1000;
    return sum;
}

static int32_t draw_shape(struct sp_rng *r)
{
    double u = 100 * sp_rng_uniform(r);
    int32_t s = 0;

    for (; s < SHAPES - 1 && u >= shapes[s].percent; s++)
        u -= shapes[s].percent;
    return s;
}

/* Poisson arrivals; an hour each on average. */
static struct job *make_jobs(int32_t n, int32_t nodes, double load)
{
    struct job *jobs = sp_xcalloc((size_t)n, sizeof *jobs);
    struct sp_rng r = sp_rng_from_key(7);
    double gap_s = 3600 * mean_gpus() / (load * nodes * GPUS), at_s = 0;

    for (int32_t i = 0; i < n; i++) {
        at_s += gap_s * sp_rng_exponential(&r);
        jobs[i].arrival_ns = sp_ns_from_s(at_s);
        jobs[i].duration_ns = sp_ns_from_s(3600 * sp_rng_exponential(&r));
        jobs[i].kind =
            draw_shape(&r) * PRIORITIES + (int32_t)(sp_rng_uniform(&r) * PRIORITIES);
    }
    return jobs;
}

/* ---- by the cluster ---- */

struct run {
    struct sim_event_queue *queue;
    struct sim_cluster *cluster;
    struct job *jobs;
    int32_t n, next, arrivals;
    int32_t *unit, *slot, *free_slots, n_free; /* unit and slot of a job */
    int64_t now_ns;
    int32_t kind[SHAPES * PRIORITIES];
};

static void starts(void *self, int32_t cookie, int32_t unit, int32_t node,
                   int64_t now_ns)
{
    struct run *r = self;

    (void)unit;
    (void)node;
    r->jobs[cookie].start_ns = now_ns;
    r->slot[cookie] = r->n_free > 0
                          ? r->free_slots[--r->n_free]
                          : sim_event_queue_slot_new(r->queue, EV_DONE, cookie);
    sim_event_queue_set(r->queue, r->slot[cookie], now_ns + r->jobs[cookie].duration_ns,
                        0);
    r->unit[r->slot[cookie]] = unit;
}

static void arrives(struct run *r, int64_t now_ns)
{
    const struct job *j = &r->jobs[r->next];
    struct sim_ask ask = {
        .since_ns = now_ns, .number = r->next, .work_ns = j->duration_ns};

    sim_cluster_ask_as(r->cluster, r->kind[j->kind], r->next, &ask, now_ns);
    if (++r->next < r->n)
        sim_event_queue_set(r->queue, r->arrivals, r->jobs[r->next].arrival_ns, 0);
}

/* Evicted: it asks again at once, for all of its work. */
static void lost(void *self, int32_t cookie, int32_t unit, enum sim_loss why,
                 int64_t now_ns)
{
    struct run *r = self;
    const struct job *j = &r->jobs[cookie];
    struct sim_ask ask = {
        .since_ns = j->arrival_ns, .number = cookie, .work_ns = j->duration_ns};

    (void)unit;
    (void)why;
    sim_event_queue_clear(r->queue, r->slot[cookie]);
    r->free_slots[r->n_free++] = r->slot[cookie];
    sim_cluster_ask_as(r->cluster, r->kind[j->kind], cookie, &ask, now_ns);
}

static void handle(struct run *r, const struct sim_event *ev)
{
    if (ev->kind == EV_ARRIVES) {
        arrives(r, ev->time_ns);
    } else if (ev->kind == EV_DONE) {
        sim_cluster_release(r->cluster, r->unit[ev->slot], ev->time_ns);
        r->free_slots[r->n_free++] = ev->slot;
    } else {
        sim_cluster_event(r->cluster, ev);
    }
}

struct measured {
    double s, steps;
};

static struct measured by_cluster(struct job *jobs, int32_t n, int32_t nodes,
                                  struct model_scheduling rules)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type type = {.name = "node",
                                   .option = "owned",
                                   .has_price = true,
                                   .has = {96000, 1000 * GPUS, -1},
                                   .fixed = true,
                                   .count = nodes,
                                   .cpu_speed = 1};
    struct model_plan plan = {.workload = "jobs"};
    struct model_policy policy = {.name = "p",
                                  .placement = "best-fit",
                                  .scheduling = rules,
                                  .n_types = 1,
                                  .types = &type,
                                  .n_plans = 1,
                                  .plans = &plan};
    struct run r = {.queue = sim_event_queue_new(arena), .jobs = jobs, .n = n};
    struct sim_cluster_client client = {
        .self = &r, .unit_placed = starts, .unit_lost = lost};
    struct sim_ledger *ledger = sim_ledger_new(arena, &policy);
    struct sim_cluster_events events = {EV_PLACE, EV_NODE, EV_MARKET};
    struct measured m;
    struct sim_event ev;
    double start;

    sim_ledger_owner_new(ledger, 0, 0);
    r.cluster = sim_cluster_new(arena, r.queue, &policy, ledger, events, 1);
    r.unit = sp_xcalloc((size_t)n + 16 * (size_t)nodes + 64, sizeof *r.unit);
    r.slot = sp_xcalloc((size_t)n, sizeof *r.slot);
    r.free_slots = sp_xcalloc((size_t)n, sizeof *r.free_slots);
    for (int32_t k = 0; k < SHAPES * PRIORITIES; k++)
        r.kind[k] = sim_cluster_kind_new(
            r.cluster,
            &(struct sim_cluster_kind){.needs = shapes[k / PRIORITIES].needs,
                                       .members = shapes[k / PRIORITIES].members,
                                       .allowed_types = -1,
                                       .priority = k % PRIORITIES,
                                       .preemptible = true,
                                       .client = &client});
    sim_cluster_start(r.cluster);
    r.arrivals = sim_event_queue_slot_new(r.queue, EV_ARRIVES, SP_NO_ID);
    sim_event_queue_set(r.queue, r.arrivals, jobs[0].arrival_ns, 0);
    start = cpu_s();
    while (sim_event_queue_pop(r.queue, &ev))
        handle(&r, &ev);
    m.s = cpu_s() - start;
    m.steps = (double)sim_cluster_search_steps(r.cluster) / n;
    free(r.unit);
    free(r.slot);
    free(r.free_slots);
    sp_arena_free(arena);
    return m;
}

/* ---- by a scan ---- */

struct node {
    int64_t mcpu;
    int32_t mgpu, dev[GPUS];
};

struct naive {
    struct job *jobs;
    int32_t n, nodes;
    struct node *node;
    int32_t *waiting, n_waiting; /* in order */
    int32_t (*at)[8];            /* nodes of a job's members */
    int32_t (*dev)[8]; /* devices held whole as bits; of a share -1 - device */
    int32_t *running, n_running;
};

static bool has_room(const struct node *n, const struct model_amounts *a, int *device)
{
    int whole = 0;

    *device = -1;
    for (int g = 0; g < GPUS; g++) {
        whole += n->dev[g] == 1000;
        if (a->mgpu < 1000 && n->dev[g] >= a->mgpu &&
            (*device < 0 || n->dev[g] < n->dev[*device]))
            *device = g;
    }
    if (n->mcpu < a->mcpu)
        return false;
    return a->mgpu >= 1000 ? whole >= a->mgpu / 1000 : *device >= 0;
}

static void seat(struct naive *v, int32_t job, int m, int32_t node)
{
    const struct model_amounts *a = &shapes[v->jobs[job].kind / PRIORITIES].needs;
    struct node *n = &v->node[node];
    int64_t left = a->mgpu / 1000;
    int device;

    (void)has_room(n, a, &device);
    n->mcpu -= a->mcpu;
    n->mgpu -= (int32_t)a->mgpu;
    v->at[job][m] = node;
    v->dev[job][m] = 0;
    if (a->mgpu < 1000) {
        n->dev[device] -= (int32_t)a->mgpu;
        v->dev[job][m] = -1 - device;
        return;
    }
    for (int g = 0; g < GPUS && left > 0; g++)
        if (n->dev[g] == 1000) {
            n->dev[g] = 0;
            v->dev[job][m] |= 1 << g;
            left--;
        }
}

static void unseat(struct naive *v, int32_t job, int m)
{
    const struct model_amounts *a = &shapes[v->jobs[job].kind / PRIORITIES].needs;
    struct node *n = &v->node[v->at[job][m]];
    int32_t dev = v->dev[job][m];

    n->mcpu += a->mcpu;
    n->mgpu += (int32_t)a->mgpu;
    if (dev < 0)
        n->dev[-1 - dev] += (int32_t)a->mgpu;
    for (int g = 0; g < GPUS && dev > 0; g++)
        if (dev >> g & 1)
            n->dev[g] = 1000;
}

static int32_t best_node(const struct naive *v, const struct model_amounts *a)
{
    int32_t best = -1;
    int device;

    for (int32_t i = 0; i < v->nodes; i++) {
        const struct node *n = &v->node[i], *b = &v->node[best < 0 ? 0 : best];

        if (has_room(n, a, &device) && (best < 0 || n->mgpu < b->mgpu ||
                                        (n->mgpu == b->mgpu && n->mcpu < b->mcpu)))
            best = i;
    }
    return best;
}

static bool naive_place(struct naive *v, int32_t job)
{
    const struct shape *s = &shapes[v->jobs[job].kind / PRIORITIES];
    int device;

    for (int m = 0; m < s->members; m++) {
        int32_t node = m > 0 ? v->at[job][m - 1] : -1;

        if (node < 0 || !has_room(&v->node[node], &s->needs, &device))
            node = best_node(v, &s->needs);
        if (node < 0) {
            while (--m >= 0)
                unseat(v, job, m);
            return false;
        }
        seat(v, job, m, node);
    }
    return true;
}

static void naive_pass(struct naive *v, int64_t now_ns)
{
    bool closed[SHAPES * PRIORITIES] = {false};
    int32_t kept = 0;

    for (int32_t i = 0; i < v->n_waiting; i++) {
        int32_t job = v->waiting[i];

        if (!closed[v->jobs[job].kind] && naive_place(v, job)) {
            v->jobs[job].start_ns = now_ns;
            v->running[v->n_running++] = job;
            continue;
        }
        closed[v->jobs[job].kind] = true;
        v->waiting[kept++] = job;
    }
    v->n_waiting = kept;
}

static void naive_ask(struct naive *v, int32_t job)
{
    int32_t at = v->n_waiting++, priority = v->jobs[job].kind % PRIORITIES;

    for (; at > 0 && v->jobs[v->waiting[at - 1]].kind % PRIORITIES < priority; at--)
        v->waiting[at] = v->waiting[at - 1];
    v->waiting[at] = job;
}

static int64_t end_of(const struct naive *v, int32_t job)
{
    return v->jobs[job].start_ns + v->jobs[job].duration_ns;
}

static double by_scan(struct job *jobs, int32_t n, int32_t nodes)
{
    size_t rows = (size_t)n;
    struct naive v = {.jobs = jobs, .n = n, .nodes = nodes};
    int32_t next = 0;
    double start;

    v.node = sp_xcalloc((size_t)nodes, sizeof *v.node);
    v.waiting = sp_xcalloc(rows, sizeof *v.waiting);
    v.running = sp_xcalloc(rows, sizeof *v.running);
    v.at = sp_xcalloc(rows, sizeof *v.at);
    v.dev = sp_xcalloc(rows, sizeof *v.dev);
    for (int32_t i = 0; i < nodes; i++) {
        v.node[i] = (struct node){.mcpu = 96000, .mgpu = 1000 * GPUS};
        for (int g = 0; g < GPUS; g++)
            v.node[i].dev[g] = 1000;
    }
    start = cpu_s();
    while (next < n || v.n_running > 0) {
        int32_t first = 0;

        for (int32_t i = 1; i < v.n_running; i++)
            if (end_of(&v, v.running[i]) < end_of(&v, v.running[first]))
                first = i;
        if (v.n_running > 0 &&
            (next == n || end_of(&v, v.running[first]) <= jobs[next].arrival_ns)) {
            int32_t job = v.running[first];

            v.running[first] = v.running[--v.n_running];
            for (int m = 0; m < shapes[jobs[job].kind / PRIORITIES].members; m++)
                unseat(&v, job, m);
            naive_pass(&v, end_of(&v, job));
        } else {
            naive_ask(&v, next);
            naive_pass(&v, jobs[next].arrival_ns);
            next++;
        }
    }
    start = cpu_s() - start;
    free(v.node);
    free(v.waiting);
    free(v.running);
    free(v.at);
    free(v.dev);
    return start;
}

/* ---- tables ---- */

static double mean_wait_s(const struct job *jobs, int32_t n)
{
    double sum = 0;

    for (int32_t i = 0; i < n; i++)
        sum += sp_s_from_ns(jobs[i].start_ns - jobs[i].arrival_ns);
    return sum / n;
}

static double peak_mib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void row(const struct model_scheduling *rules, int32_t nodes, double load)
{
    int32_t n = nodes == 10000 ? 1000000 : 100000;
    struct job *jobs = make_jobs(n, nodes, load);
    struct measured m = by_cluster(jobs, n, nodes, *rules);

    printf("%-14s %-9s %-6s %5.2f %8d %9d %8.2f %9.2f %7.1f %12.1f\n", rules->order,
           rules->passing, rules->evict ? "evicts" : "", load, (int)nodes, (int)n, m.s,
           m.s / n * 1e6, m.steps, mean_wait_s(jobs, n));
    free(jobs);
}

static void sizes(void)
{
    static const struct model_scheduling rules[] = {
        {.order = "priority", .passing = "skip"},
        {.order = "priority", .passing = "strict"},
        {.order = "shortest-first", .passing = "skip"},
        {.order = "priority", .passing = "skip", .evict = MODEL_EVICT_LOWER_PRIORITY},
    };

    printf("jobs on a shared fleet: gangs, 3 priorities, best fit\n"
           "%-31s %5s %8s %9s %8s %9s %7s %12s\n",
           "", "load", "nodes", "jobs", "CPU s", "us a job", "steps", "mean wait s");
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        for (int32_t nodes = 100; nodes <= 10000; nodes *= 10)
            row(&rules[i], nodes, 0.9);
        row(&rules[i], 10000, 1.1);
    }
    printf("peak memory %.0f MiB\n", peak_mib());
}

static void side_by_side(void)
{
    enum { N = 50000, NODES = 1000 };
    struct model_scheduling rules = {.order = "priority", .passing = "skip"};
    struct job *a = make_jobs(N, NODES, 0.99), *b = make_jobs(N, NODES, 0.99);
    struct measured m = by_cluster(a, N, NODES, rules);
    double scan = by_scan(b, N, NODES);
    int32_t differ = 0;

    for (int32_t i = 0; i < N; i++)
        differ += a[i].start_ns != b[i].start_ns;
    printf("%d jobs on %d nodes: %.2f s, by a scan %.2f s: %.0f times; "
           "%d starts differ\n",
           (int)N, (int)NODES, m.s, scan, scan / m.s, (int)differ);
    free(a);
    free(b);
}

int main(void)
{
    sizes();
    side_by_side();
    return 0;
}
