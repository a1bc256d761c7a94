/* A process is a lease of a node; pid and tid 0 mean the idle task to some readers and
 * are not used. */
#include "report/trace_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/units.h"
#include "report/csv_text.h"
#include "report/file.h"
#include "report/json_quote.h"
#include "report/utc.h"

enum { LEASE_THREAD = 1, FIRST_SLOT = 2, SCRATCH_EVENTS = 1024 };

struct writer {
    FILE *out;
    const struct report_context *c;
    const struct model_policy_result *p; /* of the events */
    int64_t pid;                         /* of the policy; its leases follow */
    int64_t events, flows;               /* so far */
    struct sp_arena *arena;              /* of the policy: names */
    struct sp_arena *scratch;            /* of some events */
};

/* ---- an event ---- */

/* Microseconds with the nanoseconds behind the point: no double comes between. */
static void put_us(FILE *out, const char *key, int64_t ns)
{
    fprintf(out, ",\"%s\":%" PRId64 ".%03d", key, ns / 1000, (int)(ns % 1000));
}

/* Begins an event; `name` is quoted.  The caller adds to it and closes it. */
static void begin(struct writer *w, const char *ph, const char *name, int64_t pid,
                  int64_t tid)
{
    if (w->events++ > 0)
        fputs(",\n", w->out);
    fprintf(w->out, "{\"ph\":\"%s\",\"name\":%s,\"pid\":%" PRId64 ",\"tid\":%" PRId64,
            ph, name, pid, tid);
}

/* Nothing of `scratch` is needed any more. */
static void end(struct writer *w)
{
    putc('}', w->out);
    if (w->events % SCRATCH_EVENTS == 0) {
        sp_arena_free(w->scratch);
        w->scratch = sp_arena_new();
    }
}

static void metadata(struct writer *w, const char *what, int64_t pid, int64_t tid,
                     const char *value)
{
    begin(w, "M", sp_arena_printf(w->scratch, "\"%s\"", what), pid, tid);
    fprintf(w->out, ",\"args\":{\"%s\":%s}",
            strstr(what, "sort_index") != NULL ? "sort_index"
            : strstr(what, "labels") != NULL   ? "labels"
                                               : "name",
            value);
    end(w);
}

static int64_t lease_pid(const struct writer *w, int32_t lease)
{
    return w->pid + 1 + lease;
}

/* ---- names ---- */

static void name_policy(struct writer *w)
{
    const struct model_timeline *t = &w->p->timeline;
    const char *sample = t->sample != NULL ? t->sample : "no timeline";

    metadata(w, "process_name", w->pid, LEASE_THREAD,
             report_json_quote(
                 w->arena,
                 sp_arena_printf(w->arena, "%s: queues and utilization", w->p->name)));
    metadata(w, "process_sort_index", w->pid, LEASE_THREAD,
             sp_arena_printf(w->arena, "%" PRId64, w->pid));
    metadata(w, "process_labels", w->pid, LEASE_THREAD,
             report_json_quote(w->arena, sample));
}

static void name_lease(struct writer *w, int32_t i)
{
    const struct model_lease *l = &w->p->timeline.leases[i];
    const struct model_node_use *n = &w->p->nodes[l->use];

    metadata(w, "process_name", lease_pid(w, i), LEASE_THREAD,
             report_json_quote(w->scratch,
                               sp_arena_printf(w->scratch, "%s: %s %d (%s)", w->p->name,
                                               n->type, (int)l->node, n->option)));
    metadata(w, "process_sort_index", lease_pid(w, i), LEASE_THREAD,
             sp_arena_printf(w->scratch, "%" PRId64, lease_pid(w, i)));
    metadata(w, "thread_name", lease_pid(w, i), LEASE_THREAD, "\"node\"");
    metadata(w, "thread_sort_index", lease_pid(w, i), LEASE_THREAD, "0");
}

