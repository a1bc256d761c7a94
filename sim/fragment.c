/* Targets that need the same of devices are one group; on a node all that counts of a
 * group is how many of its devices are large enough, what is idle on these, and the
 * weight of its targets that the free CPUs suffice for.  That weight stands in a table
 * by step of CPU, one table for each set of node types that the same targets allow. */
#include "sim/fragment.h"

#include <math.h>
#include <stdlib.h>

enum { WEIGHT_MAX = 1 << 24 };

struct group {
    int32_t mgpu, devices; /* of each device, and how many */
};

struct table {
    int32_t n_steps, n_groups;
    int64_t *mcpu; /* rising: what targets need */
    struct group *group;
    int64_t *weight; /* [step][group]: of targets that need at most mcpu[step] */
};

struct sim_fragment {
    int64_t weight;
    int32_t n_types;
    struct table *types;
};

static struct group group_of(const struct sim_target *t)
{
    if (t->mgpu < 1000)
        return (struct group){(int32_t)t->mgpu, 1};
    return (struct group){1000, (int32_t)(t->mgpu / 1000)};
}

/* The parts of each target. */
static int64_t weigh(const struct sim_mix *mix, int64_t *parts)
{
    double sum = 0;
    bool whole = true;
    int64_t total = 0;

    for (int32_t i = 0; i < mix->n; i++) {
        sum += mix->target[i].weight;
        whole = whole && mix->target[i].weight == floor(mix->target[i].weight);
    }
    for (int32_t i = 0; i < mix->n; i++) {
        double w = mix->target[i].weight;

        parts[i] = whole && sum <= WEIGHT_MAX ? (int64_t)w
                                              : (int64_t)(w / sum * WEIGHT_MAX + 0.5);
        total += parts[i];
    }
    return total > 0 ? total : 1;
}

