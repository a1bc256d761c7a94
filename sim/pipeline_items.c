/* Slabs of items, families and links; what it means that an item leaves. */
#include <string.h>

#include "base/units.h"
#include "sim/pipeline_rows.h"

int32_t sim_item_new(struct sim_pipeline *p)
{
    int32_t id = p->free_item;

    p->live_items++;
    if (id != SP_NO_ID) {
        p->free_item = p->items[id].next;
    } else {
        int32_t old_room = p->items_room;

        p->items = sp_arena_more(p->arena, p->items, p->n_items, &p->items_room,
                                 sizeof *p->items);
        if (p->items_room != old_room)
            sim_record_items(p, old_room);
        id = p->n_items++;
    }
    if (p->made_by != NULL)
        p->made_by[id] = -1;
    return id;
}

void sim_item_free(struct sim_pipeline *p, int32_t id)
{
    p->live_items--;
    p->items[id].next = p->free_item;
    p->free_item = id;
}

int32_t sim_family_new(struct sim_pipeline *p, int64_t index, int64_t arrival_ns)
{
    int32_t id = p->free_family;

    if (id != SP_NO_ID) {
        p->free_family = p->families[id].next;
    } else {
        p->families = sp_arena_more(p->arena, p->families, p->n_families,
                                    &p->families_room, sizeof *p->families);
        id = p->n_families++;
    }
    p->families[id] = (struct sim_family){.index = index,
                                          .arrival_ns = arrival_ns,
                                          .live = 1,
                                          .parents = SP_NO_ID,
                                          .drop = -1};
    return id;
}

/* `family` is made (partly) from an item of `parent`: the parent waits for it. */
void sim_group_item(struct sim_pipeline *p, int32_t family, int32_t parent)
{
    int32_t id = p->free_link;

    if (id != SP_NO_ID) {
        p->free_link = p->links[id].next;
    } else {
        p->links = sp_arena_more(p->arena, p->links, p->n_links, &p->links_room,
                                 sizeof *p->links);
        id = p->n_links++;
    }
    p->links[id] = (struct sim_link){parent, p->families[family].parents};
    p->families[family].parents = id;
}

/* A source item is accounted for: its last descendant has left. */
static void source_item_left(struct sim_pipeline *p, int64_t index, int64_t arrival_ns,
                             int drop)
{
    p->in_flight--;
    if (p->env.items != NULL)
        p->env.items->row(p->env.items->self,
                          &(struct model_item_row){.item = index,
                                                   .policy = p->env.policy_id,
                                                   .workload = p->env.workload,
                                                   .arrived_ns = arrival_ns,
                                                   .left_ns = p->now_ns,
                                                   .dropped = drop});
    if (drop >= 0) {
        p->dropped_by[drop]++;
    } else {
        int64_t latency_ns = p->now_ns - arrival_ns;

        p->done++;
        if (p->means.mean != NULL)
            sim_means_add(&p->means, sp_s_from_ns(latency_ns), p->now_ns);
        if (p->measuring) {
            p->done_measured++;
            sim_histogram_add(&p->latency, latency_ns, 1);
        }
    }
    if (p->customers_room > 0)
        sim_source_item_left(p);
}

/* One descendant fewer; a group that ends passes its end on to its parents. */
static void family_loses_one(struct sim_pipeline *p, int32_t id, bool done, int drop)
{
    struct sim_family *f = &p->families[id];
    int32_t link;

    f->done = f->done || done;
    f->drop = (int8_t)(drop >= 0 ? drop : f->drop);
    if (--f->live > 0)
        return;
    done = f->done;
    drop = f->drop;
    link = f->parents;
    if (link == SP_NO_ID)
        source_item_left(p, f->index, f->arrival_ns, done ? -1 : drop);
    f = &p->families[id];
    f->next = p->free_family;
    p->free_family = id;
    while (link != SP_NO_ID) {
        struct sim_link l = p->links[link];

        p->links[link].next = p->free_link;
        p->free_link = link;
        link = l.next;
        family_loses_one(p, l.family, done, drop);
    }
}

void sim_item_unstore(struct sim_pipeline *p, struct sim_item *it)
{
    if (it->node == SP_NO_ID)
        return;
    if (it->stored == 1) {
        sim_network_store_add(p->env.network, it->node, -it->bytes);
        p->store_relieved = p->stores_used;
    }
    if (it->stored != 0) {
        p->stages[it->producer].out_bytes -= it->bytes;
        sim_cluster_pin(p->env.cluster, it->node, -1, p->now_ns);
    }
    it->stored = 0;
}

void sim_item_leave(struct sim_pipeline *p, int32_t id, int drop)
{
    struct sim_item *it = &p->items[id];
    int32_t family = it->family;
    int64_t arrival_ns = it->arrival_ns;

    sim_item_unstore(p, it);
    sim_item_free(p, id);
    if (!p->families_used) /* `family` is then the item's own number */
        source_item_left(p, family, arrival_ns, drop);
    else
        family_loses_one(p, family, drop < 0, drop);
}
