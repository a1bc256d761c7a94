/* Rows of nodes, and what finds one: for strategies with keys, and those that draw, two
 * indexes of free room per node type (one ordered for units that want GPUs, one for the
 * others); for those with scores a ranking. */
#include "sim/nodes.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "sim/fragment.h"
#include "sim/id_table.h"
#include "sim/placement.h"
#include "sim/ranking.h"
#include "sim/score.h"

enum { PROBES = 64, CLASSES = 64, RANKING_BYTES = 64 << 20 };

struct node {
    struct sim_node_state state;
    bool used, open, gained;
    bool stale;        /* what the indexes say of it is not what it is */
    bool unmeasured;   /* its fragment is that of an earlier state */
    int32_t next_free; /* of the list of removed ones of its type */
};

struct shape {
    struct model_amounts needs;
    struct sim_room room;
    int64_t allowed_types;
};

struct type {
    struct sim_node_index *index[2]; /* [wants GPU] */
    int32_t free_node;
    struct sim_nodes_free free;
};

/* Members of a node by class. */
struct counts {
    uint16_t of[CLASSES];
};

struct sim_nodes {
    struct sp_arena *arena;
    const struct model_policy *policy;
    const struct sim_placement *placement;
    uint64_t seed;
    bool any_wants[2]; /* some shape wants no GPU, wants one: indexes in use */
    struct type *types;
    struct shape *shapes;
    struct sim_id_table shape_of;
    struct node *nodes;
    int32_t n_shapes, shapes_room, n_nodes, nodes_room;
    struct counts *counts; /* of nodes, where the strategy wants classes */
    int32_t counts_room;
    struct sim_ranking *ranking;   /* of strategies with scores */
    struct sim_fragment *fragment; /* NULL: without a mix */
    int64_t fragment_sum;          /* over nodes */
    struct sim_scoring scoring;
    uint64_t drawn_steps;
    int32_t *gained, n_gained, gained_room; /* got room, each once */
    bool trial;                             /* what is given back is no gain */
    int32_t *stale, n_stale, stale_room;    /* to be indexed before the next search */
    int32_t *unmeasured, n_unmeasured, unmeasured_room; /* before somebody asks */
};

static int32_t score_node(void *self, int32_t id, int32_t shape)
{
    const struct sim_nodes *ns = self;
    const struct node *n = &ns->nodes[id];

    if (!n->open || !sim_nodes_fits(ns, id, shape))
        return -1;
    return ns->placement->score(&ns->scoring, &n->state, &ns->shapes[shape].room);
}

/* What strategies with scores need. */
static void set_up_scores(struct sim_nodes *ns, const struct sim_mix *mix)
{
    static const struct sim_mix empty = {0, NULL};

    if (mix == NULL)
        mix = &empty;
    if (mix->n > 0 || ns->placement->wants_mix)
        ns->fragment = sim_fragment_new(ns->arena, ns->policy, mix);
    ns->scoring = sim_scoring_of(ns->policy, ns->fragment);
    if (ns->placement->score != NULL)
        ns->ranking = sim_ranking_new(
            ns->arena, (struct sim_ranking_source){ns, score_node}, RANKING_BYTES);
}

struct sim_nodes *sim_nodes_new(struct sp_arena *arena,
                                const struct model_policy *policy,
                                const struct sim_mix *mix, uint64_t seed)
{
    struct sim_nodes *ns = sp_arena_alloc(arena, sizeof *ns);

    ns->arena = arena;
    ns->policy = policy;
    ns->placement = sim_placement_find(policy->placement);
    ns->seed = seed;
    sp_assert(ns->placement != NULL);
    ns->types = sp_arena_array(arena, (size_t)policy->n_types, sizeof *ns->types);
    for (int32_t t = 0; t < policy->n_types; t++) {
        ns->types[t].free_node = SP_NO_ID;
        for (int w = 0; w < 2; w++)
            ns->types[t].index[w] = sim_node_index_new(arena);
    }
    set_up_scores(ns, mix);
    return ns;
}

/* ---- shapes ---- */

static bool wants_gpu(const struct shape *s)
{
    return s->needs.mgpu > 0;
}

