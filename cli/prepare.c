/* Options of a run, and its policies made ready. */
#include "cli/prepare.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/prepare.h"

enum sp_status cli_read_sets(const struct cli_parsed *parsed, struct sp_arena *arena,
                             struct model_set **sets, int32_t *n, struct sp_err *err)
{
    *sets = sp_arena_array(arena, (size_t)parsed->n_options + 1, sizeof **sets);
    *n = 0;
    for (int i = 0; i < parsed->n_options; i++) {
        char *path, *equals;

        if (strcmp(parsed->options[i].option->name, "set") != 0)
            continue;
        path = sp_arena_strdup(arena, parsed->options[i].value);
        equals = strchr(path, '=');
        if (equals == NULL || equals == path)
            return sp_fail(err, SP_EINPUT,
                           "--set %s: expected path=value, such as "
                           "fleet.gpu-node.count=4",
                           path);
        *equals = '\0';
        (*sets)[(*n)++] = (struct model_set){.path = path, .value = equals + 1};
    }
    return SP_OK;
}

static enum sp_status choose(const char *want, const char *const *names, int32_t n,
                             bool *all, struct sp_err *err)
{
    const char *nearest;

    for (int32_t p = 0; p < n; p++)
        if (strcmp(names[p], want) == 0) {
            all[p] = true;
            return SP_OK;
        }
    nearest = sp_text_nearest(want, names, (size_t)n);
    return sp_fail(err, SP_EINPUT, "--policy %s: the scenario has no such policy%s%s%s",
                   want, nearest != NULL ? ", did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

enum sp_status cli_choose_policies(const struct cli_parsed *parsed,
                                   const struct model_scenario *sc,
                                   struct sp_arena *arena, const bool **chosen,
                                   struct sp_err *err)
{
    const char **names = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *names);
    bool *all = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *all);
    bool any = false;

    if (sc->policies_implied)
        return sp_fail(
            err, SP_EINPUT,
            "%s: no policies to run, expected the key 'policies'; 'stageplan "
            "plan' finds one, and --write makes a scenario of it",
            sc->path);
    for (int32_t p = 0; p < sc->n_policies; p++)
        names[p] = sc->policies[p].name;
    for (int i = 0; i < parsed->n_options; i++) {
        enum sp_status s;

        if (strcmp(parsed->options[i].option->name, "policy") != 0)
            continue;
        s = choose(parsed->options[i].value, names, sc->n_policies, all, err);
        if (s != SP_OK)
            return s;
        any = true;
    }
    if (any)
        all[sc->baseline] = true;
    for (int32_t p = 0; p < sc->n_policies && !any; p++)
        all[p] = true;
    *chosen = all;
    return SP_OK;
}

enum sp_status cli_prepare_policies(struct model_scenario *sc, const bool *chosen,
                                    struct sp_err *err)
{
    enum sp_status s = SP_OK;

    for (int32_t p = 0; p < sc->n_policies && s == SP_OK; p++)
        if (chosen[p])
            s = model_policy_prepare(sc, &sc->policies[p], err);
    return s;
}

void cli_prepare_say_precision(const struct model_scenario *sc, const char *command)
{
    if (sc->precision_frac > 0)
        fprintf(stderr,
                "stageplan: the scenario's 'precision' has no effect on %s: it makes "
                "the runs that --replications says\n",
                command);
}
