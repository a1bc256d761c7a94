#include "naive_nodes.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

struct naive_nodes naive_nodes_new(struct sp_arena *arena,
                                   const struct model_policy *policy,
                                   const struct sim_mix *mix, uint64_t seed,
                                   int32_t max)
{
    struct naive_nodes ns = {.policy = policy, .mix = mix, .seed = seed};

    ns.nodes = sp_arena_array(arena, (size_t)max, sizeof *ns.nodes);
    for (int32_t t = 0; t < policy->n_types; t++) {
        ns.most_mcpu = fmax(ns.most_mcpu, (double)policy->types[t].has.mcpu);
        ns.most_mgpu = fmax(ns.most_mgpu, (double)policy->types[t].has.mgpu);
    }
    ns.most_mgpu = fmax(ns.most_mgpu, 1);
    for (int32_t i = 0; i < mix->n; i++)
        ns.weight += mix->target[i].weight;
    return ns;
}

void naive_nodes_add(struct naive_nodes *ns, int32_t id, int32_t type)
{
    const struct model_amounts *has = &ns->policy->types[type].has;
    struct naive_node *n = &ns->nodes[id];

    *n = (struct naive_node){.open = true,
                             .used = true,
                             .type = type,
                             .gpus = (int32_t)(has->mgpu / 1000),
                             .free_mcpu = has->mcpu,
                             .free_memory =
                                 has->memory_bytes > 0 ? has->memory_bytes : -1};
    for (int32_t g = 0; g < n->gpus; g++)
        n->free_mgpu[g] = 1000;
    ns->n = id >= ns->n ? id + 1 : ns->n;
}

/* ---- what is needed ---- */

static bool is_share(const struct naive_member *m)
{
    return m->needs.mgpu > 0 && m->needs.mgpu < 1000;
}

static int32_t per_device(const struct naive_member *m)
{
    return is_share(m) ? (int32_t)m->needs.mgpu : 1000;
}

static int32_t devices_needed(const struct naive_member *m)
{
    return is_share(m) ? 1 : (int32_t)(m->needs.mgpu / 1000);
}

static int32_t devices_with(const struct naive_node *n, int32_t mgpu)
{
    int32_t devices = 0;

    for (int32_t g = 0; g < n->gpus; g++)
        if (n->free_mgpu[g] >= mgpu)
            devices++;
    return devices;
}

static bool fits(const struct naive_node *n, const struct naive_member *m)
{
    return n->used && n->open && (m->allowed_types >> n->type & 1) != 0 &&
           n->free_mcpu >= m->needs.mcpu &&
           (n->free_memory < 0 || n->free_memory >= m->needs.memory_bytes) &&
           devices_with(n, per_device(m)) >= devices_needed(m);
}

static int64_t idle(const struct naive_node *n)
{
    int64_t sum = 0;

    for (int32_t g = 0; g < n->gpus; g++)
        sum += n->free_mgpu[g];
    return sum;
}

/* ---- the fragment measure, from its definition ---- */

/* Thousandths x weight; whole numbers. */
static double fragment(const struct naive_nodes *ns, const struct naive_node *n)
{
    double sum = 0;

    for (int32_t i = 0; i < ns->mix->n; i++) {
        const struct sim_target *t = &ns->mix->target[i];
        struct naive_member m = {{t->mcpu, t->mgpu, 0}, t->allowed_types};

        if (t->mgpu == 0 || !(t->allowed_types >> n->type & 1) ||
            n->free_mcpu < t->mcpu ||
            devices_with(n, per_device(&m)) < devices_needed(&m)) {
            sum += t->weight * (double)idle(n);
            continue;
        }
        for (int32_t g = 0; g < n->gpus; g++)
            if (n->free_mgpu[g] < per_device(&m))
                sum += t->weight * n->free_mgpu[g];
    }
    return sum;
}

double naive_nodes_fragment_mgpu(const struct naive_nodes *ns)
{
    double sum = 0;

    for (int32_t i = 0; i < ns->n; i++)
        if (ns->nodes[i].used)
            sum += fragment(ns, &ns->nodes[i]);
    return sum / ns->weight;
}

/* ---- moving ---- */

static void move(struct naive_node *n, const struct naive_member *m,
                 const struct sim_hold *h, int32_t sign)
{
    n->free_mcpu -= sign * m->needs.mcpu;
    if (n->free_memory >= 0)
        n->free_memory -= sign * m->needs.memory_bytes;
    for (int32_t g = 0; g < n->gpus; g++)
        if (g == h->device || (h->whole >> g & 1) != 0)
            n->free_mgpu[g] -= sign * per_device(m);
    if (is_share(m))
        n->shares += sign;
    else if (m->needs.mgpu > 0)
        n->whole[devices_needed(m)] += sign;
}

void naive_nodes_give(struct naive_nodes *ns, const struct sim_hold *h,
                      const struct naive_member *m)
{
    move(&ns->nodes[h->node], m, h, -1);
}

/* ---- scores ---- */

