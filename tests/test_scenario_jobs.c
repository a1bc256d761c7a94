/* Jobs, teams, purchase options and lists of nodes in scenario files: what every key
 * becomes, what is taken from whom, and what ids come to mean. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "model/availability.h"
#include "model/feasible.h"
#include "model/jobs.h"
#include "model/sizing.h"
#include "model/warnings.h"
#include "tests/scenario_text.h"

#define N(rows) (sizeof rows / sizeof rows[0])
#define S       SP_NS_PER_S
#define GIB     (INT64_C(1) << 30)

/* Policies and workloads of jobs.yaml. */
enum { SHARED, OWN, CHEAP };
enum { REPLAY, TIMED, MADE, EMBED };

static const char *scenarios(struct sp_arena *arena, const char *name)
{
    const char *folder = getenv("SRCDIR");

    return sp_arena_printf(arena, "%s/tests/scenarios/%s",
                           folder != NULL ? folder : ".", name);
}

static struct model_scenario *read_jobs(struct sp_arena *arena)
{
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    if (model_scenario_read(scenarios(arena, "jobs.yaml"), NULL, 0, arena, &s, &err) !=
        SP_OK)
        fail_msg("%s", err.text);
    return s;
}

static struct model_scenario *read_text(const char *text, struct sp_arena *arena)
{
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    if (scenario_from_bytes(text, strlen(text), arena, &s, &err) != SP_OK)
        fail_msg("%s", err.text);
    return s;
}

static const struct model_node_type *type_of(const struct model_policy *p,
                                             const char *name)
{
    for (int32_t t = 0; t < p->n_types; t++)
        if (strcmp(p->types[t].name, name) == 0)
            return &p->types[t];
    fail_msg("no type %s", name);
    return NULL;
}

static int32_t team_of(const struct model_policy *p, const char *name)
{
    for (int32_t i = 0; i < p->n_teams; i++)
        if (strcmp(p->teams[i].name, name) == 0)
            return i;
    fail_msg("no team %s", name);
    return SP_NO_ID;
}

/* ---- purchase options ---- */

static void options_become_node_types_of_one_group(void **state)
{
    static const struct {
        const char *name;
        enum model_option kind;
        int64_t uusd;
        bool fixed;
        int32_t min, max;
        int64_t return_after_s; /* -1: never */
        int64_t launch_max;
        double fail_mean_s;
    } rows[] = {
        {"gpu-node/reserved", MODEL_OPTION_RESERVED, 12000000, true, 4, 4, -1, 0,
         30 * 86400.0},
        {"gpu-node/spot", MODEL_OPTION_SPOT, 6000000, false, 0, 8, 3600, 10,
         30 * 86400.0},
        {"gpu-node/zone-b", MODEL_OPTION_SPOT, 20000000, false, 0, 9, 300, 10,
         30 * 86400.0},
        {"gpu-node/on-demand", MODEL_OPTION_ON_DEMAND, 20000000, false, 0, 100, 3600,
         10, 10 * 86400.0},
    };
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p = &read_jobs(arena)->policies[SHARED];

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        const struct model_node_type *t = &p->types[i];
        int64_t back_ns = rows[i].return_after_s;

        assert_string_equal(t->name, rows[i].name);
        assert_string_equal(t->group, "gpu-node");
        assert_int_equal(t->group_id, p->types[0].group_id);
        assert_int_equal(t->group_rank, i);
        assert_int_equal(t->kind, rows[i].kind);
        assert_string_equal(t->option, model_option_name(rows[i].kind));
        assert_int_equal(t->uusd_per_h, rows[i].uusd);
        assert_true(t->fixed == rows[i].fixed);
        assert_int_equal(t->min, rows[i].min);
        assert_int_equal(t->max, rows[i].max);
        assert_int_equal(t->return_after_ns, back_ns < 0 ? -1 : back_ns * S);
        assert_int_equal(t->launch_max, rows[i].launch_max);
        assert_int_equal(t->launch_every_ns, rows[i].fixed ? 0 : 60 * S);
        assert_true(t->loss.fails);
        assert_true(model_dist_mean(&t->loss.fail_after_s) == rows[i].fail_mean_s);
        /* what is outside holds for all */
        assert_int_equal(t->has.mgpu, 8000);
        assert_int_equal(t->has.memory_bytes, 512 * GIB);
        assert_string_equal(t->gpu_model, "V100-SXM2-32GB");
        assert_true(model_dist_mean(&t->boot_s) == 120);
        assert_int_equal(t->team, SP_NO_ID);
    }
    assert_true(model_dist_mean(&p->types[0].loss.repair_s) == 7200);
    assert_true(model_dist_mean(&p->types[3].loss.repair_s) == 0);
    sp_arena_free(arena);
}

static void entries_are_groups_of_their_own(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_jobs(arena);

    (void)state;
    for (int32_t k = 0; k < s->n_policies; k++) {
        const struct model_policy *p = &s->policies[k];

        for (int32_t a = 0; a < p->n_types; a++)
            for (int32_t b = 0; b < a; b++) {
                bool options = k != OWN && b < 4 && a < 4;

                assert_true((p->types[a].group_id == p->types[b].group_id) == options);
                assert_string_not_equal(p->types[a].name, p->types[b].name);
            }
    }
    sp_arena_free(arena);
}

