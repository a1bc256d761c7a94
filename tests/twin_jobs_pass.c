/* A pass: who is looked at next, who is admitted, and what a failure closes. */
#include <string.h>

#include "base/status.h"
#include "tests/twin_jobs_rows.h"

enum { HEADS = 16 };

struct pass {
    bool closed[TWIN_JOBS]; /* not looked at again, */
    bool closed_queue[16];  /* nor any of these queues, */
    int32_t n_kinds;        /* nor any job of the kinds of these */
    int32_t kind[TWIN_JOBS];
    int32_t n_heads;
    int32_t head[HEADS];
    int64_t shadow_ns[HEADS];
    bool has_head[16]; /* of a queue */
};

static bool same_amounts(const struct model_amounts *a, const struct model_amounts *b)
{
    return a->mcpu == b->mcpu && a->mgpu == b->mgpu &&
           a->memory_bytes == b->memory_bytes;
}

static bool same_kind(const struct twin_job *a, const struct twin_job *b)
{
    return same_amounts(&a->needs, &b->needs) && a->members == b->members &&
           a->has_rest == b->has_rest && same_amounts(&a->rest, &b->rest) &&
           a->allowed == b->allowed && a->team == b->team &&
           a->priority == b->priority && a->preemptible == b->preemptible;
}

static int32_t queue_of(const struct twin *t, const struct twin_job *j)
{
    return t->policy->has_teams ? j->team : 0;
}

static bool rule_is(const char *rule, const char *name)
{
    return strcmp(rule, name) == 0;
}

/* ---- order ---- */

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_asking(const struct twin_job *a, const struct twin_job *b)
{
    int c = sign(a->job->arrival_ns, b->job->arrival_ns);

    return c != 0 ? c : sign(a->number, b->number);
}

static int by_priority(const struct twin_job *a, const struct twin_job *b)
{
    int c = sign(b->priority, a->priority);

    return c != 0 ? c : by_asking(a, b);
}

/* The number of the first job of the kind that ever asked. */
static int64_t kind_number(const struct twin *t, const struct twin_job *j)
{
    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state != TWIN_FUTURE && same_kind(&t->job[i], j))
            return i;
    return t->n;
}

static int by_size(const struct twin *t, const struct twin_job *a,
                   const struct twin_job *b)
{
    int c = sign(b->needs.mgpu, a->needs.mgpu);

    c = c != 0 ? c : sign(b->needs.memory_bytes, a->needs.memory_bytes);
    c = c != 0 ? c : sign(b->needs.mcpu, a->needs.mcpu);
    c = c != 0 ? c : sign(kind_number(t, a), kind_number(t, b));
    return c != 0 ? c : by_asking(a, b);
}

static int by_order(const struct twin *t, const struct twin_job *a,
                    const struct twin_job *b)
{
    const char *order = t->policy->scheduling.order;

    if (rule_is(order, "fifo"))
        return by_asking(a, b);
    if (rule_is(order, "priority"))
        return by_priority(a, b);
    if (rule_is(order, "largest-first"))
        return by_size(t, a, b);
    if (rule_is(order, "shortest-first")) {
        int c = sign(twin_expected_ns(t, a), twin_expected_ns(t, b));

        return c != 0 ? c : by_asking(a, b);
    }
    sp_assert(rule_is(order, "fair-share"));
    if (a->team != b->team) {
        double sa = twin_share(t, &t->room, a), sb = twin_share(t, &t->room, b);

        if (sa != sb)
            return sa < sb ? -1 : 1;
    }
    return by_priority(a, b);
}

bool twin_before(const struct twin *t, const struct twin_job *a,
                 const struct twin_job *b)
{
    bool ba = twin_borrows(t, &t->room, a->team, a);
    bool bb = twin_borrows(t, &t->room, b->team, b);

    if (ba != bb)
        return bb;
    return by_order(t, a, b) < 0;
}

static bool closed(const struct twin *t, const struct pass *p, const struct twin_job *j)
{
    if (p->closed[j->id] || p->closed_queue[queue_of(t, j)])
        return true;
    for (int32_t k = 0; k < p->n_kinds; k++)
        if (same_kind(&t->job[p->kind[k]], j))
            return true;
    return false;
}

/* The first of a queue, of those not closed, or NULL. */
static struct twin_job *first_in(struct twin *t, const struct pass *p, int32_t queue)
{
    struct twin_job *best = NULL;

    for (int32_t i = 0; i < t->n; i++) {
        struct twin_job *j = &t->job[i];

        if (j->state == TWIN_WAITING && queue_of(t, j) == queue &&
            (p == NULL || !closed(t, p, j)) &&
            (best == NULL || by_order(t, j, best) < 0))
            best = j;
    }
    return best;
}