static int32_t fgd_with(const struct naive_nodes *ns, const struct naive_node *n,
                        const struct naive_member *m, struct sim_hold h)
{
    struct naive_node after = *n;
    double drop;

    move(&after, m, &h, 1);
    drop = fragment(ns, n) - fragment(ns, &after);
    return (int32_t)(100 / (1 + exp(-(drop / ns->weight / 1000))));
}

static struct sim_hold lowest_free(const struct naive_node *n, int32_t devices)
{
    struct sim_hold h = {.device = SP_NO_ID};

    for (int32_t g = 0; g < n->gpus && devices > 0; g++)
        if (n->free_mgpu[g] == 1000) {
            h.whole |= UINT64_C(1) << g;
            devices--;
        }
    return h;
}

/* The device where a share scores most, and that score. */
static int32_t fgd_device(const struct naive_nodes *ns, const struct naive_node *n,
                          const struct naive_member *m, int32_t *score)
{
    int32_t best = SP_NO_ID;

    *score = -1;
    for (int32_t g = 0; g < n->gpus; g++)
        if (n->free_mgpu[g] >= m->needs.mgpu) {
            int32_t s = fgd_with(ns, n, m, (struct sim_hold){.device = g});

            if (s > *score) {
                best = g;
                *score = s;
            }
        }
    return best;
}

static int32_t tightest(const struct naive_node *n, int64_t mgpu)
{
    int32_t best = SP_NO_ID;

    for (int32_t g = n->gpus - 1; g >= 0; g--)
        if (n->free_mgpu[g] >= mgpu &&
            (best == SP_NO_ID || n->free_mgpu[g] <= n->free_mgpu[best]))
            best = g;
    return best;
}

static int32_t fgd(const struct naive_nodes *ns, const struct naive_node *n,
                   const struct naive_member *m)
{
    int32_t score;

    if (!is_share(m))
        return fgd_with(ns, n, m, lowest_free(n, devices_needed(m)));
    fgd_device(ns, n, m, &score);
    return score;
}

static int32_t dot_product(const struct naive_nodes *ns, const struct naive_node *n,
                           const struct naive_member *m)
{
    double cpu =
        (double)n->free_mcpu / ns->most_mcpu * ((double)m->needs.mcpu / ns->most_mcpu);
    double gpu =
        (double)idle(n) / ns->most_mgpu * ((double)m->needs.mgpu / ns->most_mgpu);

    return (int32_t)(100 * (1 - (cpu + gpu) / 2));
}

static int32_t least_left(const struct naive_nodes *ns, const struct naive_node *n,
                          const struct naive_member *m)
{
    double cpu = (double)(n->free_mcpu - m->needs.mcpu) / ns->most_mcpu;
    double gpu = (double)(idle(n) - m->needs.mgpu) / ns->most_mgpu;

    return (int32_t)(100 * (1 - (cpu * 0.5 + gpu * 0.5)));
}

static int32_t packing(const struct naive_nodes *ns, const struct naive_node *n,
                       const struct naive_member *m)
{
    int32_t device, used;

    (void)ns;
    if (m->needs.mgpu == 0)
        return 0;
    if (devices_with(n, 1000) == n->gpus)
        return n->gpus > 33 ? 0 : 33 - n->gpus;
    device = is_share(m) ? tightest(n, m->needs.mgpu) : SP_NO_ID;
    if (device != SP_NO_ID && n->free_mgpu[device] < 1000)
        return 100 - n->free_mgpu[device] / 100;
    used = devices_needed(m);
    return used > 17 ? 33 : 50 - used;
}

static int32_t clustering(const struct naive_nodes *ns, const struct naive_node *n,
                          const struct naive_member *m)
{
    int32_t alike = is_share(m) ? n->shares : n->whole[devices_needed(m)];
    int32_t others = -alike, tier;

    if (m->needs.mgpu == 0)
        return 0;
    others += n->shares;
    for (int32_t k = 0; k <= MODEL_GPUS_MAX; k++)
        others += n->whole[k];
    if (alike > 0)
        tier = others == 0 ? 75 : 50;
    else
        tier = others == 0 ? 25 : 0;
    return tier + (int32_t)(25 * (ns->most_mgpu - (double)idle(n)) / ns->most_mgpu);
}

typedef int32_t score_fn(const struct naive_nodes *ns, const struct naive_node *n,
                         const struct naive_member *m);

static const struct {
    const char *name;
    score_fn *score;
} scores[] = {
    {"fgd", fgd},
    {"dot-product", dot_product},
    {"weighted-best-fit", least_left},
    {"gpu-packing", packing},
    {"gpu-clustering", clustering},
};

static int64_t rank(const struct naive_nodes *ns, int32_t id)
{
    const struct model_policy *p = ns->policy;

    if (id < p->n_nodes && p->nodes[id].tie_rank >= 0)
        return p->nodes[id].tie_rank;
    return (INT64_C(1) << 31) + (int64_t)(sp_mix_keys(ns->seed, (uint64_t)id) >> 33);
}

