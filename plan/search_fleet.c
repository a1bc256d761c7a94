/* One fleet: its options are run until one does, or raced for the cheapest. */
#include <math.h>
#include <string.h>

#include "plan/candidate.h"
#include "plan/search_parts.h"

/* Options evaluated together, whatever the number of threads: of those of which the
 * first that will do is wanted, and of those that race. */
enum { GROUP = 4, FIELD = 32 };

/* So far from its goals a run must be for smaller fleets to count as missing, too. */
static const double clear_miss = 0.01;

/* ---- what is known ---- */

static int32_t n_types_of(const struct plan_look *l, int32_t shape)
{
    return l->ask->scenario->policies[l->shapes[shape].policy].n_types;
}

static bool at_most(const int32_t *a, const int32_t *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (a[i] > b[i])
            return false;
    return true;
}

static bool within(const struct plan_look *l, const struct plan_lost *a,
                   const struct plan_lost *b)
{
    return a->shape == b->shape &&
           at_most(a->nodes, b->nodes, n_types_of(l, a->shape)) &&
           at_most(a->units, b->units, l->shapes[a->shape].n_pools);
}

static bool is_lost(const struct plan_look *l, const struct plan_lost *row)
{
    for (int32_t i = l->n_lost - 1; i >= 0; i--)
        if (within(l, row, &l->lost[i]))
            return true;
    return false;
}

/* Those within the new one say nothing more. */
static void add_lost(struct plan_look *l, const struct plan_candidate *c)
{
    const struct plan_lost row = {c->shape, c->nodes, c->units};
    int32_t n = 0;

    if (is_lost(l, &row))
        return;
    for (int32_t i = 0; i < l->n_lost; i++)
        if (!within(l, &l->lost[i], &row))
            l->lost[n++] = l->lost[i];
    l->n_lost = n;
    l->lost = sp_arena_more(l->arena, l->lost, n, &l->lost_room, sizeof *l->lost);
    l->lost[l->n_lost++] = row;
}

/* A bill is in whole micro-dollars, rounded for each node. */
static double rounding_usd(const struct plan_space *s, const int32_t *nodes)
{
    double n = 1;

    for (int32_t t = 0; t < s->n_types; t++)
        n += nodes[t];
    return n * 1e-6;
}

/* Runs that had less to do than the mean say so by what they cost. */
static void note_luck(struct plan_look *l, const struct plan_evaluated *row, double usd)
{
    const struct plan_candidate *c = &row->candidate;
    const struct plan_space *s = plan_look_space(l, c->policy);
    double least;

    if (s->time_known)
        return;
    least = plan_space_usd_least(l, s, c->nodes);
    if (isfinite(least) && usd < least - rounding_usd(s, c->nodes))
        l->luck *= usd / least;
}

void plan_look_note(struct plan_look *l, int32_t id)
{
    const struct plan_evaluated *row = plan_evaluated_of(l->e, id);
    double usd;

    if (row->lost && row->candidate.shape != SP_NO_ID &&
        plan_evaluated_total_miss(l->e, row) > clear_miss)
        add_lost(l, &row->candidate);
    if (row->candidate.shape == SP_NO_ID || !plan_evaluated_met(row) ||
        row->n_runs < l->ask->replications)
        return;
    usd = plan_evaluated_usd(row).mean;
    note_luck(l, row, usd);
    if (usd < l->best_usd) {
        l->best = id;
        l->best_usd = usd;
    }
}

bool plan_look_evaluate(struct plan_look *l, const struct plan_candidate *candidates,
                        int32_t n, int32_t replications, int32_t *ids)
{
    bool enough = false;

    l->status = plan_evaluate(l->e, candidates, n, replications, ids, &enough, l->err);
    for (int32_t i = 0; i < n && l->status == SP_OK; i++)
        plan_look_note(l, ids[i]);
    l->over = l->over || l->status != SP_OK || !enough;
    return !l->over;
}

/* ---- what is worth a run ---- */

struct entry {
    struct plan_candidate candidate;
    double usd_least; /* no run of it costs less */
    int32_t id;
};

/* Options that may meet the goals and be cheaper than the best. */
static int32_t entries_of(struct plan_look *l, const struct plan_try *t,
                          struct sp_arena *scratch, struct entry **entries)
{
    const struct plan_space *s = t->space;
    struct plan_option *options;
    int32_t all = plan_options_of(l, s, t->nodes, t->family, scratch, &options), n = 0;

    *entries = sp_arena_array(scratch, (size_t)all + 1, sizeof **entries);
    for (int32_t i = 0; i < all && n < t->most; i++) {
        const struct plan_option *o = &options[i];
        const struct plan_lost row = {o->shape, t->nodes, o->units};

        if (!s->time_known && plan_space_bill(s, t->nodes, o->time_s) >= l->best_usd)
            continue;
        if (is_lost(l, &row))
            continue;
        (*entries)[n++] = (struct entry){
            .candidate = {.shape = o->shape, .units = o->units, .nodes = t->nodes},
            .usd_least = plan_space_bill(s, t->nodes, o->time_s),
            .id = SP_NO_ID};
    }
    return n;
}

