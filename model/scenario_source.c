/* `source`: where the items of a workload come from. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/jobs.h"
#include "model/scenario_parts.h"
#include "model/serving.h"

/* The forms of a source, told by a key that only one of them has. */
enum form { FORM_FIXED, FORM_RATE, FORM_CLOSED, FORM_TRACE, N_FORMS };

static const struct {
    const char *mark; /* the key that tells it */
    const char *name;
    unsigned kinds; /* bit of the form */
} form_rows[N_FORMS] = {
    [FORM_FIXED] = {"items", "a fixed set of items", 1u << FORM_FIXED},
    [FORM_RATE] = {"rate", "an arrival process", 1u << FORM_RATE},
    [FORM_CLOSED] = {"population", "a closed loop", 1u << FORM_CLOSED},
    [FORM_TRACE] = {"trace", "a trace", 1u << FORM_TRACE},
};

/* Which keys go with which forms. */
static const struct {
    const char *key;
    unsigned forms;
} key_forms[] = {
    {"rate", 1u << FORM_RATE},
    {"arrivals", 1u << FORM_RATE},
    {"cv", 1u << FORM_RATE},
    {"amplitude", 1u << FORM_RATE},
    {"period", 1u << FORM_RATE},
    {"peak", 1u << FORM_RATE},
    {"population", 1u << FORM_CLOSED},
    {"think", 1u << FORM_CLOSED},
    {"trace", 1u << FORM_TRACE},
    {"format", 1u << FORM_TRACE},
    {"scale", 1u << FORM_RATE | 1u << FORM_TRACE},
    {"prompt_tokens", 1u << FORM_FIXED | 1u << FORM_RATE | 1u << FORM_CLOSED},
    {"output_tokens", 1u << FORM_FIXED | 1u << FORM_RATE | 1u << FORM_CLOSED},
    {"priority", 1u << FORM_FIXED | 1u << FORM_RATE | 1u << FORM_CLOSED},
    {"hash_block", 1u << FORM_TRACE},
    {"from", 1u << FORM_TRACE},
    {"shuffle", 1u << FORM_TRACE},
    {"demand", 1u << FORM_TRACE},
    {"for", 1u << FORM_RATE | 1u << FORM_CLOSED | 1u << FORM_TRACE},
    {"bytes", 1u << FORM_FIXED | 1u << FORM_RATE | 1u << FORM_CLOSED},
    {"pull", 1u << FORM_FIXED},
};

static const struct model_word format_words[] = {
    {"auto", "told by the first line"},
    {"csv", "arrival_s and one column per size"},
    {"azure-2023", "Azure LLM inference trace 2023"},
    {"azure-2024", "Azure LLM inference trace 2024"},
    {"burstgpt", "BurstGPT"},
    {"mooncake", "Mooncake, JSON lines"},
    {"serving-jsonl", "JSON lines with arrival_time_ns"},
    {NULL, NULL},
};

static enum sp_status read_think(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_source *source = record;

    return model_dist_read(r, node, "think", MODEL_SECONDS, &source->think_s);
}

static enum sp_status read_bytes(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_source *source = record;

    return model_dist_read(r, node, "bytes", MODEL_BYTES, &source->bytes);
}

static enum sp_status read_trace(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_source *source = record;

    if (model_file_note(r, node, "trace") != SP_OK)
        return SP_EINPUT;
    source->trace_path = node->text;
    return SP_OK;
}

struct source_keys {
    struct model_source source; /* first: functions of rows see it */
    enum model_kind kind;
    const char *arrivals;
    int32_t hash_block;
    bool shuffle;
};

static enum sp_status read_format(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct source_keys *keys = record;
    const struct model_key key = {
        .name = "format",
        .kind = MODEL_KEY_WORD,
        .words = keys->kind == MODEL_KIND_JOBS ? model_job_format_words : format_words};

    return model_key_parse(r, node, &key, &keys->source.trace_format);
}

#define AT(field) offsetof(struct source_keys, source.field)

