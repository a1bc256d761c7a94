/* Each cause looks for what the worse policy suffers and the better one does not, by a
 * margin that a reader would call a difference; tables say which cause comes first. */
#include "sim/compare_why.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/units.h"

enum { CAUSES_TOLD = 2, TEXT = 48 };

/* Least differences that count: of shares of time, of counts and sizes, of a share of
 * the latency that is to be explained.  Few prompts beside decodes do for a tail. */
static const double share_margin = 0.05, count_factor = 1.05, latency_share = 0.2;
static const double prompt_margin = 0.01;

struct case_of {
    const struct sim_served *worse, *better;
    struct sp_arena *arena;
};

static const char *seconds(const struct case_of *c, double s)
{
    return sp_format_duration(s, sp_arena_alloc(c->arena, TEXT), TEXT);
}

/* ---- figures of pools taken together ---- */

static bool takes_prompts(const struct model_serving_pool *p)
{
    return strcmp(p->role, "decode") != 0;
}

static bool decodes(const struct model_serving_pool *p)
{
    return strcmp(p->role, "prefill") != 0;
}

static double zero_if_nan(double v)
{
    return isfinite(v) ? v : 0;
}

/* Replica-time of a pool that is busy, for weighing. */
static double busy_of(const struct model_serving_pool *p)
{
    return zero_if_nan(p->replicas.mean) * zero_if_nan(p->busy_frac.mean);
}

/* GPUs up in the pools that `of` picks. */
static double gpus_of(const struct model_serving_result *s,
                      bool (*of)(const struct model_serving_pool *p))
{
    double sum = 0;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (of(&s->pools[i]))
            sum += zero_if_nan(s->pools[i].replicas.mean) * s->pools[i].gpus;
    return sum;
}

/* Share of the time of those replicas in which they are busy. */
static double busy_share(const struct model_serving_result *s,
                         bool (*of)(const struct model_serving_pool *p))
{
    double busy = 0, up = 0;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (of(&s->pools[i])) {
            busy += busy_of(&s->pools[i]);
            up += zero_if_nan(s->pools[i].replicas.mean);
        }
    return up > 0 ? busy / up : 0;
}

/* Share of their busy time that goes to decoding; 0 where they are never busy. */
static double decode_share(const struct model_serving_result *s,
                           bool (*of)(const struct model_serving_pool *p))
{
    double decode = 0, busy = 0;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (of(&s->pools[i])) {
            decode += busy_of(&s->pools[i]) * zero_if_nan(s->pools[i].decode_frac.mean);
            busy += busy_of(&s->pools[i]);
        }
    return busy > 0 ? decode / busy : 0;
}

/* Share of the time of replicas that take prompts in which they work on them. */
static double prompt_share(const struct model_serving_result *s)
{
    return busy_share(s, takes_prompts) * (1 - decode_share(s, takes_prompts));
}

static double batch_of(const struct model_serving_result *s)
{
    double sequences = 0, iterations = 0;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (decodes(&s->pools[i]) && s->pools[i].batch_mean.mean > 0) {
            sequences += (double)s->pools[i].decode_tokens;
            iterations +=
                (double)s->pools[i].decode_tokens / s->pools[i].batch_mean.mean;
        }
    return iterations > 0 ? sequences / iterations : NAN;
}

/* Sum over the pools of the int64_t at `member` of struct model_serving_pool. */
static int64_t sum_of(const struct model_serving_result *s, size_t member)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < s->n_pools; i++) {
        const void *at = (const char *)&s->pools[i] + member;

        sum += *(const int64_t *)at;
    }
    return sum;
}

#define POOL(member) offsetof(struct model_serving_pool, member)

/* Share of prompt tokens that were found in a prefix cache. */
static double found_share(const struct model_serving_result *s)
{
    int64_t found = sum_of(s, POOL(prefix_found_tokens));
    int64_t looked_for = sum_of(s, POOL(prefix_tokens));

    return looked_for > 0 ? (double)found / (double)looked_for : 0;
}

/* The longest wait at a replica until a prompt is begun, p99 of a pool. */
static double wait_at_replicas(const struct model_serving_result *s)
{
    double longest = 0;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (takes_prompts(&s->pools[i]))
            longest = fmax(longest, zero_if_nan(s->pools[i].queue.p99_s.mean));
    return longest;
}

