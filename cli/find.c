/* The searches, and the parts of the option. */
#include "cli/find.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/find_nodes.h"
#include "cli/find_rate.h"

const struct cli_search cli_searches[] = {
    {.name = "max_rate",
     .help = "the highest request rate that still meets the SLO",
     .check = cli_find_rate_check,
     .begin = cli_find_rate_begin,
     .find = cli_find_rate,
     .precision_frac = 0.01},
    {.name = "min_nodes",
     .help = "the fewest nodes with which a workload meets its target",
     .of_fleet = true,
     .check = cli_find_nodes_check,
     .begin = cli_find_nodes_begin,
     .find = cli_find_nodes},
    {0},
};

enum { NAMES = 512 }; /* bytes of a list of names in a message */

/* ---- what is asked for ---- */

static const struct cli_search *search_of(const char *name, size_t n)
{
    for (const struct cli_search *s = cli_searches; s->name != NULL; s++)
        if (strlen(s->name) == n && strncmp(s->name, name, n) == 0)
            return s;
    return NULL;
}

/* Adds a name to a list "a, b", as far as it has room. */
static void add_name(char *list, const char *name)
{
    if (strlen(list) + strlen(name) + 4 < NAMES)
        snprintf(list + strlen(list), NAMES - strlen(list), "%s%s",
                 list[0] != '\0' ? ", " : "", name);
}

static enum sp_status fail_unknown(const char *text, struct sp_err *err)
{
    const char *names[8], *nearest;
    char list[NAMES] = "";
    size_t n = 0;

    for (const struct cli_search *s = cli_searches; s->name != NULL; s++) {
        names[n++] = s->name;
        add_name(list, s->name);
    }
    nearest = sp_text_nearest(text, names, n);
    return sp_fail(err, SP_EINPUT, "--find %s: expected one of: %s%s%s%s", text, list,
                   nearest != NULL ? " (did you mean " : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "?)" : "");
}

static int32_t workload_named(const struct model_scenario *sc, const char *name)
{
    for (int32_t w = 0; w < sc->n_workloads; w++)
        if (strcmp(sc->workloads[w], name) == 0)
            return w;
    return SP_NO_ID;
}

static const char *group_of(const struct model_node_type *t)
{
    return t->group != NULL ? t->group : t->name;
}

/* The fleet's own word for a group of node types that some policy has, or NULL. */
static const char *group_named(const struct model_scenario *sc, const char *name)
{
    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t t = 0; t < sc->policies[p].n_types; t++) {
            const char *group = group_of(&sc->policies[p].types[t]);

            if (strcmp(group, name) == 0)
                return group;
        }
    return NULL;
}

/* One of the words after the search's name. */
static enum sp_status take_word(const char *text, const char *word,
                                const struct model_scenario *sc,
                                struct cli_asked *asked, struct sp_err *err)
{
    const char *nearest = sp_text_nearest(word, sc->workloads, (size_t)sc->n_workloads);
    const char *group = asked->search->of_fleet ? group_named(sc, word) : NULL;
    int32_t w = workload_named(sc, word);

    if (w != SP_NO_ID && asked->workload == SP_NO_ID)
        asked->workload = w;
    else if (group != NULL && asked->node_type == NULL)
        asked->node_type = group;
    else
        return sp_fail(err, SP_EINPUT,
                       "--find %s: the scenario has no such workload%s%s%s%s", text,
                       asked->search->of_fleet ? " or node type" : "",
                       nearest != NULL ? ", did you mean '" : "",
                       nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return SP_OK;
}

static enum sp_status take_words(const char *text, const char *rest,
                                 const struct model_scenario *sc,
                                 struct cli_asked *asked, struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    char *words = sp_arena_strdup(arena, rest), *word;
    enum sp_status s = SP_OK;

    while (s == SP_OK && (word = strsep(&words, ":")) != NULL)
        s = take_word(text, word, sc, asked, err);
    sp_arena_free(arena);
    return s;
}

/* ---- what is left out ---- */

static bool can_be_about(const struct cli_search *search,
                         const struct model_scenario *sc, int32_t w)
{
    return search->of_fleet ? cli_find_nodes_has_goal(sc, w)
                            : sc->policies[0].plans[w].kind == MODEL_KIND_SERVING;
}

static enum sp_status only_workload(const char *text, const struct model_scenario *sc,
                                    struct cli_asked *asked, struct sp_err *err)
{
    bool fleet = asked->search->of_fleet;
    int32_t found = SP_NO_ID, n = 0;
    char names[NAMES] = "";

