/* The table of autoscaling rules. */
#include "sim/autoscaler.h"

#include <math.h>
#include <string.h>

static int32_t clamp(int64_t n, const struct model_autoscale *a)
{
    return (int32_t)(n < a->min ? a->min : n > a->max ? a->max : n);
}

/* ---- what was noted at the last looks ---- */

/* It fills an array from the beginning before it goes round, so that memory follows
 * what was noted and not the room. */
static void ring_note(struct sim_autoscale_ring *r, struct sp_arena *arena,
                      double value)
{
    if (r->n < r->room) {
        r->values = sp_arena_more(arena, r->values, (int32_t)r->n, &r->allotted,
                                  sizeof *r->values);
        r->n++;
    }
    r->values[r->at] = value;
    r->at = (r->at + 1) % r->room;
}

/* The i-th last value, from 1. */
static double ring_last(const struct sim_autoscale_ring *r, int64_t i)
{
    return r->values[(r->at - i + r->room) % r->room];
}

/* How many looks lie within `window_ns`, the newest always among them. */
static int64_t looks_within(const struct sim_autoscale_ring *r,
                            const struct model_autoscale *a, int64_t window_ns)
{
    int64_t n = window_ns / a->interval_ns;

    return n < 1 ? 1 : n < r->n ? n : r->n;
}

struct sim_autoscale_state sim_autoscale_state(struct sp_arena *arena,
                                               const struct model_autoscale *a)
{
    int64_t longest_ns =
        a->up_window_ns > a->down_window_ns ? a->up_window_ns : a->down_window_ns;

    return (struct sim_autoscale_state){
        .arena = arena,
        .wanted = {.room = longest_ns / a->interval_ns + 1},
        .ongoing = {.room = a->look_back_ns / a->interval_ns + 1},
        .last_growth_ns = INT64_MIN / 2};
}

/* ---- Kubernetes HPA ---- */

struct span {
    int32_t lowest, highest;
};

/* The recommendations of the last `window_ns`. */
static struct span remembered(const struct sim_autoscale_state *state,
                              const struct model_autoscale *a, int64_t window_ns)
{
    int64_t n = looks_within(&state->wanted, a, window_ns);
    struct span s = {INT32_MAX, 0};

    for (int64_t i = 1; i <= n; i++) {
        int32_t wanted = (int32_t)ring_last(&state->wanted, i);

        s.lowest = wanted < s.lowest ? wanted : s.lowest;
        s.highest = wanted > s.highest ? wanted : s.highest;
    }
    return s;
}

/* The metric against its target. */
static double hpa_ratio(const struct model_autoscale *a,
                        const struct sim_autoscale_seen *seen)
{
    int32_t now = seen->asked;
    double ratio = seen->utilization / a->target;

    if (strcmp(a->metric, "queue") == 0)
        return (double)seen->waiting / (now > 0 ? now : 1) / a->target;
    if (strcmp(a->metric, "ongoing") == 0)
        return seen->ongoing / (now > 0 ? now : 1) / a->target;
    if (ratio > 1 && seen->up < now) { /* units that start count as idle */
        ratio *= (double)seen->up / now;
        ratio = ratio < 1 ? 1 : ratio;
    }
    return ratio;
}

static int32_t hpa(const struct model_autoscale *a, struct sim_autoscale_state *state,
                   const struct sim_autoscale_seen *seen)
{
    int32_t now = seen->asked, up, down;
    double ratio = hpa_ratio(a, seen);
    int64_t want, cap;

    want = fabs(ratio - 1) <= a->tolerance ? now
                                           : (int64_t)ceil((now > 0 ? now : 1) * ratio);
    cap = now + (int64_t)fmax(ceil(a->max_up_frac * now), a->max_up_units);
    want = clamp(want > cap ? cap : want, a);
    ring_note(&state->wanted, state->arena, (double)want);
    up = remembered(state, a, a->up_window_ns).lowest;
    down = remembered(state, a, a->down_window_ns).highest;
    return now < up ? up : now > down ? down : now;
}

