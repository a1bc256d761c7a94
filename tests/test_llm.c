/* model/llm.h: shapes against what was published about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/llm.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* Parameters as published (model cards, 10^9), those of one token less the embedding
 * (Mixtral: 12.88 less 0.13; Qwen3-30B-A3B: 3.35 less 0.31), and KV bytes by hand. */
static struct row {
    const char *name;
    double parameters, active;
    int64_t kv_bytes;
} rows[] = {
    {"llama-2-7b", 6.738, 6.607, 524288},
    {"llama-2-13b", 13.016, 12.852, 819200},
    {"llama-2-70b", 68.977, 68.715, 327680},
    {"llama-3-8b", 8.030, 7.505, 131072},
    {"llama-3-70b", 70.554, 69.503, 327680},
    {"llama-3.1-8b", 8.030, 7.505, 131072},
    {"llama-3.1-70b", 70.554, 69.503, 327680},
    {"llama-3.1-405b", 405.85, 403.75, 516096},
    {"bloom-176b", 176.247, 176.247, 4014080},
    {"mixtral-8x7b", 46.703, 12.748, 131072},
    {"qwen2.5-7b", 7.616, 7.071, 57344},
    {"qwen2.5-72b", 72.706, 71.460, 327680},
    {"qwen3-8b", 8.191, 7.568, 147456},
    {"qwen3-32b", 32.762, 31.984, 262144},
    {"qwen3-30b-a3b", 30.532, 3.04, 98304},
    {"opt-13b", 12.853, 12.853, 819200},
    {"opt-66b", 65.72, 65.72, 2359296},
    {"opt-175b", 174.6, 174.6, 4718592},
};

static void has_as_many_parameters_as_published(void **state)
{
    const struct row *row = *state;
    const struct model_llm *m = model_llm_find(row->name);

    assert_non_null(m);
    assert_true(fabs(model_llm_parameters(m) / (row->parameters * 1e9) - 1) < 0.01);
    assert_true(fabs(model_llm_active_parameters(m) / (row->active * 1e9) - 1) < 0.01);
    assert_int_equal(model_llm_kv_bytes(m), row->kv_bytes);
    assert_int_equal(model_llm_weight_bytes(m),
                     (int64_t)ceil(2 * model_llm_parameters(m)));
}

static void every_model_is_checked_here_and_found_by_its_name(void **state)
{
    int32_t n = 0;

    (void)state;
    for (const struct model_llm *m; (m = model_llm_at(n)) != NULL; n++) {
        assert_ptr_equal(model_llm_find(m->name), m);
        assert_true(m->source[0] != '\0');
        assert_true(m->heads % m->kv_heads == 0);
    }
    assert_int_equal(n, N_ROWS);
    assert_null(model_llm_at(-1));
    assert_null(model_llm_find("llama"));
    assert_null(model_llm_find(""));
}

/* BLOOM 3.83 MiB and Llama-2-70B 320 KiB a token, as the Splitwise and vLLM papers use
 * them; fp8 halves both. */
static void narrower_values_take_less_room(void **state)
{
    struct model_llm m = *model_llm_find("llama-2-70b");

    (void)state;
    assert_int_equal(model_llm_kv_bytes(&m), 320 * 1024);
    m.kv_bits = m.weight_bits = 8;
    assert_int_equal(model_llm_kv_bytes(&m), 160 * 1024);
    assert_int_equal(model_llm_weight_bytes(&m), (int64_t)model_llm_parameters(&m));
    m = *model_llm_find("bloom-176b");
    assert_true(fabs((double)model_llm_kv_bytes(&m) / 1048576 - 3.83) < 0.005);
}

/* 8 experts, 2 a token: one token meets 2; two meet 8 (1 - (3/4)^2) = 3.5. */
static void tokens_meet_experts_independently(void **state)
{
    const struct model_llm *moe = model_llm_find("mixtral-8x7b");
    const struct model_llm *dense = model_llm_find("llama-2-7b");

    (void)state;
    assert_true(fabs(model_llm_experts_met(moe, 1) - 2) < 1e-12);
    assert_true(fabs(model_llm_experts_met(moe, 2) - 3.5) < 1e-12);
    assert_true(model_llm_experts_met(moe, 1e9) <= 8);
    assert_true(fabs(model_llm_experts_met(moe, 1e9) - 8) < 1e-9);
    assert_true(model_llm_experts_met(moe, 0) == 0);
    assert_true(model_llm_experts_met(dense, 1) == 1);
    assert_true(model_llm_experts_met(dense, 0) == 0);
}

