/* Autoscaling rules: how many units a pool should have.  One array lists them; presets
 * of their parameters are the scenario's (model/words.h).  A rule knows no workload: it
 * sees a record of what a pool is like at a look, and keeps what it remembers of
 * earlier looks in a record of its own.
 *
 * Kubernetes HPA: desired = ceil(current * metric / target) every interval; none within
 * the tolerance; growth at most max_up_frac of the current number or max_up_units,
 * whichever is more; a fall only to the highest recommendation of the scale-down
 * window, a rise only to the lowest of the scale-up window.  With the metric
 * `utilization` units that start count as idle.
 *
 * Ray Data's actor pool: util = tasks in flight / slots of the units running or
 * starting, where a task is in flight when it runs or is queued within twice the slots
 * (Ray sends each actor one batch ahead).  util >= target: grow by ceil(n * (util /
 * target - 1)), at least 1, at most max_up_units, never while units are still starting.
 * util <= down_threshold: one idle unit fewer, never within down_window of the last
 * growth.  With the input at its end, idle units go at once.
 *
 * Ray Serve: wanted = ceil(up + factor * (ongoing / target - up)), where ongoing is the
 * mean over look_back and the factor is up_factor or down_factor; it must have been on
 * the same side of the number asked for throughout up_window (down_window) before it is
 * followed.  From several units it falls to one, and to none only from one.  While no
 * unit is up, one is asked for (up_factor of them) as soon as anything is ongoing.
 * (The ray repository's python/ray/serve/autoscaling_policy.py, 2025; there the sides
 * are looked at every 0.1 s, the mean comes every interval, as here.)
 */
#ifndef SIM_AUTOSCALER_H
#define SIM_AUTOSCALER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

/* A pool at a look; looks are an interval apart. */
struct sim_autoscale_seen {
    int64_t now_ns;
    int32_t asked, up;  /* units that are held in any state; that take work */
    double utilization; /* busy share of the units that were up since the last look; of
                         * CPU or GPU, whichever is higher */
    int64_t waiting;    /* items or requests that wait now */
    double ongoing;     /* that wait or are in service, mean since the last look */
    int64_t slots;      /* of all units asked for */
    double in_flight;   /* tasks that run or are queued within twice the slots */
    bool ended;         /* nothing waits and nothing more will come */
};

/* The last values of something that is noted at each look. */
struct sim_autoscale_ring {
    double *values;
    int64_t room, n, at; /* at most so many; there are; where the next one goes */
    int32_t allotted;
};

/* What a rule remembers of one pool. */
struct sim_autoscale_state {
    struct sp_arena *arena;
    struct sim_autoscale_ring wanted;  /* recommendations */
    struct sim_autoscale_ring ongoing; /* as seen */
    int64_t last_growth_ns;
    int32_t side;     /* ray-serve wants more (1), fewer (-1) or as many (0) ... */
    int64_t since_ns; /* ... since then */
};

/* Before the first look. */
struct sim_autoscale_state sim_autoscale_state(struct sp_arena *arena,
                                               const struct model_autoscale *a);

struct sim_autoscaler {
    const char *name;
    const char *help; /* one line */
    /* Units wanted now, within min..max; 0 where the work has ended.  Called once a
     * look. */
    int32_t (*desired)(const struct model_autoscale *a,
                       struct sim_autoscale_state *state,
                       const struct sim_autoscale_seen *seen);
    bool drains_busy; /* units to go may be busy: they finish first */
};

extern const struct sim_autoscaler sim_autoscalers[];
extern const int32_t sim_n_autoscalers;

/* The rule that a preset's name belongs to ("ray-actor-pool-2.51" is "ray-actor-pool"),
 * or NULL. */
const struct sim_autoscaler *sim_autoscaler_find(const char *preset);

#endif
