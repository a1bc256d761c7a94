/* EASY: the heads of queues have reservations, and who comes after them may only start
 * where that delays none of them. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/cluster_rows.h"

/* When a placed unit leaves as far as is known: who is late leaves a moment from now.
 */
static int64_t leaves_ns(const struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    int64_t end = c->units[unit].end_ns;

    return end > now_ns ? end : now_ns + 1;
}

/* Those expected to leave, the first first: a copy to take from. */
static struct sp_heap leaving(struct sim_cluster *c)
{
    struct sp_heap copy = {.n = c->leaving.n, .room = c->leaving.n};

    copy.ids = sp_xcalloc((size_t)copy.n + 1, sizeof *copy.ids);
    if (copy.n > 0)
        memcpy(copy.ids, c->leaving.ids, (size_t)copy.n * sizeof *copy.ids);
    return copy;
}

static struct sp_heap_rule copy_rule(struct sim_cluster *c)
{
    struct sp_heap_rule rule = sim_cluster_leaving_rule(c);

    rule.moved = NULL;
    return rule;
}

int32_t *sim_backfill_leaving(struct sim_cluster *c, int32_t *n)
{
    struct sp_heap left = leaving(c);
    struct sp_heap_rule rule = copy_rule(c);
    int32_t *list = sp_xcalloc((size_t)left.n + 1, sizeof *list);

    for (*n = 0; left.n > 0; (*n)++) {
        list[*n] = left.ids[0];
        sp_heap_remove(&left, &rule, 0);
    }
    free(left.ids);
    return list;
}

/* Lifts all that leave by `until_ns`, to the end of c->victims from n on; their number.
 */
static int32_t lift_until(struct sim_cluster *c, struct sp_heap *left, int32_t n,
                          int64_t until_ns, int64_t now_ns)
{
    struct sp_heap_rule rule = copy_rule(c);

    while (left->n > 0 && leaves_ns(c, left->ids[0], now_ns) <= until_ns) {
        int32_t unit = left->ids[0];

        sim_gang_lift(c, unit);
        c->victims = sp_arena_more(c->arena, c->victims, n, &c->victims_room,
                                   sizeof *c->victims);
        c->victims[n++] = unit;
        sp_heap_remove(left, &rule, 0);
    }
    return n;
}

static void drop_all(struct sim_cluster *c, int32_t n)
{
    while (n > 0)
        sim_gang_drop(c, c->victims[--n]);
}

static bool fits(struct sim_cluster *c, int32_t unit)
{
    int32_t kind = c->units[unit].kind, found;

    if (!sim_gang_enough_free(c, &c->kinds[kind]) ||
        !sim_gang_take(c, kind, (uint64_t)c->units[unit].number, &found))
        return false;
    sim_gang_undo(c, kind);
    return true;
}

static int64_t shadow_of(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    struct sp_heap left = leaving(c);
    int64_t shadow = INT64_MAX;
    int32_t n = 0;

    while (shadow == INT64_MAX && left.n > 0) {
        int64_t until_ns = leaves_ns(c, left.ids[0], now_ns);

        n = lift_until(c, &left, n, until_ns, now_ns);
        if (fits(c, unit))
            shadow = until_ns;
    }
    drop_all(c, n);
    free(left.ids);
    return shadow;
}

void sim_backfill_reserve(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    int32_t queue = c->kinds[c->units[unit].kind].queue;

    for (int32_t i = 0; i < c->n_heads; i++)
        if (c->kinds[c->units[c->heads[i].unit].kind].queue == queue)
            return;
    c->heads =
        sp_arena_more(c->arena, c->heads, c->n_heads, &c->heads_room, sizeof *c->heads);
    c->heads[c->n_heads++] = (struct sim_head){unit, shadow_of(c, unit, now_ns)};
}

/* Whether a head would still start at its time beside what is placed now. */
static bool head_still_fits(struct sim_cluster *c, const struct sim_head *h,
                            int64_t now_ns)
{
    struct sp_heap left = leaving(c);
    int32_t n = lift_until(c, &left, 0, h->shadow_ns, now_ns);
    bool ok = fits(c, h->unit);

    drop_all(c, n);
    free(left.ids);
    return ok;
}

bool sim_backfill_spares(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    int64_t work = c->units[unit].work_ns;
    int64_t end = work < INT64_MAX - now_ns ? now_ns + work : INT64_MAX;
    struct sim_hold *mine = sp_xcalloc((size_t)c->n_holds, sizeof *mine);
    int32_t n = c->n_holds;
    bool ok = true;

    memcpy(mine, c->holds, (size_t)n * sizeof *mine);
    for (int32_t i = 0; i < c->n_heads && ok; i++) {
        const struct sim_head *h = &c->heads[i];

        if (h->shadow_ns != INT64_MAX && end > h->shadow_ns)
            ok = head_still_fits(c, h, now_ns);
    }
    memcpy(c->holds, mine, (size_t)n * sizeof *mine);
    c->n_holds = n;
    free(mine);
    return ok;
}
