/* A rank that does what it is handed and hands back what it gave. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "study/crew.h"
#include "study/link.h"

/* Messages of more than that are not begun: what is left goes with the next. */
#define MESSAGE_BYTES (INT64_C(1) << 20)

struct follower {
    const struct study_link *link;
    struct study_crew *crew;
    int32_t threads;
    struct study_finished *rows; /* fetched; rows[sent ..] are not yet sent */
    int64_t n_rows, sent;
    bool stop, broken;
};

void study_link_nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = STUDY_NAP_NS}, NULL);
}

static void send(struct follower *f, int32_t kind, const void *data, size_t n)
{
    f->broken = !f->link->send(f->link->self, 0, kind, data, n) || f->broken;
}

static void heed(struct follower *f, const struct study_message *m)
{
    int64_t numbers[2];

    switch (m->kind) {
    case STUDY_BEGIN:
        numbers[0] = f->threads;
        send(f, STUDY_HERE, numbers, sizeof numbers[0]);
        break;
    case STUDY_SPAN:
        sp_assert(m->bytes.n == sizeof numbers);
        memcpy(numbers, m->bytes.data, sizeof numbers);
        study_crew_give(f->crew, numbers[0], numbers[1]);
        break;
    default:
        sp_assert(m->kind == STUDY_STOP);
        f->stop = true;
    }
    free(m->bytes.data);
}

/* How many of the rows go in one message, and of how many bytes. */
static int64_t rows_of_a_message(const struct follower *f, int64_t *size)
{
    int64_t n = 0;

    *size = (int64_t)sizeof *size;
    while (f->sent + n < f->n_rows && (n == 0 || *size < MESSAGE_BYTES))
        *size += 2 * (int64_t)sizeof *size + (int64_t)f->rows[f->sent + n++].bytes.n;
    return n;
}

static char *put(char *to, const void *from, size_t n)
{
    if (n > 0)
        memcpy(to, from, n);
    return to + n;
}

static void send_rows(struct follower *f)
{
    int64_t size;
    const int64_t n = rows_of_a_message(f, &size);
    char *message = sp_xcalloc(1, (size_t)size);
    char *at = put(message, &n, sizeof n);

    for (int64_t i = 0; i < n; i++) {
        const struct study_finished *row = &f->rows[f->sent + i];
        const int64_t head[2] = {row->item, (int64_t)row->bytes.n};

        at = put(at, head, sizeof head);
    }
    for (int64_t i = 0; i < n; i++) {
        struct study_finished *row = &f->rows[f->sent++];

        at = put(at, row->bytes.data, row->bytes.n);
        free(row->bytes.data);
    }
    send(f, STUDY_FINISHED, message, (size_t)size);
    free(message);
}

static void forget_rows(struct follower *f)
{
    while (f->sent < f->n_rows)
        free(f->rows[f->sent++].bytes.data);
    free(f->rows);
    f->rows = NULL;
    f->n_rows = f->sent = 0;
}

/* Hands on what is finished, a message at a time: until it is received, more comes
 * together. */
static void hand_on(struct follower *f)
{
    if (!f->link->all_received(f->link->self))
        return;
    if (f->sent == f->n_rows) {
        forget_rows(f);
        f->rows = study_crew_fetch(f->crew, &f->n_rows);
    }
    if (f->sent < f->n_rows)
        send_rows(f);
}

void study_link_follow(const struct study_link *link, const struct study_work *work,
                       int32_t threads)
{
    struct follower f = {
        .link = link, .crew = study_crew_new(work, threads), .threads = threads};

    while (!f.stop && !f.broken) {
        struct study_message m = {0};

        f.broken = !link->receive(link->self, &m);
        if (m.kind != 0)
            heed(&f, &m);
        hand_on(&f);
        if (m.kind == 0)
            study_link_nap();
    }
    study_crew_free(f.crew);
    forget_rows(&f);
    send(&f, STUDY_BYE, NULL, 0);
    while (!f.broken && !link->all_received(link->self))
        study_link_nap();
}
