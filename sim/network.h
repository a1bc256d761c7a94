/* Where bytes live and how they move: NICs, object stores and spill disks of the nodes.
 *
 * A NIC sends and receives one transfer at a time in each direction, at full rate, in
 * the order in which the transfers were asked for; a transfer starts when both ends are
 * free and runs at the slower one's rate (assumption A-net-fifo).  Within a node data
 * is free.  A spill disk serves one read at a time.  All rows are by node id and shared
 * by every workload.
 */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

struct sim_network;

struct sim_network *sim_network_new(struct sp_arena *arena,
                                    const struct model_policy *policy);

/* Makes the row of `node` (of node type `type`) known; again after a new lease. */
void sim_network_node(struct sim_network *n, int32_t node, int32_t type);

/* When a transfer asked for now has arrived; `now_ns` where the NICs are not limited.
 */
int64_t sim_network_transfer(struct sim_network *n, int32_t from, int32_t to,
                             int64_t bytes, int64_t now_ns);

/* How long a transfer takes by itself, from when both NICs are free: 0 within a node
 * and where the NICs are not limited. */
int64_t sim_network_time_ns(const struct sim_network *n, int32_t from, int32_t to,
                            int64_t bytes);

/* When spilled bytes have been read back. */
int64_t sim_network_unspill(struct sim_network *n, int32_t node, int64_t bytes,
                            int64_t now_ns);

/* Bytes the store of `node` has left; INT64_MAX where it is not limited. */
int64_t sim_network_store_left(const struct sim_network *n, int32_t node);
int64_t sim_network_store_limit(const struct sim_network *n,
                                int32_t node); /* -1: none */
bool sim_network_spills(const struct sim_network *n, int32_t node);
void sim_network_store_add(struct sim_network *n, int32_t node, int64_t bytes);

/* How often bytes have left a limited store: tells those who wait for room in one to
 * look again. */
uint64_t sim_network_store_freed(const struct sim_network *n);
/* Whose store it was the i-th time, i < sim_network_store_freed(); SP_NO_ID: forgotten.
 */
int32_t sim_network_freed_node(const struct sim_network *n, uint64_t i);
/* Everybody has looked: the nodes so far need not be remembered. */
void sim_network_forget_freed(struct sim_network *n);

/* Bytes in use in all stores. */
int64_t sim_network_store_used(const struct sim_network *n);

#endif
