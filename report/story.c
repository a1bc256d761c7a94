/* Sentences from figures: no figure is worked out here that is not elsewhere. */
#include "report/story.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/inputs.h"
#include "report/format.h"
#include "report/waterfall.h"

enum { DRIVERS = 4, RESTS = 16, NAMES_TOLD = 4 };
static const double least_driver_frac = 0.01; /* of the baseline's bill */

struct maker {
    struct sp_arena *arena;
    const struct model_result *r;
    struct report_story *story;
    const struct model_comparison *told; /* the one that the decision is about */
};

/* ---- the decision ---- */

static double usd_of(const struct model_result *r, const struct model_comparison *c)
{
    double usd = r->policies[c->policy].cost.usd.mean;

    return isnan(usd) ? INFINITY : usd;
}

/* The cheapest of those with this outcome, or NULL. */
static const struct model_comparison *best(const struct model_result *r,
                                           enum model_outcome outcome)
{
    const struct model_comparison *found = NULL;

    for (int32_t i = 0; i < r->n_comparisons; i++) {
        const struct model_comparison *c = &r->comparisons[i];

        if (c->outcome == outcome && (found == NULL || usd_of(r, c) < usd_of(r, found)))
            found = c;
    }
    return found;
}

/* A verdict's first sentence, without what follows a semicolon. */
static const char *first_sentence(struct sp_arena *arena, const char *verdict)
{
    const char *end = strstr(verdict, ". "), *clause = strstr(verdict, "; ");
    size_t n;

    if (clause != NULL && (end == NULL || clause < end))
        end = clause;
    n = end != NULL ? (size_t)(end - verdict) : strlen(verdict);
    while (n > 0 && verdict[n - 1] == '.')
        n--;
    return sp_arena_printf(arena, "%.*s", (int)n, verdict);
}

/* "it costs less", where the sentence begins with the policy's own name. */
static const char *as_it(const struct maker *m, const char *name, const char *sentence)
{
    const char *quoted = sp_arena_printf(m->arena, "'%s' ", name);
    size_t n = strlen(quoted);

    if (strncmp(sentence, quoted, n) != 0)
        return sentence;
    return sp_arena_printf(m->arena, "it %s", sentence + n);
}

static const char *told_words(const struct maker *m)
{
    if (m->told->verdict == NULL)
        return "";
    return first_sentence(m->arena, m->told->verdict);
}

static const char *name_of(const struct maker *m, int32_t policy)
{
    return m->r->policies[policy].name;
}

static const char *alone(const struct maker *m)
{
    const struct model_policy_result *p = &m->r->policies[0];
    char usd[REPORT_FIGURE];

    if (m->r->n_policies == 0)
        return "Nothing was run.";
    if (m->r->n_policies > 1)
        return "Nothing is compared: the baseline was not run.";
    if (!p->cost.known)
        return sp_arena_printf(m->arena,
                               "One policy, '%s', and nothing to compare it with; its "
                               "cost is not known.",
                               p->name);
    return sp_arena_printf(m->arena,
                           "One policy, '%s', and nothing to compare it with: it costs "
                           "%s USD.",
                           p->name, report_format_usd(p->cost.usd.mean, usd));
}

static const char *choose(struct maker *m)
{
    const char *name = name_of(m, m->told->policy);

    m->story->choice = m->told->policy;
    return sp_arena_printf(m->arena, "%s '%s': %s.",
                           m->told->certain ? "Choose" : "Lean towards", name,
                           as_it(m, name, told_words(m)));
}

static const char *decide(struct maker *m)
{
    const struct model_result *r = m->r;

    if (r->n_comparisons == 0)
        return alone(m);
    if ((m->told = best(r, MODEL_OUTCOME_WINS)) != NULL)
        return choose(m);
    if ((m->told = best(r, MODEL_OUTCOME_TRADE)) != NULL)
        return sp_arena_printf(m->arena, "No policy is better in all that counts: %s.",
                               told_words(m));
    if ((m->told = best(r, MODEL_OUTCOME_SAME)) != NULL ||
        (m->told = best(r, MODEL_OUTCOME_LOSES)) != NULL)
        return sp_arena_printf(m->arena, "Keep '%s': %s.",
                               name_of(m, m->told->baseline), told_words(m));
    m->told = &r->comparisons[0];
    return sp_arena_printf(m->arena, "No decision: %s.", told_words(m));
}

