/* Factors, "*1.2": of a text, of what stands in a scenario, of the catalog's price. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "model/catalog.h"
#include "model/factor.h"
#include "model/scenario.h"
#include "tests/near.h"

#define N(rows) (sizeof rows / sizeof rows[0])

/* ---- texts ---- */

static void a_text_times_a_factor(void **state)
{
    static const struct {
        const char *text;
        double factor;
        const char *want; /* NULL: there is no number */
    } rows[] = {
        {"10", 1.5, "15"},
        {"3", 1.1, "3.3"},
        {"0.1", 3, "0.3"},
        {"32 USD/h", 1.2, "38.4 USD/h"},
        {"$0.50/h", 0.5, "$0.25/h"},
        {"$ 2", 2, "$ 4"},
        {"10ms", 0.1, "1ms"},
        {"80GiB", 0.5, "40GiB"},
        {"500m", 2, "1000m"},
        {"30%", 1.5, "45%"},
        {"60/min", 2, "120/min"},
        {"1e3", 2, "2000"},
        {"1_000", 2, "2000"},
        {".5", 2, "1"},
        {"7", 0, "0"},
        {"1h30m", 2, "10800s"},
        {"PT1H30M", 2, "10800s"},
        {"*1.2", 2, "*2.4"},
        {"", 2, NULL},
        {"auto", 2, NULL},
        {"nan", 2, NULL},
        {"-1", 2, NULL},
        {"uniform(1, 2)", 2, NULL},
        {"1..2", 2, NULL},
        {"H100", 2, NULL},
    };
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        const char *found = model_factor_times(arena, rows[i].text, rows[i].factor);

        if (rows[i].want == NULL && found != NULL)
            fail_msg("'%s': found '%s', expected nothing", rows[i].text, found);
        if (rows[i].want != NULL)
            assert_string_equal(found, rows[i].want);
    }
    sp_arena_free(arena);
}

static void what_is_meant_as_a_factor(void **state)
{
    static const struct {
        const char *text;
        bool is;
        double factor; /* NaN: it is a bad one */
    } rows[] = {
        {"*1.2", true, 1.2},  {"*0", true, 0},       {"*.5", true, 0.5},
        {"*1e3", true, 1000}, {"*-1", true, NAN},    {"*1x", true, NAN},
        {"*2 s", true, NAN},  {"*1e10", true, NAN},  {"**2", false, NAN},
        {"*", false, NAN},    {"*name", false, NAN}, {"2", false, NAN},
        {"", false, NAN},
    };

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_err err = {0};
        double factor = NAN;
        enum sp_status s = model_factor_read(rows[i].text, &factor, &err);

        assert_int_equal(model_factor_is(rows[i].text), rows[i].is);
        assert_int_equal(s == SP_OK, !isnan(rows[i].factor));
        if (s == SP_OK)
            assert_near(factor, rows[i].factor, 1e-15);
        else
            assert_non_null(strstr(err.text, "such as *1.2"));
    }
}

/* ---- in a scenario ---- */

/* A row of the built-in catalog with both prices. */
static const char *const type = "g5.xlarge";

static const char *const text =
    "scenario: s\n"
    "fleet:\n"
    "  own: { cpu: 64, price: 32 USD/h, count: 4, boot: 1h30m }\n"
    "  listed: { type: g5.xlarge }\n"
    "  spot: { type: g5.xlarge, option: spot }\n"
    "  cheap: { type: g5.xlarge, discount: 50% }\n"
    "  both: { type: g5.xlarge, options: [ { option: spot }, { option: on-demand } ] "
    "}\n"
    "  free: { cpu: 1 }\n"
    "workloads:\n"
    "  embed:\n"
    "    kind: pipeline\n"
    "    source: { rate: 100/s, for: 60s }\n"
    "    stages: { prep: { cpu: 1, time: 10ms }, out: { cpu: 1, time: 1ms } }\n"
    "policies:\n"
    "  p: { embed: { units: { u: { slots: { prep: 1, out: 1 } } } }, fleet: { own: { "
    "price: '*0.5' }, listed: { price: '*3' } } "
    "}\n";

static enum sp_status read_with(const struct model_set *sets, int32_t n,
                                struct sp_arena *arena, struct model_scenario **sc,
                                struct sp_err *err)
{
    char path[] = "/tmp/stageplan-test-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    enum sp_status status;

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    status = model_scenario_read_to_plan(path, sets, n, arena, sc, err);
    unlink(path);
    return status;
}

static const struct model_node_type *find_type(const struct model_policy *p,
                                               const char *name)
{
    for (int32_t i = 0; i < p->n_types; i++)
        if (strcmp(p->types[i].name, name) == 0)
            return &p->types[i];
    fail_msg("there is no %s", name);
    return NULL;
}

/* The catalog's prices of `type`, which the expectations are factors of. */
static const struct model_instance *listed(struct sp_arena *arena)
{
    struct model_catalog *catalog = sp_arena_alloc(arena, sizeof *catalog);

    model_catalog_builtin(arena, catalog);
    for (int32_t i = 0; i < catalog->n; i++)
        if (strcmp(catalog->rows[i].name, type) == 0)
            return &catalog->rows[i];
    fail_msg("there is no %s", type);
    return NULL;
}

enum base { USD, ON_DEMAND, SPOT };

