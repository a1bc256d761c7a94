/* Rank 0: who gets which items, and telling what came of them in order. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/status.h"
#include "study/crew.h"
#include "study/link.h"

/* Items begun and not told, at most: one that takes far longer than the others stops
 * nobody. */
enum { AHEAD = 65536 };

/* Bytes that wait for their turn, at most, but for what is under way. */
#define AHEAD_BYTES (UINT64_C(256) << 20)

/* A rank that is given items more often than the one gets more at a time; one that
 * needs longer than the other, fewer. */
#define OFTEN_NS  INT64_C(20000000)
#define SELDOM_NS INT64_C(200000000)

/* wait() is asked that often. */
#define ASK_NS INT64_C(200000000)

/* Who was told to stop by the user waits no longer than that for others to end: an
 * mpirun that ends its ranks gives them a second. */
#define PATIENCE_NS INT64_C(300000000)

/* One rank as its leader sees it; [0] is the leader's own crew. */
struct member {
    int32_t threads; /* 0: not heard of yet */
    int64_t has;     /* items given and not come back */
    int64_t wants;   /* items that it shall have when it was just given some */
    int64_t given_ns;
    bool gone; /* has said BYE */
};

struct place {
    bool ready;
    struct study_bytes bytes;
};

struct leader {
    const struct study_link *link;
    const struct study_work *work;
    struct study_crew *crew;
    struct member *members;
    int64_t next, told; /* to be handed out; to be told */
    struct place *ring; /* of item i: ring[i % AHEAD] */
    uint64_t waiting_bytes;
    int64_t asked_ns;
    bool stop;        /* hand out no more, tell no more */
    bool hurry;       /* wait() said so, or the others are not reached */
    int64_t hurry_ns; /* since when; 0: too long */
};

/* The others are not reached any more: nor are they waited for. */
static void give_up(struct leader *l)
{
    l->stop = l->hurry = true;
}

static void send(struct leader *l, int32_t to, int32_t kind, const void *data, size_t n)
{
    if (!l->link->send(l->link->self, to, kind, data, n))
        give_up(l);
}

/* ---- what came ---- */

static void keep(struct leader *l, int64_t item, struct study_bytes bytes)
{
    struct place *place = &l->ring[item % AHEAD];

    sp_assert(item >= l->told && item < l->next && !place->ready);
    *place = (struct place){true, bytes};
    l->waiting_bytes += bytes.n;
}

static void keep_message(struct leader *l, struct member *m,
                         const struct study_bytes *bytes)
{
    const char *at = bytes->data;
    const char *data;
    int64_t n;

    memcpy(&n, at, sizeof n);
    at += sizeof n;
    data = at + n * 2 * (int64_t)sizeof n;
    for (int64_t i = 0; i < n; i++) {
        int64_t head[2];
        struct study_bytes one;

        memcpy(head, at, sizeof head);
        at += sizeof head;
        one.n = (size_t)head[1];
        one.data = sp_xcalloc(1, one.n + 1);
        memcpy(one.data, data, one.n);
        data += one.n;
        keep(l, head[0], one);
    }
    sp_assert(data == (const char *)bytes->data + bytes->n);
    m->has -= n;
}

static void keep_own(struct leader *l)
{
    int64_t n;
    struct study_finished *rows = study_crew_fetch(l->crew, &n);

    for (int64_t i = 0; i < n; i++)
        keep(l, rows[i].item, rows[i].bytes);
    l->members[0].has -= n;
    free(rows);
}

static void heed(struct leader *l, const struct study_message *m)
{
    struct member *member = &l->members[m->from];
    int64_t threads;

    switch (m->kind) {
    case STUDY_HERE:
        memcpy(&threads, m->bytes.data, sizeof threads);
        member->threads = (int32_t)threads;
        member->wants = 2 * threads;
        break;
    case STUDY_FINISHED:
        if (!l->stop)
            keep_message(l, member, &m->bytes);
        break;
    default:
        sp_assert(m->kind == STUDY_BYE);
        member->gone = true;
    }
    free(m->bytes.data);
}

/* False: there was nothing to hear. */
static bool hear(struct leader *l)
{
    struct study_message m = {0};

    if (!l->link->receive(l->link->self, &m))
        give_up(l);
    if (m.kind != 0)
        heed(l, &m);
    return m.kind != 0;
}

/* ---- telling ---- */