/* Of a Poisson process, 1 - exp(-rate x 730 h) is the share lost within a month. */
static void interruptions_are_read_in_their_three_forms(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p = &read_jobs(arena)->policies[SHARED];
    const struct model_loss *band = &type_of(p, "gpu-node/spot")->loss;
    const struct model_loss *record = &type_of(p, "gpu-node/zone-b")->loss;
    const struct model_loss *rate = &type_of(p, "flaky")->loss;
    const struct model_loss *none = &type_of(p, "old")->loss;

    (void)state;
    assert_true(band->taken_back);
    assert_true(fabs(1 - exp(-band->per_hour * 730) - 0.075) < 1e-12);
    assert_int_equal(band->notice_ns, 120 * S);
    assert_null(band->availability);
    assert_non_null(strstr(band->basis_text, "5-10%"));
    assert_false(record->taken_back);
    assert_non_null(record->availability);
    assert_string_equal(record->availability->path, "spot.json");
    assert_int_equal(model_availability_at(record->availability, 1200 * S), 0);
    assert_int_equal(record->availability_from_ns, 12 * 3600 * S);
    assert_int_equal(record->notice_ns, 0);
    assert_true(rate->taken_back && fabs(rate->per_hour - 0.05) < 1e-15);
    assert_string_equal(rate->basis_text, "stated");
    assert_true(!none->taken_back && !none->fails && none->availability == NULL);
    sp_arena_free(arena);
}

static void every_advisor_band_has_its_rate(void **state)
{
    static const struct {
        const char *band;
        double month;
    } rows[] = {{"<5%", 0.025},
                {"5-10%", 0.075},
                {"10-15%", 0.125},
                {"15-20%", 0.175},
                {">20%", 0.25}};

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        const struct model_scenario *s = read_text(
            sp_arena_printf(
                arena,
                "scenario: s\nfleet: { n: { cpu: 1, option: spot, interruptions: { "
                "advisor: '%s' } } }\nworkloads: { w: { kind: pipeline, source: { "
                "items: 1 }, stages: { a: { time: 1s } } } }\n"
                "policies: { p: { w: { bundle: apart } } }\n",
                rows[i].band),
            arena);

        assert_true(fabs(s->policies[0].types[0].loss.per_hour +
                         log(1 - rows[i].month) / 730) < 1e-15);
        sp_arena_free(arena);
    }
}

/* The catalog has prices on demand and of the spot market, each for its option. */
static void spot_nodes_of_the_catalog_cost_the_spot_price(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p =
        &read_text(
             "scenario: s\nfleet:\n  n: { type: p5.48xlarge, options: [ { option: "
             "spot }, { option: on-demand } ] }\nworkloads: { w: { kind: pipeline, "
             "source: { items: 1 }, stages: { a: { time: 1s } } } }\n"
             "policies: { p: { w: { bundle: apart } } }\n",
             arena)
             ->policies[0];

    (void)state;
    assert_true(p->types[0].has_price && p->types[1].has_price);
    assert_true(p->types[0].uusd_per_h < p->types[1].uusd_per_h);
    assert_non_null(strstr(p->types[0].price_source, "spot"));
    assert_null(strstr(p->types[1].price_source, "spot"));
    sp_arena_free(arena);
}

/* What the same node costs on demand before discounts, in USD/h; p5.48xlarge is in the
 * catalog. */
