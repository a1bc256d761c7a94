/* The strategies that the simulation has are those that a scenario may name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "model/serving.h"
#include "model/words.h"
#include "sim/autoscaler.h"
#include "sim/batching.h"
#include "sim/placement.h"
#include "sim/schedule.h"

static int32_t count(const struct model_word *words)
{
    int32_t n = 0;

    while (words[n].name != NULL)
        n++;
    return n;
}

static void every_placement_word_has_a_strategy_and_the_reverse(void **state)
{
    (void)state;
    assert_int_equal(count(model_placement_words), sim_n_placements);
    for (int32_t i = 0; i < sim_n_placements; i++) {
        const struct sim_placement *p =
            sim_placement_find(model_placement_words[i].name);

        assert_non_null(p);
        assert_int_equal((p->key != NULL) + (p->score != NULL) + p->draws, 1);
        for (int32_t k = 0; k < i; k++) /* no name twice: so the reverse holds */
            assert_string_not_equal(model_placement_words[i].name,
                                    model_placement_words[k].name);
    }
    assert_non_null(sim_placement_find(MODEL_PLACEMENT_DEFAULT));
}

static void every_rule_word_has_a_rule_and_the_reverse(void **state)
{
    (void)state;
    assert_int_equal(count(model_rule_words), sim_n_rules);
    for (int32_t i = 0; i < sim_n_rules; i++) {
        const struct sim_rule *r = sim_rule_find(model_rule_words[i].name);

        assert_non_null(r);
        assert_non_null(r->pick);
        for (int32_t k = 0; k < i; k++)
            assert_string_not_equal(model_rule_words[i].name, model_rule_words[k].name);
    }
    assert_non_null(sim_rule_find(MODEL_RULE_DEFAULT));
    assert_null(sim_rule_find("downstream"));
}

static void every_scheduling_and_order_word_has_a_rule_and_the_reverse(void **state)
{
    (void)state;
    assert_int_equal(count(model_scheduling_words), sim_n_batchings);
    for (int32_t i = 0; i < sim_n_batchings; i++) {
        assert_non_null(sim_batching_find(model_scheduling_words[i].name));
        for (int32_t k = 0; k < i; k++)
            assert_string_not_equal(model_scheduling_words[i].name,
                                    model_scheduling_words[k].name);
    }
    assert_int_equal(count(model_order_words), sim_n_orders);
    for (int32_t i = 0; i < sim_n_orders; i++) {
        assert_non_null(sim_order_find(model_order_words[i].name));
        assert_non_null(sim_order_find(model_order_words[i].name)->key);
        for (int32_t k = 0; k < i; k++)
            assert_string_not_equal(model_order_words[i].name,
                                    model_order_words[k].name);
    }
    assert_non_null(sim_batching_find(MODEL_SCHEDULING_DEFAULT));
    assert_non_null(sim_order_find(MODEL_ORDER_DEFAULT));
    assert_null(sim_batching_find("chunked"));
    assert_null(sim_order_find("fifo"));
}

/* These have no descriptors: the place of a word is the value that it stands for. */
static void words_of_enumerations_stand_in_their_places(void **state)
{
    static const struct {
        const struct model_word *words;
        int32_t value, n;
        const char *name;
    } places[] = {
        {model_role_words, MODEL_ROLE_BOTH, 3, "both"},
        {model_role_words, MODEL_ROLE_PREFILL, 3, "prefill"},
        {model_role_words, MODEL_ROLE_DECODE, 3, "decode"},
        {model_prefix_words, MODEL_PREFIX_NONE, 3, "none"},
        {model_prefix_words, MODEL_PREFIX_GPU, 3, "gpu"},
        {model_prefix_words, MODEL_PREFIX_STORE, 3, "store"},
        {model_mixed_words, MODEL_MIXED_SUM, 3, "sum"},
        {model_mixed_words, MODEL_MIXED_MAX, 3, "max"},
        {model_mixed_words, MODEL_MIXED_TOKENS, 3, "tokens"},
        {model_beyond_words, MODEL_BEYOND_FAIL, 3, "fail"},
        {model_beyond_words, MODEL_BEYOND_CLAMP, 3, "clamp"},
        {model_beyond_words, MODEL_BEYOND_EXTEND, 3, "extend"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        assert_int_equal(count(places[i].words), places[i].n);
        assert_string_equal(places[i].words[places[i].value].name, places[i].name);
    }
}

static void every_autoscaling_preset_has_a_rule_and_the_reverse(void **state)
{
    bool used[16] = {false};

    (void)state;
    for (const struct model_autoscale_preset *p = model_autoscale_presets;
         p->name != NULL; p++) {
        const struct sim_autoscaler *a = sim_autoscaler_find(p->name);

        assert_true(p->pipeline || p->serving);
        assert_non_null(a);
        assert_non_null(a->desired);
        assert_non_null(model_autoscale_preset_find(p->name));
        used[a - sim_autoscalers] = true;
    }
    for (int32_t i = 0; i < sim_n_autoscalers; i++)
        assert_true(used[i]);
    assert_null(sim_autoscaler_find("keda"));
}

/* Kubernetes' HorizontalPodAutoscaler, Ray Data's actor pool and Ray Serve, as
 * docs/scenario.md says. */
static void presets_have_the_documented_defaults(void **state)
{
    const struct model_autoscale_preset *hpa = model_autoscale_preset_find("hpa");
    const struct model_autoscale_preset *old =
        model_autoscale_preset_find("ray-actor-pool-2.51");
    const struct model_autoscale_preset *newest =
        model_autoscale_preset_find("ray-actor-pool");
    const struct model_autoscale_preset *serve =
        model_autoscale_preset_find("ray-serve");

    (void)state;
    assert_true(hpa->interval_ns == INT64_C(15000000000) && hpa->tolerance == 0.1);
    assert_true(hpa->down_window_ns == INT64_C(300000000000) && hpa->up_window_ns == 0);
    assert_true(hpa->max_up_frac == 1 && hpa->max_up_units == 4);
    assert_true(old->target == 2 && newest->target == 1.75);
    assert_true(old->down_threshold == 0.5 && newest->max_up_units == 1);
    assert_true(newest->down_window_ns == INT64_C(10000000000));
    assert_true(serve->target == 2 && serve->interval_ns == INT64_C(10000000000));
    assert_true(serve->look_back_ns == INT64_C(30000000000) &&
                serve->up_window_ns == INT64_C(30000000000));
    assert_true(serve->down_window_ns == INT64_C(600000000000));
    assert_true(serve->up_factor == 1 && serve->down_factor == 1);
    assert_ptr_equal(newest, model_autoscale_preset_find("ray-actor-pool-2.57"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_placement_word_has_a_strategy_and_the_reverse),
        cmocka_unit_test(every_rule_word_has_a_rule_and_the_reverse),
        cmocka_unit_test(every_scheduling_and_order_word_has_a_rule_and_the_reverse),
        cmocka_unit_test(words_of_enumerations_stand_in_their_places),
        cmocka_unit_test(every_autoscaling_preset_has_a_rule_and_the_reverse),
        cmocka_unit_test(presets_have_the_documented_defaults),
    };

    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