    for (int32_t w = 0; w < sc->n_workloads; w++)
        if (can_be_about(asked->search, sc, w)) {
            found = w;
            n++;
            add_name(names, sc->workloads[w]);
        }
    if (n == 0)
        return sp_fail(err, SP_EINPUT, "--find %s: the scenario has no workload %s",
                       text,
                       fleet ? "with something to meet, expected 'target' or "
                               "'deadline' of jobs, 'slo' of serving, or 'size: { "
                               "deadline }'"
                             : "of kind serving");
    if (n > 1)
        return sp_fail(err, SP_EINPUT,
                       "--find %s: several workloads %s (%s), expected one of them "
                       "named, such as %s:%s",
                       text, fleet ? "have something to meet" : "serve", names,
                       asked->search->name, sc->workloads[found]);
    asked->workload = found;
    return SP_OK;
}

static bool has_nodes(const struct model_scenario *sc, const char *group)
{
    for (int32_t p = 0; p < sc->n_policies; p++)
        if (cli_find_nodes_of(&sc->policies[p], group) > 0)
            return true;
    return false;
}

/* Whether no type before type t of policy p is of its group. */
static bool is_first(const struct model_scenario *sc, int32_t p, int32_t t)
{
    const char *group = group_of(&sc->policies[p].types[t]);

    for (int32_t i = 0; i <= p; i++)
        for (int32_t k = 0; k < (i < p ? sc->policies[i].n_types : t); k++)
            if (strcmp(group_of(&sc->policies[i].types[k]), group) == 0)
                return false;
    return true;
}

/* The only group of fixed nodes whose number can be changed. */
static enum sp_status only_type(const char *text, const struct model_scenario *sc,
                                struct cli_asked *asked, struct sp_err *err)
{
    const char *found = NULL;
    char names[NAMES] = "";
    int n = 0;

    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t t = 0; t < sc->policies[p].n_types; t++) {
            const char *group = group_of(&sc->policies[p].types[t]);

            if (!is_first(sc, p, t) || !has_nodes(sc, group))
                continue;
            found = group;
            n++;
            add_name(names, group);
        }
    if (n == 0)
        return sp_fail(err, SP_EINPUT,
                       "--find %s: the fleet has no node type with a fixed 'count'",
                       text);
    if (n > 1)
        return sp_fail(
            err, SP_EINPUT,
            "--find %s: several node types have a fixed count (%s), expected "
            "one of them named, such as %s:%s",
            text, names, text, found);
    asked->node_type = found;
    return SP_OK;
}

static enum sp_status choose_type(const char *text, const struct model_scenario *sc,
                                  struct cli_asked *asked, struct sp_err *err)
{
    if (asked->node_type == NULL)
        return only_type(text, sc, asked, err);
    if (has_nodes(sc, asked->node_type))
        return SP_OK;
    return sp_fail(
        err, SP_EINPUT,
        "--find %s: node type '%s' has no fixed 'count' (nodes of a list and "
        "elastic ones can't be searched for)",
        text, asked->node_type);
}

enum sp_status cli_find_parse(const char *text, const struct model_scenario *sc,
                              struct cli_asked *asked, struct sp_err *err)
{
    size_t n = strcspn(text, ":");
    struct cli_asked found = {.search = search_of(text, n), .workload = SP_NO_ID};
    struct sp_err why = {0};
    enum sp_status s = SP_OK;

    if (found.search == NULL)
        return fail_unknown(text, err);
    if (text[n] == ':')
        s = take_words(text, text + n + 1, sc, &found, err);
    if (s == SP_OK && found.workload == SP_NO_ID)
        s = only_workload(text, sc, &found, err);
    if (s != SP_OK)
        return s;
    s = found.search->check(sc, found.workload, &why);
    if (s != SP_OK)
        return sp_fail(err, s, "--find %s: %s", text, why.text);
    if (found.search->of_fleet)
        s = choose_type(text, sc, &found, err);
    if (s == SP_OK)
        *asked = found;
    return s;
}

/* ---- the search ---- */

static struct model_found *found_new(const struct cli_find_job *job,
                                     struct sp_arena *arena)
{
    struct model_found *f = sp_arena_alloc(arena, sizeof *f);
    const struct model_scenario *sc = job->sc;

    *f = (struct model_found){
        .what = job->asked.search->name,
        .workload = sc->workloads[job->asked.workload],
        .attain_frac = NAN,
        .precision_frac = job->asked.search->precision_frac,
        .slo_ttft_s = NAN,
        .slo_tpot_s = NAN,
        .slo_e2e_s = NAN,
        .rate_per_s = NAN,
        .seed = job->o->seed,
        .replications = job->o->replications,
        .scenario = sc,
        .version = job->o->version,
    };
    job->asked.search->begin(job, arena, f);
    f->policies = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *f->policies);
    return f;
}

enum sp_status cli_find_run(const struct cli_find_job *job, struct sp_arena *arena,
                            struct model_found **found, struct sp_err *err)
{
    static const struct model_found_run none = {
        .rate_per_s = NAN,
        .attained = NAN,
        .late = NAN,
        .ttft_p99_s = {NAN, NAN},
        .tpot_p99_s = {NAN, NAN},
        .usd_per_million_tokens = {NAN, NAN},
        .gpus = NAN,
        .usd_per_h = NAN,
    };
    const struct model_scenario *sc = job->sc;
    struct model_found *f = found_new(job, arena);

    for (int32_t p = 0; p < sc->n_policies && !f->partial; p++) {
        struct model_found_policy *row = &f->policies[f->n_policies];
        enum sp_status s;

        if (job->o->policies != NULL && !job->o->policies[p])
            continue;
        *row = (struct model_found_policy){
            .name = sc->policies[p].name, .passes = none, .fails = none};
        s = job->asked.search->find(job, p, f, row, err);
        if (s != SP_OK)
            return s;
        if (p == sc->baseline)
            f->baseline = f->n_policies;
        f->n_policies++;
    }
    *found = f;
    return SP_OK;
}