static void list_prices_are_those_on_demand(void **state)
{
    enum { CATALOG = -1, OWN_PRICE = -2 };
    static const struct {
        const char *fleet;
        double want[3]; /* by option */
    } rows[] = {
        {"n: { cpu: 4, price: 8 USD/h }", {8}},
        {"n: { cpu: 4, price: 8 USD/h, discount: 25% }", {8}},
        {"n: { cpu: 4, price: 3 USD/h, option: reserved, count: 1 }", {3}},
        {"n: { cpu: 4, options: [ { option: spot, price: 3 USD/h }, "
         "{ option: on-demand, price: 8 USD/h, discount: 10% } ] }",
         {8, 8}},
        {"n: { cpu: 4, price: 6 USD/h, options: [ { option: reserved, count: 1, "
         "discount: 50% }, { option: spot, discount: 70% }, { option: on-demand, name: "
         "a, price: 5 USD/h }, { option: on-demand, name: b, price: 9 USD/h } ] }",
         {5, 5, 5}},
        {"n: { type: p5.48xlarge, option: spot }", {CATALOG}},
        {"n: { type: p5.48xlarge, price: 1 USD/h }", {1}},
        {"n: { type: p5.48xlarge, price: 1 USD/h, option: owned, count: 1 }",
         {CATALOG}},
        {"n: { type: p5.48xlarge, options: [ { option: reserved, count: 1, discount: "
         "30% }, { option: spot } ] }",
         {CATALOG, CATALOG}},
        {"n: { cpu: 4 }", {OWN_PRICE}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sp_arena *arena = sp_arena_new();
        const char *catalog = "n: { type: p5.48xlarge }, ";
        struct model_scenario *sc;
        struct sp_err err = {0};
        struct scenario_text text = {
            .fleet = sp_arena_printf(arena, "%sm%s", catalog, rows[i].fleet + 1)};
        const struct model_node_type *t;

        if (scenario_from(&text, arena, &sc, &err) != SP_OK)
            fail_msg("%s: %s", rows[i].fleet, err.text);
        t = sc->policies[0].types;
        for (int o = 0; o < 3 && rows[i].want[o] != 0; o++) {
            double want = rows[i].want[o] * 1e6;

            if (rows[i].want[o] == CATALOG)
                want = (double)t[0].uusd_per_h;
            if (t[1 + o].has_list_price != (rows[i].want[o] != OWN_PRICE) ||
                (t[1 + o].has_list_price && (double)t[1 + o].list_uusd_per_h != want))
                fail_msg("%s: option %d: %lld, expected %.0f", rows[i].fleet, o,
                         (long long)t[1 + o].list_uusd_per_h, want);
        }
        sp_arena_free(arena);
    }
}

static void a_policy_overrides_an_option_by_its_name(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p = &read_jobs(arena)->policies[CHEAP];

    (void)state;
    assert_int_equal(type_of(p, "gpu-node/spot")->max, 3);
    /* the discount is off whatever the price is */
    assert_int_equal(type_of(p, "gpu-node/spot")->uusd_per_h, 9000000);
    assert_int_equal(type_of(p, "gpu-node/zone-b")->max, 9);
    /* `on` takes all that the fleet calls by a name */
    assert_int_equal(p->plans[EMBED].units[0].allowed_types, 0x2f);
    sp_arena_free(arena);
}

/* ---- teams' own nodes and lists ---- */

static void per_team_gives_each_team_nodes_of_its_own(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p = &read_jobs(arena)->policies[OWN];
    const struct model_node_type *vision = type_of(p, "gpu-node (vision)");
    const struct model_node_type *research = type_of(p, "gpu-node (research)");

    (void)state;
    assert_int_equal(vision->count, 2);
    assert_int_equal(research->count, 4);
    assert_true(vision->fixed && research->fixed);
    assert_int_equal(vision->team, team_of(p, "vision"));
    assert_int_equal(research->team, team_of(p, "research"));
    assert_string_equal(vision->group, "gpu-node");
    assert_int_equal(vision->uusd_per_h, 20000000);
    assert_string_equal(vision->option, "on-demand");
    assert_int_equal(type_of(p, "old")->count, 5);
    /* research's pipeline keeps off vision's nodes and those of the list's teams */
    for (int32_t t = 0; t < p->n_types; t++)
        assert_true((p->plans[EMBED].units[0].allowed_types >> t & 1) ==
                    (p->types[t].team == SP_NO_ID ||
                     p->types[t].team == team_of(p, "research")));
    sp_arena_free(arena);
}

static void nodes_of_a_list_become_types_of_those_alike(void **state)
{
    static const struct {
        const char *name, *gpu, *team;
        int32_t count;
        int64_t uusd;
    } rows[] = {
        {"cluster/V100-8gpu-96cpu-768Gi (red)", "V100", "red", 2, 20000000},
        {"cluster/K80-4gpu-48cpu-256Gi (blue)", "K80", "blue", 1, 1000000},
        {"cluster/32cpu-128Gi", NULL, NULL, 1, 1000000},
        {"cluster/V100-8gpu-96cpu-768Gi (blue)", "V100", "blue", 1, 20000000},
    };
    static const struct {
        const char *name;
        int32_t row, rank;
    } nodes[] = {
        {"n0", 0, 2}, {"n1", 1, -1}, {"n2", 0, -1}, {"n3", 2, -1}, {"n4", 3, 0}};
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_jobs(arena);
    const struct model_policy *p = &s->policies[SHARED];
    const int32_t first = p->n_types - (int32_t)N(rows);

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        const struct model_node_type *t = &p->types[first + (int32_t)i];

        assert_string_equal(t->name, rows[i].name);
        assert_string_equal(t->group, "cluster");
        assert_true(t->listed && t->fixed && t->kind == MODEL_OPTION_OWNED);
        assert_int_equal(t->count, rows[i].count);
        assert_int_equal(t->max, rows[i].count);
        assert_int_equal(t->uusd_per_h, rows[i].uusd);
        assert_true(t->loss.fails);
        assert_int_equal(t->team,
                         rows[i].team == NULL ? SP_NO_ID : team_of(p, rows[i].team));
        if (rows[i].gpu == NULL)
            assert_null(t->gpu_model);
        else
            assert_string_equal(t->gpu_model, rows[i].gpu);
    }
    assert_int_equal(p->types[first].has.mcpu, 96000);
    assert_int_equal(p->types[first].has.mgpu, 8000);
    assert_int_equal(p->types[first].has.memory_bytes, 768 * GIB);
    assert_int_equal(p->n_nodes, N(nodes));
    for (size_t i = 0; i < N(nodes); i++) {
        assert_string_equal(p->nodes[i].name, nodes[i].name);
        assert_int_equal(p->nodes[i].type, first + nodes[i].row);
        assert_int_equal(p->nodes[i].tie_rank, nodes[i].rank);
    }
    /* without by_team they are everybody's */
    p = &s->policies[CHEAP];
    assert_int_equal(p->n_types, first + 3);
    assert_int_equal(type_of(p, "cluster/V100-8gpu-96cpu-768Gi")->count, 3);
    assert_int_equal(type_of(p, "cluster/V100-8gpu-96cpu-768Gi")->team, SP_NO_ID);
    sp_arena_free(arena);
}

/* ---- jobs ---- */

