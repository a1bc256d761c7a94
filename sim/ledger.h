/* The ledger: the integrals and lines behind every utilization and cost figure.
 *
 * Time of nodes (leases), of units on them (allocated, by owner) and of stages in those
 * (busy) comes in; when a lease ends its bill is made out and attributed.  All sums are
 * integers, so provisioned = allocated + unallocated, allocated = busy + idle      (law
 * 1) the bill = the sum of its lines, to the micro-dollar                (law 3) hold
 * exactly, per lease and in total.
 *
 * Attribution of a lease's price to its resources follows OpenCost: each resource of
 * the node weighs its amount times a default rate (sim_ledger_rates), scaled so that
 * the weights add up to the price (assumption A-cost-split); memory weighs nothing
 * where no stage of the policy says what memory it needs.  Within a resource, money
 * follows resource-time.  What is billed beyond the time held (a minimum, whole hours)
 * is a line of its own.
 */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"
#include "model/result.h"
#include "model/scenario.h"

struct sim_ledger;

/* USD per GPU-h, CPU-h and GiB-h by which a node's price is split among its resources.
 */
extern const double sim_ledger_rates[MODEL_RESOURCES];

struct sim_ledger *sim_ledger_new(struct sp_arena *arena,
                                  const struct model_policy *policy);

/* Rows that time is booked on: an owner is a workload and the team whose units hold the
 * time (the same id for the same pair); a stage is part of what an owner does, with
 * what one busy slot uses.  Rows with the same name of one workload share a line of the
 * bill; without name it is the workload's own.  At any time. */
int32_t sim_ledger_owner_new(struct sim_ledger *l, int32_t workload, int32_t team);
int32_t sim_ledger_stage_new(struct sim_ledger *l, int32_t owner, const char *name,
                             struct model_amounts slot_needs);

/* Books time on a node whose lease is running: of each resource the amount times
 * nanoseconds (what the node type does not have is not counted).  O(1) on average;
 * memory: about 250 bytes for each row that has time on a node, until its lease ends.
 */
void sim_ledger_allocated(struct sim_ledger *l, int32_t node, int32_t owner,
                          const sp_i128 amount_ns[MODEL_RESOURCES]);
void sim_ledger_busy_amounts(struct sim_ledger *l, int32_t node, int32_t stage,
                             const sp_i128 amount_ns[MODEL_RESOURCES]);
/* The same as slot-time. */
void sim_ledger_busy(struct sim_ledger *l, int32_t node, int32_t stage, sp_i128 ns);

/* Of busy time, work that was lost and is done again. */
void sim_ledger_redone_amounts(struct sim_ledger *l, int32_t node, int32_t stage,
                               const sp_i128 amount_ns[MODEL_RESOURCES]);
void sim_ledger_redone(struct sim_ledger *l, int32_t node, int32_t stage, sp_i128 ns);

/* Of allocated time that is not busy: MODEL_PART_TRANSFER, _BLOCKED or _BOOT, so much
 * for so long. */
void sim_ledger_waited(struct sim_ledger *l, int32_t node, int32_t owner,
                       enum model_part part, const struct model_amounts *amounts,
                       sp_i128 ns);

/* Of the time of the node itself: how long it booted, what was allocated on it then,
 * and what of it was stranded (docs/design.md, "Stranded"). */
void sim_ledger_booted(struct sim_ledger *l, int32_t node, int64_t boot_ns);
void sim_ledger_in_boot(struct sim_ledger *l, int32_t node,
                        const sp_i128 amount_ns[MODEL_RESOURCES]);
void sim_ledger_stranded(struct sim_ledger *l, int32_t node,
                         const sp_i128 amount_ns[MODEL_RESOURCES]);

/* Ends a lease of node type `type` held from..to: bills and attributes it, and clears
 * the node's row for the next lease. */
void sim_ledger_close(struct sim_ledger *l, int32_t node, int32_t type, int64_t from_ns,
                      int64_t to_ns);

/* Billed time of a lease that was held for `held_ns`. */
int64_t sim_ledger_billed_ns(const struct model_node_type *type, int64_t held_ns);

/* Price of `billed_ns`, to the nearest micro-dollar. */
int64_t sim_ledger_uusd(int64_t uusd_per_h, int64_t billed_ns);

struct sim_ledger_type {
    sp_i128 held_ns, billed_ns;
    int64_t uusd, leases;
};

const struct sim_ledger_type *sim_ledger_type(const struct sim_ledger *l, int32_t type);
struct model_ledger sim_ledger_total(const struct sim_ledger *l, int r);
int64_t sim_ledger_total_uusd(const struct sim_ledger *l);

/* What a team's units held and did, of leases that ended.  Its lines: busy_uusd +
 * idle_uusd is its part of the bill on allocation basis. */
struct sim_ledger_team {
    int64_t busy_uusd, idle_uusd;
    sp_i128 allocated[MODEL_RESOURCES], busy[MODEL_RESOURCES];
};

/* Of all teams of the policy.  The sum over them of busy_uusd (idle_uusd) is that of
 * the busy (idle) lines. */
void sim_ledger_teams(const struct sim_ledger *l, int32_t n_teams,
                      struct sim_ledger_team *teams);

/* The lines, largest groups first as in the header of model_line_kind; lines of 0 are
 * left out.  Their sum is sim_ledger_total_uusd() (asserted). */
void sim_ledger_lines(const struct sim_ledger *l, struct sp_arena *arena,
                      const char *const *workloads, struct model_cost_line **lines,
                      int32_t *n_lines);

/* The bill taken apart, as struct model_cost_cell says: of one replication, `node`
 * being the type; means are those of it alone.  In the order of node, part, resource,
 * workload, stage, team; cells without money and time are left out.  They sum to lines,
 * types and bill (asserted). */
void sim_ledger_cells(const struct sim_ledger *l, struct sp_arena *arena,
                      const char *const *workloads, struct model_cost_cell **cells,
                      int32_t *n_cells);

/* Amount of resource r, an enum model_resource, in *a. */
int64_t sim_amount(const struct model_amounts *a, int r);

#endif
