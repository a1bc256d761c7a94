/* How nodes are lost: taken back by the cloud, or broken. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

/* ---- interruptions of spot nodes ---- */

#define HOURS_PER_MONTH 730.0 /* a twelfth of a year */

struct interruption_keys {
    struct model_loss loss; /* first: functions of rows see it */
    double per_s;
};

/* A band says which share of instances was taken back within a month: of a Poisson
 * process that is 1 - exp(-rate * month). */
static enum sp_status read_advisor(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_loss *loss = record;
    const char *names[8];
    int32_t n = 0, found;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "advisor") != SP_OK)
        return SP_EINPUT;
    for (const struct model_advisor_band *b = model_advisor_bands; b->name != NULL; b++)
        names[n++] = b->name;
    found = model_read_find(node->text, names, n);
    if (found == SP_NO_ID)
        return model_read_unknown(r, node, "band of the spot advisor", names, n);
    loss->taken_back = true;
    loss->per_hour = -log1p(-model_advisor_bands[found].month_frac) / HOURS_PER_MONTH;
    loss->basis_text = sp_arena_printf(
        r->arena, "spot advisor band %s a month, taken as %g %%: %.3g a node-hour",
        model_advisor_bands[found].name, model_advisor_bands[found].month_frac * 100,
        loss->per_hour);
    return SP_OK;
}

#define AT(field) offsetof(struct interruption_keys, field)

static enum sp_status read_trace(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_loss *loss = record;

    if (model_file_availability(r, node, &loss->availability) != SP_OK)
        return SP_EINPUT;
    loss->basis_text = sp_arena_printf(r->arena, "recorded in %s", node->text);
    return SP_OK;
}

static const struct model_key interruption_keys[] = {
    {.name = "rate",
     .kind = MODEL_KEY_PER_S,
     .offset = AT(per_s),
     .help = "of each node"},
    {.name = "advisor",
     .kind = MODEL_KEY_READ,
     .read = read_advisor,
     .help = "a band of AWS's spot advisor"},
    {.name = "trace",
     .kind = MODEL_KEY_READ,
     .read = read_trace,
     .help = "a file of recorded availability"},
    {.name = "from",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(loss.availability_from_ns),
     .help = "time of the record at which the run begins"},
    {.name = "notice",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(loss.notice_ns),
     .help = "before a node is taken back"},
    {.name = NULL},
};

/* One of the keys that say when. */
static enum sp_status check_forms(struct model_reader *r,
                                  const struct model_yaml_node *node)
{
    static const char *const forms[] = {"rate", "advisor", "trace"};
    const struct model_yaml_node *from = model_yaml_get(node, "from");
    const struct model_yaml_node *first = NULL;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct model_yaml_node *form = model_yaml_get(node, forms[i]);

        if (form != NULL && first != NULL)
            return model_read_fail(r, form->key,
                                   "'%s' does not go with '%s': interruptions come by "
                                   "one of them",
                                   forms[i], first->key->text);
        first = form != NULL ? form : first;
    }
    if (first == NULL)
        return model_read_fail(r, model_read_owner(node),
                               "interruptions need one of rate, advisor and trace");
    if (from != NULL && model_yaml_get(node, "trace") == NULL)
        return model_read_fail(r, from->key, "'from' goes with 'trace'");
    return SP_OK;
}

enum sp_status model_interruptions_read(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        struct model_loss *loss)
{
    struct interruption_keys keys = {.loss = *loss};

    if (model_keys_read(r, node, "interruptions", interruption_keys, &keys) != SP_OK ||
        check_forms(r, node) != SP_OK)
        return SP_EINPUT;
    if (keys.per_s > 1)
        return model_read_fail(
            r, model_yaml_get(node, "rate"),
            "rate: %g/s, expected a node to be held for 1 s or more: "
            "at most 1/s",
            keys.per_s);
    if (keys.per_s > 0) {
        keys.loss.taken_back = true;
        keys.loss.per_hour = keys.per_s * 3600;
        keys.loss.basis_text = "stated";
    }
    *loss = keys.loss;
    return SP_OK;
}

/* ---- failures ---- */

static enum sp_status read_every(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_loss *loss = record;

    if (model_dist_read(r, node, "every", MODEL_SECONDS, &loss->fail_after_s) != SP_OK)
        return SP_EINPUT;
    if (model_dist_mean(&loss->fail_after_s) < 1)
        return model_read_fail(
            r, node, "every: a mean of %g s, expected a node to be up for 1 s or more",
            model_dist_mean(&loss->fail_after_s));
    return SP_OK;
}

static enum sp_status read_repair(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct model_loss *loss = record;

    return model_dist_read(r, node, "repair", MODEL_SECONDS, &loss->repair_s);
}

static const struct model_key failure_keys[] = {
    {.name = "every",
     .kind = MODEL_KEY_READ,
     .read = read_every,
     .required = true,
     .help = "time from ready until it breaks"},
    {.name = "repair",
     .kind = MODEL_KEY_READ,
     .read = read_repair,
     .help = "until a fixed node is ready again"},
    {.name = NULL},
};

enum sp_status model_failures_read(struct model_reader *r,
                                   const struct model_yaml_node *node,
                                   struct model_loss *loss)
{
    loss->fails = true;
    return model_keys_read(r, node, "failures", failure_keys, loss);
}