static void name_slot(struct writer *w, int32_t lease, int32_t thread)
{
    metadata(w, "thread_name", lease_pid(w, lease), FIRST_SLOT + thread,
             sp_arena_printf(w->scratch, "\"slot %d\"", (int)thread));
    metadata(w, "thread_sort_index", lease_pid(w, lease), FIRST_SLOT + thread,
             sp_arena_printf(w->scratch, "%d", (int)thread + 1));
}

/* Each lease has as many slots as its slices need. */
static void name_slots(struct writer *w)
{
    const struct model_timeline *t = &w->p->timeline;
    int32_t *slots = sp_arena_array(w->arena, (size_t)t->n_leases + 1, sizeof *slots);

    for (int32_t i = 0; i < t->n_slices; i++)
        if (t->slices[i].thread >= slots[t->slices[i].lease])
            slots[t->slices[i].lease] = t->slices[i].thread + 1;
    for (int32_t i = 0; i < t->n_leases; i++)
        for (int32_t s = 0; s < slots[i]; s++)
            name_slot(w, i, s);
    sp_arena_give_back(w->arena, slots, (size_t)t->n_leases + 1, sizeof *slots);
}

/* ---- nodes ---- */

static void put_span(struct writer *w, const char *name, int64_t pid, int64_t from_ns,
                     int64_t to_ns)
{
    begin(w, "X", name, pid, LEASE_THREAD);
    fputs(",\"cat\":\"node\"", w->out);
    put_us(w->out, "ts", from_ns);
    put_us(w->out, "dur", to_ns - from_ns);
}

static void put_lease(struct writer *w, int32_t i)
{
    const struct model_lease *l = &w->p->timeline.leases[i];
    int64_t booted_ns = l->ready_ns < 0 ? l->end_ns : l->ready_ns;

    if (booted_ns > l->requested_ns) {
        put_span(w, "\"boot\"", lease_pid(w, i), l->requested_ns, booted_ns);
        end(w);
    }
    if (l->ready_ns < 0)
        return;
    put_span(w, "\"ready\"", lease_pid(w, i), l->ready_ns, l->end_ns);
    fprintf(w->out, ",\"args\":{\"ended\":%s}",
            report_json_quote(w->scratch, l->ended != NULL ? l->ended : ""));
    end(w);
}

static bool was_lost(const struct model_lease *l)
{
    return l->ended != NULL &&
           (strcmp(l->ended, "taken back") == 0 || strcmp(l->ended, "failed") == 0);
}

static void put_loss(struct writer *w, int32_t i)
{
    const struct model_lease *l = &w->p->timeline.leases[i];

    if (!was_lost(l))
        return;
    begin(
        w, "i",
        report_json_quote(w->scratch, sp_arena_printf(w->scratch, "node %s", l->ended)),
        lease_pid(w, i), LEASE_THREAD);
    fputs(",\"cat\":\"node\",\"s\":\"p\"", w->out);
    put_us(w->out, "ts", l->end_ns);
    end(w);
}

/* ---- slots ---- */

/* Quoted names of a policy's workloads and stages, made once. */
struct names {
    const char **workload;
    const char ***stage;
};

static struct names names_of(struct writer *w)
{
    const struct model_policy_result *p = w->p;
    struct names n = {
        sp_arena_array(w->arena, (size_t)p->n_workloads + 1, sizeof *n.workload),
        sp_arena_array(w->arena, (size_t)p->n_workloads + 1, sizeof *n.stage)};

    for (int32_t i = 0; i < p->n_workloads; i++) {
        const struct model_workload_result *k = &p->workloads[i];

        n.workload[i] = report_json_quote(w->arena, k->name);
        n.stage[i] =
            sp_arena_array(w->arena, (size_t)k->n_stages + 1, sizeof *n.stage[i]);
        for (int32_t s = 0; s < k->n_stages; s++)
            n.stage[i][s] = report_json_quote(w->arena, k->stages[s].name);
    }
    return n;
}