/* GPUs of the smallest replica among those pools; 0 without. */
static int32_t replica_gpus(const struct model_serving_result *s,
                            bool (*of)(const struct model_serving_pool *p))
{
    int32_t least = 0;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (of(&s->pools[i]) && (least == 0 || s->pools[i].gpus < least))
            least = s->pools[i].gpus;
    return least;
}

static double memory_rate(const struct model_gpu *gpu)
{
    return gpu->bytes_per_s;
}

static double computing_rate(const struct model_gpu *gpu)
{
    return gpu->bf16_flop_per_s;
}

struct slowest_gpu {
    const struct model_gpu *gpu; /* NULL where not all are known */
    const char *too;             /* " (among others)" */
};

/* The GPU of those pools that has the lowest rate. */
static struct slowest_gpu slowest(const struct model_serving_result *s,
                                  bool (*of)(const struct model_serving_pool *p),
                                  double (*rate)(const struct model_gpu *gpu))
{
    struct slowest_gpu least = {NULL, ""};

    for (int32_t i = 0; i < s->n_pools; i++) {
        if (!of(&s->pools[i]))
            continue;
        if (s->pools[i].gpu == NULL)
            return (struct slowest_gpu){NULL, ""};
        if (least.gpu != NULL && rate(s->pools[i].gpu) != rate(least.gpu))
            least.too = " among others";
        if (least.gpu == NULL || rate(s->pools[i].gpu) < rate(least.gpu))
            least.gpu = s->pools[i].gpu;
    }
    return least;
}

/* ---- causes of either ---- */

static const char *slower_gpus(const struct case_of *c,
                               bool (*of)(const struct model_serving_pool *p),
                               double (*rate)(const struct model_gpu *gpu),
                               const char *doing)
{
    struct slowest_gpu worse = slowest(c->worse->s, of, rate);
    struct slowest_gpu better = slowest(c->better->s, of, rate);

    if (worse.gpu == NULL || better.gpu == NULL ||
        !(rate(worse.gpu) * count_factor <= rate(better.gpu)))
        return NULL;
    return sp_arena_printf(c->arena, "'%s' %s on %s%s, '%s' on %s%s", c->worse->policy,
                           doing, worse.gpu->name, worse.too, c->better->policy,
                           better.gpu->name, better.too);
}

static const char *preempts(const struct case_of *c)
{
    int64_t worse = sum_of(c->worse->s, POOL(preemptions)),
            better = sum_of(c->better->s, POOL(preemptions));
    double requests = (double)c->worse->s->requests;

    if ((double)(worse - better) < 0.01 * requests || worse <= better)
        return NULL;
    return sp_arena_printf(
        c->arena,
        "'%s' runs out of KV blocks and preempts %" PRId64 " times (%" PRId64
        " tokens computed again), '%s' %" PRId64 " times",
        c->worse->policy, worse, sum_of(c->worse->s, POOL(recomputed_tokens)),
        c->better->policy, better);
}

static const char *smaller_replicas(const struct case_of *c,
                                    bool (*of)(const struct model_serving_pool *p),
                                    const char *doing)
{
    int32_t worse = replica_gpus(c->worse->s, of),
            better = replica_gpus(c->better->s, of);

    if (worse == 0 || worse >= better)
        return NULL;
    return sp_arena_printf(
        c->arena, "a replica of '%s' %s on %" PRId32 " GPUs, of '%s' on %" PRId32,
        c->worse->policy, doing, worse, c->better->policy, better);
}

static const char *bytes_text(const struct case_of *c, double bytes)
{
    return sp_format_bytes(bytes, sp_arena_alloc(c->arena, TEXT), TEXT);
}

static const char *more_weights(const struct case_of *c)
{
    double worse = c->worse->s->weight_bytes, better = c->better->s->weight_bytes;

    if (!(better > 0) || worse < count_factor * better)
        return NULL;
    return sp_arena_printf(c->arena,
                           "the model has %s of weights with '%s', %s with '%s'",
                           bytes_text(c, worse), c->worse->policy,
                           bytes_text(c, better), c->better->policy);
}

static const char *finds_less(const struct case_of *c)
{
    double worse = found_share(c->worse->s), better = found_share(c->better->s);

    if (better - worse < prompt_margin)
        return NULL;
    return sp_arena_printf(c->arena,
                           "a prefix cache has %.1f %% of the prompt tokens of '%s', "
                           "%.1f %% of those of '%s'",
                           100 * worse, c->worse->policy, 100 * better,
                           c->better->policy);
}