static struct twin_job *first_of(struct twin *t, const struct pass *p)
{
    struct twin_job *best = NULL;

    for (int32_t q = 0; q < t->policy->n_teams; q++) {
        struct twin_job *j = first_in(t, p, q);

        if (j != NULL && (best == NULL || twin_before(t, j, best)))
            best = j;
    }
    return best;
}

/* ---- eviction ---- */

static bool may_evict(const struct twin *t, const struct twin_job *j,
                      const struct twin_job *v, bool *other)
{
    const struct model_team *mine = &t->policy->teams[j->team];
    bool lower = v->priority < j->priority;

    *other = t->policy->has_teams && v->team != j->team;
    if ((v->state != TWIN_PLACED && v->state != TWIN_RUNNING) || !v->preemptible)
        return false;
    if (!t->policy->has_teams)
        return t->policy->scheduling.evict == MODEL_EVICT_LOWER_PRIORITY && lower;
    if (!*other)
        return mine->evict == MODEL_EVICT_LOWER_PRIORITY && lower;
    if (twin_borrows(t, &t->room, j->team, j) ||
        !twin_borrows(t, &t->room, v->team, NULL))
        return false;
    return mine->reclaim == MODEL_EVICT_ANY ||
           (mine->reclaim == MODEL_EVICT_LOWER_PRIORITY && lower);
}

/* Whether victim a is taken before b. */
static bool sooner(const struct twin *t, const struct twin_job *j,
                   const struct twin_job *a, const struct twin_job *b)
{
    bool other_a, other_b;
    int c;

    (void)may_evict(t, j, a, &other_a);
    (void)may_evict(t, j, b, &other_b);
    if (other_a != other_b)
        return other_a;
    c = sign(a->priority, b->priority);
    c = c != 0 ? c : sign(b->placed_ns, a->placed_ns);
    return c != 0 ? c < 0 : a->placed_order > b->placed_order;
}

static bool suffices(const struct twin *t, const struct twin_room *room,
                     struct twin_job *j)
{
    struct twin_room copy = *room;
    bool ok = twin_admits(t, &copy, j) && twin_place(t, &copy, j, false);

    j->n_seats = 0;
    return ok;
}

static int32_t list_victims(const struct twin *t, const struct twin_job *j,
                            struct twin_job *list[])
{
    int32_t n = 0;
    bool other;

    for (int32_t i = 0; i < t->n; i++)
        if (may_evict(t, j, &t->job[i], &other)) {
            int32_t at = n++;

            for (; at > 0 && sooner(t, j, &t->job[i], list[at - 1]); at--)
                list[at] = list[at - 1];
            list[at] = &t->job[i];
        }
    return n;
}

bool twin_evict_for(struct twin *t, struct twin_job *j)
{
    struct twin_job *list[TWIN_JOBS], *taken[TWIN_JOBS];
    struct twin_room room = t->room;
    int32_t n = list_victims(t, j, list), k = 0, kept = 0;
    bool ok = false, other;

    for (int32_t i = 0; i < n && !ok; i++) {
        (void)may_evict(t, j, list[i], &other);
        if (other && !twin_borrows(t, &room, list[i]->team, NULL))
            continue;
        twin_unplace(t, &room, list[i]);
        taken[k++] = list[i];
        ok = suffices(t, &room, j);
    }
    if (!ok)
        return false;
    for (int32_t i = k - 2; i >= 0; i--) {
        struct twin_room less = t->room;

        for (int32_t m = 0; m < k; m++)
            if (m != i && taken[m] != NULL)
                twin_unplace(t, &less, taken[m]);
        if (suffices(t, &less, j))
            taken[i] = NULL;
    }
    for (int32_t i = 0; i < k; i++)
        if (taken[i] != NULL) {
            twin_evict(t, taken[i]);
            kept++;
        }
    sp_assert(kept > 0 && twin_place(t, &t->room, j, false));
    return true;
}

/* ---- EASY ---- */

int64_t twin_leaves_ns(const struct twin *t, const struct twin_job *j)
{
    int64_t hold = twin_expected_ns(t, j), since, end;

    if (hold == INT64_MAX)
        return INT64_MAX;
    since = j->state == TWIN_RUNNING ? j->run_ns : j->placed_ns;
    end = since + hold;
    return end > t->now_ns ? end : t->now_ns + 1;
}