static const struct model_key source_keys[] = {
    {.name = "items",
     .kind = MODEL_KEY_COUNT64,
     .offset = AT(items),
     .min = 1,
     .max = (double)MODEL_COUNT_MAX,
     .help = "how many, at most"},
    {.name = "pull",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(pull),
     .help = "items come when they are taken"},
    {.name = "for",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(for_ns),
     .min = 1e-9,
     .help = "none arrives later"},
    {.name = "rate",
     .kind = MODEL_KEY_PER_S,
     .offset = AT(rate_per_s),
     .help = "arrivals"},
    {.name = "arrivals",
     .kind = MODEL_KEY_WORD,
     .offset = offsetof(struct source_keys, arrivals),
     .words = model_arrivals_words,
     .unless = "poisson",
     .help = "the arrival process"},
    {.name = "cv",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(cv),
     .min = 0.01,
     .max = 100,
     .help = "coefficient of variation of gamma gaps"},
    {.name = "amplitude",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(amplitude),
     .help = "swing of a diurnal rate"},
    {.name = "period",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(period_s),
     .min = 1e-3,
     .unless = "24h",
     .help = "of a diurnal rate"},
    {.name = "peak",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(peak_s),
     .unless = "14h",
     .help = "when a diurnal rate is highest"},
    {.name = "population",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(population),
     .min = 1,
     .max = 1e9,
     .help = "customers of a closed loop"},
    {.name = "think",
     .kind = MODEL_KEY_READ,
     .read = read_think,
     .help = "between items"},
    {.name = "trace", .kind = MODEL_KEY_READ, .read = read_trace, .help = "a file"},
    {.name = "format",
     .kind = MODEL_KEY_READ,
     .read = read_format,
     .help = "of the trace"},
    {.name = "from",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(from_ns),
     .help = "time of the trace at which the run begins"},
    {.name = "shuffle",
     .kind = MODEL_KEY_BOOL,
     .offset = offsetof(struct source_keys, shuffle),
     .help = "the trace's jobs in a random order"},
    {.name = "demand", .kind = MODEL_KEY_NOTE, .help = "of the fleet's GPUs"},
    {.name = "scale",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(trace_scale),
     .min = 1e-6,
     .max = 1e6,
     .unless = "1",
     .help = "of the rate"},
    {.name = "bytes", .kind = MODEL_KEY_READ, .read = read_bytes, .help = "of an item"},
    {.name = "sizes", .kind = MODEL_KEY_NOTE, .help = "of an item, by name"},
    {.name = "prompt_tokens", .kind = MODEL_KEY_NOTE, .help = "of a request"},
    {.name = "output_tokens", .kind = MODEL_KEY_NOTE, .help = "of a request"},
    {.name = "priority", .kind = MODEL_KEY_NOTE, .help = "of a request"},
    {.name = "hash_block",
     .kind = MODEL_KEY_COUNT32,
     .offset = offsetof(struct source_keys, hash_block),
     .min = 1,
     .max = 1e6,
     .help = "tokens of a block that the trace names"},
    {.name = NULL},
};

/* ---- the form and what goes with it ---- */

/* Jobs of a trace may arrive by a process of their own. */
static bool has_own_times(const struct model_yaml_node *map, enum model_kind kind)
{
    return kind == MODEL_KIND_JOBS && model_yaml_get(map, "rate") != NULL &&
           model_yaml_get(map, "trace") != NULL;
}

static enum sp_status find_form(struct model_reader *r,
                                const struct model_yaml_node *map, enum model_kind kind,
                                enum form *form)
{
    const struct model_yaml_node *mark = NULL;

    *form = FORM_FIXED;
    for (int f = FORM_RATE; f < N_FORMS; f++) {
        const struct model_yaml_node *node = model_yaml_get(map, form_rows[f].mark);

        if (node == NULL || (f == FORM_RATE && has_own_times(map, kind)))
            continue;
        if (mark != NULL)
            return model_read_fail(
                r, node->key, "'%s' does not go with '%s': a source is one of them",
                form_rows[f].mark, mark->key->text);
        mark = node;
        *form = (enum form)f;
    }
    if (mark == NULL && model_yaml_get(map, "items") == NULL)
        return model_read_fail(
            r, model_read_owner(map),
            "a source needs one of items, rate, population or trace");
    return SP_OK;
}

