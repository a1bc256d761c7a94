#include "openb.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/input.h"
#include "base/rng.h"

enum { FIELDS_MAX = 160, TARGET_PCT = 130 };

/* ---- tables ---- */

struct rows {
    int32_t n, n_columns, room;
    const char *(*field)[FIELDS_MAX];
    const char *column[FIELDS_MAX];
};

static void stop(const char *file, const char *text)
{
    fprintf(stderr, "%s: %s\n", file, text);
    exit(1);
}

static int32_t split(char *line, const char **field)
{
    int32_t n = 0;

    for (char *p = line; p != NULL && n < FIELDS_MAX; n++) {
        field[n] = p;
        p = strchr(p, ',');
        if (p != NULL)
            *p++ = '\0';
    }
    return n;
}

static void add_line(struct openb *o, struct rows *r, const char *begin, size_t size)
{
    char *line = sp_arena_printf(o->arena, "%.*s", (int)size, begin);

    line[strcspn(line, "\r\n")] = '\0';
    if (r->n_columns == 0) {
        r->n_columns = split(line, r->column);
        return;
    }
    r->field = sp_arena_more(o->arena, r->field, r->n, &r->room, sizeof *r->field);
    if (split(line, r->field[r->n++]) != r->n_columns)
        stop(line, "not as many fields as the header has");
}

static bool folder(char *path, size_t size, const char *file)
{
    const char *data = getenv("SHARED_DATA");

    snprintf(path, size, "%s/cluster/openb/%s", data != NULL ? data : ".", file);
    return data != NULL;
}

static bool read_rows(struct openb *o, struct rows *r, const char *file)
{
    char path[1024];
    struct sp_input *in = NULL;
    struct sp_err err = {0};
    const char *begin, *end;

    *r = (struct rows){0};
    if (!folder(path, sizeof path, file) || sp_input_open(path, &in, &err) != SP_OK) {
        printf("no SHARED_DATA/cluster/openb/%s: not compared\n", file);
        return false;
    }
    do {
        if (sp_input_lines(in, &begin, &end, &err) != SP_OK)
            stop(path, err.text);
        for (const char *p = begin; p < end;) {
            const char *eol = memchr(p, '\n', (size_t)(end - p));

            add_line(o, r, p, (size_t)(eol - p));
            p = eol + 1;
        }
    } while (begin < end);
    sp_input_close(in);
    return true;
}

static void must_read(struct openb *o, struct rows *r, const char *file)
{
    if (!read_rows(o, r, file))
        stop(file, "not there");
}

static int32_t column_or_none(const struct rows *r, const char *name)
{
    for (int32_t i = 0; i < r->n_columns; i++)
        if (strcmp(r->column[i], name) == 0)
            return i;
    return SP_NO_ID;
}

static const char *text(const struct rows *r, int32_t row, const char *name)
{
    int32_t c = column_or_none(r, name);

    return c == SP_NO_ID ? "" : r->field[row][c];
}

static int64_t number(const struct rows *r, int32_t row, const char *name)
{
    char *end;
    const char *t = text(r, row, name);
    long long v = strtoll(t, &end, 10);

    if (*t == '\0' || *end != '\0')
        stop(name, "not a number");
    return v;
}

/* ---- the cluster ---- */

static int32_t type_of(struct openb *o, struct model_amounts has, const char *model)
{
    struct model_policy *p = &o->policy;

    for (int32_t t = 0; t < p->n_types; t++)
        if (memcmp(&p->types[t].has, &has, sizeof has) == 0 &&
            strcmp(p->types[t].gpu_model, model) == 0) {
            p->types[t].count++;
            return t;
        }
    p->types[p->n_types] = (struct model_node_type){.name = model,
                                                    .gpu_model = model,
                                                    .has = has,
                                                    .fixed = true,
                                                    .listed = true,
                                                    .count = 1};
    return p->n_types++;
}

static bool read_nodes(struct openb *o)
{
    struct rows r;

    if (!read_rows(o, &r, "openb_node_list_gpu_node.csv.gz"))
        return false;
    o->policy.types = sp_arena_array(o->arena, 63, sizeof *o->policy.types);
    o->policy.nodes = sp_arena_array(o->arena, (size_t)r.n, sizeof *o->policy.nodes);
    for (int32_t i = 0; i < r.n; i++) {
        struct model_amounts has = {number(&r, i, "cpu_milli"),
                                    1000 * number(&r, i, "gpu"),
                                    number(&r, i, "memory_mib") << 20};

        o->policy.nodes[o->policy.n_nodes++] = (struct model_node){
            text(&r, i, "sn"), type_of(o, has, text(&r, i, "model")), -1};
        o->mgpu += has.mgpu;
    }
    return true;
}