static void a_replayed_trace_takes_every_key(void **state)
{
    static const int64_t sizes[] = {1000, 8000, 64000, INT64_MAX};
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_jobs(arena);
    const struct model_plan *plan = &s->policies[SHARED].plans[REPLAY];
    const struct model_jobs *j = plan->jobs;

    (void)state;
    assert_int_equal(plan->kind, MODEL_KIND_JOBS);
    assert_true(plan->n_stages == 0 && plan->n_units == 0 && plan->serving == NULL);
    assert_int_equal(plan->source.kind, MODEL_SOURCE_TRACE);
    assert_string_equal(plan->source.trace_path, "jobs.csv");
    assert_string_equal(plan->source.trace_format, "csv");
    assert_true(plan->source.trace_scale == 2);
    assert_int_equal(plan->source.items, 100);
    assert_int_equal(plan->source.from_ns, 12 * 3600 * S);
    assert_int_equal(plan->source.for_ns, 30 * 86400 * S);
    assert_true(j->shuffle && !j->own_times);
    assert_int_equal(j->n_classes, 0);
    assert_int_equal(j->mcpu_per_gpu, 4000);
    assert_int_equal(j->memory_per_gpu, 32 * GIB);
    assert_int_equal(j->gpus_per_member, 4);
    assert_int_equal(j->gang, MODEL_GANG_STRICT_SPREAD);
    assert_int_equal(j->checkpoint_ns, 1800 * S);
    assert_int_equal(j->checkpoint_cost_ns, 60 * S);
    assert_true(j->checkpoint_on_notice);
    assert_int_equal(j->restart_ns, 600 * S);
    assert_int_equal(j->start_ns, 30 * S);
    assert_true(j->has_estimate && model_dist_mean(&j->estimate) - 1.5 < 1e-9);
    assert_int_equal(j->n_speeds, 2);
    assert_int_equal(j->n_size_classes, 4);
    assert_memory_equal(j->size_class_mgpu, sizes, sizeof sizes);
    assert_int_equal(j->deadline_ns, 2 * 86400 * S);
    assert_int_equal(j->fallback, MODEL_FALLBACK_DEADLINE);
    assert_int_equal(j->fallback_margin_ns, 900 * S);
    assert_int_equal(j->priority, 7);
    assert_true(!j->preemptible && j->forever);
    assert_true(j->wait_target_s == 600 && j->target_quantile == 0.95);
    /* 4 x 8 reserved, 3 x 4 old, 3 x 8 + 4 listed: 72 GPUs */
    assert_int_equal(j->demand_mgpu, 93600);
    sp_arena_free(arena);
}

static void a_policy_changes_its_own_jobs_only(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_jobs(arena);
    const struct model_jobs *j = s->policies[OWN].plans[REPLAY].jobs;

    (void)state;
    assert_int_equal(j->gang, MODEL_GANG_PACK);
    assert_int_equal(j->restart_ns, 0);
    assert_int_equal(j->checkpoint_ns, 0);
    assert_true(j->checkpoint_on_notice);
    assert_int_equal(j->fallback_margin_ns, 0);
    /* as the workload has it */
    assert_int_equal(j->start_ns, 30 * S);
    assert_int_equal(j->priority, 7);
    /* 6 x 8 of teams, 5 x 4 old, 28 listed: 96 GPUs */
    assert_int_equal(j->demand_mgpu, 124800);
    assert_int_equal(s->policies[CHEAP].plans[REPLAY].jobs->gang,
                     MODEL_GANG_STRICT_SPREAD);
    sp_arena_free(arena);
}

static void jobs_of_a_trace_may_arrive_by_a_process(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_plan *plan = &read_jobs(arena)->policies[SHARED].plans[TIMED];
    static const int64_t sizes[] = {0, 999, 1000, 8000, INT64_MAX};

    (void)state;
    assert_true(plan->jobs->own_times);
    assert_int_equal(plan->source.kind, MODEL_SOURCE_GAMMA);
    assert_true(plan->source.cv == 2);
    assert_true(fabs(plan->source.rate_per_s - 10 / 3600.0) < 1e-15);
    assert_string_equal(plan->source.trace_path, "jobs.csv");
    /* and has the documented defaults */
    assert_string_equal(plan->source.trace_format, "auto");
    assert_true(isnan(plan->jobs->target_quantile));
    assert_int_equal(plan->jobs->gang, MODEL_GANG_PACK);
    assert_int_equal(plan->jobs->fallback, MODEL_FALLBACK_AT_ONCE);
    assert_int_equal(plan->jobs->deadline_ns, -1);
    assert_int_equal(plan->jobs->demand_mgpu, 0);
    assert_true(plan->jobs->preemptible && plan->preemptible);
    assert_true(!plan->jobs->forever && !plan->jobs->has_estimate);
    assert_int_equal(plan->jobs->n_size_classes, 5);
    assert_memory_equal(plan->jobs->size_class_mgpu, sizes, sizeof sizes);
    sp_arena_free(arena);
}

static void kinds_of_jobs_are_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p = &read_jobs(arena)->policies[SHARED];
    const struct model_jobs *j = p->plans[MADE].jobs;
    const struct model_job_class *small = &j->classes[0], *large = &j->classes[1];
    const struct model_job_class *split = &j->classes[2], *sums = &j->classes[3];

    (void)state;
    assert_int_equal(j->n_classes, 4);
    assert_int_equal(j->teams.n, 2);
    assert_string_equal(j->teams.name[0], "-");
    assert_string_equal(j->teams.name[1], "vision");
    assert_int_equal(j->models.n, 2);
    assert_string_equal(j->models.name[1], "K80");

    assert_string_equal(small->name, "small");
    assert_true(small->share == 3 && large->share == 1);
    assert_int_equal(small->members, 0);
    assert_int_equal(small->needs.mgpu, 500);
    assert_int_equal(small->needs.mcpu, 2000);
    assert_int_equal(small->needs.memory_bytes, 16 * GIB);
    assert_int_equal(small->team, 1);
    assert_int_equal(small->priority, 0);
    assert_true(small->preemptible && !large->preemptible);
    assert_int_equal(small->deadline_ns, 4 * 86400 * S);
    assert_true(small->has_estimate && model_dist_mean(&small->estimate) == 2);
    assert_int_equal(small->models, 0);

    assert_int_equal(large->members, 2);
    assert_int_equal(large->needs.mgpu, 8000);
    assert_int_equal(large->needs.mcpu, 12000);
    assert_int_equal(large->needs.memory_bytes, GIB);
    assert_int_equal(large->team, 0);
    assert_int_equal(large->models, 3);
    assert_int_equal(large->priority, 5);
    assert_int_equal(large->deadline_ns, 3 * 86400 * S);
    assert_true(model_dist_mean(&large->estimate) == 1.25);
    assert_true(model_dist_mean(&large->duration_s) == 36000 && !large->forever);

    assert_true(split->forever);
    assert_int_equal(split->models, 2);
    assert_int_equal(split->needs.mcpu, 64000);
    /* neither CPU nor GPU: one CPU, as a stage */
    assert_int_equal(sums->needs.mcpu, 1000);
    assert_int_equal(sums->needs.memory_bytes, 0);
    sp_arena_free(arena);
}

