/* Real threads and the real clock around kernels made up: what is run, kept, skipped,
 * refused and stopped.  How long anything took is never looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "calibrate/block.h"
#include "calibrate/cores.h"
#include "calibrate/measure.h"

struct cal_state {
    double x;
    volatile uint64_t work;
    int64_t calls;
};

static enum sp_status open_one(const struct cal_kernel *kernel, double x, uint64_t seed,
                               struct cal_state **state, struct sp_err *err)
{
    (void)kernel, (void)seed, (void)err;
    *state = sp_xcalloc(1, sizeof **state);
    (*state)->x = x;
    return SP_OK;
}

static enum sp_status refuse(const struct cal_kernel *kernel, double x, uint64_t seed,
                             struct cal_state **state, struct sp_err *err)
{
    if (x < 2)
        return open_one(kernel, x, seed, state, err);
    return sp_fail(err, SP_EIO, "the library has no mood");
}

static void close_one(struct cal_state *state)
{
    free(state);
}

static int32_t items(const struct cal_state *state)
{
    (void)state;
    return 9;
}

static void work(struct cal_state *state, int64_t call)
{
    state->calls++;
    for (int i = 0; i < 1000 * state->x; i++)
        state->work = state->work * 3 + (uint64_t)call;
}

static enum sp_status good(struct cal_state *state, struct sp_err *err)
{
    (void)state, (void)err;
    return SP_OK;
}

static enum sp_status wrong(struct cal_state *state, struct sp_err *err)
{
    (void)state;
    return sp_fail(err, SP_EIO, "worker: found 1, expected 2");
}

static void features_of(const struct cal_state *state, int32_t item, double *features)
{
    features[0] = state->x * item;
}

static const char *library(struct sp_arena *arena)
{
    return sp_arena_strdup(arena, "none 1.0");
}

#define KERNEL(kernel_name, open_fn, check_fn)                                         \
    {                                                                                  \
        .name = kernel_name, .item = "a row", .axis = "rows", .help = "-",             \
        .bound = MODEL_BOUND_COMPUTE, .threads = 1, .n_points = 3, .x = {1, 2, 4},     \
        .quick = 5, .scaling_x = 2, .n_features = 1, .features = {"rows"},             \
        .open = open_fn, .close = close_one, .items = items, .run = work,              \
        .check = check_fn, .features_of = features_of, .library = library              \
    }

static const struct cal_kernel plain = KERNEL("plain", open_one, good);
static const struct cal_kernel refusing = KERNEL("refusing", refuse, good);
static const struct cal_kernel mistaken = KERNEL("mistaken", open_one, wrong);

static struct cal_measure_options short_options(const struct cal_kernel *const *kernels)
{
    struct cal_measure_options o = cal_measure_defaults(true);

    o.kernels = kernels;
    o.total_s = 0.2;
    o.cores_most = 2;
    o.seed = 3;
    return o;
}

static void assert_has_fact(const struct cal_campaigns *c, const char *name)
{
    for (int32_t i = 0; i < c->n_facts; i++)
        if (strcmp(c->facts[i].name, name) == 0) {
            assert_true(*c->facts[i].value != '\0');
            return;
        }
    fail_msg("no fact '%s'", name);
}

/* However busy the machine: each point is in the table, or a note says why not. */
static void what_was_measured_is_told(void **state)
{
    static const char *const facts[] = {
        "cpu",  "cores",    "kernel", "governor", "gate",     "canary",
        "load", "pressure", "steal",  "cpu_wall", "compiler", "foreign_cores"};
    const struct cal_kernel *kernels[] = {&plain, &refusing, NULL};
    struct cal_measure_options o = short_options(kernels);
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {.created = "now"};
    const struct cal_measured *m;

    (void)state;
    assert_int_equal(cal_measure_cpu(&o, arena, &c, NULL), SP_OK);
    assert_int_equal(c.n_devices, 1);
    assert_string_equal(c.devices[0].name, "cpu");
    assert_true(c.devices[0].cores >= 1 && !c.devices[0].is_gpu);
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_has_fact(&c, facts[i]);
    assert_int_equal(c.n_measured, 2);
    m = &c.measured[0];
    assert_string_equal(m->name, "plain");
    assert_string_equal(m->library, "none 1.0");
    assert_int_equal(m->n_points + c.n_notes >= 2, 1);
    for (int32_t i = 0; i < m->n_points; i++) {
        assert_true(m->points[i].x == 1 || m->points[i].x == 4);
        assert_int_equal(m->points[i].n, 1);
        assert_true(m->points[i].estimates[0].s > 0);
        assert_true(m->points[i].estimates[0].blocks > 0);
    }
    for (int32_t i = 0; i < m->n_items; i++)
        assert_true(m->items[i].s > 0 && m->items[i].features[0] >= 0);
    assert_string_equal(c.measured[1].skipped, "the library has no mood");
    assert_int_equal(c.measured[1].n_points, 0);
    sp_arena_free(arena);
}