static bool same_amounts(const struct model_amounts *a, const struct model_amounts *b)
{
    return a->mcpu == b->mcpu && a->mgpu == b->mgpu &&
           a->memory_bytes == b->memory_bytes;
}

static void node_changed(struct sim_nodes *ns, int32_t id);

/* The first shape that wants GPUs, or none, brings its index into use. */
static void use_index(struct sim_nodes *ns, bool wants)
{
    if (ns->any_wants[wants])
        return;
    ns->any_wants[wants] = true;
    for (int32_t id = 0; id < ns->n_nodes; id++)
        if (ns->nodes[id].open)
            node_changed(ns, id);
}

static uint64_t shape_key(const struct model_amounts *needs, int64_t allowed_types)
{
    return sp_mix_keys(
        sp_mix_keys((uint64_t)needs->mcpu, (uint64_t)needs->mgpu),
        sp_mix_keys((uint64_t)needs->memory_bytes, (uint64_t)allowed_types));
}

int32_t sim_nodes_shape(struct sim_nodes *ns, const struct model_amounts *needs,
                        int64_t allowed_types)
{
    struct shape *s;
    uint64_t key = shape_key(needs, allowed_types);
    int32_t id;

    while ((id = sim_id_table_find(&ns->shape_of, key)) != SP_NO_ID) {
        if (same_amounts(&ns->shapes[id].needs, needs) &&
            ns->shapes[id].allowed_types == allowed_types)
            return id;
        key = sp_mix64(key); /* another shape has it */
    }
    sim_id_table_put(&ns->shape_of, ns->arena, key, ns->n_shapes);
    ns->shapes = sp_arena_more(ns->arena, ns->shapes, ns->n_shapes, &ns->shapes_room,
                               sizeof *ns->shapes);
    s = &ns->shapes[ns->n_shapes];
    *s = (struct shape){.needs = *needs, .allowed_types = allowed_types};
    s->room.mcpu = needs->mcpu;
    s->room.memory_bytes = needs->memory_bytes;
    if (needs->mgpu >= 1000)
        s->room.whole_gpus = (int32_t)(needs->mgpu / 1000);
    else
        s->room.share_mgpu = (int32_t)needs->mgpu;
    use_index(ns, wants_gpu(s));
    return ns->n_shapes++;
}

const struct sim_room *sim_nodes_need(const struct sim_nodes *ns, int32_t shape)
{
    return &ns->shapes[shape].room;
}

/* ---- room ---- */

static bool counts_memory(const struct model_node_type *t)
{
    return t->has.memory_bytes > 0;
}

struct sim_room sim_nodes_room(const struct sim_node_state *s)
{
    struct sim_room room = {.mcpu = s->free_mcpu, .memory_bytes = s->free_memory};

    for (int32_t g = 0; g < s->gpus; g++) {
        room.whole_gpus += s->device_mgpu[g] == 1000;
        if (s->device_mgpu[g] > room.share_mgpu)
            room.share_mgpu = s->device_mgpu[g];
    }
    return room;
}

static void index_node(struct sim_nodes *ns, int32_t id)
{
    const struct sim_node_state *s = &ns->nodes[id].state;
    struct sim_room room = sim_nodes_room(s);

    for (int w = 0; w < 2; w++) {
        struct sim_node_key key = {0, 0}; /* of strategies that draw: by id */

        if (!ns->any_wants[w])
            continue;
        if (ns->placement->key != NULL)
            key = ns->placement->key(s->free_mcpu, s->free_mgpu, w != 0);
        sim_node_index_put(ns->types[s->type].index[w], id, key, room);
    }
}

static void unindex_node(struct sim_nodes *ns, int32_t id)
{
    for (int w = 0; w < 2; w++)
        sim_node_index_remove(ns->types[ns->nodes[id].state.type].index[w], id);
}

/* The node's room changed, or whether it is open.  Indexes follow at the next search:
 * what changes often in between, or back, costs once or nothing. */