static bool run_entries(struct plan_look *l, struct entry *entries, int32_t n,
                        int32_t replications, struct sp_arena *scratch)
{
    struct plan_candidate *c = sp_arena_array(scratch, (size_t)n + 1, sizeof *c);
    int32_t *ids = sp_arena_array(scratch, (size_t)n + 1, sizeof *ids);

    for (int32_t i = 0; i < n; i++) {
        c[i] = entries[i].candidate;
        ids[i] = SP_NO_ID;
    }
    (void)plan_look_evaluate(l, c, n, replications, ids);
    for (int32_t i = 0; i < n; i++)
        entries[i].id = ids[i];
    return !l->over;
}

/* The better of two: one that meets the goals, the cheaper; else the nearer. */
static bool is_better(const struct plan_look *l, int32_t a, int32_t b)
{
    const struct plan_evaluated *x = plan_evaluated_of(l->e, a);
    const struct plan_evaluated *y;

    if (x->n_runs == 0)
        return false;
    if (b == SP_NO_ID)
        return true;
    y = plan_evaluated_of(l->e, b);
    if (plan_evaluated_met(x) != plan_evaluated_met(y))
        return plan_evaluated_met(x);
    if (plan_evaluated_met(x))
        return plan_evaluated_usd(x).mean < plan_evaluated_usd(y).mean;
    return plan_evaluated_total_miss(l->e, x) < plan_evaluated_total_miss(l->e, y);
}

static void choose(const struct plan_look *l, const struct entry *entries, int32_t n,
                   struct plan_tried *tried)
{
    for (int32_t i = 0; i < n; i++)
        if (entries[i].id != SP_NO_ID && is_better(l, entries[i].id, tried->id))
            tried->id = entries[i].id;
    tried->met =
        tried->id != SP_NO_ID && plan_evaluated_met(plan_evaluated_of(l->e, tried->id));
}

/* ---- one after the other ---- */

/* All cost the same: the first that meets the goals will do. */
static void first_of(struct plan_look *l, struct entry *entries, int32_t n,
                     struct sp_arena *scratch, struct plan_tried *tried)
{
    for (int32_t from = 0, count; from < n && !tried->met; from += count) {
        count = from == 0 ? 1 : n - from < GROUP ? n - from : GROUP;
        if (!run_entries(l, &entries[from], count, l->ask->replications, scratch))
            return;
        choose(l, &entries[from], count, tried);
    }
}

/* ---- racing ---- */

static bool is_out(const struct plan_look *l, const struct entry *entry, int32_t leader)
{
    const struct plan_evaluated *row = plan_evaluated_of(l->e, entry->id);
    struct model_stat d;

    if (row->lost || row->why_not != NULL)
        return true;
    if (entry->id == leader || leader == SP_NO_ID)
        return false;
    d = plan_evaluated_difference(row, plan_evaluated_of(l->e, leader));
    if (isnan(d.half95))
        return l->ask->replications == 1 && d.mean > 0;
    return d.mean - d.half95 > 0;
}

/* More and more replications, all the same ones; who is dearer for sure is left
 * behind. */
static void race(struct plan_look *l, struct entry *entries, int32_t n,
                 struct sp_arena *scratch, struct plan_tried *tried)
{
    int32_t reached = 0;

    while (n > 0 && reached < l->ask->replications) {
        struct plan_tried leads = {.id = l->best};
        int32_t left = 0;

        reached = reached == 0 ? 1 : 2 * reached;
        if (reached > l->ask->replications)
            reached = l->ask->replications;
        if (!run_entries(l, entries, n, reached, scratch))
            return;
        choose(l, entries, n, &leads);
        for (int32_t i = 0; i < n; i++)
            if (!is_out(l, &entries[i], leads.id))
                entries[left++] = entries[i];
            else
                choose(l, &entries[i], 1, tried);
        n = left;
    }
    choose(l, entries, n, tried);
}

/* A field at a time: what one leaves as the best keeps others from starting. */
static void race_all(struct plan_look *l, struct entry *entries, int32_t n,
                     struct sp_arena *scratch, struct plan_tried *tried)
{
    for (int32_t from = 0; from < n && !l->over; from += FIELD) {
        int32_t count = n - from < FIELD ? n - from : FIELD, start = 0;

        for (int32_t i = 0; i < count; i++)
            if (entries[from + i].usd_least < l->best_usd)
                entries[from + start++] = entries[from + i];
        race(l, &entries[from], start, scratch, tried);
    }
}

struct plan_tried plan_fleet_try(struct plan_look *l, const struct plan_try *t)
{
    struct sp_arena *scratch = sp_arena_new();
    struct plan_tried tried = {.id = SP_NO_ID};
    struct entry *entries;
    int32_t n = entries_of(l, t, scratch, &entries);

    if (t->space->time_known)
        first_of(l, entries, n, scratch, &tried);
    else
        race_all(l, entries, n, scratch, &tried);
    sp_arena_free(scratch);
    return tried;
}