/* ---- Ray Data's actor pool ---- */

static int32_t ray_actor_pool(const struct model_autoscale *a,
                              struct sim_autoscale_state *state,
                              const struct sim_autoscale_seen *seen)
{
    double util;

    if (seen->ended)
        return 0;
    if (seen->asked < a->min)
        return a->min;
    if (seen->slots > 0)
        util = seen->in_flight / (double)seen->slots;
    else /* none yet: one for whatever waits */
        util = seen->waiting > 0 ? a->target : 0;
    if (util >= a->target) {
        int64_t more = (int64_t)ceil(seen->asked * (util / a->target - 1));

        if (seen->up < seen->asked)
            return seen->asked;
        more = more < 1 ? 1 : more > a->max_up_units ? a->max_up_units : more;
        if (clamp(seen->asked + more, a) > seen->asked)
            state->last_growth_ns = seen->now_ns;
        return clamp(seen->asked + more, a);
    }
    if (util <= a->down_threshold &&
        seen->now_ns - state->last_growth_ns >= a->down_window_ns)
        return clamp(seen->asked - 1, a);
    return seen->asked;
}

/* ---- Ray Serve ---- */

static double mean_ongoing(const struct sim_autoscale_state *state,
                           const struct model_autoscale *a)
{
    int64_t n = looks_within(&state->ongoing, a, a->look_back_ns);
    double sum = 0;

    for (int64_t i = 1; i <= n; i++)
        sum += ring_last(&state->ongoing, i);
    return sum / (double)n;
}

/* Units that `ongoing` asks for when `up` serve: part of the way there, at least one
 * fewer where fewer are wanted. */
static int64_t ray_serve_goal(const struct model_autoscale *a, int32_t up,
                              double ongoing)
{
    double goal = ongoing / a->target;
    double way = goal > up ? a->up_factor : a->down_factor;
    double there = ceil(up + way * (goal - up));

    if (ceil(goal) < up && there >= up)
        there = up - 1;
    return there < (double)INT32_MAX ? (int64_t)there : INT32_MAX;
}

/* From several units to one at least. */
static int32_t ray_serve_step(const struct model_autoscale *a, int32_t asked,
                              int64_t goal)
{
    int32_t want = clamp(goal, a);

    return want < 1 && asked > 1 ? 1 : want;
}

static int32_t ray_serve(const struct model_autoscale *a,
                         struct sim_autoscale_state *state,
                         const struct sim_autoscale_seen *seen)
{
    int32_t asked = seen->asked, want, side;

    ring_note(&state->ongoing, state->arena, seen->ongoing);
    if (seen->up == 0) { /* a cold start waits for nothing */
        int32_t some = clamp((int64_t)ceil(a->up_factor), a);

        return (seen->ongoing > 0 || seen->waiting > 0) && some > asked ? some : asked;
    }
    want =
        ray_serve_step(a, asked, ray_serve_goal(a, seen->up, mean_ongoing(state, a)));
    side = (want > asked) - (want < asked);
    if (side != state->side) {
        state->side = side;
        state->since_ns = seen->now_ns;
    }
    if (seen->now_ns - state->since_ns <
        (side > 0 ? a->up_window_ns : a->down_window_ns))
        return asked;
    state->side = 0;
    return want;
}

const struct sim_autoscaler sim_autoscalers[] = {
    {"hpa", "Kubernetes Horizontal Pod Autoscaler", hpa, true},
    {"ray-actor-pool", "Ray Data's autoscaling actor pool", ray_actor_pool, false},
    {"ray-serve", "Ray Serve's autoscaling of replicas", ray_serve, true},
};
const int32_t sim_n_autoscalers = sizeof sim_autoscalers / sizeof sim_autoscalers[0];

const struct sim_autoscaler *sim_autoscaler_find(const char *preset)
{
    for (int32_t i = 0; i < sim_n_autoscalers; i++)
        if (strncmp(preset, sim_autoscalers[i].name, strlen(sim_autoscalers[i].name)) ==
            0)
            return &sim_autoscalers[i];
    return NULL;
}
