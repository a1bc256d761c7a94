/* Nodes that are lost: taken back by the cloud, with notice, or broken and repaired. */
#include "base/units.h"
#include "sim/draw.h"
#include "sim/leases_rows.h"

enum { SALT_TAKEN = 0x74616b65, SALT_BREAK = 0x62726561, SALT_REPAIR = 0x72657061 };

static const struct model_loss *loss_of(const struct sim_leases *l,
                                        const struct sim_lease_node *n)
{
    return &l->policy->types[n->type].loss;
}

/* ---- what is drawn ---- */

static uint64_t draw_key(const struct sim_leases *l, const struct sim_lease_node *n,
                         uint64_t salt, int64_t times)
{
    uint64_t of_type = sp_mix_keys(l->key ^ salt, (uint64_t)n->type);

    return sp_mix_keys(of_type + (uint64_t)times, (uint64_t)n->nth);
}

static int64_t later(int64_t now_ns, double s)
{
    int64_t ns = sp_ns_from_s(s);

    return ns < SP_NS_MAX - now_ns ? now_ns + ns : INT64_MAX;
}

void sim_loss_draw_taken(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];
    const struct model_loss *loss = loss_of(l, n);
    struct sp_rng r;

    if (!loss->taken_back || loss->per_hour <= 0)
        return;
    r = sp_rng_from_key(draw_key(l, n, SALT_TAKEN, 0));
    n->taken_ns = later(now_ns, 3600.0 * sp_rng_exponential(&r) / loss->per_hour);
}

void sim_loss_draw_break(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];
    const struct model_loss *loss = loss_of(l, n);

    if (!loss->fails)
        return;
    n->breaks_ns = later(now_ns, sim_draw_of_key(&loss->fail_after_s,
                                                 draw_key(l, n, SALT_BREAK, n->broke)));
}

/* ---- what happens next ---- */

/* A node that comes with less than its notice to live is noticed at once. */
static int64_t notice_ns(const struct sim_leases *l, const struct sim_lease_node *n)
{
    int64_t before = loss_of(l, n)->notice_ns;

    if (n->taken_ns == INT64_MAX)
        return INT64_MAX;
    return n->taken_ns - before > n->from_ns ? n->taken_ns - before : n->from_ns;
}

static bool has_notice(const struct sim_lease_node *n)
{
    return n->life == SIM_NODE_DRAINING && n->gone_ns < INT64_MAX;
}

/* When its next event is due. */
static int64_t due_ns(const struct sim_leases *l, const struct sim_lease_node *n)
{
    int64_t at_ns = has_notice(n) ? n->gone_ns : notice_ns(l, n);

    if (n->life == SIM_NODE_BROKEN)
        return INT64_MAX;
    return n->breaks_ns < at_ns ? n->breaks_ns : at_ns;
}

void sim_loss_arm(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];
    int64_t at_ns = due_ns(l, n);

    if (l->closed || (at_ns == INT64_MAX && n->fate_slot == SP_NO_ID))
        return;
    if (n->fate_slot == SP_NO_ID)
        n->fate_slot = sim_event_queue_slot_new(l->queue, l->events.node, id);
    if (at_ns == INT64_MAX)
        sim_event_queue_clear(l->queue, n->fate_slot);
    else
        sim_event_queue_set(l->queue, n->fate_slot, at_ns > now_ns ? at_ns : now_ns, 1);
}

/* ---- losing ---- */

const char *sim_loss_ended(enum sim_loss why)
{
    static const char *const ended[] = {
        [SIM_LOSS_PREEMPTED] = "preempted", /* units alone are */
        [SIM_LOSS_INTERRUPTED] = "taken back",
        [SIM_LOSS_FAILED] = "failed",
        [SIM_LOSS_MOVED] = "moved",
    };

    return ended[why];
}

static void closes(struct sim_leases *l, struct sim_lease_node *n, int32_t id)
{
    if (n->life != SIM_NODE_DRAINING)
        sim_nodes_close(l->nodes_free, id);
}

/* Its units leave it, then its lease ends; the minimum is kept. */
static void gone(struct sim_leases *l, int32_t id, enum sim_loss why, int64_t now_ns)
{
    int32_t type = l->nodes[id].type;

    closes(l, &l->nodes[id], id);
    l->nodes[id].lost = true;
    l->client.lost(l->client.self, id, why, now_ns);
    sim_lease_end(l, id, sim_loss_ended(why), now_ns);
    sim_market_keep_min(l, type, now_ns);
    sim_lease_wake_all(l, now_ns); /* one may be bought in its place */
}

/* A fixed node is repaired: it is paid for, and takes nothing until then. */
static void breaks(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];
    int64_t back_ns;

    closes(l, n, id);
    l->types[n->type].ready--;
    l->broken++;
    n->life = SIM_NODE_BROKEN;
    n->breaks_ns = INT64_MAX;
    back_ns = later(now_ns, sim_draw_of_key(&loss_of(l, n)->repair_s,
                                            draw_key(l, n, SALT_REPAIR, n->broke)));
    n->broke++;
    if (back_ns < INT64_MAX)
        sim_event_queue_set(l->queue, n->slot, back_ns, 0);
    sim_loss_arm(l, id, now_ns);
    l->client.lost(l->client.self, id, SIM_LOSS_FAILED, now_ns);
}

void sim_loss_repaired(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    l->broken--;
    l->repairs_unused++;
    sim_nodes_open(l->nodes_free, id);
    sim_lease_ready(l, id, now_ns);
    sim_lease_wake_all(l, now_ns);
}

void sim_loss_notice(struct sim_leases *l, int32_t id, enum sim_loss why,
                     int64_t gone_ns, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];
    int32_t type = n->type;

    l->taken_back += why == SIM_LOSS_INTERRUPTED;
    if (gone_ns <= now_ns || n->life == SIM_NODE_BOOTING ||
        n->life == SIM_NODE_BROKEN) {
        gone(l, id, why, now_ns);
        return;
    }
    closes(l, n, id);
    if (n->life == SIM_NODE_DRAINING) {
        l->types[type].moved--;
    } else {
        l->types[type].standing--;
        l->types[type].stand_ins -= n->stands_in != SP_NO_ID;
    }
    l->types[type].moved += gone_ns == INT64_MAX;
    n->life = SIM_NODE_DRAINING;
    n->why = why;
    n->gone_ns = gone_ns;
    sim_loss_arm(l, id, now_ns);
    sim_market_changed(l, type, now_ns);
    sim_lease_emptied(l, id, now_ns);
    l->client.notice(l->client.self, id, why, gone_ns, now_ns);
    if (sim_market_keep_min(l, type, now_ns))
        sim_lease_wake_all(l, now_ns);
}

void sim_loss_event(struct sim_leases *l, int32_t id, int64_t now_ns)
{
    struct sim_lease_node *n = &l->nodes[id];

    if (n->breaks_ns <= now_ns) {
        l->failed++;
        if (l->policy->types[n->type].fixed && n->life == SIM_NODE_READY)
            breaks(l, id, now_ns);
        else
            gone(l, id, SIM_LOSS_FAILED, now_ns);
    } else if (has_notice(n)) {
        gone(l, id, n->why, now_ns);
    } else {
        sim_loss_notice(l, id, SIM_LOSS_INTERRUPTED, n->taken_ns, now_ns);
    }
}