static void all_gone_by(const struct twin *t, struct twin_room *room, int64_t ns)
{
    for (int32_t i = 0; i < t->n; i++) {
        const struct twin_job *r = &t->job[i];

        if ((r->state == TWIN_PLACED || r->state == TWIN_RUNNING) &&
            twin_leaves_ns(t, r) <= ns)
            twin_unplace(t, room, r);
    }
}

static int64_t shadow_of(const struct twin *t, struct twin_job *head)
{
    int64_t best = INT64_MAX;

    for (int32_t i = 0; i < t->n; i++) {
        const struct twin_job *r = &t->job[i];
        struct twin_room room = t->room;
        int64_t ns;

        if (r->state != TWIN_PLACED && r->state != TWIN_RUNNING)
            continue;
        ns = twin_leaves_ns(t, r);
        if (ns >= best)
            continue;
        all_gone_by(t, &room, ns);
        if (twin_place(t, &room, head, false))
            best = ns;
        head->n_seats = 0;
    }
    return best;
}

/* Whether j, whose seats are in `room`, leaves every head its start. */
static bool spares_heads(struct twin *t, const struct pass *p,
                         const struct twin_room *room, const struct twin_job *j)
{
    int64_t hold = twin_expected_ns(t, j);

    for (int32_t h = 0; h < p->n_heads; h++) {
        struct twin_room then = *room;
        struct twin_job *head = &t->job[p->head[h]];
        bool ok;

        if (p->shadow_ns[h] == INT64_MAX ||
            (hold != INT64_MAX && t->now_ns + hold <= p->shadow_ns[h]))
            continue;
        all_gone_by(t, &then, p->shadow_ns[h]);
        ok = twin_place(t, &then, head, false);
        head->n_seats = 0;
        if (!ok)
            return false;
    }
    return true;
}

/* ---- one candidate ---- */

enum answer { STARTED, NO_QUOTA, NO_ROOM, KEPT_OUT };

static enum answer look_at(struct twin *t, const struct pass *p, struct twin_job *j)
{
    struct twin_room room = t->room;
    bool behind = p->n_heads > 0;

    if (!twin_admits(t, &t->room, j)) {
        if (!behind && twin_evict_for(t, j))
            return STARTED;
        return NO_QUOTA;
    }
    if (twin_place(t, &room, j, !behind)) {
        if (!spares_heads(t, p, &room, j)) {
            j->n_seats = 0;
            return KEPT_OUT;
        }
        t->room = room;
        return STARTED;
    }
    return !behind && twin_evict_for(t, j) ? STARTED : NO_ROOM;
}

static void close_after(struct twin *t, struct pass *p, const struct twin_job *j,
                        enum answer answer)
{
    const char *passing = t->policy->scheduling.passing;
    int32_t queue = queue_of(t, j);

    p->closed[j->id] = true;
    if (rule_is(passing, "strict"))
        p->closed_queue[queue] = true;
    else if (answer != KEPT_OUT)
        p->kind[p->n_kinds++] = j->id;
    if (rule_is(passing, "easy") && answer == NO_ROOM && !p->has_head[queue]) {
        p->has_head[queue] = true;
        p->shadow_ns[p->n_heads] = shadow_of(t, &t->job[j->id]);
        p->head[p->n_heads++] = j->id;
    }
}

/* ---- causes, when the pass is over ---- */

static enum model_cause cause_of(struct twin *t, struct twin_job *j)
{
    struct twin_room room = t->room;
    bool fits;

    if (rule_is(t->policy->scheduling.passing, "strict") &&
        first_in(t, NULL, queue_of(t, j)) != j)
        return MODEL_CAUSE_HEAD_OF_LINE;
    if (!twin_admits(t, &t->room, j))
        return MODEL_CAUSE_QUOTA;
    fits = twin_place(t, &room, j, false);
    j->n_seats = 0;
    return fits ? MODEL_CAUSE_HEAD_OF_LINE : twin_room_cause(t, j);
}

static void tell_all(struct twin *t)
{
    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state == TWIN_WAITING)
            twin_tell(t, &t->job[i], cause_of(t, &t->job[i]));
}

void twin_pass(struct twin *t)
{
    struct pass p = {.n_heads = 0};
    struct twin_job *j;

    t->pass_wanted = false;
    if (rule_is(t->policy->scheduling.passing, "conservative")) {
        twin_plan(t);
    } else {
        while ((j = first_of(t, &p)) != NULL) {
            enum answer answer = look_at(t, &p, j);

            if (answer == STARTED)
                twin_start(t, j);
            else
                close_after(t, &p, j, answer);
        }
    }
    tell_all(t);
}