static void tell(struct leader *l)
{
    while (!l->stop && l->told < l->next && l->ring[l->told % AHEAD].ready) {
        struct place *place = &l->ring[l->told % AHEAD];

        l->stop = !l->work->done(l->work->self, l->told++, &place->bytes);
        l->waiting_bytes -= place->bytes.n;
        free(place->bytes.data);
        *place = (struct place){0};
    }
}

static void ask(struct leader *l)
{
    const int64_t now_ns = sp_clock_ns();

    if (l->hurry || l->work->wait == NULL || now_ns - l->asked_ns < ASK_NS)
        return;
    l->asked_ns = now_ns;
    if (l->work->wait(l->work->self))
        return;
    l->stop = l->hurry = true;
    l->hurry_ns = now_ns;
}

/* ---- handing out ---- */

/* Has a member come for more soon, or late?  Nothing but time depends on it. */
static void fit_to_pace(struct member *m, int32_t n_members)
{
    const int64_t now_ns = sp_clock_ns();
    const int64_t most = AHEAD / 2 / n_members, least = 2 * (int64_t)m->threads;

    if (m->given_ns != 0 && now_ns - m->given_ns < OFTEN_NS && 2 * m->wants <= most)
        m->wants *= 2;
    else if (now_ns - m->given_ns > SELDOM_NS && m->wants / 2 >= least)
        m->wants /= 2;
    m->given_ns = now_ns;
}

/* How many more a member gets: fewer at the end, so that all end together. */
static int64_t share_of(const struct leader *l, const struct member *m)
{
    const int64_t left = l->work->end - l->next, room = AHEAD - (l->next - l->told);
    const int64_t idle = m->threads - m->has, fair = left / (2 * l->link->n);
    int64_t n = m->wants - m->has;

    n = n < fair ? n : fair;
    n = n > idle ? n : idle;
    n = n < left ? n : left;
    return n < room ? n : room;
}

static void give(struct leader *l, int32_t to)
{
    struct member *m = &l->members[to];
    int64_t span[2] = {l->next, 0};

    fit_to_pace(m, l->link->n);
    span[1] = share_of(l, m);
    if (span[1] <= 0)
        return;
    m->has += span[1];
    l->next += span[1];
    if (to == 0)
        study_crew_give(l->crew, span[0], span[1]);
    else
        send(l, to, STUDY_SPAN, span, sizeof span);
}

static void hand_out(struct leader *l)
{
    for (int32_t i = 0; i < l->link->n; i++) {
        const struct member *m = &l->members[i];

        if (!l->stop && m->threads > 0 && m->has <= m->wants / 2 &&
            l->next < l->work->end && l->next - l->told < AHEAD &&
            l->waiting_bytes < AHEAD_BYTES)
            give(l, i);
    }
}

/* ---- a run ---- */

static bool all_are_gone(const struct leader *l)
{
    for (int32_t i = 1; i < l->link->n; i++)
        if (!l->members[i].gone)
            return false;
    return true;
}

static bool out_of_patience(const struct leader *l)
{
    return l->hurry && sp_clock_ns() - l->hurry_ns > PATIENCE_NS;
}

/* Tells all to stop and hears what they still say, to the end. */
static void part(struct leader *l)
{
    l->stop = true;
    for (int32_t i = 1; i < l->link->n; i++)
        send(l, i, STUDY_STOP, NULL, 0);
    study_crew_free(l->crew);
    while (!all_are_gone(l) && !out_of_patience(l)) {
        ask(l);
        if (!hear(l))
            study_link_nap();
    }
}

static void forget(struct leader *l)
{
    for (int32_t i = 0; i < AHEAD; i++)
        free(l->ring[i].bytes.data);
    free(l->ring);
    free(l->members);
}

int64_t study_link_lead(const struct study_link *link, const struct study_work *work,
                        int32_t threads)
{
    struct leader l = {.link = link,
                       .work = work,
                       .crew = study_crew_new(work, threads),
                       .members = sp_xcalloc((size_t)link->n, sizeof *l.members),
                       .next = work->first,
                       .told = work->first,
                       .ring = sp_xcalloc(AHEAD, sizeof *l.ring),
                       .asked_ns = sp_clock_ns()};

    l.members[0] = (struct member){.threads = threads, .wants = 2 * threads};
    for (int32_t i = 1; i < link->n; i++)
        send(&l, i, STUDY_BEGIN, NULL, 0);
    while (!l.stop && l.told < work->end) {
        bool heard;

        hand_out(&l);
        heard = hear(&l);
        keep_own(&l);
        tell(&l);
        ask(&l);
        if (!heard)
            study_link_nap();
    }
    part(&l);
    forget(&l);
    return l.told - work->first;
}
