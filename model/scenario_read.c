/* A scenario file, from the top: the parts are read in scenario_*.c. */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

/* ---- keys of the top level ---- */

static enum sp_status read_scenario_name(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         void *record)
{
    struct model_scenario *s = record;

    return model_read_name(r, node, "scenario", &s->name);
}

struct window {
    int64_t from_ns, to_ns;
};

static const struct model_key window_keys[] = {
    {.name = "from",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = offsetof(struct window, from_ns),
     .required = true,
     .help = "simulated time"},
    {.name = "to",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = offsetof(struct window, to_ns),
     .help = "simulated time"},
    {.name = NULL},
};

static enum sp_status check_window(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct window *w, int64_t until_ns)
{
    const struct model_yaml_node *to = model_yaml_get(map, "to");

    if (w->to_ns >= 0 && w->to_ns <= w->from_ns)
        return model_read_fail(r, to,
                               "measure: to is not after from, expected a later time");
    if (until_ns >= 0 && w->from_ns >= until_ns)
        return model_read_fail(
            r, model_yaml_get(map, "from"),
            "measure: from is not before until, expected an earlier time");
    if (until_ns >= 0 && w->to_ns > until_ns)
        return model_read_fail(r, to,
                               "measure: to is after until, expected an earlier time");
    return SP_OK;
}

static enum sp_status read_measure(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_scenario *s = record;
    struct window w = {.to_ns = -1};
    char quoted[80];

    if (node->kind == MODEL_YAML_SCALAR && strcmp(node->text, "mser") == 0) {
        s->measure = MODEL_MEASURE_MSER;
        return SP_OK;
    }
    if (node->kind != MODEL_YAML_MAP)
        return model_read_fail(
            r, node, "measure: found %s, expected mser or { from: 60s, to: 600s }",
            node->kind == MODEL_YAML_SEQ
                ? "a list"
                : sp_text_quote(node->text, quoted, sizeof quoted));
    if (model_keys_read(r, node, "measure", window_keys, &w) != SP_OK ||
        check_window(r, node, &w, s->until_ns) != SP_OK)
        return SP_EINPUT;
    s->measure = MODEL_MEASURE_WINDOW;
    s->measure_from_ns = w.from_ns;
    s->measure_to_ns = w.to_ns;
    return SP_OK;
}

#define AT(field) offsetof(struct model_scenario, field)

static const struct model_key scenario_keys[] = {
    {.name = "scenario",
     .kind = MODEL_KEY_READ,
     .read = read_scenario_name,
     .required = true,
     .help = "its name"},
    {.name = "description",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(description),
     .help = "a sentence"},
    {.name = "seed",
     .kind = MODEL_KEY_COUNT64,
     .offset = AT(seed),
     .max = 0x1p63,
     .unless = "1",
     .help = "of chance"},
    {.name = "replications",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(replications),
     .min = 1,
     .max = 10000,
     .unless = "1",
     .help = "runs with other streams"},
    {.name = "precision",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(precision_frac),
     .help = "more runs, until figures are known to this share"},
    {.name = "replications_max",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(replications_most),
     .min = 10,
     .max = 10000,
     .unless = "200",
     .help = "with precision, runs at most"},
    {.name = "calibration_draw",
     .kind = MODEL_KEY_COUNT64,
     .offset = AT(calibration_draw),
     .max = 0x1p53,
     .help = "of kernels' parameters; each replication its own"},
    {.name = "until",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(until_ns),
     .min = 1e-9,
     .help = "horizon"},
    {.name = "measure", .kind = MODEL_KEY_READ, .read = read_measure, .help = "window"},
    {.name = "baseline", .kind = MODEL_KEY_NOTE, .help = "a policy"},
    {.name = "catalog",
     .kind = MODEL_KEY_READ,
     .read = model_catalog_note,
     .help = "a CSV"},
    {.name = "profiles",
     .kind = MODEL_KEY_READ,
     .read = model_profiles_note,
     .help = "what calibrate wrote"},
    {.name = "fleet", .kind = MODEL_KEY_NOTE, .required = true, .help = "node types"},
    {.name = "workloads", .kind = MODEL_KEY_NOTE, .required = true, .help = "the work"},
    {.name = "policies", .kind = MODEL_KEY_NOTE, .help = "to compare"},
    {.name = "plan", .kind = MODEL_KEY_NOTE, .help = "what a plan must meet"},
    {.name = NULL},
};

