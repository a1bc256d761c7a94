/* How much of a node's idle GPU is of no use to what is asked for: the fragment measure
 * of fragmentation gradient descent (Weng et al., USENIX ATC 2023).
 *
 * For one target of the mix all idle thousandths of a node are fragment where the
 * target cannot run there now (CPU, devices, GPU model; memory does not count), else
 * those on devices too small for it.  A target without GPU can use none of it, so they
 * are fragment, too.  The measure is the mean over the mix by weight.
 *
 * Measures are integers, thousandths of a GPU times sim_fragment_weight(): equal states
 * have equal measures and sums are exact.  A node costs about (different GPU needs in
 * the mix) x (its devices) steps.
 */
#ifndef SIM_FRAGMENT_H
#define SIM_FRAGMENT_H

#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"
#include "sim/mix.h"
#include "sim/nodes.h"

struct sim_fragment;

struct sim_fragment *sim_fragment_new(struct sp_arena *arena,
                                      const struct model_policy *policy,
                                      const struct sim_mix *mix);

/* What the weights of the mix add up to as integers: themselves where they are whole
 * and at most 2^24 together, else rounded to parts of 2^24.  1 where the mix is empty.
 */
int64_t sim_fragment_weight(const struct sim_fragment *f);

/* Of a node; 0 where the mix is empty. */
int64_t sim_fragment_of(const struct sim_fragment *f, const struct sim_node_state *s);

/* What it would be with a member more, which must have room: of a share after[g] on
 * each device, -1 where it has no room there; else after[0] on the devices that
 * whole GPUs take. */
void sim_fragment_after(const struct sim_fragment *f, const struct sim_node_state *s,
                        const struct sim_room *need, int64_t after[MODEL_GPUS_MAX]);

#endif