/* ---- causes of a long TPOT ---- */

static const char *prompts_in_the_way(const struct case_of *c)
{
    double worse = 1 - decode_share(c->worse->s, decodes);
    double better = 1 - decode_share(c->better->s, decodes);

    if (worse - better < prompt_margin)
        return NULL;
    if (better < 0.0005)
        return sp_arena_printf(c->arena,
                               "no prompt is in a decode's way with '%s', while with "
                               "'%s' prompts take %.1f %% of the busy time of the "
                               "replicas that decode",
                               c->better->policy, c->worse->policy, 100 * worse);
    return sp_arena_printf(c->arena,
                           "prompts take %.1f %% of the busy time of the replicas that "
                           "decode with '%s', %.1f %% with '%s'",
                           100 * worse, c->worse->policy, 100 * better,
                           c->better->policy);
}

static double moving_s(const struct model_serving_result *s)
{
    return s->transfers > 0 ? zero_if_nan(s->transfer.mean_s.mean) : 0;
}

static const char *caches_on_their_way(const struct case_of *c)
{
    const struct model_serving_result *s = c->worse->s;
    double more = moving_s(s) - moving_s(c->better->s);
    double held = zero_if_nan(s->held_back.mean_s.mean);
    const char *of_it = "";

    if (!(more > 0.05 * (s->e2e.mean_s.mean - s->ttft.mean_s.mean)))
        return NULL;
    if (held >= 0.1 * moving_s(s))
        of_it = sp_arena_printf(
            c->arena, ", of that %s until a decode replica has room", seconds(c, held));
    return sp_arena_printf(c->arena,
                           "between the first two tokens the KV cache moves, which "
                           "takes '%s' %s on average%s",
                           c->worse->policy, seconds(c, moving_s(s)), of_it);
}

static const char *decodes_on_slower(const struct case_of *c)
{
    return slower_gpus(c, decodes, memory_rate, "decodes");
}

static const char *larger_batches(const struct case_of *c)
{
    double worse = batch_of(c->worse->s), better = batch_of(c->better->s);

    if (!(worse >= count_factor * better))
        return NULL;
    return sp_arena_printf(
        c->arena,
        "an iteration of '%s' decodes for %.1f requests at a time, of '%s' for %.1f",
        c->worse->policy, worse, c->better->policy, better);
}

static const char *finds_less_beside_decodes(const struct case_of *c)
{
    if (prompts_in_the_way(c) == NULL || decode_share(c->better->s, decodes) > 0.9995)
        return NULL;
    return finds_less(c);
}

static const char *decodes_on_less(const struct case_of *c)
{
    return smaller_replicas(c, decodes, "decodes");
}

/* ---- causes of a long TTFT ---- */

static const char *loses_replicas(const struct case_of *c)
{
    int64_t worse = c->worse->s->retried, better = c->better->s->retried;

    if (worse <= better ||
        (double)(worse - better) < 0.01 * (double)c->worse->s->requests)
        return NULL;
    return sp_arena_printf(c->arena,
                           "'%s' loses %" PRId64
                           " replicas, so that requests begin anew %" PRId64
                           " times, '%s' %" PRId64 " times",
                           c->worse->policy, sum_of(c->worse->s, POOL(lost)), worse,
                           c->better->policy, better);
}

/* Requests wait at the gateway, and not at a replica, only while none is up. */
static const char *where_they_wait(const struct case_of *c)
{
    double all = c->worse->s->queue.p99_s.mean;
    double at_replicas = wait_at_replicas(c->worse->s);

    if (all - at_replicas < 0.5 * all)
        return "";
    return sp_arena_printf(c->arena,
                           "; meanwhile '%s' has no replica up: at one they wait %s",
                           c->worse->policy, seconds(c, at_replicas));
}

static const char *queues(const struct case_of *c)
{
    double worse = c->worse->s->queue.p99_s.mean;
    double better = c->better->s->queue.p99_s.mean;
    double more = c->worse->s->ttft.p99_s.mean - c->better->s->ttft.p99_s.mean;

    if (!(worse - better >= latency_share * more) || !(worse > better))
        return NULL;
    return sp_arena_printf(c->arena,
                           "requests of '%s' wait %s until their prompt is begun, of "
                           "'%s' %s (p99)%s",
                           c->worse->policy, seconds(c, worse), c->better->policy,
                           seconds(c, better), where_they_wait(c));
}