/* By hand for Llama-2-7B: a layer has 4 x 4096^2 + 3 x 4096 x 11008 = 202,375,168
 * weights; the head 4096 x 32000; a pair costs 4 x 32 layers x 32 heads x 128. */
static void operations_are_two_per_weight(void **state)
{
    const struct model_llm *m = model_llm_find("llama-2-7b");

    (void)state;
    assert_true(model_llm_dense_flop(m, 10) == 2.0 * 10 * 32 * 202375168);
    assert_true(model_llm_head_flop(m, 3) == 2.0 * 3 * 4096 * 32000);
    assert_true(model_llm_attention_flop(m, 7) == 4.0 * 32 * 32 * 128 * 7);
}

static void find(const char *name, struct model_gpu *gpu)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_gpu found;
    struct sp_err err = {0};

    assert_int_equal(model_gpu_find(name, arena, &found, &err), SP_OK);
    *gpu = found;
    gpu->name = gpu->source = NULL;
    sp_arena_free(arena);
}

/* The datasheets' figures, as fleet-sim and BLIS carry them. */
static void a_gpu_is_as_its_datasheet_has_it(void **state)
{
    struct model_gpu gpu = {0};

    (void)state;
    find("H100-SXM5-80GB", &gpu);
    assert_true(gpu.bf16_flop_per_s == 989.5e12 && gpu.fp8_flop_per_s == 1979e12);
    assert_true(gpu.bytes_per_s == 3350e9 && gpu.link_bytes_per_s == 450e9 &&
                !gpu.link_is_pcie);
    assert_true(gpu.memory_bytes > 79e9 && gpu.memory_bytes < 86e9);
    find("H100-SXM", &gpu);
    assert_true(gpu.bytes_per_s == 3350e9);
    find("A100-SXM4-80GB", &gpu);
    assert_true(gpu.bytes_per_s == 2039e9 && isnan(gpu.fp8_flop_per_s));
    find("L40S", &gpu);
    assert_true(gpu.link_bytes_per_s == 32e9 && gpu.link_is_pcie);
    find("V100-PCIE", &gpu);
    assert_true(gpu.bf16_flop_per_s == 112e12);
    find("RTX-PRO-6000", &gpu);
    assert_true(gpu.bytes_per_s == 1597e9);
}

static void an_unclear_gpu_is_refused_with_candidates(void **state)
{
    static const struct {
        const char *name, *want;
    } bad[] = {
        {"H100", "GPU 'H100' could be H100-PCIE-80GB, H100-NVL-94GB, H100-SXM5-80GB, "
                 "expected one of them"},
        {"", "unknown GPU '', expected one like 'H100-SXM5-80GB'"},
        {"l40s", "unknown GPU 'l40s', did you mean 'L40S'?"},
        {"Q1\n", "unknown GPU 'Q1\\x0a', expected one like 'H100-SXM5-80GB'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_gpu gpu = {.bytes_per_s = 1};
        struct sp_err err = {0};

        assert_int_equal(model_gpu_find(bad[i].name, arena, &gpu, &err), SP_EINPUT);
        assert_string_equal(err.text, bad[i].want);
        assert_true(gpu.bytes_per_s == 1);
        sp_arena_free(arena);
    }
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 6] = {
        cmocka_unit_test(every_model_is_checked_here_and_found_by_its_name),
        cmocka_unit_test(narrower_values_take_less_room),
        cmocka_unit_test(tokens_meet_experts_independently),
        cmocka_unit_test(operations_are_two_per_weight),
        cmocka_unit_test(a_gpu_is_as_its_datasheet_has_it),
        cmocka_unit_test(an_unclear_gpu_is_refused_with_candidates),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 6] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = has_as_many_parameters_as_published,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("llm", tests, NULL, NULL);
}
