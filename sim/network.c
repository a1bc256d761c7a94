/* First-come-first-served NICs and disks; stores as counters. */
#include "sim/network.h"

#include <math.h>

#include "base/status.h"
#include "base/units.h"

struct row {
    int32_t type; /* SP_NO_ID: not known */
    int64_t tx_free_ns, rx_free_ns, disk_free_ns;
    int64_t store_used;
};

struct sim_network {
    struct sp_arena *arena;
    const struct model_policy *policy;
    struct row *rows;
    int32_t n_rows;
    uint64_t freed, forgotten; /* times; the nodes of the last ones are in the list */
    int32_t *freed_nodes, freed_room;
};

struct sim_network *sim_network_new(struct sp_arena *arena,
                                    const struct model_policy *policy)
{
    struct sim_network *n = sp_arena_alloc(arena, sizeof *n);

    n->arena = arena;
    n->policy = policy;
    return n;
}

void sim_network_node(struct sim_network *n, int32_t node, int32_t type)
{
    if (node >= n->n_rows) {
        int32_t want = 2 * node + 16;

        n->rows = sp_arena_grow(n->arena, n->rows, (size_t)n->n_rows, (size_t)want,
                                sizeof *n->rows);
        for (int32_t i = n->n_rows; i < want; i++)
            n->rows[i].type = SP_NO_ID;
        n->n_rows = want;
    }
    n->rows[node].type = type;
}

static const struct model_node_type *type_of(const struct sim_network *n, int32_t node)
{
    return &n->policy->types[n->rows[node].type];
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The slower NIC's rate; 0: neither is limited. */
static double rate_between(const struct sim_network *n, int32_t from, int32_t to)
{
    double out = type_of(n, from)->nic_bytes_per_s,
           in = type_of(n, to)->nic_bytes_per_s;

    return out > 0 && in > 0 ? fmin(out, in) : fmax(out, in);
}

int64_t sim_network_time_ns(const struct sim_network *n, int32_t from, int32_t to,
                            int64_t bytes)
{
    double rate = rate_between(n, from, to);

    return from == to || rate <= 0 ? 0 : sp_ns_from_s((double)bytes / rate);
}

int64_t sim_network_transfer(struct sim_network *n, int32_t from, int32_t to,
                             int64_t bytes, int64_t now_ns)
{
    double rate = rate_between(n, from, to);
    int64_t start = now_ns, end;

    if (rate <= 0 || bytes == 0)
        return now_ns;
    if (type_of(n, from)->nic_bytes_per_s > 0)
        start = later(start, n->rows[from].tx_free_ns);
    if (type_of(n, to)->nic_bytes_per_s > 0)
        start = later(start, n->rows[to].rx_free_ns);
    end = sp_ns_after(start, sp_ns_from_s((double)bytes / rate));
    n->rows[from].tx_free_ns = end;
    n->rows[to].rx_free_ns = end;
    return end;
}

int64_t sim_network_unspill(struct sim_network *n, int32_t node, int64_t bytes,
                            int64_t now_ns)
{
    double rate = type_of(n, node)->spill_bytes_per_s;
    int64_t end;

    if (rate <= 0 || bytes == 0)
        return now_ns;
    end = sp_ns_after(later(now_ns, n->rows[node].disk_free_ns),
                      sp_ns_from_s((double)bytes / rate));
    n->rows[node].disk_free_ns = end;
    return end;
}

int64_t sim_network_store_limit(const struct sim_network *n, int32_t node)
{
    return type_of(n, node)->store_bytes;
}

int64_t sim_network_store_left(const struct sim_network *n, int32_t node)
{
    int64_t limit = sim_network_store_limit(n, node);

    return limit < 0 ? INT64_MAX : limit - n->rows[node].store_used;
}

bool sim_network_spills(const struct sim_network *n, int32_t node)
{
    return type_of(n, node)->spill_bytes_per_s > 0;
}

static void remember_freed(struct sim_network *n, int32_t node)
{
    int32_t at = (int32_t)(n->freed++ - n->forgotten);

    if (at == n->freed_room) {
        int32_t want = at == 0 ? 64 : 2 * at;

        n->freed_nodes = sp_arena_grow(n->arena, n->freed_nodes, (size_t)at,
                                       (size_t)want, sizeof *n->freed_nodes);
        n->freed_room = want;
    }
    n->freed_nodes[at] = node;
}

int32_t sim_network_freed_node(const struct sim_network *n, uint64_t i)
{
    return i < n->forgotten ? SP_NO_ID : n->freed_nodes[i - n->forgotten];
}

void sim_network_forget_freed(struct sim_network *n)
{
    n->forgotten = n->freed;
}

void sim_network_store_add(struct sim_network *n, int32_t node, int64_t bytes)
{
    n->rows[node].store_used += bytes;
    if (bytes < 0 && sim_network_store_limit(n, node) >= 0)
        remember_freed(n, node);
    sp_assert(n->rows[node].store_used >= 0);
}

uint64_t sim_network_store_freed(const struct sim_network *n)
{
    return n->freed;
}

int64_t sim_network_store_used(const struct sim_network *n)
{
    int64_t used = 0;

    for (int32_t i = 0; i < n->n_rows; i++)
        used += n->rows[i].store_used;
    return used;
}
