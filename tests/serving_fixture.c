/* Requests of 1,000 prompt and 200 output tokens; TTFT and TPOT that trade places. */
#include "tests/serving_fixture.h"

#include <math.h>

static struct model_stat stat_of(const struct fixture_serving *f, double mean)
{
    return (struct model_stat){mean, f->n_runs > 1 ? mean / 50 : NAN};
}

static struct model_times times_of(const struct fixture_serving *f, double p50_s)
{
    return (struct model_times){.count = f->done,
                                .mean_s = stat_of(f, 1.1 * p50_s),
                                .p50_s = stat_of(f, p50_s),
                                .p90_s = stat_of(f, 2 * p50_s),
                                .p99_s = stat_of(f, 4 * p50_s),
                                .max_s = stat_of(f, 10 * p50_s)};
}

static void fill_classes(const struct fixture_serving *f,
                         struct model_serving_result *s)
{
    static const int64_t up_to[] = {512, 4096, INT64_MAX};

    s->n_classes = 3;
    s->classes = sp_arena_array(f->arena, 3, sizeof *s->classes);
    for (int i = 0; i < 3; i++)
        s->classes[i] = (struct model_serving_class){
            .up_to_tokens = up_to[i],
            .ttft = times_of(f, f->split ? 0.2 + 0.1 * i : 0.1 + 0.1 * i),
            .tpot = times_of(f, f->split ? 0.01 : 0.02),
            .e2e = times_of(f, 4),
            .slo_attained = stat_of(f, f->no_slo ? NAN : 0.9),
        };
    s->classes[2] = (struct model_serving_class){.up_to_tokens = INT64_MAX};
    s->classes[2].slo_attained = (struct model_stat){NAN, NAN};
}

static void fill_pool(const struct fixture_serving *f, struct model_serving_pool *p,
                      const char *role, const char *name)
{
    bool prefill = role[0] == 'p', both = role[0] == 'b';

    *p = (struct model_serving_pool){
        .name = name,
        .role = role,
        .iteration = f->iteration,
        .kv_text = "(0.90 x 80 GiB - 131.4 GiB of weights / 8) x 8, 16 tokens a block",
        .gpus = 8,
        .kv_blocks = both ? INT64_MAX : 24000,
        .block_size = 16,
        .replicas = stat_of(f, both ? 4 : 2),
        .busy_frac = stat_of(f, prefill ? 0.93 : 0.71),
        .compute_frac = stat_of(f, prefill ? 0.98 : 0.25),
        .decode_frac = stat_of(f, prefill ? 0
                                  : both  ? 0.57
                                          : 1),
        .flop_utilization = stat_of(f, both ? 0.31 : NAN),
        .kv_used_frac = stat_of(f, 0.42),
        .kv_peak_frac = stat_of(f, 0.995),
        .batch_mean = stat_of(f, prefill ? NAN : 61.25),
        .tokens_per_s_per_gpu = stat_of(f, 1234.5),
        .queue = times_of(f, prefill ? 0.15 : 0.02),
        .iterations = 123456,
        .prefill_tokens = prefill || both ? 99990000 : 0,
        .decode_tokens = prefill ? 99990 : 19998000,
        .recomputed_tokens = both ? 4321 : 0,
        .preemptions = both ? 12 : 0,
        .prefix_blocks = 1000,
        .prefix_caching = true,
        .prefix_found_blocks = 366,
        .prefix_tokens = 512000,
        .prefix_found_tokens = 187392,
        .beyond = prefill ? 7 : 0,
        .lost = both ? 1 : 0,
    };
}

static void fill_attainment(const struct fixture_serving *f,
                            struct model_serving_result *s)
{
    s->n_buckets = FIXTURE_SERVING_BUCKETS;
    s->bucket_s = 200.0 / FIXTURE_SERVING_BUCKETS;
    s->finished = sp_arena_array(f->arena, FIXTURE_SERVING_BUCKETS, sizeof(int64_t));
    s->met = sp_arena_array(f->arena, FIXTURE_SERVING_BUCKETS, sizeof(int64_t));
    for (int i = 0; i < FIXTURE_SERVING_BUCKETS; i++) {
        s->finished[i] = i == 3 ? 0 : 5000;
        s->met[i] = i == 3 || f->no_slo ? 0 : 5000 - 100 * i;
    }
}

struct model_serving_result *fixture_serving_new(const struct fixture_serving *f)
{
    struct model_serving_result *s = sp_arena_alloc(f->arena, sizeof *s);
    double mtokens = (double)f->done * 1200 / 1e6;

    *s = (struct model_serving_result){
        .model = f->model,
        .requests = f->requests,
        .retried = f->split ? 0 : 5,
        .ttft = times_of(f, f->split ? 0.25 : 0.125),
        .tpot = times_of(f, f->split ? 0.01 : 0.02),
        .itl = times_of(f, f->split ? 0.009 : 0.018),
        .e2e = times_of(f, f->split ? 3 : 5),
        .queue = times_of(f, f->split ? 0.125 : 0.03125),
        .has_slo = !f->no_slo,
        .slo_ttft_s = f->no_slo ? NAN : 0.5,
        .slo_tpot_s = f->no_slo ? NAN : 0.05,
        .slo_e2e_s = NAN,
        .slo_attain_frac = f->no_slo ? 0 : 0.9,
        .goodput_per_s = stat_of(f, f->no_slo  ? NAN
                                    : f->split ? 475
                                               : 400),
        .slo_attained = stat_of(f, f->no_slo  ? NAN
                                   : f->split ? 0.95
                                              : 0.8),
        .prompt_tokens_per_s = stat_of(f, (double)f->done * 1000 / 200),
        .output_tokens_per_s = stat_of(f, (double)f->done * 200 / 200),
        .tokens_per_s_per_gpu = stat_of(f, (double)f->done * 1200 / 200 / 32),
        .usd_per_million_tokens = stat_of(f, f->usd / mtokens),
        .usd_per_million_prompt_tokens = stat_of(f, 0.4 * f->usd / (mtokens / 1.2)),
        .usd_per_million_output_tokens = stat_of(f, 0.6 * f->usd / (mtokens / 6)),
        .n_pools = f->split ? 2 : 1,
        .transfers = f->split ? f->done : 0,
        .transfer_bytes = f->split ? f->done * INT64_C(327680000) : 0,
    };
    s->pools = sp_arena_array(f->arena, 2, sizeof *s->pools);
    if (f->split) {
        fill_pool(f, &s->pools[0], "prefill", f->pool_names[0]);
        fill_pool(f, &s->pools[1], "decode", f->pool_names[1]);
        s->transfer = times_of(f, 0.02);
        s->held_back = times_of(f, 0.004);
    } else {
        fill_pool(f, &s->pools[0], "both", f->pool_names[0]);
    }
    fill_classes(f, s);
    fill_attainment(f, s);
    return s;
}