/* ---- teams ---- */

static void quotas_are_read_by_either_name(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p = &read_jobs(arena)->policies[SHARED];
    const struct model_team *vision = &p->teams[team_of(p, "vision")];
    const struct model_team *research = &p->teams[team_of(p, "research")];
    const struct model_team *idle = &p->teams[team_of(p, "idle")];
    const struct model_team *none = &p->teams[team_of(p, "-")];
    const struct model_quota unlimited = {{-1, -1, -1}}, zero = {{0, 0, 0}};

    (void)state;
    assert_true(p->has_teams);
    assert_int_equal(team_of(p, "-"), 0);
    assert_int_equal(vision->guarantee.amount[MODEL_GPU], 16000);
    assert_int_equal(vision->guarantee.amount[MODEL_CPU], -1);
    assert_memory_equal(&vision->borrow_limit, &unlimited, sizeof unlimited);
    assert_int_equal(vision->lend_limit.amount[MODEL_GPU], 4000);
    assert_int_equal(vision->lend_limit.amount[MODEL_MEMORY], -1);
    assert_int_equal(vision->reclaim, MODEL_EVICT_ANY);
    assert_int_equal(vision->evict, MODEL_EVICT_NEVER);
    assert_true(vision->weight == 1 && vision->priority == 0);

    assert_int_equal(research->guarantee.amount[MODEL_CPU], 100000);
    assert_int_equal(research->guarantee.amount[MODEL_MEMORY], 1024 * GIB);
    assert_int_equal(research->borrow_limit.amount[MODEL_GPU], 4000);
    assert_int_equal(research->borrow_limit.amount[MODEL_CPU], -1);
    assert_memory_equal(&research->lend_limit, &zero, sizeof zero);
    assert_int_equal(research->reclaim, MODEL_EVICT_NEVER);
    /* scheduling's preemption, where the team has none of its own */
    assert_int_equal(research->evict, MODEL_EVICT_LOWER_PRIORITY);
    assert_true(research->weight == 2 && research->priority == -3);

    assert_memory_equal(&idle->borrow_limit, &zero, sizeof zero);
    assert_memory_equal(&idle->lend_limit, &zero, sizeof zero);
    /* a team without entry is guaranteed nothing of what others are */
    assert_memory_equal(&none->guarantee, &zero, sizeof zero);
    assert_memory_equal(&none->borrow_limit, &unlimited, sizeof unlimited);
    sp_arena_free(arena);
}

static void a_team_has_one_id_in_all_policies(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_jobs(arena);

    (void)state;
    for (int32_t p = 1; p < s->n_policies; p++) {
        assert_int_equal(s->policies[p].n_teams, s->policies[0].n_teams);
        assert_false(s->policies[p].has_teams);
        for (int32_t i = 0; i < s->policies[p].n_teams; i++)
            assert_string_equal(s->policies[p].teams[i].name,
                                s->policies[0].teams[i].name);
    }
    assert_int_equal(s->policies[SHARED].plans[EMBED].team,
                     team_of(&s->policies[SHARED], "vision"));
    assert_int_equal(s->policies[OWN].plans[EMBED].team,
                     team_of(&s->policies[OWN], "research"));
    assert_int_equal(s->policies[SHARED].plans[EMBED].priority, -1);
    assert_int_equal(s->policies[OWN].plans[EMBED].priority, 3);
    assert_true(s->policies[SHARED].plans[EMBED].preemptible);
    assert_false(s->policies[OWN].plans[EMBED].preemptible);
    assert_int_equal(s->policies[OWN].plans[REPLAY].team, 0);
    assert_int_equal(s->policies[OWN].plans[MADE].team,
                     team_of(&s->policies[OWN], "research"));
    sp_arena_free(arena);
}

/* ---- scheduling ---- */

static void scheduling_is_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_jobs(arena);

    (void)state;
    assert_string_equal(s->policies[SHARED].placement, "fgd");
    assert_string_equal(s->policies[SHARED].scheduling.order, "shortest-first");
    assert_string_equal(s->policies[SHARED].scheduling.passing, "skip");
    assert_int_equal(s->policies[SHARED].scheduling.evict, MODEL_EVICT_LOWER_PRIORITY);
    assert_string_equal(s->policies[OWN].scheduling.order, "priority");
    assert_string_equal(s->policies[OWN].scheduling.passing, "conservative");
    assert_int_equal(s->policies[OWN].scheduling.depth, 50);
    assert_int_equal(s->policies[CHEAP].scheduling.depth, 500);
    assert_int_equal(s->policies[CHEAP].scheduling.evict, MODEL_EVICT_NEVER);
    sp_arena_free(arena);
}