static const char *fewer_take_prompts(const struct case_of *c)
{
    double worse = gpus_of(c->worse->s, takes_prompts);
    double better = gpus_of(c->better->s, takes_prompts);

    if (!(worse > 0) || worse * count_factor > better ||
        prompt_share(c->worse->s) - prompt_share(c->better->s) < prompt_margin)
        return NULL;
    return sp_arena_printf(c->arena,
                           "%.4g GPUs of '%s' take prompts, which keep them busy %.1f "
                           "%% of the time, against %.4g and %.1f %% with '%s'",
                           worse, c->worse->policy, 100 * prompt_share(c->worse->s),
                           better, 100 * prompt_share(c->better->s), c->better->policy);
}

static const char *busier(const struct case_of *c)
{
    double worse = busy_share(c->worse->s, takes_prompts);
    double better = busy_share(c->better->s, takes_prompts);

    if (worse - better < share_margin ||
        gpus_of(c->worse->s, takes_prompts) * count_factor <=
            gpus_of(c->better->s, takes_prompts))
        return NULL;
    return sp_arena_printf(
        c->arena,
        "the replicas that take prompts are busy %.1f %% of the time "
        "with '%s', %.1f %% with '%s'",
        100 * worse, c->worse->policy, 100 * better, c->better->policy);
}

static const char *held_back(const struct case_of *c)
{
    double worse =
        c->worse->s->transfers > 0 ? zero_if_nan(c->worse->s->held_back.p99_s.mean) : 0;
    double better = c->better->s->transfers > 0
                        ? zero_if_nan(c->better->s->held_back.p99_s.mean)
                        : 0;

    if (worse <= better || worse < share_margin * c->worse->s->ttft.p99_s.mean)
        return NULL;
    return sp_arena_printf(c->arena,
                           "prefill replicas of '%s' hold KV caches until a decode "
                           "replica has room (%s at p99)",
                           c->worse->policy, seconds(c, worse));
}

static const char *decodes_in_the_way(const struct case_of *c)
{
    double worse = decode_share(c->worse->s, takes_prompts);
    double better = decode_share(c->better->s, takes_prompts);

    if (worse - better < share_margin)
        return NULL;
    return sp_arena_printf(c->arena,
                           "decodes take %.1f %% of the busy time of the replicas that "
                           "take prompts with '%s', %.1f %% with '%s'",
                           100 * worse, c->worse->policy, 100 * better,
                           c->better->policy);
}

static const char *prefills_on_less(const struct case_of *c)
{
    return smaller_replicas(c, takes_prompts, "takes prompts");
}

static const char *prefills_on_slower(const struct case_of *c)
{
    return slower_gpus(c, takes_prompts, computing_rate, "takes prompts");
}

/* ---- which come first ---- */

typedef const char *(*cause_fn)(const struct case_of *c);

static const cause_fn ttft_causes[] = {
    loses_replicas,     queues, prefills_on_slower, more_weights, finds_less,
    fewer_take_prompts, busier, held_back,          preempts,     decodes_in_the_way,
    prefills_on_less,
};
static const cause_fn tpot_causes[] = {
    prompts_in_the_way, caches_on_their_way,       more_weights,   preempts,
    decodes_on_slower,  finds_less_beside_decodes, larger_batches, decodes_on_less,
};

static const char *told(const struct case_of *c, const cause_fn *causes, size_t n)
{
    const char *text = NULL;
    int told = 0;

    for (size_t i = 0; i < n && told < CAUSES_TOLD; i++) {
        const char *one = causes[i](c);

        if (one == NULL)
            continue;
        text = text == NULL ? one : sp_arena_printf(c->arena, "%s, and %s", text, one);
        told++;
    }
    return text;
}

const char *sim_why_ttft(const struct sim_served *worse,
                         const struct sim_served *better, struct sp_arena *arena)
{
    const struct case_of c = {worse, better, arena};

    return told(&c, ttft_causes, sizeof ttft_causes / sizeof ttft_causes[0]);
}

const char *sim_why_tpot(const struct sim_served *worse,
                         const struct sim_served *better, struct sp_arena *arena)
{
    const struct case_of c = {worse, better, arena};

    return told(&c, tpot_causes, sizeof tpot_causes / sizeof tpot_causes[0]);
}
