/* What the parts of the search share: spaces to choose from, fleets tried, the best so
 * far.
 *
 * A *space* is what one policy of the scenario lets be chosen: numbers of nodes by node
 * type.  An *option* is a way to use some nodes: a shape and numbers of units that have
 * room on them, of which no more of one kind could be had without fewer of another.
 */
#ifndef PLAN_SEARCH_PARTS_H
#define PLAN_SEARCH_PARTS_H

#include "plan/bound.h"
#include "plan/evaluate.h"
#include "plan/pack.h"
#include "plan/search.h"

enum {
    PLAN_FILLS_MAX = 48, /* proportions of units that a shape is tried in on a fleet */
    PLAN_OPTIONS_LIGHT = 6, /* options tried of a fleet while searching */
    PLAN_DOUBLINGS = 10,    /* of the load, at most */
};

/* A shape as the search sees it. */
struct plan_view {
    int32_t shape;           /* of look.shapes */
    int32_t family;          /* shapes of one partition share it */
    struct plan_kind *kinds; /* by pool */
    double *load;            /* units of the pool that the demand asks for: a number, or
                              * unit-seconds */
};

struct plan_space {
    int32_t policy;
    const struct model_policy *p;
    int32_t n_types;
    int32_t *least, *most; /* by node type; groups of several types: see allows() */
    double *usd;      /* of a node: of the whole run where time_known, else per h */
    bool time_known;  /* every run of fixed nodes costs the same, whatever it does */
    bool may_be_lost; /* nodes of some type: a bill can be below that */
    struct plan_demand demand;
    struct plan_demand
        load; /* the same of all that comes, goals or not: to start from */
    struct plan_bound bound;
    double time_least_s; /* of any fleet */
    int32_t n_views, n_families;
    struct plan_view *views;
};

/* A fleet and its use that missed a goal by a margin: with fewer of everything it does
 * so, too. */
struct plan_lost {
    int32_t shape;
    const int32_t *nodes, *units;
};

struct plan_look {
    const struct plan_ask *ask;
    struct sp_arena *arena;
    struct sp_err *err;
    enum sp_status status;
    bool over; /* runs used up, stopped, or status says why: all loops end */
    struct plan_evaluate_options options;
    struct plan_evaluator *e;
    struct plan_shape *shapes;
    int32_t n_shapes;
    bool all_shapes;
    int32_t n_spaces;
    struct plan_space *spaces;
    struct model_goals goals; /* all but what the plan may cost: the search is for the
                               * least of that anyway */
    int32_t best;    /* id of the cheapest of fixed size that meets the goals, or
                      * SP_NO_ID */
    double best_usd; /* INFINITY */
    double luck; /* of work that ends: what runs cost, at the least, of what bottleneck
                  * analysis says no fleet can be below in the mean; at most 1 */
    int32_t n_lost, lost_room;
    struct plan_lost *lost;
    bool complete, fills_cut;
    int64_t fleets; /* looked at by the enumeration */
    int64_t fleets_run;
};

/* ---- search_space.c ---- */

/* Shapes, spaces, bounds; for a ratio shapes alone.
 *   SP_EINPUT  a price is missing. */
SP_CHECKED enum sp_status plan_look_begin(struct plan_look *l,
                                          const struct plan_ask *ask,
                                          struct sp_arena *arena, struct sp_err *err);

/* Whether the goals allow such a number of nodes. */
bool plan_space_allows(const struct plan_look *l, const struct plan_space *s,
                       const int32_t *nodes);

double plan_space_usd(const struct plan_space *s, const int32_t *nodes); /* as s->usd */

/* The bill of a run that takes so long; hours that any node is billed for then, at
 * least. */
double plan_space_bill(const struct plan_space *s, const int32_t *nodes, double time_s);
double plan_space_billed_least_h(const struct plan_space *s, double time_s);

/* No run of nodes[] costs less, USD, as far as is known; INFINITY: it can't meet the
 * goals. */
double plan_space_usd_least(const struct plan_look *l, const struct plan_space *s,
                            const int32_t *nodes);

/* Whether a policy as written holds, whatever happens, as many nodes as the goals
 * allow.
 */
bool plan_written_allowed(const struct plan_look *l, int32_t policy);

/* The space of a policy. */
const struct plan_space *plan_look_space(const struct plan_look *l, int32_t policy);

/* ---- search_options.c ---- */

struct plan_option {
    int32_t shape;
    int32_t *units;
    double margin; /* least of slots had over slots asked for; INFINITY */
    double time_s; /* the run can't be over before */
};

/* Those of nodes[] that could do the work, the likeliest first; `family` SP_NO_ID: all.
 * In `scratch`. */
int32_t plan_options_of(struct plan_look *l, const struct plan_space *s,
                        const int32_t *nodes, int32_t family, struct sp_arena *scratch,
                        struct plan_option **options);

/* Units of each pool in the proportions of the load, as many as have room; false: some
 * pool has none. */
bool plan_fill_of(const struct plan_look *l, const struct plan_space *s,
                  const struct plan_view *v, const int32_t *nodes, int32_t *units);

/* ---- search_fleet.c ---- */

/* What a fleet is tried for. */
struct plan_try {
    const struct plan_space *space;
    const int32_t *nodes;
    int32_t family; /* SP_NO_ID: all */
    int32_t most;   /* options, at most */
};

struct plan_tried {
    int32_t
        id; /* the cheapest that meets the goals; none does: the nearest; SP_NO_ID */
    bool met;
};

/* Runs options until one meets the goals (time_known), or races them for the cheapest.
 */
struct plan_tried plan_fleet_try(struct plan_look *l, const struct plan_try *t);

/* A row that was evaluated: is it the best?  Told by whoever evaluates. */
void plan_look_note(struct plan_look *l, int32_t id);

/* Evaluates; false, and l->over, where the search ends. */
bool plan_look_evaluate(struct plan_look *l, const struct plan_candidate *candidates,
                        int32_t n, int32_t replications, int32_t *ids);

/* ---- search_repair.c ---- */

/* From the bound's units up to a fleet that meets the goals, then down between; where
 * that leads to none, more and more nodes of each type and of all. */
void plan_repair(struct plan_look *l, const struct plan_space *s);

/* The most nodes that the goals allow, where that is limited. */
void plan_try_largest(struct plan_look *l, const struct plan_space *s);

/* ---- search_moves.c ---- */

/* Fewer nodes, others instead, as long as that is cheaper. */
void plan_improve(struct plan_look *l, const struct plan_space *s);

/* ---- search_rest.c ---- */

/* So few fleets that all of them can be looked at. */
bool plan_space_is_small(const struct plan_space *s);

/* Every fleet that could be cheaper than the best; false: not all were looked at. */
bool plan_search_rest(struct plan_look *l, const struct plan_space *s);

#endif