/* ---- what drives it ---- */

static void add_driver(struct maker *m, const struct report_waterfall *w, int step)
{
    char usd[REPORT_FIGURE];
    int64_t uusd = w->uusd[step];

    m->story->drivers[m->story->n_drivers++] = sp_arena_printf(
        m->arena, "%s: %s USD %s (%s)", report_step_name((enum report_step_kind)step),
        report_format_usd(fabs(sp_usd_from_uusd(uusd)), usd),
        uusd < 0 ? "less" : "more", report_step_text((enum report_step_kind)step));
}

/* The largest step not told yet that counts, or -1. */
static int largest(const struct report_waterfall *w, const bool *told)
{
    int found = -1;

    for (int s = 0; s < REPORT_STEPS; s++)
        if (!told[s] && (found < 0 || llabs(w->uusd[s]) > llabs(w->uusd[found])))
            found = s;
    if (found < 0 ||
        (double)llabs(w->uusd[found]) < least_driver_frac * (double)w->from_uusd ||
        w->uusd[found] == 0)
        return -1;
    return found;
}

static void drive(struct maker *m)
{
    struct report_waterfall w;
    bool told[REPORT_STEPS] = {false};
    int step;

    m->story->drivers = sp_arena_array(m->arena, DRIVERS, sizeof *m->story->drivers);
    if (m->told == NULL ||
        !report_waterfall_make(m->r, m->told->baseline, m->told->policy, &w))
        return;
    while (m->story->n_drivers < DRIVERS && (step = largest(&w, told)) >= 0) {
        told[step] = true;
        add_driver(m, &w, step);
    }
}

/* ---- what it rests on ---- */

static void rest(struct maker *m, const char *text)
{
    if (m->story->n_rests < RESTS)
        m->story->rests[m->story->n_rests++] = text;
}

struct names {
    const char *text;
    int n;
};

static bool has_type(const struct model_result *r, int32_t policy, int32_t node,
                     const struct model_node_use *like)
{
    for (int32_t p = 0; p <= policy; p++)
        for (int32_t i = 0; i < (p < policy ? r->policies[p].n_nodes : node); i++)
            if (strcmp(r->policies[p].nodes[i].type, like->type) == 0 &&
                r->policies[p].nodes[i].price_basis == like->price_basis &&
                strcmp(r->policies[p].nodes[i].price_date, like->price_date) == 0)
                return true;
    return false;
}

/* Node types whose price has this basis and date, each once. */
static struct names priced(const struct maker *m, enum model_basis basis,
                           const char *date)
{
    struct names found = {"", 0};

    for (int32_t p = 0; p < m->r->n_policies; p++)
        for (int32_t i = 0; i < m->r->policies[p].n_nodes; i++) {
            const struct model_node_use *node = &m->r->policies[p].nodes[i];

            if (isnan(node->usd_per_h) || node->price_basis != basis ||
                strcmp(node->price_date, date) != 0 || has_type(m->r, p, i, node))
                continue;
            if (found.n < NAMES_TOLD)
                found.text = sp_arena_printf(m->arena, "%s%s%s", found.text,
                                             found.n > 0 ? ", " : "", node->type);
            found.n++;
        }
    if (found.n > NAMES_TOLD)
        found.text = sp_arena_printf(m->arena, "%s and %d more", found.text,
                                     found.n - NAMES_TOLD);
    return found;
}

