/* Parsed by jansson; slices of a thread are sorted and must be apart. */
#include "tests/trace_json_check.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct slice {
    int64_t pid, tid;
    int64_t from_ns, to_ns;
    size_t order;
};

struct flow {
    int64_t id;
    char ph;
    int64_t pid, tid, at_ns;
};

struct thread {
    int64_t pid, tid; /* tid 0: the process */
};

struct checker {
    struct sp_arena *arena;
    struct slice *slices;
    struct flow *flows;
    struct thread *named; /* threads and processes that have a name */
    size_t n_slices, n_flows, n_named;
    size_t event;
    struct trace_json_counts counts;
};

static const char *say(struct checker *k, const char *what)
{
    return sp_arena_printf(k->arena, "event %zu: %s", k->event, what);
}

static bool integer(const json_t *e, const char *key, int64_t *value)
{
    const json_t *v = json_object_get(e, key);

    *value = json_integer_value(v);
    return json_is_integer(v);
}

static bool nanoseconds(const json_t *e, const char *key, int64_t *value)
{
    const json_t *v = json_object_get(e, key);

    *value = llround(json_number_value(v) * 1000);
    return json_is_number(v) && *value >= 0;
}

static const char *check_metadata(struct checker *k, const json_t *e, struct thread at)
{
    const char *what = json_string_value(json_object_get(e, "name"));
    const json_t *args = json_object_get(e, "args");

    if (strstr(what, "sort_index") != NULL)
        return json_is_integer(json_object_get(args, "sort_index"))
                   ? NULL
                   : say(k, "no sort_index");
    if (strcmp(what, "process_labels") == 0)
        return json_is_string(json_object_get(args, "labels")) ? NULL
                                                               : say(k, "no labels");
    if (strcmp(what, "process_name") != 0 && strcmp(what, "thread_name") != 0)
        return say(k, "unknown metadata");
    if (!json_is_string(json_object_get(args, "name")))
        return say(k, "no name");
    if (strcmp(what, "process_name") == 0) {
        at.tid = 0;
        k->counts.processes++;
    } else {
        k->counts.threads++;
    }
    k->named[k->n_named++] = at;
    return NULL;
}

static const char *check_counter(struct checker *k, const json_t *e)
{
    json_t *args = json_object_get(e, "args"), *value;
    const char *key;

    if (json_object_size(args) == 0)
        return say(k, "a counter without values");
    json_object_foreach(args, key, value) if (!json_is_number(value)) return say(
        k, "a counter's value is no number");
    k->counts.counters++;
    return NULL;
}

static const char *check_timed(struct checker *k, const json_t *e, char ph,
                               struct thread at)
{
    int64_t ts, dur, id;

    if (!nanoseconds(e, "ts", &ts))
        return say(k, "no ts");
    if (ph == 'C')
        return check_counter(k, e);
    if (ph == 'i') {
        const char *scope = json_string_value(json_object_get(e, "s"));

        k->counts.instants++;
        return scope != NULL && strchr("gpt", *scope) != NULL ? NULL
                                                              : say(k, "no scope");
    }
    if (ph == 'X') {
        if (!nanoseconds(e, "dur", &dur))
            return say(k, "no dur");
        k->slices[k->n_slices] = (struct slice){at.pid, at.tid, ts, ts + dur, k->event};
        k->n_slices++;
        return NULL;
    }
    if (!integer(e, "id", &id) || !json_is_string(json_object_get(e, "cat")))
        return say(k, "a flow without id or category");
    k->flows[k->n_flows++] = (struct flow){id, ph, at.pid, at.tid, ts};
    return NULL;
}

static const char *check_event(struct checker *k, const json_t *e)
{
    const char *ph = json_string_value(json_object_get(e, "ph"));
    struct thread at;

    if (ph == NULL || strlen(ph) != 1 || strchr("MXCisf", *ph) == NULL)
        return say(k, "no such phase");
    if (!json_is_string(json_object_get(e, "name")))
        return say(k, "no name");
    if (!integer(e, "pid", &at.pid) || !integer(e, "tid", &at.tid) || at.pid <= 0 ||
        at.tid <= 0)
        return say(k, "no pid or tid");
    return *ph == 'M' ? check_metadata(k, e, at) : check_timed(k, e, *ph, at);
}

/* ---- all of them ---- */

/* What a double of microseconds loses of nanoseconds: something after 104 days. */
static int64_t slack_ns(int64_t at_ns)
{
    return at_ns >> 51;
}