static enum sp_status check_form(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 enum model_kind kind, enum form form)
{
    unsigned kinds = form_rows[form].kinds;

    if (has_own_times(map, kind))
        kinds |= form_rows[FORM_RATE].kinds;
    if (kind == MODEL_KIND_JOBS && form == FORM_CLOSED)
        return model_read_fail(r, model_yaml_get(map, "population")->key,
                               "'population' is not for workloads of kind jobs, "
                               "expected items, rate or trace");
    for (size_t i = 0; i < sizeof key_forms / sizeof key_forms[0]; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, key_forms[i].key);

        if (node != NULL && (key_forms[i].forms & kinds) == 0)
            return model_read_fail(r, node->key, "'%s' does not go with %s ('%s')",
                                   key_forms[i].key, form_rows[form].name,
                                   form_rows[form].mark);
    }
    return SP_OK;
}

/* The parameters that one arrival process has and the others have not. */
static enum sp_status check_arrivals(struct model_reader *r,
                                     const struct model_yaml_node *map,
                                     const char *arrivals)
{
    static const struct {
        const char *key, *arrivals;
        bool required;
    } rows[] = {
        {"cv", "gamma", true},
        {"amplitude", "diurnal", true},
        {"period", "diurnal", false},
        {"peak", "diurnal", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, rows[i].key);
        bool fits = strcmp(arrivals, rows[i].arrivals) == 0;

        if (node != NULL && !fits)
            return model_read_fail(r, node->key,
                                   "'%s' goes with arrivals: %s, found %s", rows[i].key,
                                   rows[i].arrivals, arrivals);
        if (node == NULL && fits && rows[i].required)
            return model_read_fail(r, model_yaml_get(map, "arrivals"),
                                   "arrivals: %s needs the key '%s'", arrivals,
                                   rows[i].key);
    }
    return SP_OK;
}

static enum model_source_kind kind_of(enum form form, bool own_times,
                                      const char *arrivals)
{
    static const struct {
        const char *name;
        enum model_source_kind kind;
    } of_rate[] = {
        {"constant", MODEL_SOURCE_CONSTANT},
        {"poisson", MODEL_SOURCE_POISSON},
        {"gamma", MODEL_SOURCE_GAMMA},
        {"diurnal", MODEL_SOURCE_DIURNAL},
    };
    int i = 0;

    if (form == FORM_FIXED)
        return MODEL_SOURCE_FIXED;
    if (form == FORM_CLOSED)
        return MODEL_SOURCE_CLOSED;
    if (form == FORM_TRACE && !own_times)
        return MODEL_SOURCE_TRACE;
    while (strcmp(of_rate[i].name, arrivals) != 0)
        i++;
    return of_rate[i].kind;
}

static enum sp_status check_end(struct model_reader *r,
                                const struct model_yaml_node *map,
                                const struct model_source *source)
{
    if (source->items >= 0 || source->for_ns >= 0 || r->scenario->until_ns >= 0 ||
        source->trace_path != NULL)
        return SP_OK;
    return model_read_fail(r, model_read_owner(map),
                           "the source never ends, expected one of items, for, or the "
                           "scenario's until");
}