static const char *slice_name(struct writer *w, const struct names *n,
                              const struct model_slice *s)
{
    const char *name =
        s->stage >= 0 ? n->stage[s->workload][s->stage] : n->workload[s->workload];

    if (s->name != NULL)
        return report_json_quote(w->scratch, s->name);
    if (s->kind == MODEL_SLICE_SERVICE || s->kind == MODEL_SLICE_JOB)
        return name;
    return sp_arena_printf(w->scratch, "\"%s: %s", model_slice_kind_name(s->kind),
                           name + 1);
}

static void put_slice(struct writer *w, const struct names *n,
                      const struct model_slice *s)
{
    begin(w, "X", slice_name(w, n, s), lease_pid(w, s->lease), FIRST_SLOT + s->thread);
    fprintf(w->out, ",\"cat\":\"%s\"", model_slice_kind_name(s->kind));
    put_us(w->out, "ts", s->from_ns);
    put_us(w->out, "dur", s->to_ns - s->from_ns);
    fprintf(w->out, ",\"args\":{\"workload\":%s", n->workload[s->workload]);
    if (s->stage >= 0)
        fprintf(w->out, ",\"stage\":%s", n->stage[s->workload][s->stage]);
    fprintf(w->out, ",\"items\":%" PRId64, s->items);
    if (s->first_item >= 0)
        fprintf(w->out, ",\"first_item\":%" PRId64, s->first_item);
    putc('}', w->out);
    end(w);
}

/* An end of an arrow binds to the slice around its instant, so one that leaves stands
 * just before the slice's end, where the next one may begin. */
static void put_flow_end(struct writer *w, const char *ph, const struct model_slice *s,
                         int64_t at_ns)
{
    begin(w, ph, "\"items\"", lease_pid(w, s->lease), FIRST_SLOT + s->thread);
    fprintf(w->out, ",\"cat\":\"flow\",\"id\":%" PRId64, w->flows);
    put_us(w->out, "ts", at_ns);
    if (*ph == 'f')
        fputs(",\"bp\":\"e\"", w->out);
    end(w);
}

static void put_flow(struct writer *w, const struct model_slice_link *link)
{
    const struct model_slice *from = &w->p->timeline.slices[link->from],
                             *to = &w->p->timeline.slices[link->to];

    w->flows++;
    put_flow_end(w, "s", from,
                 from->to_ns > from->from_ns ? from->to_ns - 1 : from->from_ns);
    put_flow_end(w, "f", to, to->from_ns);
}

/* ---- counters ---- */

static void put_values(struct writer *w, int64_t at_ns, const char *name,
                       const char *const *keys, const double *values, int n)
{
    char digits[REPORT_CSV_NUMBER];

    begin(w, "C", name, w->pid, LEASE_THREAD);
    put_us(w->out, "ts", at_ns);
    fputs(",\"args\":{", w->out);
    for (int i = 0; i < n; i++)
        fprintf(w->out, "%s\"%s\":%s", i > 0 ? "," : "", keys[i],
                report_csv_number(isfinite(values[i]) ? values[i] : 0, digits));
    putc('}', w->out);
    end(w);
}

static bool ever(const double *values, int32_t n)
{
    for (int32_t i = 0; values != NULL && i < n; i++)
        if (values[i] > 0)
            return true;
    return false;
}

static void put_resource(struct writer *w, int r, int32_t b, int64_t at_ns)
{
    static const char *const names[] = {
        [MODEL_GPU] = "\"GPUs\"", [MODEL_CPU] = "\"CPUs\"", [MODEL_MEMORY] = "\"GiB\""};
    static const char *const keys[] = {"busy", "allocated, idle", "unallocated"};
    const struct model_series *s = &w->p->series;
    double unit = r == MODEL_MEMORY ? 1073741824.0 : 1;
    double values[] = {
        s->busy[r][b] / unit,
        (s->allocated[r][b] - s->busy[r][b]) / unit,
        (s->provisioned[r][b] - s->allocated[r][b]) / unit,
    };

    put_values(w, at_ns, names[r], keys, values, 3);
}