static void node_changed(struct sim_nodes *ns, int32_t id)
{
    if (ns->ranking != NULL) {
        sim_ranking_changed(ns->ranking, id);
        return;
    }
    if (ns->nodes[id].stale)
        return;
    ns->stale = sp_arena_more(ns->arena, ns->stale, ns->n_stale, &ns->stale_room,
                              sizeof *ns->stale);
    ns->stale[ns->n_stale++] = id;
    ns->nodes[id].stale = true;
}

static void index_stale(struct sim_nodes *ns)
{
    for (int32_t i = 0; i < ns->n_stale; i++) {
        int32_t id = ns->stale[i];

        ns->nodes[id].stale = false;
        if (ns->nodes[id].open)
            index_node(ns, id);
        else
            unindex_node(ns, id);
    }
    ns->n_stale = 0;
}

/* The node's free amounts join (sign 1) or leave (-1) the sum of its type. */
static void step_free(struct sim_nodes *ns, int32_t id, int sign)
{
    const struct sim_node_state *s = &ns->nodes[id].state;
    struct sim_nodes_free *f = &ns->types[s->type].free;

    f->nodes += sign;
    f->mcpu += sign * s->free_mcpu;
    f->mgpu += sign * s->free_mgpu;
    if (s->free_memory == INT64_MAX)
        f->unlimited += sign;
    else
        f->memory_bytes += sign * s->free_memory;
}

static void gains(struct sim_nodes *ns, int32_t id)
{
    if (ns->trial || ns->nodes[id].gained || !ns->nodes[id].open)
        return;
    ns->gained = sp_arena_more(ns->arena, ns->gained, ns->n_gained, &ns->gained_room,
                               sizeof *ns->gained);
    ns->gained[ns->n_gained++] = id;
    ns->nodes[id].gained = true;
}

static void measure(struct sim_nodes *ns, struct sim_node_state *s)
{
    int64_t now = sim_fragment_of(ns->fragment, s);

    ns->fragment_sum += now - s->fragment;
    s->fragment = now;
}

/* At once where the strategy looks at it, else when it is asked for. */
static void measure_fragment(struct sim_nodes *ns, int32_t id)
{
    struct node *n = &ns->nodes[id];

    if (ns->fragment == NULL || n->unmeasured)
        return;
    if (ns->placement->wants_mix) {
        measure(ns, &n->state);
        return;
    }
    ns->unmeasured = sp_arena_more(ns->arena, ns->unmeasured, ns->n_unmeasured,
                                   &ns->unmeasured_room, sizeof *ns->unmeasured);
    ns->unmeasured[ns->n_unmeasured++] = id;
    n->unmeasured = true;
}

static void measure_rest(struct sim_nodes *ns)
{
    for (int32_t i = 0; i < ns->n_unmeasured; i++) {
        struct node *n = &ns->nodes[ns->unmeasured[i]];

        n->unmeasured = false;
        if (n->used)
            measure(ns, &n->state);
    }
    ns->n_unmeasured = 0;
}

/* The place of a node among equals, lower first: that of its list, else drawn, behind
 * all of those. */
static uint32_t tie_rank(const struct sim_nodes *ns, int32_t id)
{
    const struct model_policy *p = ns->policy;

    if (id < p->n_nodes && p->nodes[id].tie_rank >= 0 &&
        p->nodes[id].type == ns->nodes[id].state.type)
        return (uint32_t)p->nodes[id].tie_rank;
    return UINT32_C(1) << 31 | (uint32_t)(sp_mix_keys(ns->seed, (uint64_t)id) >> 33);
}

