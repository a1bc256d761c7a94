/* What holds of the record of every run: random scenarios of all kinds, with losses.
 *
 * Where nothing was left out, the slices are another account of the run: their times
 * add up to the ledger's, exactly.  Where only a sample is kept, it is whole for the
 * nodes that it names.  TIMELINE_SEED=n runs one scenario of each kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/rng.h"
#include "base/units.h"
#include "model/jobs.h"
#include "sim/ledger.h"
#include "sim/run.h"
#include "tests/losses_random.h"
#include "tests/scenario_random.h"
#include "tests/serving_random.h"
#include "tests/twin_jobs_case.h"

enum { N_SEEDS = 150, ALL = 10000000 };

/* ---- a scenario and its runs ---- */

struct jobs_rows {
    int64_t n;
    int64_t *ran_ns; /* by job */
};

/* What the random runs had in them, or their laws would hold of nothing. */
struct seen {
    int32_t kind[MODEL_SLICE_KINDS], links[3]; /* runs; links of each kind of world */
    int32_t ended[5], alone, until, every;
};
static const char *const endings[] = {"end of run", "idle", "taken back", "failed",
                                      "moved"};

struct world {
    struct seen *seen;
    int nth; /* of the kinds of worlds */
    struct sp_arena *arena;
    const struct model_scenario *sc;
    const char *kind;
    uint64_t seed;
    struct jobs_case jobs;
    struct jobs_rows rows;
};

static void keep_row(void *self, const struct model_item_row *row)
{
    struct jobs_rows *rows = self;

    if (row->item >= rows->n || row->dropped != SP_NO_ID)
        return;
    rows->ran_ns[row->item] = row->left_ns - row->arrived_ns;
    for (int c = 0; c < MODEL_CAUSES; c++)
        rows->ran_ns[row->item] -= row->wait_ns[c];
}

static const struct model_result *run(struct world *w, int32_t slices)
{
    struct model_job_opener jobs = jobs_case_opener(&w->jobs);
    struct model_item_sink items = {&w->rows, keep_row};
    struct sim_options o = {.seed = w->seed,
                            .replications = 1,
                            .jobs = &jobs,
                            .items = w->rows.n > 0 ? &items : NULL,
                            .timeline_slices = slices,
                            .digest = true,
                            .version = "test"};
    struct model_result *r;
    struct sp_err err = {0};

    if (sim_run(w->sc, &o, w->arena, &r, &err) != SP_OK)
        fail_msg("%s %llu: %s", w->kind, (unsigned long long)w->seed, err.text);
    return r;
}

#define BROKEN(w, ...)                                                                 \
    do {                                                                               \
        print_error("TIMELINE_SEED=%llu, %s: ", (unsigned long long)(w)->seed,         \
                    (w)->kind);                                                        \
        fail_msg(__VA_ARGS__);                                                         \
    } while (0)

static void pipelines(struct world *w)
{
    struct scenario_random how = {
        .seed = w->seed, .scaled = true, .losses = w->seed % 2 == 0};

    w->kind = "pipelines";
    w->sc = scenario_random_new(&how, w->arena);
}

static void serving(struct world *w)
{
    struct serving_random how = {.seed = w->seed,
                                 .losses = w->seed % 2 == 0,
                                 .ties = w->seed % 5 == 1,
                                 .beside = w->seed % 3 == 0};

    w->kind = "serving";
    w->sc = serving_random_new(&how, w->arena).sc;
}

static void jobs(struct world *w)
{
    struct model_policy *policy;

    w->kind = "jobs";
    w->jobs = jobs_case_random(w->seed, w->arena);
    w->sc = w->jobs.sc;
    policy = &w->jobs.sc->policies[0];
    if (w->seed % 2 == 0)
        losses_random(policy->types, policy->n_types, w->seed, SP_NS_PER_S, w->arena);
    policy->plans[0].jobs->checkpoint_on_notice = w->seed % 4 == 0;
    w->jobs.sc->until_ns = (int64_t)(w->seed % 97 + 12) * SP_NS_PER_S;
    w->rows.n = w->jobs.n;
    w->rows.ran_ns =
        sp_arena_array(w->arena, (size_t)w->rows.n + 1, sizeof *w->rows.ran_ns);
}

typedef void law(struct world *w);

static struct seen holds(law *law_of_all)
{
    static void (*const make[])(struct world *) = {pipelines, serving, jobs};
    const char *one = getenv("TIMELINE_SEED");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : 1;
    uint64_t last = one != NULL ? first : N_SEEDS;
    struct seen seen = {0};