/* Node types whose model is in "A|B"; all where it is empty. */
static int64_t types_of_models(const struct openb *o, const char *list)
{
    int64_t types = 0;

    if (*list == '\0')
        return -1;
    while (*list != '\0') {
        size_t size = strcspn(list, "|");

        for (int32_t t = 0; t < o->policy.n_types; t++) {
            const char *model = o->policy.types[t].gpu_model;

            if (strlen(model) == size && strncmp(model, list, size) == 0)
                types |= INT64_C(1) << t;
        }
        list += size + (list[size] == '|');
    }
    return types;
}

static void read_pods(struct openb *o, const struct rows *r)
{
    struct sim_target *targets;

    o->n_pods = r->n;
    o->pods = sp_arena_array(o->arena, (size_t)r->n, sizeof *o->pods);
    targets = sp_arena_array(o->arena, (size_t)r->n, sizeof *targets);
    for (int32_t i = 0; i < r->n; i++) {
        int64_t devices = number(r, i, "num_gpu"), milli = number(r, i, "gpu_milli");
        struct openb_pod *p = &o->pods[i];

        p->name = text(r, i, "name");
        p->needs.mcpu = number(r, i, "cpu_milli");
        p->needs.memory_bytes = number(r, i, "memory_mib") << 20;
        p->needs.mgpu = devices * (milli < 1000 ? milli : 1000);
        p->allowed_types = types_of_models(o, text(r, i, "gpu_spec"));
        targets[i] = (struct sim_target){.mcpu = p->needs.mcpu,
                                         .mgpu = p->needs.mgpu,
                                         .allowed_types = p->allowed_types,
                                         .weight = 1};
    }
    o->mix = sim_mix_new(o->arena, targets, r->n);
}

bool openb_read(struct openb *o, const char *trace)
{
    struct rows r;
    char file[128];

    *o = (struct openb){.arena = sp_arena_new()};
    snprintf(file, sizeof file, "openb_pod_list_%s.csv.gz", trace);
    if (!read_nodes(o) || !read_rows(o, &r, file)) {
        sp_arena_free(o->arena);
        return false;
    }
    read_pods(o, &r);
    return true;
}

static int32_t node_named(const struct openb *o, const char *name)
{
    for (int32_t i = 0; i < o->policy.n_nodes; i++)
        if (strcmp(o->policy.nodes[i].name, name) == 0)
            return i;
    stop(name, "no such node");
    return SP_NO_ID;
}

void openb_read_ranks(struct openb *o, const char *strategy)
{
    struct rows r;
    char file[128];

    snprintf(file, sizeof file, "golden_node_tie_rank_%s_seed42.csv.gz", strategy);
    must_read(o, &r, file);
    for (int32_t i = 0; i < o->policy.n_nodes; i++)
        o->policy.nodes[i].tie_rank = -1;
    for (int32_t i = 0; i < r.n; i++)
        o->policy.nodes[node_named(o, text(&r, i, "node"))].tie_rank =
            (int32_t)number(&r, i, "tie_rank");
}

/* ---- arrivals ---- */

struct openb_arrivals openb_published(struct openb *o, uint64_t seed)
{
    struct openb_arrivals a = {0};
    struct rows r;

    must_read(o, &r, "arrivals_default_seed42_51.csv.gz");
    a.pod = sp_arena_array(o->arena, (size_t)r.n, sizeof *a.pod);
    for (int32_t i = 0; i < r.n; i++)
        if ((uint64_t)number(&r, i, "seed") == seed)
            a.pod[a.n++] = (int32_t)number(&r, i, "pod_row");
    return a;
}

static int32_t below(struct sp_rng *r, int32_t n)
{
    return (int32_t)(sp_rng_uniform(r) * n);
}

struct openb_arrivals openb_drawn(struct openb *o, uint64_t seed)
{
    struct sp_rng r = sp_rng_from_key(seed);
    struct openb_arrivals a = {0};
    int64_t mgpu = 0;

    a.pod = sp_arena_array(o->arena, 4 * (size_t)o->n_pods, sizeof *a.pod);
    for (; a.n < o->n_pods; a.n++) { /* names stand in rising order */
        a.pod[a.n] = a.n;
        mgpu += o->pods[a.n].needs.mgpu;
    }
    for (int32_t i = a.n - 1; i > 0; i--) {
        int32_t other = below(&r, i + 1), pod = a.pod[i];

        a.pod[i] = a.pod[other];
        a.pod[other] = pod;
    }
    while (a.n < 4 * o->n_pods) {
        int32_t pod = below(&r, o->n_pods);

        mgpu += o->pods[pod].needs.mgpu;
        if (100 * mgpu > TARGET_PCT * o->mgpu)
            break;
        a.pod[a.n++] = pod;
    }
    return a;
}

