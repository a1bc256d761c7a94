/* The table of placement strategies. */
#include "sim/placement.h"

#include <stddef.h>
#include <string.h>

static struct sim_node_key by_id(int64_t free_mcpu, int64_t free_mgpu, bool wants_gpu)
{
    (void)free_mcpu;
    (void)free_mgpu;
    (void)wants_gpu;
    return (struct sim_node_key){0, 0};
}

/* The scarcest thing first: GPUs for units that need them, CPUs for the others. */
static struct sim_node_key least_free(int64_t free_mcpu, int64_t free_mgpu,
                                      bool wants_gpu)
{
    if (wants_gpu)
        return (struct sim_node_key){free_mgpu, free_mcpu};
    return (struct sim_node_key){free_mcpu, free_mgpu};
}

static struct sim_node_key most_free(int64_t free_mcpu, int64_t free_mgpu,
                                     bool wants_gpu)
{
    struct sim_node_key k = least_free(free_mcpu, free_mgpu, wants_gpu);

    return (struct sim_node_key){-k.first, -k.second};
}

const struct sim_placement sim_placements[] = {
    {"cpu-avoids-gpu",
     "first fit; CPU work takes GPU nodes only where they are already paid for",
     .key = by_id, .spares_gpu_nodes = true},
    {"first-fit", "the first node with room, types in the fleet's order", .key = by_id},
    {"best-fit", "the node with the least free GPU, then CPU",
     .key = least_free, .across_types = true},
    {"worst-fit", "the node with the most free GPU, then CPU (spread)", .key = most_free,
     .across_types = true},
    {"weighted-best-fit", "the node that is left with the least, CPU and GPU as halves",
     .score = sim_score_best_fit},
    {"dot-product", "the least dot product of what is free and what is needed",
     .score = sim_score_dot_product},
    {"gpu-packing", "GPUs in use first, then nodes in use, then empty ones",
     .score = sim_score_gpu_packing},
    {"gpu-clustering", "nodes whose members need as many GPUs",
     .score = sim_score_gpu_clustering, .wants_classes = true},
    {"fgd", "the node where idle GPU is spoiled least for what else is asked for",
     .score = sim_score_fgd, .wants_mix = true, .device = sim_score_fgd_device},
    {"random", "any node with room, each as likely", .draws = true},
};
const int32_t sim_n_placements = sizeof sim_placements / sizeof sim_placements[0];

const struct sim_placement *sim_placement_find(const char *name)
{
    for (int32_t i = 0; i < sim_n_placements; i++)
        if (strcmp(sim_placements[i].name, name) == 0)
            return &sim_placements[i];
    return NULL;
}