int32_t sim_nodes_add(struct sim_nodes *ns, int32_t type)
{
    const struct model_node_type *t = &ns->policy->types[type];
    int32_t id = ns->types[type].free_node;
    struct sim_node_state *s;

    if (id != SP_NO_ID) {
        ns->types[type].free_node = ns->nodes[id].next_free;
    } else {
        ns->nodes = sp_arena_more(ns->arena, ns->nodes, ns->n_nodes, &ns->nodes_room,
                                  sizeof *ns->nodes);
        if (ns->placement->wants_classes)
            ns->counts = sp_arena_more(ns->arena, ns->counts, ns->n_nodes,
                                       &ns->counts_room, sizeof *ns->counts);
        id = ns->n_nodes++;
    }
    ns->nodes[id] = (struct node){.used = true,
                                  .open = true,
                                  .gained = ns->nodes[id].gained,
                                  .stale = ns->nodes[id].stale,
                                  .unmeasured = ns->nodes[id].unmeasured,
                                  .next_free = SP_NO_ID};
    s = &ns->nodes[id].state;
    s->type = type;
    s->gpus = (int32_t)(t->has.mgpu / 1000);
    s->has = t->has;
    s->free_mcpu = t->has.mcpu;
    s->free_memory = counts_memory(t) ? t->has.memory_bytes : INT64_MAX;
    s->free_mgpu = t->has.mgpu;
    for (int32_t g = 0; g < s->gpus; g++)
        s->device_mgpu[g] = 1000;
    measure_fragment(ns, id);
    if (ns->counts != NULL)
        ns->counts[id] = (struct counts){{0}};
    if (ns->ranking != NULL)
        sim_ranking_add(ns->ranking, id, tie_rank(ns, id));
    else
        node_changed(ns, id);
    step_free(ns, id, 1);
    gains(ns, id);
    return id;
}

void sim_nodes_remove(struct sim_nodes *ns, int32_t id)
{
    struct node *n = &ns->nodes[id];

    if (n->open)
        step_free(ns, id, -1);
    ns->fragment_sum -= n->state.fragment;
    n->state.fragment = 0;
    n->used = n->open = false;
    node_changed(ns, id);
    n->next_free = ns->types[n->state.type].free_node;
    ns->types[n->state.type].free_node = id;
}

int32_t sim_nodes_n(const struct sim_nodes *ns)
{
    return ns->n_nodes;
}

void sim_nodes_close(struct sim_nodes *ns, int32_t id)
{
    if (ns->nodes[id].open)
        step_free(ns, id, -1);
    ns->nodes[id].open = false;
    node_changed(ns, id);
}

void sim_nodes_open(struct sim_nodes *ns, int32_t id)
{
    sp_assert(ns->nodes[id].used && !ns->nodes[id].open);
    ns->nodes[id].open = true;
    node_changed(ns, id);
    step_free(ns, id, 1);
    gains(ns, id);
}

bool sim_nodes_is_open(const struct sim_nodes *ns, int32_t id)
{
    return ns->nodes[id].open;
}

void sim_nodes_trial(struct sim_nodes *ns, bool on)
{
    ns->trial = on;
}

const struct sim_nodes_free *sim_nodes_free(const struct sim_nodes *ns, int32_t type)
{
    return &ns->types[type].free;
}

int32_t sim_nodes_gained(const struct sim_nodes *ns, const int32_t **nodes)
{
    *nodes = ns->gained;
    return ns->n_gained;
}

void sim_nodes_forget_gained(struct sim_nodes *ns)
{
    for (int32_t i = 0; i < ns->n_gained; i++)
        ns->nodes[ns->gained[i]].gained = false;
    ns->n_gained = 0;
}

const struct sim_node_state *sim_nodes_state(const struct sim_nodes *ns, int32_t id)
{
    return &ns->nodes[id].state;
}

static bool type_allowed(const struct shape *s, int32_t type)
{
    return type >= 63 || (s->allowed_types >> type & 1) != 0;
}

bool sim_nodes_fits(const struct sim_nodes *ns, int32_t id, int32_t shape)
{
    const struct shape *s = &ns->shapes[shape];
    const struct sim_node_state *n = &ns->nodes[id].state;
    struct sim_room room;

    if (n->free_mcpu < s->needs.mcpu || n->free_mgpu < s->needs.mgpu ||
        !type_allowed(s, n->type))
        return false;
    room = sim_nodes_room(n);
    return sim_room_fits(&room, &s->room);
}