    for (size_t k = 0; k < sizeof make / sizeof make[0]; k++)
        for (uint64_t seed = first; seed <= last; seed++) {
            struct world w = {
                .seen = &seen, .nth = (int)k, .arena = sp_arena_new(), .seed = seed};

            make[k](&w);
            law_of_all(&w);
            sp_arena_free(w.arena);
        }
    return seen;
}

/* ---- places ---- */

static int64_t order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By place, then by time. */
static int by_place(const void *a, const void *b)
{
    const struct model_slice *x = a, *y = b;
    int64_t by = order(x->lease, y->lease);

    by = by != 0 ? by : order(x->thread, y->thread);
    by = by != 0 ? by : order(x->from_ns, y->from_ns);
    return (int)(by != 0 ? by : order(x->to_ns, y->to_ns));
}

static struct model_slice *sorted(struct world *w, const struct model_timeline *t)
{
    size_t n = (size_t)t->n_slices;
    struct model_slice *rows = sp_arena_array(w->arena, n + 1, sizeof *rows);

    if (n > 0)
        memcpy(rows, t->slices, n * sizeof *rows);
    qsort(rows, n, sizeof *rows, by_place);
    return rows;
}

static void check_overlaps(struct world *w, const struct model_timeline *t)
{
    const struct model_slice *s = sorted(w, t);

    for (int32_t i = 1; i < t->n_slices; i++)
        if (s[i].lease == s[i - 1].lease && s[i].thread == s[i - 1].thread &&
            s[i].from_ns < s[i - 1].to_ns)
            BROKEN(w, "two slices at %lld on lease %d, thread %d",
                   (long long)s[i].from_ns, (int)s[i].lease, (int)s[i].thread);
}

static void check_places(struct world *w, const struct model_timeline *t)
{
    for (int32_t i = 0; i < t->n_leases; i++) {
        const struct model_lease *l = &t->leases[i];

        if (l->requested_ns < 0 || l->end_ns < l->requested_ns || l->ended == NULL ||
            (l->ready_ns != -1 &&
             (l->ready_ns < l->requested_ns || l->ready_ns > l->end_ns)))
            BROKEN(w, "lease %d: %lld, %lld, %lld", (int)i, (long long)l->requested_ns,
                   (long long)l->ready_ns, (long long)l->end_ns);
    }
    for (int32_t i = 0; i < t->n_slices; i++) {
        const struct model_slice *s = &t->slices[i];
        const struct model_lease *l = &t->leases[s->lease];

        if (s->lease < 0 || s->lease >= t->n_leases || s->thread < 0 ||
            l->ready_ns < 0 || s->from_ns < l->ready_ns || s->to_ns > l->end_ns ||
            s->to_ns <= s->from_ns)
            BROKEN(w, "slice %d, %lld..%lld, is not on its lease", (int)i,
                   (long long)s->from_ns, (long long)s->to_ns);
    }
}

static void check_order(struct world *w, const struct model_timeline *t)
{
    for (int32_t i = 1; i < t->n_leases; i++) {
        const struct model_lease *a = &t->leases[i - 1], *b = &t->leases[i];

        if (a->requested_ns > b->requested_ns ||
            (a->requested_ns == b->requested_ns && a->node > b->node))
            BROKEN(w, "leases %d and %d", (int)(i - 1), (int)i);
    }
    for (int32_t i = 1; i < t->n_slices; i++) {
        const struct model_slice *a = &t->slices[i - 1], *b = &t->slices[i];
        int64_t by = order(a->from_ns, b->from_ns);

        by = by != 0 ? by : order(a->lease, b->lease);
        if ((by != 0 ? by : order(a->thread, b->thread)) >= 0)
            BROKEN(w, "slices %d and %d", (int)(i - 1), (int)i);
    }
}

static void check_links(struct world *w, const struct model_timeline *t)
{
    if (t->n_links > t->n_slices)
        BROKEN(w, "%d links of %d slices", (int)t->n_links, (int)t->n_slices);
    for (int32_t i = 0; i < t->n_links; i++) {
        const struct model_slice *from = &t->slices[t->links[i].from],
                                 *to = &t->slices[t->links[i].to];

        if (from->to_ns > to->from_ns || from->workload != to->workload)
            BROKEN(w, "link %d: from %lld to %lld", (int)i, (long long)from->to_ns,
                   (long long)to->from_ns);
    }
}

