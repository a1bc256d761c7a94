/* Other runs of the same scenario: what they have otherwise, and what came of it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/read_parts.h"

enum {
    OTHERS_MAX = 100, /* the last ones */
    CHANGES_MAX = 8,  /* a run that has more otherwise is another question */
};

/* ---- lists of inputs, sorted by group and name ---- */

static int by_name(const void *a, const void *b)
{
    const struct model_input *x = *(const struct model_input *const *)a,
                             *y = *(const struct model_input *const *)b;
    int order = strcmp(x->group, y->group);

    if (order == 0)
        order = strcmp(x->name, y->name);
    return order != 0 ? order
                      : (x > y) - (x < y); /* of one array: as they stand there */
}

static const struct model_input **sorted(struct sp_arena *arena,
                                         const struct model_input *inputs, int32_t n)
{
    const struct model_input **list =
        sp_arena_array(arena, (size_t)n + 1, sizeof *list);

    for (int32_t i = 0; i < n; i++)
        list[i] = &inputs[i];
    qsort(list, (size_t)n, sizeof *list, by_name);
    return list;
}

static int compare(const struct model_input *here, const struct model_input *there)
{
    int order;

    if (here == NULL || there == NULL)
        return here == NULL ? 1 : -1;
    order = strcmp(here->group, there->group);
    return order != 0 ? order : strcmp(here->name, there->name);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same(const struct model_input *a, const struct model_input *b)
{
    return (a->number == b->number || (isnan(a->number) && isnan(b->number))) &&
           same_text(a->text, b->text);
}

/* How many inputs differ; at most CHANGES_MAX + 1, of which the first go to `changes`.
 */
static int32_t differences(const struct model_input *const *here, int32_t n,
                           const struct model_input *const *there, int32_t m,
                           struct report_change *changes)
{
    int32_t found = 0;

    for (int32_t i = 0, k = 0; (i < n || k < m) && found <= CHANGES_MAX;) {
        int order = compare(i < n ? here[i] : NULL, k < m ? there[k] : NULL);
        const struct model_input *a = order <= 0 ? here[i++] : NULL,
                                 *b = order >= 0 ? there[k++] : NULL;
        const struct model_input *one = a != NULL ? a : b;

        if (a != NULL && b != NULL && same(a, b))
            continue;
        if (found < CHANGES_MAX)
            changes[found] = (struct report_change){
                .group = one->group,
                .name = one->name,
                .unit = one->unit,
                .here = a != NULL ? a->number : NAN,
                .there = b != NULL ? b->number : NAN,
                .here_text = a != NULL ? a->text : NULL,
                .there_text = b != NULL ? b->text : NULL,
            };
        found++;
    }
    return found;
}

/* ---- runs ---- */

static bool same_policies(const struct model_result *r,
                          const struct model_policy_result *policies, int32_t n)
{
    if (n != r->n_policies)
        return false;
    for (int32_t i = 0; i < n; i++)
        if (strcmp(policies[i].name, r->policies[i].name) != 0)
            return false;
    return true;
}

/* Fills *other unless the run answers another question. */
static bool read_other(struct report_read *r, const struct report_stored_run *run,
                       const struct model_input *const *here,
                       struct report_other *other)
{
    const struct model_result *result = r->result;
    struct report_change *changes =
        sp_arena_array(r->arena, CHANGES_MAX, sizeof *changes);
    int32_t n_policies, n_inputs, n_changes;
    struct model_stat *usd, *time_s;
    struct model_policy_result *policies =
        report_read_rows(r, &report_table_policies, run->run, &n_policies, NULL);
    struct model_input *inputs;

    if (!same_policies(result, policies, n_policies))
        return false;
    inputs = report_read_rows(r, &report_table_inputs, run->run, &n_inputs, NULL);
    if (n_inputs == 0) /* of an older version: who knows */
        return false;
    n_changes = differences(here, result->n_inputs, sorted(r->arena, inputs, n_inputs),
                            n_inputs, changes);
    if (n_changes > CHANGES_MAX)
        return false;
    usd = sp_arena_array(r->arena, (size_t)n_policies, sizeof *usd);
    time_s = sp_arena_array(r->arena, (size_t)n_policies, sizeof *time_s);
    for (int32_t i = 0; i < n_policies; i++) {
        usd[i] = policies[i].cost.usd;
        time_s[i] = policies[i].time_s;
    }
    *other = (struct report_other){
        .run = run->run,
        .seed = run->seed,
        .n_changes = n_changes,
        .changes = changes,
        .usd = usd,
        .time_s = time_s,
    };
    return true;
}

void report_read_others(struct report_read *r, const struct report_stored_run *runs,
                        int32_t n, int64_t run, struct report_context *c)
{
    const struct model_input **here =
        sorted(r->arena, r->result->inputs, r->result->n_inputs);
    struct report_other *others = sp_arena_array(r->arena, OTHERS_MAX, sizeof *others);
    int32_t from = n, wanted = 0;

    if (r->result->n_inputs == 0)
        return;
    while (from > 0 && wanted < OTHERS_MAX) {
        from--;
        wanted +=
            runs[from].run != run && strcmp(runs[from].scenario, r->result->name) == 0;
    }
    for (int32_t i = from; i < n && !report_read_failed(r); i++)
        if (runs[i].run != run && strcmp(runs[i].scenario, r->result->name) == 0 &&
            read_other(r, &runs[i], here, &others[c->n_others]))
            c->n_others++;
    c->others = others;
}