/* So that a scenario without any of it runs as it always did. */
static void only_jobs_teams_and_priorities_change_the_order(void **state)
{
    static const struct {
        const char *workload, *plan, *policy, *node, *order;
    } rows[] = {
        {"", "", "", "", "largest-first"},
        {", preemptible: true", "", "", "", "largest-first"},
        {", team: a", "", "", "", "priority"},
        {"", ", team: a", "", "", "priority"},
        {", priority: 1", "", "", "", "priority"},
        {", priority: 0", "", "", "", "largest-first"},
        {"", ", priority: -1", "", "", "priority"},
        {"", "", "teams: { a: { guarantee: { cpu: 1 } } }, ", "", "priority"},
        {"", "", "", ", team: '-'", "largest-first"},
        {"", "", "scheduling: { passing: strict }, ", "", "largest-first"},
        {"", "", "scheduling: { order: fifo }, ", "", "fifo"},
    };

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        const struct model_scenario *s =
            read_text(sp_arena_printf(
                          arena,
                          "scenario: s\nfleet: { n: { cpu: 4%s } }\nworkloads: { w: { "
                          "kind: pipeline, source: { items: 1 }, stages: { a: { time: "
                          "1s } }%s } }\npolicies: { p: { %sw: { bundle: apart%s } } "
                          "}\n",
                          rows[i].node, rows[i].workload, rows[i].policy, rows[i].plan),
                      arena);

        assert_string_equal(s->policies[0].scheduling.order, rows[i].order);
        assert_true(s->policies[0].n_teams >= 1);
        assert_string_equal(s->policies[0].teams[0].name, "-");
        sp_arena_free(arena);
    }
}

/* ---- the command line, and names ---- */

static void values_may_be_set_below_lists_and_teams(void **state)
{
    const struct model_set sets[] = {
        {"fleet.gpu-node.options.1.max", "5"},
        {"policies.shared.teams.research.guarantee.gpu", "2"},
        {"workloads.made.jobs.small.share", "7"},
        {"policies.own.fleet.gpu-node.per_team.vision", "9"},
    };
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy *p;
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    (void)state;
    if (model_scenario_read(scenarios(arena, "jobs.yaml"), sets, N(sets), arena, &s,
                            &err) != SP_OK)
        fail_msg("%s", err.text);
    p = &s->policies[SHARED];
    assert_int_equal(type_of(p, "gpu-node/spot")->max, 5);
    assert_int_equal(type_of(p, "gpu-node/zone-b")->max, 9);
    assert_int_equal(p->teams[team_of(p, "research")].guarantee.amount[MODEL_GPU],
                     2000);
    assert_true(p->plans[MADE].jobs->classes[0].share == 7);
    assert_int_equal(type_of(&s->policies[OWN], "gpu-node (vision)")->count, 9);
    sp_arena_free(arena);
}

static void names_of_teams_and_jobs_stay_plain_text(void **state)
{
    static const struct {
        const char *yaml, *want; /* NULL: refused */
    } rows[] = {
        {"'=cmd()'", "=cmd()"}, {"\"it's\"", "it's"}, {"'a\"b'", "a\"b"},
        {"<b>", "<b>"},         {"a/b", "a/b"},       {"\"a\\nb\"", NULL},
        {"\"\\e[31m\"", NULL},  {"''", NULL},
    };
    /* one of them at a time: %s in one place, n in the others */
    static const char *const places[] = {
        "fleet: { n: { cpu: 1, options: [ { option: owned, count: 1, name: %s } ] } }\n"
        "workloads: { w: { kind: jobs, source: { items: 1 }, jobs: { j: { duration: 1s "
        "} "
        "} } }\npolicies: { p: {} }\n",
        "fleet: { n: { cpu: 1, team: %s } }\nworkloads: { w: { kind: jobs, source: { "
        "items: 1 }, jobs: { j: { duration: 1s } } } }\npolicies: { p: {} }\n",
        "fleet: { n: { cpu: 1 } }\nworkloads: { w: { kind: jobs, source: { items: 1 }, "
        "jobs: { j: { duration: 1s, team: %s } } } }\npolicies: { p: {} }\n",
        "fleet: { n: { cpu: 1 } }\nworkloads: { w: { kind: jobs, source: { items: 1 }, "
        "jobs: { %s: { duration: 1s } } } }\npolicies: { p: {} }\n",
        "fleet: { n: { cpu: 1 } }\nworkloads: { w: { kind: jobs, source: { items: 1 }, "
        "jobs: { j: { duration: 1s } } } }\npolicies: { p: { teams: { %s: { weight: 2 "
        "} "
        "} } }\n",
        "fleet: { n: { cpu: 1, gpu: 1, gpu_model: %s } }\nworkloads: { w: { kind: "
        "jobs, "
        "source: { items: 1 }, jobs: { j: { duration: 1s } } } }\npolicies: { p: {} "
        "}\n",
        "fleet: { n: { cpu: 1 } }\nworkloads: { w: { kind: jobs, source: { items: 1 }, "
        "jobs: { j: { gpu: 1, duration: 1s, gpu_models: [%s] } } } }\npolicies: { p: "
        "{} "
        "}\n",
    };

    (void)state;
    for (size_t i = 0; i < N(rows) * N(places); i++) {
        const char *yaml = rows[i % N(rows)].yaml, *want = rows[i % N(rows)].want;
        struct sp_arena *arena = sp_arena_new();
        const char *hole = strstr(places[i / N(rows)], "%s");
        const char *text = sp_arena_printf(arena, "scenario: s\n%.*s%s%s",
                                           (int)(hole - places[i / N(rows)]),
                                           places[i / N(rows)], yaml, hole + 2);
        struct model_scenario *s = NULL;
        struct sp_err err = {0};
        const struct model_policy *p;
        const struct model_jobs *jobs;

        if ((scenario_from_bytes(text, strlen(text), arena, &s, &err) == SP_OK) !=
            (want != NULL))
            fail_msg("%s%s", text, err.text);
        if (want != NULL) {
            p = &s->policies[0];
            jobs = p->plans[0].jobs;
            assert_true(
                strcmp(p->types[0].name, sp_arena_printf(arena, "n/%s", want)) == 0 ||
                (p->n_teams == 2 && strcmp(p->teams[1].name, want) == 0) ||
                strcmp(jobs->classes[0].name, want) == 0 ||
                (p->types[0].gpu_model != NULL &&
                 strcmp(p->types[0].gpu_model, want) == 0) ||
                (jobs->models.n == 1 && strcmp(jobs->models.name[0], want) == 0));
        }
        sp_arena_free(arena);
    }
}