static int by_thread(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    const int64_t keys[][2] = {{x->pid, y->pid},
                               {x->tid, y->tid},
                               {x->from_ns, y->from_ns},
                               {x->to_ns, y->to_ns}};

    for (size_t i = 0; i < 4; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct thread *x = a, *y = b;

    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    return (x->tid > y->tid) - (x->tid < y->tid);
}

static bool has_name(const struct checker *k, int64_t pid, int64_t tid)
{
    const struct thread key = {pid, tid};

    return bsearch(&key, k->named, k->n_named, sizeof key, by_name) != NULL;
}

static const char *check_names(struct checker *k)
{
    qsort(k->named, k->n_named, sizeof *k->named, by_name);
    for (size_t i = 1; i < k->n_named; i++)
        if (by_name(&k->named[i - 1], &k->named[i]) == 0)
            return "a process or thread is named twice";
    for (size_t i = 0; i < k->n_slices; i++)
        if (!has_name(k, k->slices[i].pid, 0) ||
            !has_name(k, k->slices[i].pid, k->slices[i].tid))
            return "a slice's process or thread has no name";
    return NULL;
}

static const char *check_slices(struct checker *k)
{
    qsort(k->slices, k->n_slices, sizeof *k->slices, by_thread);
    for (size_t i = 1; i < k->n_slices; i++) {
        const struct slice *before = &k->slices[i - 1], *s = &k->slices[i];

        if (before->pid == s->pid && before->tid == s->tid &&

            before->to_ns > s->from_ns + slack_ns(s->from_ns))
            return "slices of a thread overlap";
        if (before->pid == s->pid && before->tid == s->tid &&
            before->from_ns < s->from_ns && before->order > s->order)
            return "slices of a thread are not in the order of time";
    }
    return NULL;
}

/* Whether an instant lies in a slice of its thread: in one of no length at it, or
 * before the end of another. */
static bool within_slice(const struct checker *k, const struct flow *f)
{
    size_t low = 0, high = k->n_slices;

    while (low < high) {
        size_t mid = (low + high) / 2;
        const struct slice *s = &k->slices[mid];
        bool before = s->pid != f->pid   ? s->pid < f->pid
                      : s->tid != f->tid ? s->tid < f->tid
                                         : s->from_ns <= f->at_ns;

        if (before)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low > 0; low--) {
        const struct slice *s = &k->slices[low - 1];

        if (s->pid != f->pid || s->tid != f->tid)
            return false;
        if (f->at_ns < s->to_ns + slack_ns(f->at_ns) ||
            (s->from_ns == s->to_ns && f->at_ns == s->from_ns))
            return true;
        if (s->from_ns < f->at_ns)
            return false;
    }
    return false;
}

static int by_id(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;

    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (y->ph > x->ph) - (y->ph < x->ph); /* s before f */
}

static const char *check_flows(struct checker *k)
{
    qsort(k->flows, k->n_flows, sizeof *k->flows, by_id);
    if (k->n_flows % 2 != 0)
        return "a flow has one end";
    for (size_t i = 0; i < k->n_flows; i += 2) {
        const struct flow *s = &k->flows[i], *f = &k->flows[i + 1];

        if (s->id != f->id || s->ph != 's' || f->ph != 'f')
            return "the ends of a flow are not paired";
        if (i > 0 && k->flows[i - 1].id == s->id)
            return "a flow's id is used twice";
        if (f->at_ns < s->at_ns - slack_ns(s->at_ns))
            return "a flow runs backwards";
        if (!within_slice(k, s) || !within_slice(k, f))
            return "an end of a flow is in no slice";
    }
    k->counts.flows = (int64_t)k->n_flows / 2;
    return NULL;
}

const char *trace_json_check(struct sp_arena *arena, const char *text,
                             struct trace_json_counts *counts)
{
    struct checker k = {.arena = arena};
    json_error_t why;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &why), *events, *e;
    const char *broken = NULL;
    size_t n;

    if (root == NULL)
        return sp_arena_printf(arena, "line %d: %s", why.line, why.text);
    events = json_object_get(root, "traceEvents");
    n = json_array_size(events);
    k.slices = sp_arena_array(arena, n + 1, sizeof *k.slices);
    k.flows = sp_arena_array(arena, n + 1, sizeof *k.flows);
    k.named = sp_arena_array(arena, n + 1, sizeof *k.named);
    if (!json_is_array(events))
        broken = "no traceEvents";
    else if (!json_is_object(json_object_get(root, "otherData")))
        broken = "no otherData";
    for (; k.event < n && broken == NULL; k.event++) {
        e = json_array_get(events, k.event);
        broken = check_event(&k, e);
    }
    if (broken == NULL)
        broken = check_names(&k);
    if (broken == NULL)
        broken = check_slices(&k);
    if (broken == NULL)
        broken = check_flows(&k);
    k.counts.slices = (int64_t)k.n_slices;
    if (counts != NULL)
        *counts = k.counts;
    json_decref(root);
    return broken;
}