struct openb_arrivals openb_golden(struct openb *o, const char *file, int32_t **nodes)
{
    struct openb_arrivals a = {0};
    struct rows r;

    must_read(o, &r, file);
    a.pod = sp_arena_array(o->arena, (size_t)r.n, sizeof *a.pod);
    *nodes = sp_arena_array(o->arena, (size_t)r.n, sizeof **nodes);
    for (; a.n < r.n; a.n++) {
        int32_t pod = 0;

        while (strcmp(o->pods[pod].name, text(&r, a.n, "pod")) != 0)
            pod++;
        a.pod[a.n] = pod;
        (*nodes)[a.n] = node_named(o, text(&r, a.n, "node"));
    }
    return a;
}

/* ---- a run ---- */

struct sums {
    double allocated, fragment, of_idle;
    int32_t n;
};

static void note(const struct openb *o, struct sums *sums, int64_t arrived,
                 int64_t allocated, double fragment)
{
    double total = (double)o->mgpu, idle = (double)(o->mgpu - allocated);
    int32_t pct = (int32_t)rint(100 * (double)arrived / total);

    if (pct > OPENB_PCT_MAX)
        return;
    sums[pct].n++;
    sums[pct].allocated += 100 * (double)allocated / total;
    sums[pct].fragment += 100 * fragment / total;
    sums[pct].of_idle += 100 * fragment / idle;
}

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct openb_curve openb_run(struct openb *o, const char *placement,
                             const struct openb_arrivals *a, uint64_t seed,
                             int32_t *nodes)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_policy policy = o->policy;
    struct sums sums[OPENB_PCT_MAX + 1] = {{0}};
    struct openb_curve c = {.cpu_s = -cpu_s()};
    struct sim_nodes *ns;
    int64_t arrived = 0, allocated = 0;

    policy.placement = placement;
    ns = sim_nodes_new(arena, &policy, &o->mix, seed);
    for (int32_t i = 0; i < policy.n_nodes; i++)
        sim_nodes_add(ns, policy.nodes[i].type);
    for (int32_t i = 0; i < a->n; i++) {
        const struct openb_pod *p = &o->pods[a->pod[i]];
        int32_t shape = sim_nodes_shape(ns, &p->needs, p->allowed_types);
        int32_t node = sim_nodes_find(ns, shape, (uint64_t)i);

        arrived += p->needs.mgpu;
        if (node != SP_NO_ID) {
            sim_nodes_take(ns, node, shape);
            allocated += p->needs.mgpu;
        }
        c.unplaced += node == SP_NO_ID;
        if (nodes != NULL)
            nodes[i] = node;
        note(o, sums, arrived, allocated, sim_nodes_fragment_mgpu(ns));
    }
    c.cpu_s += cpu_s();
    c.steps = sim_nodes_search_steps(ns);
    c.last_allocated_pct = 100 * (double)allocated / (double)o->mgpu;
    for (int32_t i = 0; i <= OPENB_PCT_MAX; i++) {
        c.allocated_pct[i] = sums[i].n == 0 ? NAN : sums[i].allocated / sums[i].n;
        c.fragment_pct[i] = sums[i].n == 0 ? NAN : sums[i].fragment / sums[i].n;
        c.fragment_of_idle_pct[i] = sums[i].n == 0 ? NAN : sums[i].of_idle / sums[i].n;
    }
    sp_arena_free(arena);
    return c;
}

/* ---- published ---- */

struct openb_expected *openb_read_expected(struct openb *o, const char *file,
                                           int32_t *n)
{
    struct openb_expected *e;
    struct rows r;

    must_read(o, &r, file);
    e = sp_arena_array(o->arena, (size_t)r.n, sizeof *e);
    *n = r.n;
    for (int32_t i = 0; i < r.n; i++) {
        snprintf(e[i].workload, sizeof e[i].workload, "%s", text(&r, i, "workload"));
        snprintf(e[i].policy, sizeof e[i].policy, "%s", text(&r, i, "sc_policy"));
        e[i].seed = (int32_t)number(&r, i, "seed");
        for (int32_t p = 0; p <= OPENB_PCT_MAX; p++) {
            char name[16];
            const char *t;

            snprintf(name, sizeof name, "%d", p);
            t = text(&r, i, name);
            e[i].pct[p] = *t == '\0' ? NAN : strtod(t, NULL);
        }
    }
    return e;
}