/* ---- what ids mean ---- */

static void names_of_gpus_match_as_people_mean_them(void **state)
{
    static const struct {
        const char *wanted, *has;
        bool match;
    } rows[] = {
        {"V100", "V100", true},
        {"v100", "V100", true},
        {"V100", "V100-SXM2-32GB", true},
        {"V100", "V100M16", false},
        {"A10", "A100-SXM4-40GB", false},
        {"A10", "A10G", false},
        {"A10", "A10", true},
        {"H100-SXM", "H100-SXM5-80GB", true}, /* begins one row only */
        {"A100-SXM4-4", "A100-SXM4-40GB", true},
        {"V100-S", "V100-SXM2-32GB", false}, /* begins two */
        {"V100-SXM2-32GB", "V100", false},
        {"G2", "G3", false},
        {"", "V100", false},
    };

    (void)state;
    for (size_t i = 0; i < N(rows); i++)
        if (model_gpu_names_match(rows[i].wanted, rows[i].has) != rows[i].match)
            fail_msg("%s on %s: expected %d", rows[i].wanted, rows[i].has,
                     rows[i].match);
}

static void speeds_are_of_the_models_that_match(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_jobs *j = read_jobs(arena)->policies[SHARED].plans[REPLAY].jobs;

    (void)state;
    assert_true(model_job_speed(j, "K80") == 0.3);
    assert_true(model_job_speed(j, "V100-SXM2-32GB") == 1);
    assert_true(model_job_speed(j, "T4") == 1);
    assert_true(model_job_speed(j, NULL) == 1);
    sp_arena_free(arena);
}

/* As a pass over the trace would have found. */
static void sum_up(struct model_scenario *s)
{
    static const char *const teams[] = {"-", "new", "vision"};
    static const char *const models[] = {"T4", "V100"};

    for (int32_t p = 0; p < s->n_policies; p++)
        for (int32_t w = REPLAY; w <= TIMED; w++) {
            struct model_job_summary *sum = &s->policies[p].plans[w].jobs->summary;

            sum->known = true;
            sum->teams = (struct model_names){3, teams};
            sum->models = (struct model_names){2, models};
        }
}

static void ids_of_a_trace_are_mapped_to_the_policy(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_jobs(arena);
    int32_t before = s->policies[0].n_teams;
    const struct model_team *new;

    (void)state;
    sum_up(s);
    assert_int_equal(model_jobs_resolve(s, NULL), SP_OK);
    for (int32_t i = 0; i < s->n_policies; i++) {
        const struct model_policy *p = &s->policies[i];
        const struct model_jobs *replay = p->plans[REPLAY].jobs;
        const struct model_jobs *made = p->plans[MADE].jobs;

        assert_int_equal(p->n_teams, before + 1);
        assert_int_equal(replay->team_of[0], 0);
        assert_int_equal(replay->team_of[1], before);
        assert_int_equal(replay->team_of[2], team_of(p, "vision"));
        /* jobs without team are the workload's */
        assert_int_equal(made->team_of[0], team_of(p, "research"));
        assert_int_equal(made->team_of[1], team_of(p, "vision"));
        for (int32_t t = 0; t < p->n_types; t++) {
            const char *gpu = p->types[t].gpu_model;
            bool v100 = gpu != NULL && strncmp(gpu, "V100", 4) == 0;

            assert_int_equal(replay->types_of[0], 0);
            assert_true((replay->types_of[1] >> t & 1) == v100);
            assert_true((made->types_of[1] >> t & 1) ==
                        (gpu != NULL && strcmp(gpu, "K80") == 0));
        }
    }
    new = &s->policies[SHARED].teams[before];
    assert_string_equal(new->name, "new");
    assert_int_equal(new->guarantee.amount[MODEL_GPU], 0);
    assert_int_equal(new->borrow_limit.amount[MODEL_GPU], -1);
    assert_int_equal(s->policies[OWN].teams[before].guarantee.amount[MODEL_GPU], -1);
    sp_arena_free(arena);
}

static void too_many_teams_are_refused(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_jobs(arena);
    const char *names[MODEL_JOB_TEAMS_MAX];
    struct sp_err err = {0};

    (void)state;
    sum_up(s);
    for (int32_t i = 0; i < MODEL_JOB_TEAMS_MAX; i++)
        names[i] = sp_arena_printf(arena, "team %d", (int)i);
    s->policies[0].plans[TIMED].jobs->summary.teams =
        (struct model_names){MODEL_JOB_TEAMS_MAX, names};
    assert_int_equal(model_jobs_resolve(s, &err), SP_EINPUT);
    assert_non_null(strstr(err.text, "workload 'timed': more than 1000 teams"));
    sp_arena_free(arena);
}

/* ---- warnings ---- */