static int by_amount(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static bool counts_on(const struct sim_target *t, int32_t type)
{
    return t->mgpu > 0 && (type >= 63 || (t->allowed_types >> type & 1) != 0);
}

static int32_t group_add(struct table *tb, struct group g)
{
    for (int32_t i = 0; i < tb->n_groups; i++)
        if (tb->group[i].mgpu == g.mgpu && tb->group[i].devices == g.devices)
            return i;
    tb->group[tb->n_groups] = g;
    return tb->n_groups++;
}

/* The last step whose CPUs are there, or -1. */
static int32_t step_at(const struct table *tb, int64_t mcpu)
{
    int32_t low = 0, high = tb->n_steps;

    while (low < high) {
        int32_t mid = low + (high - low) / 2;

        if (tb->mcpu[mid] <= mcpu)
            low = mid + 1;
        else
            high = mid;
    }
    return low - 1;
}

static void set_steps(struct table *tb, const struct sim_mix *mix, int32_t type)
{
    int32_t n = 0;

    for (int32_t i = 0; i < mix->n; i++)
        if (counts_on(&mix->target[i], type)) {
            tb->mcpu[n++] = mix->target[i].mcpu;
            group_add(tb, group_of(&mix->target[i]));
        }
    qsort(tb->mcpu, (size_t)n, sizeof *tb->mcpu, by_amount);
    for (int32_t i = 0; i < n; i++)
        if (tb->n_steps == 0 || tb->mcpu[tb->n_steps - 1] < tb->mcpu[i])
            tb->mcpu[tb->n_steps++] = tb->mcpu[i];
}

static void fill_table(struct sp_arena *arena, struct table *tb,
                       const struct sim_mix *mix, const int64_t *parts, int32_t type)
{
    tb->mcpu = sp_arena_array(arena, (size_t)mix->n, sizeof *tb->mcpu);
    tb->group = sp_arena_array(arena, (size_t)mix->n, sizeof *tb->group);
    set_steps(tb, mix, type);
    tb->weight = sp_arena_array(arena, (size_t)tb->n_steps * (size_t)tb->n_groups,
                                sizeof *tb->weight);
    for (int32_t i = 0; i < mix->n; i++) {
        const struct sim_target *t = &mix->target[i];

        if (counts_on(t, type))
            for (int32_t s = step_at(tb, t->mcpu); s < tb->n_steps; s++)
                tb->weight[s * tb->n_groups + group_add(tb, group_of(t))] += parts[i];
    }
}

/* A type before this one on which the same targets count, or SP_NO_ID. */
static int32_t like(const struct model_policy *policy, const struct sim_mix *mix,
                    int32_t type)
{
    for (int32_t t = 0; t < type; t++) {
        bool same = policy->types[t].has.mgpu > 0;

        for (int32_t i = 0; i < mix->n && same; i++)
            same = counts_on(&mix->target[i], t) == counts_on(&mix->target[i], type);
        if (same)
            return t;
    }
    return SP_NO_ID;
}

struct sim_fragment *sim_fragment_new(struct sp_arena *arena,
                                      const struct model_policy *policy,
                                      const struct sim_mix *mix)
{
    struct sim_fragment *f = sp_arena_alloc(arena, sizeof *f);
    int64_t parts[SIM_MIX_MAX];

    sp_assert(mix->n <= SIM_MIX_MAX);
    f->weight = weigh(mix, parts);
    f->n_types = policy->n_types;
    f->types = sp_arena_array(arena, (size_t)policy->n_types, sizeof *f->types);
    for (int32_t t = 0; t < policy->n_types; t++) {
        int32_t same = like(policy, mix, t);

        if (policy->types[t].has.mgpu == 0)
            continue;
        if (same != SP_NO_ID)
            f->types[t] = f->types[same];
        else
            fill_table(arena, &f->types[t], mix, parts, t);
    }
    return f;
}

int64_t sim_fragment_weight(const struct sim_fragment *f)
{
    return f->weight;
}

/* A node's devices as a group sees them: how many are large enough, and what is idle on
 * these. */
struct seen {
    int32_t devices, mgpu;
};

static void look(const struct table *tb, const struct sim_node_state *s,
                 struct seen seen[SIM_MIX_MAX])
{
    for (int32_t i = 0; i < tb->n_groups; i++) {
        int32_t least = tb->group[i].mgpu, devices = 0, mgpu = 0;

        for (int32_t g = 0; g < s->gpus; g++) {
            bool large = s->device_mgpu[g] >= least;

            devices += large;
            mgpu += large ? s->device_mgpu[g] : 0;
        }
        seen[i] = (struct seen){devices, mgpu};
    }
}

/* So many devices that had `had` thousandths free have `has` now. */
struct change {
    int32_t devices, had, has;
};

/* Thousandths x weight of those who could use them, after the change. */
static int64_t of_use(const struct table *tb, const struct seen *seen, int64_t mcpu,
                      struct change c)
{
    int32_t step = step_at(tb, mcpu);
    const int64_t *weight;
    int64_t sum = 0;

    if (step < 0)
        return 0;
    weight = &tb->weight[step * tb->n_groups];
    for (int32_t i = 0; i < tb->n_groups; i++) {
        struct group g = tb->group[i];
        int32_t lost = c.had >= g.mgpu ? c.devices : 0;
        int32_t kept = c.has >= g.mgpu ? c.devices : 0;

        if (seen[i].devices - lost + kept >= g.devices)
            sum += weight[i] * (seen[i].mgpu - lost * c.had + kept * c.has);
    }
    return sum;
}

int64_t sim_fragment_of(const struct sim_fragment *f, const struct sim_node_state *s)
{
    const struct table *tb = &f->types[s->type];
    struct seen seen[SIM_MIX_MAX];

    if (s->gpus == 0 || tb->group == NULL)
        return 0;
    look(tb, s, seen);
    return f->weight * s->free_mgpu -
           of_use(tb, seen, s->free_mcpu, (struct change){0, 0, 0});
}

/* Devices alike have the same measure. */
static int32_t alike(const struct sim_node_state *s, int32_t device)
{
    for (int32_t g = 0; g < device; g++)
        if (s->device_mgpu[g] == s->device_mgpu[device])
            return g;
    return SP_NO_ID;
}

void sim_fragment_after(const struct sim_fragment *f, const struct sim_node_state *s,
                        const struct sim_room *need, int64_t after[MODEL_GPUS_MAX])
{
    const struct table *tb = &f->types[s->type];
    struct seen seen[SIM_MIX_MAX];
    int64_t mcpu = s->free_mcpu - need->mcpu;
    int64_t idle = s->free_mgpu - 1000 * need->whole_gpus - need->share_mgpu;

    after[0] = 0;
    if (tb->group != NULL)
        look(tb, s, seen);
    if (need->share_mgpu == 0 && tb->group != NULL)
        after[0] = f->weight * idle -
                   of_use(tb, seen, mcpu, (struct change){need->whole_gpus, 1000, 0});
    for (int32_t g = 0; need->share_mgpu > 0 && g < s->gpus; g++) {
        int32_t had = s->device_mgpu[g], same = alike(s, g);
        struct change c = {1, had, had - need->share_mgpu};

        if (had < need->share_mgpu)
            after[g] = -1;
        else if (same != SP_NO_ID)
            after[g] = after[same];
        else
            after[g] = f->weight * idle - of_use(tb, seen, mcpu, c);
    }
}