bool sim_nodes_type_holds(const struct sim_nodes *ns, int32_t type, int32_t shape)
{
    const struct model_node_type *t = &ns->policy->types[type];
    const struct shape *s = &ns->shapes[shape];
    struct sim_room empty = {.mcpu = t->has.mcpu,
                             .memory_bytes =
                                 counts_memory(t) ? t->has.memory_bytes : INT64_MAX,
                             .whole_gpus = (int32_t)(t->has.mgpu / 1000),
                             .share_mgpu = t->has.mgpu > 0 ? 1000 : 0};

    return type_allowed(s, type) && sim_room_fits(&empty, &s->room);
}

bool sim_nodes_type_allowed(const struct sim_nodes *ns, int32_t type, int32_t shape)
{
    return type_allowed(&ns->shapes[shape], type);
}

/* ---- finding ---- */

/* The best node among types whose having GPUs is in `tier` (bit 0: without, bit 1:
 * with). */
static int32_t find_in_tier(struct sim_nodes *ns, const struct shape *s, int tier)
{
    int32_t best = SP_NO_ID;
    struct sim_node_key best_key = {0, 0};

    for (int32_t t = 0; t < ns->policy->n_types; t++) {
        int32_t id;
        struct sim_node_key key;
        const struct sim_node_state *n;

        if (!type_allowed(s, t) || !(tier >> (ns->policy->types[t].has.mgpu > 0) & 1))
            continue;
        id = sim_node_index_first(ns->types[t].index[wants_gpu(s)], &s->room);
        if (id == SP_NO_ID)
            continue;
        if (!ns->placement->across_types)
            return id;
        n = &ns->nodes[id].state;
        key = ns->placement->key(n->free_mcpu, n->free_mgpu, wants_gpu(s));
        if (best == SP_NO_ID || key.first < best_key.first ||
            (key.first == best_key.first && key.second < best_key.second)) {
            best = id;
            best_key = key;
        }
    }
    return best;
}

/* The first of id `from` or more, whatever its type. */
static int32_t first_from(struct sim_nodes *ns, const struct shape *s, int32_t from)
{
    int32_t first = SP_NO_ID;

    for (int32_t t = 0; t < ns->policy->n_types; t++) {
        int32_t id;

        if (!type_allowed(s, t))
            continue;
        id =
            sim_node_index_first_from(ns->types[t].index[wants_gpu(s)], &s->room, from);
        if (id != SP_NO_ID && (first == SP_NO_ID || id < first))
            first = id;
    }
    return first;
}

/* Ids drawn one after the other until one has room; where so few have that none is hit,
 * the next one from the last draw on. */
static int32_t find_drawn(struct sim_nodes *ns, int32_t shape, uint64_t draw)
{
    uint64_t key = sp_mix_keys(ns->seed, draw);
    uint64_t n = (uint64_t)ns->n_nodes;
    int32_t id;

    if (n == 0)
        return SP_NO_ID;
    for (uint64_t i = 0; i < PROBES; i++) {
        id = (int32_t)(sp_mix_keys(key, i) % n);
        ns->drawn_steps++;
        if (ns->nodes[id].open && sim_nodes_fits(ns, id, shape))
            return id;
    }
    id = first_from(ns, &ns->shapes[shape], (int32_t)(sp_mix_keys(key, PROBES) % n));
    return id != SP_NO_ID ? id : first_from(ns, &ns->shapes[shape], 0);
}

int32_t sim_nodes_find(struct sim_nodes *ns, int32_t shape, uint64_t draw)
{
    const struct shape *s = &ns->shapes[shape];
    int32_t id;

    if (ns->ranking != NULL)
        return sim_ranking_best(ns->ranking, shape);
    index_stale(ns);
    if (ns->placement->draws)
        return find_drawn(ns, shape, draw);
    if (!ns->placement->spares_gpu_nodes || wants_gpu(s))
        return find_in_tier(ns, s, 3);
    id = find_in_tier(ns, s, 1);
    return id != SP_NO_ID ? id : find_in_tier(ns, s, 2);
}

/* ---- taking ---- */