static void look(struct world *w, const struct model_timeline *t)
{
    for (int32_t i = 0; i < t->n_slices; i++)
        w->seen->kind[t->slices[i].kind]++;
    w->seen->links[w->nth] += t->n_links;
    for (int32_t i = 0; i < t->n_leases; i++) {
        int e = 0;

        while (e < 5 && strcmp(endings[e], t->leases[i].ended) != 0)
            e++;
        assert_true(e < 5);
        w->seen->ended[e]++;
    }
}

static void slices_have_places(struct world *w)
{
    const struct model_result *r = run(w, ALL);

    for (int32_t p = 0; p < r->n_policies; p++) {
        const struct model_timeline *t = &r->policies[p].timeline;

        check_places(w, t);
        check_order(w, t);
        check_overlaps(w, t);
        check_links(w, t);
        look(w, t);
        assert_string_equal(t->sample, "everything");
        assert_true(t->n_slices == t->all_slices && t->n_leases == t->all_leases);
    }
}

static void every_slice_has_a_place_of_its_own_on_its_lease(void **state)
{
    struct seen seen = holds(slices_have_places);

    (void)state;
    if (getenv("TIMELINE_SEED") != NULL)
        return;
    for (int k = 0; k < MODEL_SLICE_KINDS; k++)
        assert_true(seen.kind[k] > 100);
    assert_true(seen.links[0] > 1000 && seen.links[1] > 10);
    for (int e = 0; e < 4; e++) /* nothing of these scenarios moves */
        assert_true(seen.ended[e] > 10);
}

/* ---- another account ---- */

static void check_held(struct world *w, const struct model_policy_result *p)
{
    for (int32_t n = 0; n < p->n_nodes; n++) {
        int64_t held_ns = 0;

        for (int32_t i = 0; i < p->timeline.n_leases; i++)
            if (p->timeline.leases[i].use == n)
                held_ns +=
                    p->timeline.leases[i].end_ns - p->timeline.leases[i].requested_ns;
        if ((double)held_ns / (double)SP_NS_PER_H != p->nodes[n].hours.mean)
            BROKEN(w, "%s: leases of %lld ns, %.17g h", p->nodes[n].type,
                   (long long)held_ns, p->nodes[n].hours.mean);
    }
}

/* What a slice of work keeps busy: a slot of its stage, or a replica. */
static const struct model_amounts *needs_of(const struct world *w, int32_t policy,
                                            const struct model_slice *s)
{
    const struct model_plan *plan = &w->sc->policies[policy].plans[s->workload];

    return &plan->stages[s->stage].slot_needs;
}

static void check_busy(struct world *w, const struct model_policy_result *p,
                       int32_t policy)
{
    sp_i128 busy[MODEL_RESOURCES] = {0};

    for (int32_t i = 0; i < p->timeline.n_slices; i++) {
        const struct model_slice *s = &p->timeline.slices[i];
        const struct model_node_use *n = &p->nodes[p->timeline.leases[s->lease].use];

        if (s->kind != MODEL_SLICE_SERVICE && s->kind != MODEL_SLICE_BUSY)
            continue;
        for (int r = 0; r < MODEL_RESOURCES; r++)
            if (sim_amount(&n->has, r) > 0)
                busy[r] += (sp_i128)sim_amount(needs_of(w, policy, s), r) *
                           (s->to_ns - s->from_ns);
    }
    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (busy[r] != p->ledger[r].busy)
            BROKEN(w, "resource %d: slices %.17g, ledger %.17g", r,
                   sp_double_from_i128(busy[r]),
                   sp_double_from_i128(p->ledger[r].busy));
}

/* A job ran when it did not wait. */
static void check_ran(struct world *w, const struct model_timeline *t)
{
    int64_t *told_ns = sp_arena_array(w->arena, (size_t)w->rows.n + 1, sizeof *told_ns);
    int64_t *last_ns = sp_arena_array(w->arena, (size_t)w->rows.n + 1, sizeof *last_ns);

    for (int32_t i = 0; i < t->n_slices; i++) {
        const struct model_slice *s = &t->slices[i];

        assert_true(s->first_item >= 0 && s->first_item < w->rows.n && s->name != NULL);
        if (s->from_ns < last_ns[s->first_item])
            continue; /* on another node */
        told_ns[s->first_item] += s->to_ns - s->from_ns;
        last_ns[s->first_item] = s->to_ns;
    }
    for (int64_t i = 0; i < w->rows.n; i++)
        if (w->rows.ran_ns[i] != 0 && w->rows.ran_ns[i] != told_ns[i])
            BROKEN(w, "job %lld ran %lld ns, slices %lld", (long long)i,
                   (long long)w->rows.ran_ns[i], (long long)told_ns[i]);
}