/* Dates of the prices with this basis come one after the other. */
static void rest_on_prices(struct maker *m, enum model_basis basis)
{
    const char *done[RESTS];
    int n_done = 0;

    for (int32_t p = 0; p < m->r->n_policies; p++)
        for (int32_t i = 0; i < m->r->policies[p].n_nodes; i++) {
            const struct model_node_use *node = &m->r->policies[p].nodes[i];
            struct names names;
            bool told = node->price_basis != basis || n_done == RESTS;

            for (int k = 0; k < n_done; k++)
                told = told || strcmp(done[k], node->price_date) == 0;
            if (told)
                continue;
            done[n_done++] = node->price_date;
            names = priced(m, basis, node->price_date);
            if (names.n > 0)
                rest(m, sp_arena_printf(m->arena, "price%s of %s: %s%s%s",
                                        names.n > 1 ? "s" : "", names.text,
                                        model_basis_name(basis),
                                        node->price_date[0] != '\0' ? " of " : "",
                                        node->price_date));
        }
}

/* "52 other inputs: 40 assumed, 12 datasheet" */
static void rest_on_inputs(struct maker *m)
{
    const char *text = "";
    int32_t all = 0;

    for (int b = MODEL_BASIS_ASSUMED; b <= MODEL_BASIS_LIST_PRICE; b++) {
        const char *basis = model_basis_name((enum model_basis)b);
        int32_t n = 0;

        for (int32_t i = 0; i < m->r->n_inputs; i++)
            n += !model_input_is_price(&m->r->inputs[i]) &&
                 strcmp(m->r->inputs[i].basis, basis) == 0;
        if (n > 0)
            text = sp_arena_printf(m->arena, "%s%s%" PRId32 " %s", text,
                                   text[0] != '\0' ? ", " : "", n, basis);
        all += n;
    }
    if (all > 0)
        rest(m, sp_arena_printf(m->arena, "%" PRId32 " other inputs: %s", all, text));
}

/* Calibrated kernels that were asked for more than was measured. */
static void rest_on_kernels(struct maker *m)
{
    int64_t calls = 0, beyond = 0;

    for (int32_t p = 0; p < m->r->n_policies; p++)
        for (int32_t w = 0; w < m->r->policies[p].n_workloads; w++) {
            const struct model_workload_result *x = &m->r->policies[p].workloads[w];

            for (int32_t k = 0; k < x->n_kernels; k++) {
                calls += x->kernels[k].calls;
                beyond += x->kernels[k].extrapolated;
            }
        }
    if (calls > 0)
        rest(m,
             beyond == 0
                 ? "calibrated kernels, asked for nothing outside of what was measured"
                 : sp_arena_printf(m->arena,
                                   "calibrated kernels, %.3g %% of their calls "
                                   "outside of what was measured",
                                   100 * (double)beyond / (double)calls));
}

static void rest_all(struct maker *m)
{
    m->story->rests = sp_arena_array(m->arena, RESTS, sizeof *m->story->rests);
    for (int b = MODEL_BASIS_ASSUMED; b <= MODEL_BASIS_LIST_PRICE; b++)
        rest_on_prices(m, (enum model_basis)b);
    rest_on_inputs(m);
    rest_on_kernels(m);
    rest(m, m->r->n_runs > 1
                ? sp_arena_printf(m->arena, "%" PRId32 " replications, seed %" PRIu64,
                                  m->r->n_runs, m->r->seed)
                : sp_arena_printf(m->arena,
                                  "one replication, seed %" PRIu64 ": no error bars",
                                  m->r->seed));
    if (m->r->precision.asked_frac > 0)
        rest(m, report_format_precision(m->r, m->arena));
    if (m->r->n_warnings > 0)
        rest(m, sp_arena_printf(m->arena, "%" PRId32 " warning%s", m->r->n_warnings,
                                m->r->n_warnings == 1 ? "" : "s"));
}

struct report_story *report_story_of(struct sp_arena *arena,
                                     const struct model_result *r)
{
    struct report_story *story = sp_arena_alloc(arena, sizeof *story);
    struct maker m = {.arena = arena, .r = r, .story = story};

    story->choice = SP_NO_ID;
    story->decision = decide(&m);
    if (r->partial)
        story->decision = sp_arena_printf(arena, "PARTIAL, the run was interrupted. %s",
                                          story->decision);
    drive(&m);
    rest_all(&m);
    return story;
}