/* Any device with room, each as likely: drawn for the node as it is. */
static int32_t drawn_device(const struct sim_nodes *ns, int32_t id, int32_t share_mgpu)
{
    const struct sim_node_state *s = &ns->nodes[id].state;
    uint64_t key =
        sp_mix_keys(sp_mix_keys(ns->seed, (uint64_t)id),
                    sp_mix_keys((uint64_t)s->free_mcpu, (uint64_t)s->free_mgpu));
    uint64_t devices = 0;
    int32_t g = 0;

    for (int32_t i = 0; i < s->gpus; i++)
        devices += s->device_mgpu[i] >= share_mgpu;
    sp_assert(devices > 0);
    for (uint64_t skip = key % devices;; g++) {
        if (s->device_mgpu[g] >= share_mgpu && skip-- == 0)
            return g;
    }
}

/* Whole devices: the first free ones.  A share: the fullest device that has room, or
 * the one that the strategy says. */
static struct sim_hold choose_devices(const struct sim_nodes *ns, int32_t id,
                                      const struct sim_room *need)
{
    const struct sim_node_state *s = &ns->nodes[id].state;
    struct sim_hold h = {.node = id, .device = SP_NO_ID};
    int32_t whole = need->whole_gpus;

    for (int32_t g = 0; g < s->gpus && whole > 0; g++)
        if (s->device_mgpu[g] == 1000) {
            h.whole |= UINT64_C(1) << g;
            whole--;
        }
    if (need->share_mgpu > 0 && ns->placement->draws)
        h.device = drawn_device(ns, id, need->share_mgpu);
    else if (need->share_mgpu > 0 && ns->placement->device != NULL)
        h.device = ns->placement->device(&ns->scoring, s, need);
    else if (need->share_mgpu > 0)
        h.device = sim_tightest_device(s, need->share_mgpu);
    sp_assert(whole == 0 && (need->share_mgpu == 0 || h.device != SP_NO_ID));
    return h;
}

static void count_member(struct sim_nodes *ns, int32_t id, const struct sim_room *need,
                         int sign)
{
    struct sim_node_state *s = &ns->nodes[id].state;
    int32_t class = sim_gpu_class(need);
    uint16_t *n = &ns->counts[id].of[class];

    *n = (uint16_t)(*n + sign);
    if (*n > 0)
        s->classes |= UINT64_C(1) << class;
    else
        s->classes &= ~(UINT64_C(1) << class);
}

/* Takes (sign 1) or gives back (-1). */
static void move_room(struct sim_nodes *ns, const struct sim_hold *h, int32_t shape,
                      int sign)
{
    struct sim_node_state *s = &ns->nodes[h->node].state;
    const struct shape *sh = &ns->shapes[shape];

    if (ns->nodes[h->node].open)
        step_free(ns, h->node, -1);
    s->free_mcpu -= sign * sh->needs.mcpu;
    if (s->free_memory != INT64_MAX)
        s->free_memory -= sign * sh->needs.memory_bytes;
    s->free_mgpu -= sign * sh->needs.mgpu;
    for (int32_t g = 0; g < s->gpus; g++)
        if (h->whole >> g & 1)
            s->device_mgpu[g] = sign > 0 ? 0 : 1000;
    if (h->device != SP_NO_ID)
        s->device_mgpu[h->device] =
            (int16_t)(s->device_mgpu[h->device] - sign * sh->room.share_mgpu);
    if (ns->counts != NULL && sh->needs.mgpu > 0)
        count_member(ns, h->node, &sh->room, sign);
    measure_fragment(ns, h->node);
    if (ns->nodes[h->node].open) {
        node_changed(ns, h->node);
        step_free(ns, h->node, 1);
    }
    if (sign < 0)
        gains(ns, h->node);
}

void sim_nodes_set_free(struct sim_nodes *ns, int32_t id,
                        const struct sim_node_state *to)
{
    struct sim_node_state *s = &ns->nodes[id].state;

    if (ns->nodes[id].open)
        step_free(ns, id, -1);
    s->free_mcpu = to->free_mcpu;
    s->free_memory = to->free_memory;
    s->free_mgpu = to->free_mgpu;
    memcpy(s->device_mgpu, to->device_mgpu, sizeof s->device_mgpu);
    measure_fragment(ns, id);
    if (ns->nodes[id].open) {
        node_changed(ns, id);
        step_free(ns, id, 1);
    }
}

