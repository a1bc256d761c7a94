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

struct list {
    const struct model_input **rows;
    int32_t n;
};

/* What is drawn and how often changes no answer but by chance. */
static bool is_of_chance(const char *name)
{
    return strcmp(name, "seed") == 0 || strcmp(name, "replications") == 0;
}

/* Without the scenario file's fingerprint, which is the first of the files': what
 * stands in it are inputs themselves.  Other files (traces, profiles) are known by
 * theirs. */
static struct list sorted(struct sp_arena *arena, const struct model_input *inputs,
                          int32_t n)
{
    struct list list = {sp_arena_array(arena, (size_t)n + 1, sizeof *list.rows), 0};
    bool files = false;

    for (int32_t i = 0; i < n; i++) {
        bool run = strcmp(inputs[i].group, "run") == 0;
        bool file = run && strncmp(inputs[i].name, "input ", 6) == 0;

        if ((!file || files) && !(run && is_of_chance(inputs[i].name)))
            list.rows[list.n++] = &inputs[i];
        files = files || file;
    }
    qsort(list.rows, (size_t)list.n, sizeof *list.rows, by_name);
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

/* Whether the input is one of this policy: used_by has "all policies", or names of
 * policies in the result's order. */
static bool is_of(const struct model_input *input, const struct model_result *r,
                  int32_t policy)
{
    const char *at = input->used_by;

    if (at == NULL || strcmp(at, "all policies") == 0)
        return true;
    for (int32_t i = 0; i <= policy; i++) {
        size_t n = strlen(r->policies[i].name);

        if (strncmp(at, r->policies[i].name, n) != 0 ||
            (at[n] != '\0' && strncmp(at + n, ", ", 2) != 0))
            continue;
        if (i == policy)
            return true;
        if (at[n] == '\0')
            return false;
        at += n + 2;
    }
    return false;
}

/* Inputs of one group and name: one, or others for other policies. */
struct block {
    const struct model_input *const *rows;
    int32_t n;
};

static struct block block_at(const struct model_input *const *rows, int32_t n)
{
    struct block b = {rows, 0};

    while (b.n < n && compare(rows[0], rows[b.n]) == 0)
        b.n++;
    return b;
}

static const struct model_input *of_policy(struct block b, const struct model_result *r,
                                           int32_t policy)
{
    for (int32_t i = 0; i < b.n; i++)
        if (is_of(b.rows[i], r, policy))
            return b.rows[i];
    return NULL;
}

struct differ {
    struct sp_arena *arena;
    const struct model_result *result;
    struct report_change *changes; /* the first CHANGES_MAX */
    int32_t found;
};

/* The name says of which policies it is, where others have this input and it did not
 * change for them in the same way. */
static void add_change(struct differ *d, const struct model_input *a,
                       const struct model_input *b, const char *policies)
{
    const struct model_input *one = a != NULL ? a : b;

    if (d->found < CHANGES_MAX)
        d->changes[d->found] = (struct report_change){
            .group = one->group,
            .name = policies == NULL
                        ? one->name
                        : sp_arena_printf(d->arena, "%s (%s)", one->name, policies),
            .unit = one->unit,
            .here = a != NULL ? a->number : NAN,
            .there = b != NULL ? b->number : NAN,
            .here_text = a != NULL ? a->text : NULL,
            .there_text = b != NULL ? b->text : NULL,
        };
    d->found++;
}

/* Policies that have this pair, if not all that have the input; NULL if all. */
static const char *policies_of(struct differ *d, struct block here, struct block there,
                               const struct model_input *a, const struct model_input *b)
{
    const char *names = NULL;
    bool all = true;

    for (int32_t p = 0; p < d->result->n_policies; p++) {
        const struct model_input *x = of_policy(here, d->result, p),
                                 *y = of_policy(there, d->result, p);

        if (x == a && y == b)
            names = names == NULL ? d->result->policies[p].name
                                  : sp_arena_printf(d->arena, "%s, %s", names,
                                                    d->result->policies[p].name);
        else if (x != NULL || y != NULL)
            all = false;
    }
    return all ? NULL : names;
}

static void compare_blocks(struct differ *d, struct block here, struct block there)
{
    for (int32_t p = 0; p < d->result->n_policies; p++) {
        const struct model_input *a = of_policy(here, d->result, p),
                                 *b = of_policy(there, d->result, p);
        bool told = (a == NULL && b == NULL) || (a != NULL && b != NULL && same(a, b));

        for (int32_t q = 0; q < p && !told; q++)
            told = a == of_policy(here, d->result, q) &&
                   b == of_policy(there, d->result, q);
        if (!told)
            add_change(d, a, b, policies_of(d, here, there, a, b));
    }
}

/* How many inputs differ; more than CHANGES_MAX need not be counted on. */
static int32_t differences(struct differ *d, struct list here, struct list there)
{
    for (int32_t i = 0, k = 0;
         (i < here.n || k < there.n) && d->found <= CHANGES_MAX;) {
        int order = compare(i < here.n ? here.rows[i] : NULL,
                            k < there.n ? there.rows[k] : NULL);
        struct block a = {NULL, 0}, b = {NULL, 0};

        if (order <= 0)
            a = block_at(here.rows + i, here.n - i);
        if (order >= 0)
            b = block_at(there.rows + k, there.n - k);
        i += a.n;
        k += b.n;
        if (a.n != 1 || b.n != 1 || !same(a.rows[0], b.rows[0]) ||
            !same_text(a.rows[0]->used_by, b.rows[0]->used_by))
            compare_blocks(d, a, b);
    }
    return d->found;
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
                       struct list here, struct report_other *other)
{
    const struct model_result *result = r->result;
    struct differ d = {.arena = r->arena, .result = result};
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
    d.changes = sp_arena_array(r->arena, CHANGES_MAX, sizeof *d.changes);
    n_changes = differences(&d, here, sorted(r->arena, inputs, n_inputs));
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
        .changes = d.changes,
        .usd = usd,
        .time_s = time_s,
    };
    return true;
}

void report_read_others(struct report_read *r, const struct report_stored_run *runs,
                        int32_t n, int64_t run, struct report_context *c)
{
    const struct list here = sorted(r->arena, r->result->inputs, r->result->n_inputs);
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