/* Keys that only one kind of workload has. */
static enum sp_status check_kind(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 enum model_kind kind)
{
    static const char *const names[] = {
        [MODEL_KIND_PIPELINE] = "pipeline",
        [MODEL_KIND_SERVING] = "serving",
        [MODEL_KIND_JOBS] = "jobs",
    };
    static const char *const instead[] = {
        [MODEL_KIND_PIPELINE] = ": expected it among the 'sizes'",
        [MODEL_KIND_SERVING] = ": requests have prompt_tokens and output_tokens",
        [MODEL_KIND_JOBS] = "",
    };
    static const struct {
        const char *key;
        enum model_kind kind;
    } rows[] = {
        {"bytes", MODEL_KIND_PIPELINE},        {"sizes", MODEL_KIND_PIPELINE},
        {"pull", MODEL_KIND_PIPELINE},         {"prompt_tokens", MODEL_KIND_SERVING},
        {"output_tokens", MODEL_KIND_SERVING}, {"priority", MODEL_KIND_SERVING},
        {"hash_block", MODEL_KIND_SERVING},    {"from", MODEL_KIND_JOBS},
        {"shuffle", MODEL_KIND_JOBS},          {"demand", MODEL_KIND_JOBS},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, rows[i].key);

        if (node != NULL && rows[i].kind != kind)
            return model_read_fail(r, node->key, "'%s' is for workloads of kind %s%s",
                                   rows[i].key, names[rows[i].kind],
                                   rows[i].kind == MODEL_KIND_JOBS ? ""
                                                                   : instead[kind]);
    }
    return SP_OK;
}

/* ---- the source ---- */

enum sp_status model_source_rescale(struct model_scenario *scenario, int32_t workload,
                                    double factor, struct sp_err *err)
{
    sp_assert(factor > 0 && workload >= 0 && workload < scenario->n_workloads);
    for (int32_t p = 0; p < scenario->n_policies; p++) {
        struct model_source *s = &scenario->policies[p].plans[workload].source;
        char quoted[80];

        if (s->kind == MODEL_SOURCE_FIXED || s->kind == MODEL_SOURCE_CLOSED)
            return sp_fail(
                err, SP_EINPUT,
                "workload %s: its source has no rate, expected 'rate' or "
                "'trace'",
                sp_text_quote(scenario->workloads[workload], quoted, sizeof quoted));
        s->rate_per_s *= factor;
        s->trace_scale *= factor;
    }
    return SP_OK;
}

bool model_source_ends(const struct model_source *s)
{
    return s->items >= 0 || s->for_ns >= 0 || s->kind == MODEL_SOURCE_TRACE;
}

enum sp_status model_source_read(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 struct model_plan *plan)
{
    struct source_keys keys = {
        .source = {.items = -1, .for_ns = -1, .trace_format = "auto"},
        .kind = plan->kind};
    const struct model_yaml_node *sizes;
    enum form form = FORM_FIXED;
    bool own_times;

    if (model_read_kind(r, node, MODEL_YAML_MAP, "source") != SP_OK ||
        model_keys_read(r, node, "source", source_keys, &keys) != SP_OK ||
        check_kind(r, node, plan->kind) != SP_OK ||
        find_form(r, node, plan->kind, &form) != SP_OK ||
        check_form(r, node, plan->kind, form) != SP_OK)
        return SP_EINPUT;
    own_times = has_own_times(node, plan->kind);
    if ((form == FORM_RATE || own_times) &&
        check_arrivals(r, node, keys.arrivals) != SP_OK)
        return SP_EINPUT;
    if (form == FORM_CLOSED && model_yaml_get(node, "think") == NULL)
        return model_read_fail(r, model_read_owner(node),
                               "a closed loop needs the key 'think'");
    keys.source.kind = kind_of(form, own_times, keys.arrivals);
    if (check_end(r, node, &keys.source) != SP_OK)
        return SP_EINPUT;
    keys.source.rate_per_s *= keys.source.trace_scale;
    plan->source = keys.source;
    if (plan->kind == MODEL_KIND_JOBS) {
        plan->jobs->shuffle = keys.shuffle;
        plan->jobs->own_times = own_times;
        return SP_OK;
    }
    if (plan->kind == MODEL_KIND_SERVING) {
        plan->serving->hash_block_tokens = keys.hash_block;
        return model_request_sizes_read(r, node, plan);
    }
    sizes = model_yaml_get(node, "sizes");
    return sizes == NULL ? SP_OK : model_sizes_read(r, sizes, plan);
}
