/* Conservative backfill: a plan of everything that waits, made anew in each pass. */
#include "base/status.h"
#include "tests/twin_jobs_rows.h"

/* What is held from .. to: by a job that is placed, or that the plan starts then. */
struct booking {
    struct twin_job *job;
    int32_t n_seats;
    struct twin_seat seat[TWIN_MEMBERS];
    int64_t from_ns, to_ns;
};

struct plan {
    int32_t n;
    struct booking row[TWIN_JOBS];
};

/* Nobody holds anything for no time. */
static int64_t later(int64_t a, int64_t hold)
{
    hold = hold < 1 ? 1 : hold;
    return hold > INT64_MAX - a ? INT64_MAX : a + hold;
}

static void book(struct plan *p, struct twin_job *j, int64_t from_ns, int64_t to_ns)
{
    struct booking *b = &p->row[p->n++];

    *b = (struct booking){
        .job = j, .n_seats = j->n_seats, .from_ns = from_ns, .to_ns = to_ns};
    for (int32_t i = 0; i < j->n_seats; i++)
        b->seat[i] = j->seat[i];
}

/* The room at an instant: all nodes, less what is held then. */
static struct twin_room room_at(const struct twin *t, const struct plan *p, int64_t ns)
{
    struct twin_room room = t->room;

    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state == TWIN_PLACED || t->job[i].state == TWIN_RUNNING)
            twin_unplace(t, &room, &t->job[i]);
    for (int32_t b = 0; b < p->n; b++) {
        const struct booking *k = &p->row[b];

        if (k->from_ns > ns || k->to_ns <= ns)
            continue;
        for (int32_t i = 0; i < k->n_seats; i++)
            twin_hold(&room.node[k->seat[i].node], &k->seat[i], 1);
    }
    return room;
}

static void lower_to(struct twin_room *room, const struct twin_room *other)
{
    for (int32_t i = 0; i < room->n_nodes; i++) {
        struct twin_node *a = &room->node[i];
        const struct twin_node *b = &other->node[i];

        a->mcpu = b->mcpu < a->mcpu ? b->mcpu : a->mcpu;
        a->memory = b->memory < a->memory ? b->memory : a->memory;
        for (int32_t g = 0; g < TWIN_GPUS; g++)
            a->dev[g] = b->dev[g] < a->dev[g] ? b->dev[g] : a->dev[g];
    }
}

/* What is free throughout from .. to. */
static struct twin_room room_throughout(const struct twin *t, const struct plan *p,
                                        int64_t from_ns, int64_t to_ns)
{
    struct twin_room room = room_at(t, p, from_ns);

    for (int32_t b = 0; b < p->n; b++)
        if (p->row[b].from_ns > from_ns && p->row[b].from_ns < to_ns) {
            struct twin_room then = room_at(t, p, p->row[b].from_ns);

            lower_to(&room, &then);
        }
    return room;
}

/* Seats j at the earliest time; INT64_MAX: never. */
static int64_t earliest(const struct twin *t, const struct plan *p, struct twin_job *j)
{
    int64_t hold = twin_expected_ns(t, j), best = INT64_MAX;
    struct model_policy first_fit = *t->policy;
    struct twin by_first = *t;
    struct twin_job tried = *j;

    first_fit.placement = "first-fit";
    by_first.policy = &first_fit;
    for (int32_t b = -1; b < p->n; b++) {
        int64_t at = b < 0 ? t->now_ns : p->row[b].to_ns;
        struct twin_room room;

        if (at == INT64_MAX || at >= best || at < t->now_ns)
            continue;
        room = room_throughout(t, p, at, later(at, hold));
        if (twin_place(&by_first, &room, &tried, false)) {
            best = at;
            *j = tried;
        }
    }
    return best;
}

static struct twin_job *next_of(struct twin *t, const bool *planned)
{
    struct twin_job *best = NULL;

    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state == TWIN_WAITING && !planned[i] &&
            (best == NULL || twin_before(t, &t->job[i], best)))
            best = &t->job[i];
    return best;
}

/* The job, whose seats are known, takes them. */
static void take_seats(struct twin *t, struct twin_job *j)
{
    for (int32_t i = 0; i < j->n_seats; i++)
        twin_hold(&t->room.node[j->seat[i].node], &j->seat[i], 1);
    twin_use(&t->room, j, 1);
    twin_start(t, j);
}

static void book_placed(struct twin *t, struct plan *p)
{
    p->n = 0;
    for (int32_t i = 0; i < t->n; i++)
        if (t->job[i].state == TWIN_PLACED || t->job[i].state == TWIN_RUNNING)
            book(p, &t->job[i], t->now_ns, twin_leaves_ns(t, &t->job[i]));
}

void twin_plan(struct twin *t)
{
    struct plan *p = sp_arena_alloc(t->arena, sizeof *p);
    bool planned[TWIN_JOBS] = {false};
    struct twin_job *j;

    book_placed(t, p);
    for (int32_t k = 0; k < t->policy->scheduling.depth; k++) {
        int64_t at;

        if ((j = next_of(t, planned)) == NULL)
            return;
        at = earliest(t, p, j);
        if (at == t->now_ns) {
            take_seats(t, j);
            book(p, j, t->now_ns, later(t->now_ns, twin_expected_ns(t, j)));
        } else {
            struct twin_job seated = *j; /* to look for victims unseats it */

            if (k == 0 && twin_evict_for(t, j)) {
                twin_start(t, j);
                book_placed(t, p);
                continue;
            }
            planned[j->id] = true;
            if (at != INT64_MAX)
                book(p, &seated, at, later(at, twin_expected_ns(t, j)));
            j->n_seats = 0;
        }
    }
}
