/* A slab of rows, and hashes in pieces of a pool: both go back to free lists. */
#include "sim/request.h"

#include <string.h>

#include "base/status.h"
#include "model/serving.h"

enum { PIECE_HASHES = 15 };

/* Two cache lines of a request's hashes, in order. */
struct piece {
    uint64_t hash[PIECE_HASHES];
    int32_t next; /* of the request, or of the free pieces; SP_NO_ID ends */
};

struct sim_requests {
    struct sp_arena *arena;
    struct sim_request *rows;
    int32_t n, room, free; /* free rows are linked by `link` and have number -1 */
    int64_t live;
    struct piece *pieces;
    int32_t n_pieces, pieces_room, free_piece;
};

struct sim_requests *sim_requests_new(struct sp_arena *arena)
{
    struct sim_requests *r = sp_arena_alloc(arena, sizeof *r);

    r->arena = arena;
    r->free = r->free_piece = SP_NO_ID;
    return r;
}

static int32_t row_new(struct sim_requests *r)
{
    int32_t id = r->free;

    if (id != SP_NO_ID) {
        r->free = r->rows[id].link;
        return id;
    }
    r->rows = sp_arena_more(r->arena, r->rows, r->n, &r->room, sizeof *r->rows);
    return r->n++;
}

static int32_t piece_new(struct sim_requests *r)
{
    int32_t id = r->free_piece;

    if (id != SP_NO_ID) {
        r->free_piece = r->pieces[id].next;
        return id;
    }
    r->pieces = sp_arena_more(r->arena, r->pieces, r->n_pieces, &r->pieces_room,
                              sizeof *r->pieces);
    return r->n_pieces++;
}

/* The first of the pieces that now hold hashes[0..n-1]; the last piece first, so that
 * each knows its next. */
static int32_t hashes_copy(struct sim_requests *r, const uint64_t *hashes, int32_t n)
{
    int32_t first = SP_NO_ID;

    while (n > 0) {
        int32_t in_last = (n - 1) % PIECE_HASHES + 1, id = piece_new(r);

        n -= in_last;
        memcpy(r->pieces[id].hash, hashes + n, (size_t)in_last * sizeof *hashes);
        r->pieces[id].next = first;
        first = id;
    }
    return first;
}

static void hashes_free(struct sim_requests *r, int32_t first)
{
    while (first != SP_NO_ID) {
        int32_t next = r->pieces[first].next;

        r->pieces[first].next = r->free_piece;
        r->free_piece = first;
        first = next;
    }
}

static int32_t tokens(uint32_t size)
{
    sp_assert(size >= 1 && size <= MODEL_PROMPT_MAX);
    return (int32_t)size;
}

int32_t sim_requests_add(struct sim_requests *r, const struct model_arrival *arrival,
                         int64_t number)
{
    uint32_t priority = arrival->size[MODEL_PRIORITY];
    int32_t id = row_new(r);

    sp_assert(number >= 0);
    r->rows[id] = (struct sim_request){
        .number = number,
        .arrived_ns = arrival->time_ns,
        .submitted_ns = -1,
        .scheduled_ns = -1,
        .first_token_ns = -1,
        .last_token_ns = -1,
        .prompt = tokens(arrival->size[MODEL_PROMPT_TOKENS]),
        .output = tokens(arrival->size[MODEL_OUTPUT_TOKENS]),
        .priority = priority > INT32_MAX ? INT32_MAX : (int32_t)priority,
        .replica = SP_NO_ID,
        .n_hashes = arrival->hashes != NULL ? arrival->n_hashes : 0,
        .link = SP_NO_ID,
    };
    r->rows[id].hashes = hashes_copy(r, arrival->hashes, r->rows[id].n_hashes);
    r->live++;
    return id;
}

struct sim_request *sim_requests_at(const struct sim_requests *r, int32_t id)
{
    return &r->rows[id];
}

void sim_requests_remove(struct sim_requests *r, int32_t id)
{
    sp_assert(id >= 0 && id < r->n && r->rows[id].number >= 0);
    hashes_free(r, r->rows[id].hashes);
    r->rows[id].number = -1;
    r->rows[id].link = r->free;
    r->free = id;
    r->live--;
}

int64_t sim_requests_live(const struct sim_requests *r)
{
    return r->live;
}

void sim_requests_hashes(const struct sim_requests *r, int32_t id, int32_t from,
                         int32_t n, uint64_t *to)
{
    int32_t piece = r->rows[id].hashes;

    sp_assert(from >= 0 && n >= 0 && n <= r->rows[id].n_hashes - from);
    for (; from >= PIECE_HASHES && n > 0; from -= PIECE_HASHES)
        piece = r->pieces[piece].next;
    while (n > 0) {
        int32_t here = PIECE_HASHES - from < n ? PIECE_HASHES - from : n;

        memcpy(to, r->pieces[piece].hash + from, (size_t)here * sizeof *to);
        to += here;
        n -= here;
        from = 0;
        piece = r->pieces[piece].next;
    }
}

static int32_t list_length(const struct sim_requests *r, int32_t first)
{
    int32_t n = 0;

    for (; first != SP_NO_ID; first = r->pieces[first].next)
        n++;
    return n;
}

void sim_requests_verify(const struct sim_requests *r)
{
    int32_t live = 0, free = 0, pieces = list_length(r, r->free_piece);

    for (int32_t id = 0; id < r->n; id++) {
        const struct sim_request *row = &r->rows[id];

        if (row->number < 0)
            continue;
        live++;
        sp_assert(list_length(r, row->hashes) ==
                  (row->n_hashes + PIECE_HASHES - 1) / PIECE_HASHES);
        pieces += list_length(r, row->hashes);
    }
    for (int32_t id = r->free; id != SP_NO_ID; id = r->rows[id].link) {
        sp_assert(r->rows[id].number == -1);
        free++;
    }
    sp_assert(live == r->live && live + free == r->n && pieces == r->n_pieces);
}