static enum sp_status read_baseline(struct model_reader *r)
{
    const struct model_yaml_node *node = model_yaml_get(r->doc.root, "baseline");
    const char *names[MODEL_POLICIES_MAX];
    struct model_scenario *s = r->scenario;
    int32_t found;

    if (node == NULL)
        return SP_OK;
    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "baseline") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < s->n_policies; i++)
        names[i] = s->policies[i].name;
    found = model_read_find(node->text, names, s->n_policies);
    if (found == SP_NO_ID)
        return model_read_unknown(r, node, "policy", names, s->n_policies);
    s->baseline = found;
    return SP_OK;
}

/* Known before the fleet is read, whose GPUs may then have other names. */
static bool has_jobs(const struct model_yaml_node *workloads)
{
    bool has = false;

    for (int32_t i = 0; workloads != NULL && i < workloads->n; i++) {
        const struct model_yaml_node *kind = NULL;

        if (workloads->items[i]->kind == MODEL_YAML_MAP)
            kind = model_yaml_get(workloads->items[i], "kind");
        has |= kind != NULL && strcmp(kind->text, "jobs") == 0;
    }
    return has;
}

static enum sp_status read_parts(struct model_reader *r)
{
    const struct model_yaml_node *root = r->doc.root;
    struct model_policy plain = {0};

    r->has_jobs = has_jobs(model_yaml_get(root, "workloads"));
    if (model_keys_read(r, root, "a scenario", scenario_keys, r->scenario) != SP_OK ||
        model_fleet_read(r, model_yaml_get(root, "fleet"), NULL, &plain) != SP_OK ||
        model_workloads_read(r, model_yaml_get(root, "workloads")) != SP_OK ||
        model_policies_read(r) != SP_OK || read_baseline(r) != SP_OK)
        return SP_EINPUT;
    return model_plan_block_read(r);
}

/* From a document: r->doc holds it. */
static enum sp_status read_document(struct model_reader *r,
                                    const struct model_set *sets, int32_t n_sets,
                                    struct model_scenario **scenario)
{
    struct model_scenario *s = sp_arena_alloc(r->arena, sizeof *s);
    enum sp_status status;

    *s = (struct model_scenario){.arena = r->arena,
                                 .path = sp_arena_strdup(r->arena, r->doc.path),
                                 .until_ns = -1,
                                 .calibration_draw = -1,
                                 .measure_to_ns = -1};
    r->scenario = s;
    r->folder = sp_path_folder(r->arena, s->path);
    s->inputs = sp_arena_array(r->arena, 1, sizeof *s->inputs);
    s->inputs[0] = (struct model_input_file){.file = s->path, .xxh64 = r->doc.xxh64};
    s->n_inputs = 1;
    status = model_sets_apply(r, scenario_keys, sets, n_sets);
    if (status == SP_OK)
        status = read_parts(r);
    s->tree = r->doc.root;
    if (status == SP_OK)
        *scenario = s;
    return status;
}

enum sp_status model_scenario_read(const char *path, const struct model_set *sets,
                                   int32_t n_sets, struct sp_arena *arena,
                                   struct model_scenario **scenario, struct sp_err *err)
{
    struct model_reader r = {.arena = arena, .err = err};
    enum sp_status status = model_yaml_read(path, arena, &r.doc, err);

    return status == SP_OK ? read_document(&r, sets, n_sets, scenario) : status;
}

enum sp_status model_scenario_read_to_plan(const char *path,
                                           const struct model_set *sets, int32_t n_sets,
                                           struct sp_arena *arena,
                                           struct model_scenario **scenario,
                                           struct sp_err *err)
{
    struct model_reader r = {.arena = arena, .err = err, .to_plan = true};
    enum sp_status status = model_yaml_read(path, arena, &r.doc, err);

    return status == SP_OK ? read_document(&r, sets, n_sets, scenario) : status;
}

enum sp_status model_scenario_parse(const char *path, const char *text,
                                    struct sp_arena *arena,
                                    struct model_scenario **scenario,
                                    struct sp_err *err)
{
    struct model_reader r = {.arena = arena, .err = err};
    enum sp_status status =
        model_yaml_parse(path, text, strlen(text), arena, &r.doc, err);

    return status == SP_OK ? read_document(&r, NULL, 0, scenario) : status;
}