static void warnings_say_what_is_odd(void **state)
{
    static const struct {
        const char *teams, *want; /* NULL: nothing to say */
    } rows[] = {
        {"a: { guarantee: { gpu: 16 }, static: true }", NULL},
        {"a: { guarantee: { gpu: 17 }, static: true }",
         "policy 'p': its teams are guaranteed 17 GPUs in all, and its fleet has at "
         "most "
         "16 GPUs"},
        {"a: { guarantee: { cpu: 100 }, static: true }, b: { guarantee: { cpu: 29 } }",
         "policy 'p': its teams are guaranteed 129 CPUs in all, and its fleet has at "
         "most 128 CPUs"},
        {"a: { guarantee: { memory: 3Gi }, lend_limit: 0 }",
         "policy 'p': its teams are guaranteed 3 GiB of memory in all, and its fleet "
         "has "
         "at most 2 GiB of memory"},
        {"c: { guarantee: { gpu: 1 } }",
         "policy 'p': team 'c' has a guarantee, and no work belongs to it"},
        {"a: { guarantee: { gpu: 1 } }", "policy 'p': team 'a' may have to wait for "
                                         "its guarantee: others may borrow it, "
                                         "and it does not reclaim"},
        {"a: { guarantee: { gpu: 1 }, reclaim: any }", NULL},
        {"a: { guarantee: { gpu: 1 } }, b: { static: true }, '-': { static: true }",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_scenario *s = read_text(
            sp_arena_printf(arena,
                            "scenario: s\nfleet: { n: { cpu: 64, gpu: 8, memory: 1Gi, "
                            "count: 2 } }\n"
                            "workloads:\n  w: { kind: jobs, source: { items: 1 }, "
                            "jobs: { x: { team: "
                            "a, duration: 1s }, y: { team: b, duration: 1s } } }\n"
                            "policies: { p: { teams: { %s } } }\n",
                            rows[i].teams),
            arena);
        const char *const *texts;
        int32_t n = 0;

        assert_int_equal(model_jobs_resolve(s, NULL), SP_OK);
        texts = model_policy_warnings(&s->policies[0], arena, &n);
        if (rows[i].want == NULL && n > 0)
            fail_msg("%s: %s", rows[i].teams, texts[0]);
        if (rows[i].want != NULL && n == 0)
            fail_msg("%s: no warning", rows[i].teams);
        if (rows[i].want != NULL)
            assert_string_equal(texts[0], rows[i].want);
        sp_arena_free(arena);
    }
}

static void a_gpu_that_no_node_has_is_told(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_text(
        "scenario: s\nfleet: { n: { cpu: 64, gpu: 8, gpu_model: V100, count: 2 } }\n"
        "workloads:\n  w: { kind: jobs, source: { items: 1 }, jobs: { x: { gpu: 1, "
        "gpu_models: [V100, K80], duration: 1s } } }\npolicies: { p: { scheduling: {} "
        "} }\n",
        arena);
    const char *const *texts;
    int32_t n = 0;

    (void)state;
    assert_int_equal(model_jobs_resolve(s, NULL), SP_OK);
    texts = model_policy_warnings(&s->policies[0], arena, &n);
    assert_int_equal(n, 1);
    assert_string_equal(texts[0],
                        "policy 'p': jobs of 'w' ask for GPU 'K80', which no node has");
    sp_arena_free(arena);
}

/* ---- the rest of the model ---- */

static void plans_of_jobs_are_sized_and_feasible(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_jobs(arena);

    (void)state;
    for (int32_t i = 0; i < s->n_policies; i++) {
        struct model_policy *p = &s->policies[i];
        struct sp_err err = {0};

        for (int32_t w = 0; w < p->n_plans; w++)
            assert_int_equal(model_size_plan(&p->plans[w], p->types, p->n_types, NULL),
                             SP_OK);
        if (model_feasible_check(s, p, &err) != SP_OK)
            fail_msg("%s", err.text);
        assert_true(
            isnan(model_plan_bound(&p->plans[MADE], p->types, p->n_types).per_s));
    }
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_become_node_types_of_one_group),
        cmocka_unit_test(entries_are_groups_of_their_own),
        cmocka_unit_test(interruptions_are_read_in_their_three_forms),
        cmocka_unit_test(every_advisor_band_has_its_rate),
        cmocka_unit_test(spot_nodes_of_the_catalog_cost_the_spot_price),
        cmocka_unit_test(list_prices_are_those_on_demand),
        cmocka_unit_test(a_policy_overrides_an_option_by_its_name),
        cmocka_unit_test(per_team_gives_each_team_nodes_of_its_own),
        cmocka_unit_test(nodes_of_a_list_become_types_of_those_alike),
        cmocka_unit_test(a_replayed_trace_takes_every_key),
        cmocka_unit_test(a_policy_changes_its_own_jobs_only),
        cmocka_unit_test(jobs_of_a_trace_may_arrive_by_a_process),
        cmocka_unit_test(kinds_of_jobs_are_read),
        cmocka_unit_test(quotas_are_read_by_either_name),
        cmocka_unit_test(a_team_has_one_id_in_all_policies),
        cmocka_unit_test(scheduling_is_read),
        cmocka_unit_test(only_jobs_teams_and_priorities_change_the_order),
        cmocka_unit_test(values_may_be_set_below_lists_and_teams),
        cmocka_unit_test(names_of_teams_and_jobs_stay_plain_text),
        cmocka_unit_test(names_of_gpus_match_as_people_mean_them),
        cmocka_unit_test(speeds_are_of_the_models_that_match),
        cmocka_unit_test(ids_of_a_trace_are_mapped_to_the_policy),
        cmocka_unit_test(too_many_teams_are_refused),
        cmocka_unit_test(warnings_say_what_is_odd),
        cmocka_unit_test(a_gpu_that_no_node_has_is_told),
        cmocka_unit_test(plans_of_jobs_are_sized_and_feasible),
    };

    return cmocka_run_group_tests_name("scenario_jobs", tests, NULL, NULL);
}