static void slices_add_up(struct world *w)
{
    const struct model_result *r = run(w, ALL);

    for (int32_t p = 0; p < r->n_policies; p++) {
        check_held(w, &r->policies[p]);
        if (w->rows.n > 0)
            check_ran(w, &r->policies[p].timeline);
        else
            check_busy(w, &r->policies[p], p);
    }
}

static void leases_and_slices_add_up_to_the_ledger(void **state)
{
    (void)state;
    holds(slices_add_up);
}

/* ---- it only watches ---- */

static bool same_stat(struct model_stat a, struct model_stat b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void check_same(struct world *w, const struct model_policy_result *a,
                       const struct model_policy_result *b)
{
    if (a->digest != b->digest || a->events != b->events ||
        a->cost.uusd != b->cost.uusd || !same_stat(a->time_s, b->time_s) ||
        memcmp(a->ledger, b->ledger, sizeof a->ledger) != 0 ||
        memcmp(a->resources, b->resources, sizeof a->resources) != 0)
        BROKEN(w, "recording changes the run");
    for (int32_t i = 0; i < a->n_workloads; i++)
        if (a->workloads[i].done != b->workloads[i].done ||
            memcmp(&a->workloads[i].latency, &b->workloads[i].latency,
                   sizeof a->workloads[i].latency) != 0)
            BROKEN(w, "recording changes workload %d", (int)i);
}

static void is_same_without(struct world *w)
{
    const struct model_result *with = run(w, ALL), *some = run(w, 20),
                              *without = run(w, 0);

    for (int32_t p = 0; p < with->n_policies; p++) {
        const struct model_timeline *t = &without->policies[p].timeline;

        check_same(w, &with->policies[p], &without->policies[p]);
        check_same(w, &some->policies[p], &without->policies[p]);
        assert_int_equal(t->n_slices, 0);
        assert_int_equal(t->n_leases, with->policies[p].timeline.n_leases);
        assert_string_equal(t->sample, "leases alone");
    }
}

static void recording_changes_nothing(void **state)
{
    (void)state;
    holds(is_same_without);
}

/* ---- a sample ---- */

static bool same_slice(const struct model_timeline *a, int32_t i,
                       const struct model_timeline *b, int32_t j)
{
    struct model_slice x = a->slices[i], y = b->slices[j];
    bool same_name = (x.name == NULL) == (y.name == NULL) &&
                     (x.name == NULL || strcmp(x.name, y.name) == 0);

    return same_name && a->leases[x.lease].node == b->leases[y.lease].node &&
           a->leases[x.lease].requested_ns == b->leases[y.lease].requested_ns &&
           x.thread == y.thread && x.workload == y.workload && x.stage == y.stage &&
           x.kind == y.kind && x.from_ns == y.from_ns && x.to_ns == y.to_ns &&
           x.items == y.items && x.first_item == y.first_item;
}

struct kept {
    int32_t every; /* nodes that are multiples; 0: those of the list */
    int32_t n, node[8];
    bool until; /* not to the end */
};

/* What the words say. */
static struct kept kept_of(struct world *w, const char *sample)
{
    struct kept k = {.every = 1, .until = strstr(sample, "until") != NULL};
    const char *at = strstr(sample, "slices of node");

    w->seen->until += k.until;
    if (strcmp(sample, "everything") == 0)
        return k;
    if (at == NULL)
        BROKEN(w, "sample '%s'", sample);
    for (at += strcspn(at, "0123456789"); k.n < 8 && strchr(":", *at) == NULL;
         at += strcspn(at, "0123456789:")) {
        char *end;

        k.node[k.n++] = (int32_t)strtol(at, &end, 10);
        at = end;
        if (strncmp(at, " alone", 6) == 0) {
            k.every = 0;
            w->seen->alone++;
            return k;
        }
    }
    k.every = k.node[1];
    w->seen->every++;
    return k;
}

static bool is_kept(const struct kept *k, const struct model_timeline *all, int32_t i)
{
    int32_t node = all->leases[all->slices[i].lease].node;

    for (int32_t n = 0; n < k->n && k->every == 0; n++)
        if (k->node[n] == node)
            return true;
    return k->every > 0 && node % k->every == 0;
}

/* When it had ended: the start of a job's stint with what followed. */
static int64_t over_ns(const struct model_timeline *t, int32_t i)
{
    const struct model_slice *s = &t->slices[i];

    for (int32_t j = i; s->stage == SP_NO_ID && j < t->n_slices; j++) {
        const struct model_slice *next = &t->slices[j];

        if (next->lease == s->lease && next->thread == s->thread &&
            next->from_ns == s->to_ns && next->first_item == s->first_item &&
            next->kind == MODEL_SLICE_JOB && s->kind == MODEL_SLICE_START_UP)
            return next->to_ns;
    }
    return s->to_ns;
}

/* Slices of the nodes that are kept, in their order; of one node until some time. */
static void check_whole(struct world *w, const struct model_timeline *all,
                        const struct model_timeline *some)
{
    struct kept k = kept_of(w, some->sample);
    int64_t last_ns = 0, first_left_out_ns = INT64_MAX;
    int32_t at = 0;

    for (int32_t i = 0; i < all->n_slices; i++) {
        if (at < some->n_slices && same_slice(all, i, some, at)) {
            last_ns = over_ns(all, i) > last_ns ? over_ns(all, i) : last_ns;
            if (!is_kept(&k, all, i))
                BROKEN(w, "'%s', but slice %d is there", some->sample, (int)i);
            at++;
        } else if (is_kept(&k, all, i)) {
            if (!k.until)
                BROKEN(w, "'%s', but slice %d is not there", some->sample, (int)i);
            if (over_ns(all, i) < first_left_out_ns)
                first_left_out_ns = over_ns(all, i);
        }
    }
    if (at != some->n_slices || last_ns >= first_left_out_ns)
        BROKEN(w, "'%s' is not a part of everything", some->sample);
}

static void sample_is_whole(struct world *w, int32_t cap)
{
    const struct model_result *all = run(w, ALL), *some = run(w, cap);

    for (int32_t p = 0; p < all->n_policies; p++) {
        const struct model_timeline *a = &all->policies[p].timeline,
                                    *b = &some->policies[p].timeline;

        if (b->n_slices > cap || b->n_leases > cap || b->n_links > b->n_slices)
            BROKEN(w, "%d slices, %d leases, %d links where %d are asked for",
                   (int)b->n_slices, (int)b->n_leases, (int)b->n_links, (int)cap);
        assert_true(b->all_slices == a->all_slices && b->all_leases == a->all_leases);
        if (a->n_leases <= cap && b->n_leases < a->n_leases)
            BROKEN(w, "'%s', and %d of %d leases", b->sample, (int)b->n_leases,
                   (int)a->n_leases);
        check_places(w, b);
        check_order(w, b);
        check_links(w, b);
        check_whole(w, a, b);
    }
}

static void samples_are_whole(struct world *w)
{
    static const int32_t caps[] = {1, 7, 40, 150};

    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++)
        sample_is_whole(w, caps[i]);
}