static const struct priced {
    const char *name;
    struct model_set sets[2];
    const char *node;
    enum base base;
    double times;
    const char *source; /* ends with it */
} priceds[] = {
    {"own_price", {{"fleet.own.price", "*1.25"}}, "own", USD, 20, "scenario"},
    {"set_twice",
     {{"fleet.own.price", "*1.25"}, {"fleet.own.price", "*2"}},
     "own",
     USD,
     40,
     "scenario"},
    {"set_to_a_price_first",
     {{"fleet.own.price", "10"}, {"fleet.own.price", "*2"}},
     "own",
     USD,
     10,
     "scenario"},
    {"a_policys_factor_is_of_the_fleets_price",
     {{"fleet.own.price", "64 USD/h"}},
     "own",
     USD,
     32,
     "scenario"},
    {"a_policys_factor_is_of_the_catalogs_price",
     {{NULL, NULL}},
     "listed",
     ON_DEMAND,
     3,
     "times 3"},
    {"a_policys_factor_is_of_the_fleets_factor",
     {{"fleet.listed.price", "*0.5"}},
     "listed",
     ON_DEMAND,
     1.5,
     "times 1.5"},
    {"spot", {{"fleet.spot.price", "*1.2"}}, "spot", SPOT, 1.2, "spot"},
    {"a_discount_comes_after",
     {{"fleet.cheap.price", "*1.2"}},
     "cheap",
     ON_DEMAND,
     0.6,
     "less 50 %"},
    {"every_option_its_own_price",
     {{"fleet.both.price", "*2"}},
     "both/spot",
     SPOT,
     2,
     "times 2"},
    {"every_option_its_own_price_on_demand",
     {{"fleet.both.price", "*2"}},
     "both/on-demand",
     ON_DEMAND,
     2,
     "times 2"},
    {"one_option",
     {{"fleet.both.options.0.price", "*2"}},
     "both/spot",
     SPOT,
     2,
     "times 2"},
    {"nothing", {{"fleet.listed.price", "*0"}}, "listed", ON_DEMAND, 0, "times 0"},
};

static void prices_are_multiplied(void **state)
{
    const struct priced *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_instance *catalog = listed(arena);
    const double bases[] = {1, catalog->ondemand_usd_h, catalog->spot_usd_h};
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};
    const struct model_node_type *found;
    int32_t n = 0;

    while (n < 2 && row->sets[n].path != NULL)
        n++;
    if (read_with(row->sets, n, arena, &sc, &err) != SP_OK)
        fail_msg("%s", err.text);
    found = find_type(&sc->policies[0], row->node);
    assert_true(found->has_price);
    assert_near(sp_usd_from_uusd(found->uusd_per_h), bases[row->base] * row->times,
                1e-6);
    assert_non_null(strstr(found->price_source, row->source));
    sp_arena_free(arena);
}

static void numbers_of_all_kinds_are_multiplied(void **state)
{
    static const struct model_set sets[] = {
        {"fleet.own.count", "*1.5"},
        {"workloads.embed.source.rate", "*2"},
        {"stages.prep.time", "*0.1"},
    };
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};

    (void)state;
    if (read_with(sets, N(sets), arena, &sc, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(find_type(&sc->policies[0], "own")->count, 6);
    assert_near(sc->policies[0].plans[0].source.rate_per_s, 200, 1e-9);
    sp_arena_free(arena);
}

static const struct bad {
    const char *name;
    struct model_set set;
    const char *message;
} bads[] = {
    {"nothing_there",
     {"fleet.own.min", "*2"},
     "--set 'fleet.own.min': nothing stands there, expected a number for *2 to "
     "multiply"},
    {"a_path_to_nowhere",
     {"fleet.nobody.count", "*2"},
     "--set 'fleet.nobody.count': nothing stands there"},
    {"a_price_of_nobody", {"fleet.nobody.price", "*2"}, "there is no 'nobody'"},
    {"a_map", {"fleet.own", "*2"}, "a map stands there"},
    {"a_list", {"fleet.both.options", "*2"}, "a list stands there"},
    {"a_word", {"workloads.embed.kind", "*2"}, "'pipeline' stands there"},
    {"a_bad_factor", {"fleet.own.price", "*2x"}, "found '*2x', expected a factor"},
    {"a_factor_below_zero", {"fleet.own.price", "*-2"}, "expected a factor from 0"},
    {"no_price_to_multiply", {"fleet.free.price", "*2"}, "no price that it could"},
    {"a_count_that_is_not_whole", {"fleet.own.count", "*1.1"}, "4.4"},
    {"a_price_beyond_all", {"fleet.spot.price", "*1e9"}, "expected at most 1e+06"},
    {"of_no_workload", {"stages.absent.time", "*2"}, "nothing stands there"},
};

static void a_mistake_gets_its_message(void **state)
{
    const struct bad *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};

    assert_int_equal(read_with(&row->set, 1, arena, &sc, &err), SP_EINPUT);
    if (strstr(err.text, row->message) == NULL)
        fail_msg("found \"%s\", expected \"%s\"", err.text, row->message);
    sp_arena_free(arena);
}

int main(void)
{
    static struct CMUnitTest tests[64] = {
        cmocka_unit_test(a_text_times_a_factor),
        cmocka_unit_test(what_is_meant_as_a_factor),
        cmocka_unit_test(numbers_of_all_kinds_are_multiplied),
    };
    size_t n = 3;

    for (size_t i = 0; i < N(priceds); i++)
        tests[n++] =
            (struct CMUnitTest){.name = priceds[i].name,
                                .test_func = prices_are_multiplied,
                                .initial_state = (void *)(uintptr_t)&priceds[i]};
    for (size_t i = 0; i < N(bads); i++)
        tests[n++] = (struct CMUnitTest){.name = bads[i].name,
                                         .test_func = a_mistake_gets_its_message,
                                         .initial_state = (void *)(uintptr_t)&bads[i]};
    return _cmocka_run_group_tests("factor", tests, n, NULL, NULL);
}
