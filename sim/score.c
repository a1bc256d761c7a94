/* One function per rule. */
#include "sim/score.h"

#include <math.h>

struct sim_scoring sim_scoring_of(const struct model_policy *policy,
                                  const struct sim_fragment *fragment)
{
    struct sim_scoring sc = {1, 1, fragment};

    for (int32_t t = 0; t < policy->n_types; t++) {
        const struct model_amounts *has = &policy->types[t].has;

        sc.most_mcpu = has->mcpu > sc.most_mcpu ? has->mcpu : sc.most_mcpu;
        sc.most_mgpu = has->mgpu > sc.most_mgpu ? has->mgpu : sc.most_mgpu;
    }
    return sc;
}

static bool wants_gpu(const struct sim_room *need)
{
    return need->whole_gpus > 0 || need->share_mgpu > 0;
}

static int64_t needed_mgpu(const struct sim_room *need)
{
    return 1000 * (int64_t)need->whole_gpus + need->share_mgpu;
}

/* A part of 1 as a whole number, rounded down. */
static int32_t whole(double part)
{
    return (int32_t)(part * SIM_SCORE_MAX);
}

int32_t sim_score_dot_product(const struct sim_scoring *sc,
                              const struct sim_node_state *s,
                              const struct sim_room *need)
{
    double cpu = (double)sc->most_mcpu, gpu = (double)sc->most_mgpu;
    double product = (double)s->free_mcpu / cpu * ((double)need->mcpu / cpu) +
                     (double)s->free_mgpu / gpu * ((double)needed_mgpu(need) / gpu);

    return whole(1 - product / 2);
}

int32_t sim_score_best_fit(const struct sim_scoring *sc, const struct sim_node_state *s,
                           const struct sim_room *need)
{
    double cpu = (double)(s->free_mcpu - need->mcpu) / (double)sc->most_mcpu;
    double gpu = (double)(s->free_mgpu - needed_mgpu(need)) / (double)sc->most_mgpu;

    return whole(1 - (cpu * 0.5 + gpu * 0.5));
}

static int32_t free_devices(const struct sim_node_state *s)
{
    int32_t n = 0;

    for (int32_t g = 0; g < s->gpus; g++)
        n += s->device_mgpu[g] == 1000;
    return n;
}

int32_t sim_tightest_device(const struct sim_node_state *s, int32_t share_mgpu)
{
    int32_t best = SP_NO_ID;

    for (int32_t g = 0; g < s->gpus; g++)
        if (s->device_mgpu[g] >= share_mgpu &&
            (best == SP_NO_ID || s->device_mgpu[g] < s->device_mgpu[best]))
            best = g;
    return best;
}

int32_t sim_score_gpu_packing(const struct sim_scoring *sc,
                              const struct sim_node_state *s,
                              const struct sim_room *need)
{
    int32_t empty = free_devices(s), whole_used = need->whole_gpus, left = 1000;

    (void)sc;
    if (!wants_gpu(need))
        return 0;
    if (empty == s->gpus)
        return empty < SIM_SCORE_MAX / 3 ? SIM_SCORE_MAX / 3 - empty : 0;
    if (need->share_mgpu > 0) {
        left = s->device_mgpu[sim_tightest_device(s, need->share_mgpu)];
        whole_used = left == 1000;
    }
    if (whole_used == 0)
        return SIM_SCORE_MAX - left / 10 / 10;
    return whole_used < SIM_SCORE_MAX / 2 - SIM_SCORE_MAX / 3
               ? SIM_SCORE_MAX / 2 - whole_used
               : SIM_SCORE_MAX / 3;
}

int32_t sim_score_gpu_clustering(const struct sim_scoring *sc,
                                 const struct sim_node_state *s,
                                 const struct sim_room *need)
{
    const int32_t quarter = SIM_SCORE_MAX / 4;
    uint64_t own;
    int32_t full, tier;

    if (!wants_gpu(need))
        return 0;
    own = UINT64_C(1) << sim_gpu_class(need);
    full = (int32_t)(quarter * (sc->most_mgpu - s->free_mgpu) / sc->most_mgpu);
    if ((s->classes & own) != 0)
        tier = s->classes == own ? 3 : 2;
    else
        tier = s->classes == 0 ? 1 : 0;
    return full + tier * quarter;
}

/* ---- fragmentation gradient descent ---- */

static int32_t score_of_drop(const struct sim_scoring *sc, int64_t drop)
{
    double gpus = (double)drop / (double)sim_fragment_weight(sc->fragment) / 1000;

    return whole(1 / (1 + exp(-gpus)));
}

struct choice {
    int32_t score, device;
};

static struct choice choose_by_drop(const struct sim_scoring *sc,
                                    const struct sim_node_state *s,
                                    const struct sim_room *need)
{
    int64_t after[MODEL_GPUS_MAX], most = 0;
    struct choice best = {0, SP_NO_ID};

    sim_fragment_after(sc->fragment, s, need, after);
    if (need->share_mgpu == 0)
        return (struct choice){score_of_drop(sc, s->fragment - after[0]), SP_NO_ID};
    for (int32_t g = 0; g < s->gpus; g++) {
        int64_t drop = s->fragment - after[g];
        int32_t score;

        if (after[g] < 0 || (best.device != SP_NO_ID && drop <= most))
            continue;
        score = score_of_drop(sc, drop);
        most = drop;
        if (best.device == SP_NO_ID || score > best.score)
            best = (struct choice){score, g};
    }
    return best;
}

int32_t sim_score_fgd(const struct sim_scoring *sc, const struct sim_node_state *s,
                      const struct sim_room *need)
{
    return choose_by_drop(sc, s, need).score;
}

int32_t sim_score_fgd_device(const struct sim_scoring *sc,
                             const struct sim_node_state *s,
                             const struct sim_room *need)
{
    return choose_by_drop(sc, s, need).device;
}