static void put_counters(struct writer *w)
{
    static const char *const items[] = {"items"};
    const struct model_series *s = &w->p->series;

    for (int r = 0; r < MODEL_RESOURCES; r++)
        for (int32_t b = 0; ever(s->provisioned[r], s->n) && b < s->n; b++)
            put_resource(w, r, b, sp_ns_from_s(b * s->bucket_s));
    for (int32_t b = 0; ever(s->queued, s->n) && b < s->n; b++)
        put_values(w, sp_ns_from_s((b + 1) * s->bucket_s), "\"queued\"", items,
                   &s->queued[b], 1);
}

/* ---- the file ---- */

static void put_policy(struct writer *w)
{
    const struct model_timeline *t = &w->p->timeline;
    struct names names = names_of(w);

    name_policy(w);
    for (int32_t i = 0; i < t->n_leases; i++)
        name_lease(w, i);
    name_slots(w);
    put_counters(w);
    for (int32_t i = 0; i < t->n_leases; i++)
        put_lease(w, i);
    for (int32_t i = 0; i < t->n_slices; i++)
        put_slice(w, &names, &t->slices[i]);
    for (int32_t i = 0; i < t->n_leases; i++)
        put_loss(w, i);
    for (int32_t i = 0; i < t->n_links; i++)
        put_flow(w, &t->links[i]);
}

static void say(struct writer *w, const char *key, const char *value)
{
    fprintf(w->out, ",\n\"%s\":%s", key, report_json_quote(w->arena, value));
}

/* Texts alone: readers show them as they are. */
static void put_other(struct writer *w)
{
    const struct model_result *r = w->c->result;
    char made[REPORT_UTC];

    fprintf(w->out, "\"otherData\":{\"made by\":%s",
            report_json_quote(w->arena,
                              sp_arena_printf(w->arena, "stageplan %s", r->version)));
    say(w, "made", report_utc_text(w->c->created_s, made));
    say(w, "scenario", r->name);
    say(w, "seed", sp_arena_printf(w->arena, "%" PRIu64, r->seed));
    say(w, "inputs", report_csv_inputs(w->arena, r));
    say(w, "catalog", r->catalog != NULL ? r->catalog : "none");
    say(w, "assumptions", report_csv_assumptions(w->arena, r));
    say(w, "replication", "the first one");
    for (int32_t i = 0; i < r->n_policies; i++) {
        const struct model_timeline *t = &r->policies[i].timeline;

        say(w, sp_arena_printf(w->arena, "sample %d", (int)i + 1),
            sp_arena_printf(w->arena, "%s: %s; %d of %lld nodes, %d of %lld slices",
                            r->policies[i].name,
                            t->sample != NULL ? t->sample : "no timeline",
                            (int)t->n_leases, (long long)t->all_leases,
                            (int)t->n_slices, (long long)t->all_slices));
    }
    fputs("},\n", w->out);
}

static void put_all(struct writer *w)
{
    const struct model_result *r = w->c->result;

    w->arena = sp_arena_new();
    fputs("{\"displayTimeUnit\":\"ms\",\n", w->out);
    put_other(w);
    fputs("\"traceEvents\":[\n", w->out);
    sp_arena_free(w->arena);
    w->pid = 1;
    for (int32_t i = 0; i < r->n_policies; i++) {
        w->p = &r->policies[i];
        w->arena = sp_arena_new();
        put_policy(w);
        sp_arena_free(w->arena);
        w->pid += 1 + w->p->timeline.n_leases;
    }
    fputs("\n]}\n", w->out);
}

enum sp_status report_trace_json_write(const char *path, const struct report_context *c,
                                       struct sp_err *err)
{
    struct report_file *file;
    struct writer w = {.c = c};
    enum sp_status s = report_file_open(path, &file, err);

    if (s != SP_OK)
        return s;
    w.out = report_file_stream(file);
    w.scratch = sp_arena_new();
    put_all(&w);
    sp_arena_free(w.scratch);
    return report_file_close(file, SP_OK, err);
}