static void a_sample_is_complete_for_its_nodes(void **state)
{
    struct seen seen = holds(samples_are_whole);

    (void)state;
    if (getenv("TIMELINE_SEED") == NULL)
        assert_true(seen.every > 50 && seen.until > 50 && seen.alone > 50);
}

/* ---- again ---- */

static void is_the_same_again(struct world *w)
{
    const struct model_result *one = run(w, 60), *two = run(w, 60);

    for (int32_t p = 0; p < one->n_policies; p++) {
        const struct model_timeline *a = &one->policies[p].timeline,
                                    *b = &two->policies[p].timeline;

        assert_int_equal(a->n_slices, b->n_slices);
        assert_int_equal(a->n_leases, b->n_leases);
        assert_int_equal(a->n_links, b->n_links);
        assert_string_equal(a->sample, b->sample);
        for (int32_t i = 0; i < a->n_slices; i++)
            assert_true(same_slice(a, i, b, i));
        assert_memory_equal(a->links, b->links, (size_t)a->n_links * sizeof *a->links);
    }
}

static void twice_is_the_same(void **state)
{
    (void)state;
    holds(is_the_same_again);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_slice_has_a_place_of_its_own_on_its_lease),
        cmocka_unit_test(leases_and_slices_add_up_to_the_ledger),
        cmocka_unit_test(recording_changes_nothing),
        cmocka_unit_test(a_sample_is_complete_for_its_nodes),
        cmocka_unit_test(twice_is_the_same),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("timeline_laws", tests, NULL, NULL);
}
