/* The rows of the ledger: shared by the files sim/ledger*.c and by nobody else. */
#ifndef SIM_LEDGER_ROWS_H
#define SIM_LEDGER_ROWS_H

#include "sim/id_table.h"
#include "sim/ledger.h"

struct sim_ledger_stage {
    int32_t owner, line; /* line: the first row of the workload with this name */
    const char *name;    /* NULL: the workload's own */
    struct model_amounts slot_needs;
    int64_t uusd;
};

struct sim_ledger_owner {
    int32_t workload, team;
    int64_t idle_uusd;
    sp_i128 allocated[MODEL_RESOURCES], busy[MODEL_RESOURCES];
};

/* What of an owner's time is neither busy nor just idle, and of a stage's is redone. */
enum { SIM_OF_TRANSFER, SIM_OF_BLOCKED, SIM_OF_BOOT, SIM_OF_PARTS, SIM_OF_REDONE = 0 };

/* Time of one owner or stage on one node, during its lease. */
struct sim_booking {
    int32_t next;       /* of the node */
    int32_t row;        /* of an owner, or ~row of a stage */
    int64_t share_uusd; /* of the lease that is being closed */
    sp_i128 amount_ns[MODEL_RESOURCES];
    sp_i128 of_ns[SIM_OF_PARTS][MODEL_RESOURCES]; /* in amount_ns */
};

/* What is known of a node's lease besides. */
struct sim_ledger_node {
    int32_t first; /* booking, plus 1 */
    int64_t boot_ns;
    sp_i128 in_boot_ns[MODEL_RESOURCES]; /* allocated, then */
    sp_i128 stranded_ns[MODEL_RESOURCES];
};

/* Resource-time of one lease in one resource, and law 1 for it. */
struct sim_lease_use {
    sp_i128 provisioned, allocated, busy, stranded;
};

/* A lease, and how its cost is split: a booking of a stage carries its busy time, one
 * of an owner (once that is taken off) its idle time; the rest is unallocated. */
struct sim_attribution {
    int32_t node, type, first; /* first: of the lease's bookings */
    int64_t held_ns, uusd;
    int64_t unallocated_uusd[MODEL_RESOURCES];
    double weight[MODEL_RESOURCES];
    struct sim_lease_use use[MODEL_RESOURCES];
};

struct sim_ledger_cell {
    sp_i128 amount_ns;
    int64_t uusd, list_uusd;
};

/* What a row, or nobody, had of the nodes of a type; billing rounding is of the first
 * resource. */
struct sim_ledger_cells {
    int32_t type, row; /* row as of bookings; SIM_NOBODYS */
    struct sim_ledger_cell of[MODEL_PARTS][MODEL_RESOURCES];
};
enum { SIM_NOBODYS = INT32_MAX };

struct sim_ledger {
    struct sp_arena *arena;
    const struct model_policy *policy;
    struct sim_ledger_type *types;
    int32_t n_owners, owners_room, n_stages, stages_room;
    struct sim_ledger_owner *owners;
    struct sim_ledger_stage *stages;
    int64_t unallocated_uusd[MODEL_RESOURCES], rounding_uusd, total_uusd;
    bool memory_asked; /* by some stage: else memory carries no part of a price */
    struct model_ledger total[MODEL_RESOURCES];
    int32_t n_nodes, n_bookings, bookings_room, free_booking;
    struct sim_ledger_node *nodes;
    struct sim_booking *bookings;
    struct sim_id_table booked; /* by node and row */
    int32_t n_cells, cells_room;
    struct sim_ledger_cells *cells;
    struct sim_id_table cells_of; /* by type and row */
};

/* ---- ledger.c ---- */
int32_t sim_ledger_workload_of(const struct sim_ledger *l, int32_t stage);
/* The part of the lease's price that this resource-time bears. */
double sim_ledger_part_of(const struct sim_attribution *a, int r, sp_i128 amount_ns);

/* ---- ledger_cells.c ---- */
enum sim_ledger_money { SIM_AS_PAID = 1, SIM_AT_LIST = 2, SIM_EITHER = 3 };
/* The shares of a lease (of its bookings, of unallocated) go to cells. */
void sim_ledger_cells_money(struct sim_ledger *l, const struct sim_attribution *a,
                            enum sim_ledger_money money);
/* Its resource-time does. */
void sim_ledger_cells_time(struct sim_ledger *l, const struct sim_attribution *a);
void sim_ledger_cells_rounding(struct sim_ledger *l, int32_t type, int64_t uusd,
                               int64_t list_uusd);

#endif