static int32_t highest(const struct naive_nodes *ns, const struct naive_member *m,
                       score_fn *score)
{
    int32_t best = SP_NO_ID, best_score = -1;

    for (int32_t id = 0; id < ns->n; id++) {
        int32_t s;

        if (!fits(&ns->nodes[id], m))
            continue;
        s = score(ns, &ns->nodes[id], m);
        if (s > best_score || (s == best_score && rank(ns, id) < rank(ns, best))) {
            best = id;
            best_score = s;
        }
    }
    return best;
}

/* ---- orders ---- */

/* The first in the order (type, id), of types with (1), without (0) or with and
 * without GPUs (-1). */
static int32_t first(const struct naive_nodes *ns, const struct naive_member *m,
                     int32_t gpus)
{
    for (int32_t t = 0; t < ns->policy->n_types; t++)
        for (int32_t id = 0; id < ns->n; id++)
            if (ns->nodes[id].type == t && fits(&ns->nodes[id], m) &&
                (gpus < 0 || (ns->nodes[id].gpus > 0) == gpus))
                return id;
    return SP_NO_ID;
}

/* By what is free, the scarcer thing first; sign 1 the least, -1 the most. */
static int32_t by_free(const struct naive_nodes *ns, const struct naive_member *m,
                       int32_t sign)
{
    int32_t best = SP_NO_ID;
    int64_t best_a = 0, best_b = 0;

    for (int32_t t = 0; t < ns->policy->n_types; t++)
        for (int32_t id = 0; id < ns->n; id++) {
            const struct naive_node *n = &ns->nodes[id];
            int64_t a = sign * (m->needs.mgpu > 0 ? idle(n) : n->free_mcpu);
            int64_t b = sign * (m->needs.mgpu > 0 ? n->free_mcpu : idle(n));

            if (n->type != t || !fits(n, m))
                continue;
            if (best == SP_NO_ID || a < best_a || (a == best_a && b < best_b)) {
                best = id;
                best_a = a;
                best_b = b;
            }
        }
    return best;
}

static int32_t drawn(const struct naive_nodes *ns, const struct naive_member *m,
                     uint64_t draw)
{
    uint64_t key = sp_mix_keys(ns->seed, draw), n = (uint64_t)ns->n;

    for (uint64_t i = 0; i < 64; i++) {
        int32_t id = (int32_t)(sp_mix_keys(key, i) % n);

        if (fits(&ns->nodes[id], m))
            return id;
    }
    for (uint64_t i = 0; i < n; i++) {
        int32_t id = (int32_t)((sp_mix_keys(key, 64) % n + i) % n);

        if (fits(&ns->nodes[id], m))
            return id;
    }
    return SP_NO_ID;
}

int32_t naive_nodes_find(const struct naive_nodes *ns, const struct naive_member *m,
                         uint64_t draw)
{
    const char *name = ns->policy->placement;
    int32_t id;

    for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++)
        if (strcmp(scores[i].name, name) == 0)
            return highest(ns, m, scores[i].score);
    if (strcmp(name, "random") == 0)
        return drawn(ns, m, draw);
    if (strcmp(name, "best-fit") == 0)
        return by_free(ns, m, 1);
    if (strcmp(name, "worst-fit") == 0)
        return by_free(ns, m, -1);
    if (strcmp(name, "first-fit") == 0 || m->needs.mgpu > 0)
        return first(ns, m, -1);
    id = first(ns, m, 0); /* cpu-avoids-gpu */
    return id != SP_NO_ID ? id : first(ns, m, 1);
}

/* ---- taking ---- */

static int32_t drawn_device(const struct naive_nodes *ns, int32_t id,
                            const struct naive_member *m)
{
    const struct naive_node *n = &ns->nodes[id];
    uint64_t key = sp_mix_keys(sp_mix_keys(ns->seed, (uint64_t)id),
                               sp_mix_keys((uint64_t)n->free_mcpu, (uint64_t)idle(n)));
    int32_t with_room[MODEL_GPUS_MAX], k = 0;

    for (int32_t g = 0; g < n->gpus; g++)
        if (n->free_mgpu[g] >= m->needs.mgpu)
            with_room[k++] = g;
    return with_room[key % (uint64_t)k];
}

struct sim_hold naive_nodes_take(struct naive_nodes *ns, int32_t id,
                                 const struct naive_member *m)
{
    struct naive_node *n = &ns->nodes[id];
    struct sim_hold h = {.device = SP_NO_ID};
    int32_t score;

    if (!is_share(m))
        h = lowest_free(n, devices_needed(m));
    else if (strcmp(ns->policy->placement, "fgd") == 0)
        h.device = fgd_device(ns, n, m, &score);
    else if (strcmp(ns->policy->placement, "random") == 0)
        h.device = drawn_device(ns, id, m);
    else
        h.device = tightest(n, m->needs.mgpu);
    h.node = id;
    move(n, m, &h, 1);
    return h;
}