/* No CPU multiplies 900 times a nanosecond: every block falls short. */
static void reference_that_is_never_reached_is_given_up(void **state)
{
    const struct cal_kernel *kernels[] = {&plain, NULL};
    struct cal_measure_options o = short_options(kernels);
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {0};
    int32_t told = 0;

    (void)state;
    o.reference = (struct cal_speed){900, 900};
    assert_int_equal(cal_measure_cpu(&o, arena, &c, NULL), SP_OK);
    for (int32_t i = 0; i < c.n_notes; i++)
        told += strcmp(c.notes[i], "canaries: the earlier reference was never reached, "
                                   "a new one was taken") == 0;
    assert_int_equal(told, cal_canary_has());
    for (int32_t i = 0; i < c.n_facts; i++)
        if (strcmp(c.facts[i].name, "canary_adds_per_ns") == 0)
            assert_true(strtod(c.facts[i].value, NULL) < 800);
    sp_arena_free(arena);
}

static void wrong_result_ends_it(void **state)
{
    const struct cal_kernel *kernels[] = {&plain, &mistaken, NULL};
    struct cal_measure_options o = short_options(kernels);
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {0};
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(cal_measure_cpu(&o, arena, &c, &err), SP_EIO);
    assert_string_equal(err.text, "worker: found 1, expected 2");
    assert_int_equal(c.n_measured, 0);
    sp_arena_free(arena);
}

static bool stop_at(void *self, const struct cal_progress *now)
{
    int *left = self;

    (void)now;
    return (*left)-- == 0;
}

/* At every of the first steps: while it is made ready, and in the campaign. */
static void progress_stops_it_anywhere(void **state)
{
    const struct cal_kernel *kernels[] = {&plain, NULL};

    (void)state;
    for (int step = 0; step < 6; step++) {
        struct cal_measure_options o = short_options(kernels);
        struct sp_arena *arena = sp_arena_new();
        struct cal_campaigns c = {0};
        int left = step;

        o.progress = stop_at;
        o.progress_self = &left;
        assert_int_equal(cal_measure_cpu(&o, arena, &c, NULL), SP_ELIMIT);
        sp_arena_free(arena);
    }
}

static void every_thread_runs_its_own_load(void **state)
{
    enum { N = 3 };
    struct cal_machine *machine = cal_machine_new();
    struct cal_state states[N] = {{.x = 1}, {.x = 1}, {.x = 1}};
    struct cal_load loads[N];
    struct cal_block blocks[N];
    struct cal_reference reference = {0};
    double median_s[N];
    struct cal_cpu_rig rig;
    struct cal_world world;
    struct cal_together job = {.n = N,
                               .loads = loads,
                               .reference = &reference,
                               .blocks = blocks,
                               .median_s = median_s};

    (void)state;
    cal_cpu_rig_open(&rig, machine);
    world = cal_cpu_rig_world(&rig);
    for (int i = 0; i < N; i++)
        loads[i] = (struct cal_load){
            .kernel = &plain, .state = &states[i], .items = 1, .stride = 9, .calls = 2};
    world.together(world.self, &job);
    for (int i = 0; i < N; i++) {
        assert_true(states[i].calls >= 10 && states[i].calls % 2 == 0);
        assert_int_equal(2 * (blocks[i].taken + 1), states[i].calls);
        assert_int_equal(isnan(median_s[i]), blocks[i].end != CAL_BLOCK_COUNTS);
    }
    cal_cpu_rig_close(&rig);
    cal_machine_free(machine);
}

/* ---- the reference of an earlier profile ---- */

static struct model_profile profile_of(struct model_fact *facts, int32_t n)
{
    return (struct model_profile){.n_facts = n, .facts = facts};
}

static void reference_is_of_the_same_cpu_and_canary(void **state)
{
    struct cal_machine *machine = cal_machine_new();
    struct sp_arena *arena = sp_arena_new();
    struct model_profile_device here;
    struct model_profile p;
    struct cal_speed speed;

    (void)state;
    cal_machine_device(machine, arena, &here);
    {
        struct model_fact facts[] = {{"cpu", here.model},
                                     {"canary", cal_canary_code()},
                                     {"canary_multiplies_per_ns", "1.25"},
                                     {"canary_adds_per_ns", "16.9"}};

        p = profile_of(facts, 4);
        speed = cal_measure_reference(&p);
        assert_true(speed.multiplies_per_ns == 1.25 && speed.adds_per_ns == 16.9);
        facts[2].value = "fast";
        assert_true(cal_measure_reference(&p).adds_per_ns == 0);
        facts[2].value = "1e300";
        assert_true(cal_measure_reference(&p).adds_per_ns == 0);
        facts[2].value = "1.25";
        facts[1].value = "of another build";
        assert_true(cal_measure_reference(&p).adds_per_ns == 0);
        facts[1].value = cal_canary_code();
        facts[0].value = "another CPU";
        assert_true(cal_measure_reference(&p).adds_per_ns == 0);
        p.n_facts = 0;
        assert_true(cal_measure_reference(&p).adds_per_ns == 0);
    }
    sp_arena_free(arena);
    cal_machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_measured_is_told),
        cmocka_unit_test(reference_that_is_never_reached_is_given_up),
        cmocka_unit_test(wrong_result_ends_it),
        cmocka_unit_test(progress_stops_it_anywhere),
        cmocka_unit_test(every_thread_runs_its_own_load),
        cmocka_unit_test(reference_is_of_the_same_cpu_and_canary),
    };

    return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
