/* The textbook's heap; children of i are 2i + 1 and 2i + 2. */
#include "base/heap.h"

#include "base/status.h"

static void put(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at,
                int32_t id)
{
    h->ids[at] = id;
    if (rule->moved != NULL)
        rule->moved(rule->self, id, at);
}

static void sift_up(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at)
{
    int32_t id = h->ids[at];

    while (at > 0) {
        int32_t parent = (at - 1) / 2;

        if (!rule->before(rule->self, id, h->ids[parent]))
            break;
        put(h, rule, at, h->ids[parent]);
        at = parent;
    }
    put(h, rule, at, id);
}

static void sift_down(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at)
{
    int32_t id = h->ids[at];

    for (;;) {
        int32_t child = 2 * at + 1;

        if (child >= h->n)
            break;
        if (child + 1 < h->n &&
            rule->before(rule->self, h->ids[child + 1], h->ids[child]))
            child++;
        if (!rule->before(rule->self, h->ids[child], id))
            break;
        put(h, rule, at, h->ids[child]);
        at = child;
    }
    put(h, rule, at, id);
}

void sp_heap_push(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t id)
{
    h->ids = sp_arena_more(rule->arena, h->ids, h->n, &h->room, sizeof *h->ids);
    h->ids[h->n++] = id;
    sift_up(h, rule, h->n - 1);
}

void sp_heap_remove(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at)
{
    int32_t id, last;

    sp_assert(at >= 0 && at < h->n);
    id = h->ids[at];
    last = h->ids[--h->n];
    if (rule->moved != NULL)
        rule->moved(rule->self, id, SP_NO_ID);
    if (at == h->n)
        return;
    put(h, rule, at, last);
    sp_heap_update(h, rule, at);
}

void sp_heap_update(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at)
{
    sp_assert(at >= 0 && at < h->n);
    if (at > 0 && rule->before(rule->self, h->ids[at], h->ids[(at - 1) / 2]))
        sift_up(h, rule, at);
    else
        sift_down(h, rule, at);
}

void sp_heap_verify(const struct sp_heap *h, const struct sp_heap_rule *rule)
{
    for (int32_t i = 1; i < h->n; i++)
        sp_assert(!rule->before(rule->self, h->ids[i], h->ids[(i - 1) / 2]));
}