struct sim_hold sim_nodes_take(struct sim_nodes *ns, int32_t id, int32_t shape)
{
    struct sim_hold h = choose_devices(ns, id, &ns->shapes[shape].room);

    move_room(ns, &h, shape, 1);
    return h;
}

void sim_nodes_retake(struct sim_nodes *ns, const struct sim_hold *h, int32_t shape)
{
    move_room(ns, h, shape, 1);
}

void sim_nodes_give(struct sim_nodes *ns, const struct sim_hold *h, int32_t shape)
{
    move_room(ns, h, shape, -1);
}

/* ---- answers ---- */

double sim_nodes_fragment_mgpu(struct sim_nodes *ns)
{
    if (ns->fragment == NULL)
        return NAN;
    measure_rest(ns);
    return (double)ns->fragment_sum / (double)sim_fragment_weight(ns->fragment);
}

uint64_t sim_nodes_search_steps(const struct sim_nodes *ns)
{
    uint64_t steps = ns->drawn_steps;

    if (ns->ranking != NULL)
        return sim_ranking_steps(ns->ranking);

    for (int32_t t = 0; t < ns->policy->n_types; t++)
        for (int w = 0; w < 2; w++)
            steps += sim_node_index_steps(ns->types[t].index[w]);
    return steps;
}

static void verify_free(const struct sim_nodes *ns)
{
    for (int32_t t = 0; t < ns->policy->n_types; t++) {
        struct sim_nodes_free sum = {0};
        const struct sim_nodes_free *f = &ns->types[t].free;

        for (int32_t id = 0; id < ns->n_nodes; id++) {
            const struct sim_node_state *s = &ns->nodes[id].state;

            if (!ns->nodes[id].open || s->type != t)
                continue;
            sum.nodes++;
            sum.mcpu += s->free_mcpu;
            sum.mgpu += s->free_mgpu;
            sum.unlimited += s->free_memory == INT64_MAX;
            sum.memory_bytes += s->free_memory == INT64_MAX ? 0 : s->free_memory;
        }
        sp_assert(sum.nodes == f->nodes && sum.mcpu == f->mcpu && sum.mgpu == f->mgpu);
        sp_assert(sum.unlimited == f->unlimited && sum.memory_bytes == f->memory_bytes);
    }
}

/* What the indexes say of a node that is not stale. */
static void verify_indexed(const struct sim_nodes *ns, int32_t id)
{
    const struct sim_node_state *s = &ns->nodes[id].state;
    struct sim_room room = sim_nodes_room(s);

    for (int w = 0; w < 2 && ns->ranking == NULL; w++)
        sp_assert(sim_node_index_says(ns->types[s->type].index[w], id, &room) ==
                  (ns->any_wants[w] && ns->nodes[id].open));
}

void sim_nodes_verify(const struct sim_nodes *ns)
{
    int64_t fragment = 0;

    for (int32_t id = 0; id < ns->n_nodes; id++) {
        const struct sim_node_state *s = &ns->nodes[id].state;
        int64_t mgpu = 0;

        if (!ns->nodes[id].used)
            continue;
        for (int32_t g = 0; g < s->gpus; g++) {
            sp_assert(s->device_mgpu[g] >= 0 && s->device_mgpu[g] <= 1000);
            mgpu += s->device_mgpu[g];
        }
        sp_assert(mgpu == s->free_mgpu && s->free_mcpu >= 0 && s->free_memory >= 0);
        if (ns->fragment != NULL && !ns->nodes[id].unmeasured)
            sp_assert(s->fragment == sim_fragment_of(ns->fragment, s));
        fragment += s->fragment;
    }
    sp_assert(fragment == ns->fragment_sum);
    if (ns->ranking != NULL)
        sim_ranking_verify(ns->ranking);
    verify_free(ns);
    for (int32_t id = 0; id < ns->n_nodes; id++)
        if (!ns->nodes[id].stale)
            verify_indexed(ns, id);
    for (int32_t t = 0; t < ns->policy->n_types; t++)
        for (int w = 0; w < 2; w++)
            sim_node_index_verify(ns->types[t].index[w]);
}
