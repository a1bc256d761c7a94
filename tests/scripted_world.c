#include "tests/scripted_world.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

static bool shared_now(const struct script *s)
{
    double t = sp_s_from_ns(s->now_ns);

    return s->shared_every_s > 0 && fmod(t, s->shared_every_s) < s->shared_for_s;
}

/* ---- the kernel ---- */

/* A level of its own for each 50 ms, so that blocks differ and samples of one do not.
 */
static double level_of(const struct cal_state *k)
{
    uint64_t key = (uint64_t)(k->script->now_ns / 50000000);
    struct sp_rng rng = sp_rng_from_key(key);
    double t = sp_s_from_ns(k->script->now_ns);

    return 1 + k->wander * (2 * sp_rng_uniform(&rng) - 1) + k->drift * t;
}

static void disturb(struct script *s)
{
    if (sp_rng_uniform(&s->rng) < s->pushed_off_frac) {
        s->now_ns += 4000000;
        s->mark.wait_ns += 3500000;
        s->mark.switches++;
        s->mark.cpu_ns += sp_ns_from_s(s->spoilt_s);
    }
    if (sp_rng_uniform(&s->rng) < s->jump_frac)
        s->now_ns += s->jump_back ? -1000 * SP_NS_PER_S : SP_NS_PER_H;
}

static void script_run(struct cal_state *k, int64_t call)
{
    struct script *s = k->script;
    double item = (double)(call % k->items);
    double took_s = k->s * (1 + item) * level_of(k) *
                    (1 + k->noise * (2 * sp_rng_uniform(&s->rng) - 1));

    if (s->n_ran == 0 || (strcmp(s->ran[s->n_ran - 1], k->name) != 0 &&
                          s->n_ran < (int32_t)(sizeof s->ran / sizeof s->ran[0])))
        s->ran[s->n_ran++] = k->name;
    k->calls++;
    if (shared_now(s))
        took_s *= s->slow;
    if (s->together > 1 && s->contention > 0)
        took_s *= s->contention;
    if (s->stands_still)
        return;
    s->now_ns += sp_ns_from_s(took_s);
    s->mark.cpu_ns += sp_ns_from_s(took_s);
    disturb(s);
}

static int32_t script_items(const struct cal_state *k)
{
    return k->items;
}

const struct cal_kernel script_kernel = {
    .name = "scripted", .items = script_items, .run = script_run, .threads = 1};
const struct cal_kernel script_kernel_of_two = {
    .name = "scripted", .items = script_items, .run = script_run, .threads = 2};

/* ---- the world ---- */

static int64_t script_now(void *self)
{
    return ((struct script *)self)->now_ns;
}

static struct cal_mark script_mark(void *self)
{
    return ((struct script *)self)->mark;
}

static struct cal_speed script_canary(void *self)
{
    struct script *s = self;
    bool bad = shared_now(s) || (s->together > 1 && s->spoilt_canary_together);

    if (!s->stands_still)
        s->now_ns += 100000;
    if (s->no_canary)
        return (struct cal_speed){0, 0};
    return (struct cal_speed){1.25, bad ? 13.2 : 16.9};
}

static void script_pause(void *self, double seconds)
{
    ((struct script *)self)->now_ns += sp_ns_from_s(seconds);
}

static void script_together(void *self, struct cal_together *job)
{
    struct script *s = self;
    struct cal_world world = script_world(s);

    s->together = job->n;
    for (int32_t i = 0; i < job->n; i++)
        cal_together_run(&world, job, i);
    s->together = 0;
}

struct cal_world script_world(struct script *script)
{
    return (struct cal_world){.self = script,
                              .now_ns = script_now,
                              .mark = script_mark,
                              .canary = script_canary,
                              .pause = script_pause,
                              .together = script_together};
}

struct cal_series script_series(struct script *script, const struct cal_kernel *kernel,
                                struct cal_state *state, double *items_s)
{
    struct cal_series series = {.kernel = kernel, .x = 1, .items_s = items_s};
    struct script calm = {.rng = sp_rng_from_key(9)};
    struct cal_world world = script_world(&calm);
    bool ready;

    state->script = &calm; /* made ready in peace */
    ready = cal_load_init(&world, kernel, state, &series.load);
    sp_assert(ready);
    state->script = script;
    state->calls = 0;
    return series;
}
