/* Four small tables, each 80 columns at most, and what a pool has to say below it. */
#include "report/terminal_serving.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/format.h"
#include "report/text.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const char *seconds(struct report_page *page, struct model_stat stat)
{
    return report_page_figure(page, report_format_seconds, stat.mean);
}

static const char *share(struct report_page *page, struct model_stat stat)
{
    return report_page_figure(page, report_format_percent, stat.mean);
}

static const char *count(struct report_page *page, int64_t n)
{
    return sp_arena_printf(page->arena, "%" PRId64, n);
}

static bool measured(const struct model_times *t)
{
    return t->count > 0;
}

/* ---- latencies ---- */

static const struct report_column latency_columns[] = {
    {"latency", 18, REPORT_LEFT}, {"mean", 9, REPORT_RIGHT}, {"p50", 9, REPORT_RIGHT},
    {"p90", 9, REPORT_RIGHT},     {"p99", 9, REPORT_RIGHT},  {"max", 9, REPORT_RIGHT},
};

static void print_latency(struct report_page *page, const char *name,
                          const struct model_times *t)
{
    const char *texts[COUNT(latency_columns)] = {
        name,
        seconds(page, t->mean_s),
        seconds(page, t->p50_s),
        seconds(page, t->p90_s),
        seconds(page, t->p99_s),
        seconds(page, t->max_s),
    };

    report_page_row(page, latency_columns, COUNT(latency_columns), texts, ' ',
                    REPORT_PLAIN);
}

static void print_latencies(struct report_page *page,
                            const struct model_serving_result *s)
{
    report_page_end_line(page);
    report_page_head(page, latency_columns, COUNT(latency_columns));
    print_latency(page, "TTFT", &s->ttft);
    print_latency(page, "TPOT", &s->tpot);
    print_latency(page, "between tokens", &s->itl);
    print_latency(page, "E2E", &s->e2e);
    print_latency(page, "queue", &s->queue);
    if (s->transfers > 0)
        print_latency(page, "KV transfer", &s->transfer);
    if (s->transfers > 0)
        print_latency(page, "- of it held back", &s->held_back);
}

/* ---- classes ---- */

static const struct report_column class_columns[] = {
    {"prompt tokens", 18, REPORT_LEFT}, {"requests", 9, REPORT_RIGHT},
    {"TTFT p50", 9, REPORT_RIGHT},      {"TTFT p99", 9, REPORT_RIGHT},
    {"TPOT p99", 9, REPORT_RIGHT},      {"E2E p99", 9, REPORT_RIGHT},
    {"attained", 8, REPORT_RIGHT},
};

static void print_class(struct report_page *page, const struct model_serving_class *c,
                        int64_t above)
{
    const char *range =
        c->up_to_tokens == INT64_MAX
            ? sp_arena_printf(page->arena, "above %" PRId64, above)
            : sp_arena_printf(page->arena, "up to %" PRId64, c->up_to_tokens);
    const char *texts[COUNT(class_columns)] = {
        range,
        count(page, c->e2e.count),
        seconds(page, c->ttft.p50_s),
        seconds(page, c->ttft.p99_s),
        seconds(page, c->tpot.p99_s),
        seconds(page, c->e2e.p99_s),
        share(page, c->slo_attained),
    };

    report_page_row(page, class_columns, COUNT(class_columns), texts, ' ',
                    REPORT_PLAIN);
}

static void print_classes(struct report_page *page,
                          const struct model_serving_result *s)
{
    int32_t filled = 0;

    for (int32_t i = 0; i < s->n_classes; i++)
        filled += measured(&s->classes[i].e2e);
    if (filled < 2)
        return;
    report_page_end_line(page);
    report_page_head(page, class_columns, COUNT(class_columns));
    for (int32_t i = 0; i < s->n_classes; i++)
        if (measured(&s->classes[i].e2e))
            print_class(page, &s->classes[i],
                        i > 0 ? s->classes[i - 1].up_to_tokens : 0);
}

/* ---- pools ---- */

static const struct report_column pool_columns[] = {
    {"pool", 14, REPORT_LEFT},   {"role", 7, REPORT_LEFT},
    {"up", 6, REPORT_RIGHT},     {"busy", 6, REPORT_RIGHT},
    {"decode", 6, REPORT_RIGHT}, {"comp.", 6, REPORT_RIGHT},
    {"MFU", 6, REPORT_RIGHT},    {"KV", 6, REPORT_RIGHT},
    {"KV max", 6, REPORT_RIGHT}, {"batch", 6, REPORT_RIGHT},
};

static const char *number(struct report_page *page, struct model_stat stat)
{
    return report_format_number_in(stat.mean, 6,
                                   sp_arena_alloc(page->arena, REPORT_FIGURE));
}

static void print_pool(struct report_page *page, const struct model_serving_pool *p)
{
    const char *texts[COUNT(pool_columns)] = {
        p->name,
        p->role,
        number(page, p->replicas),
        share(page, p->busy_frac),
        share(page, p->decode_frac),
        share(page, p->compute_frac),
        share(page, p->flop_utilization),
        share(page, p->kv_used_frac),
        share(page, p->kv_peak_frac),
        number(page, p->batch_mean),
    };

    report_page_row(page, pool_columns, COUNT(pool_columns), texts, ' ', REPORT_PLAIN);
}

/* Adds a clause to a sentence. */
static const char *with(struct report_page *page, const char *text, const char *clause)
{
    return text[0] == '\0' ? clause
                           : sp_arena_printf(page->arena, "%s; %s", text, clause);
}

static const char *prefix_words(struct report_page *page,
                                const struct model_serving_pool *p)
{
    double blocks = (double)p->prefix_found_blocks / (double)p->prefix_blocks;

    return sp_arena_printf(
        page->arena,
        "prefix cache found %s of %" PRId64 " blocks (%s of prompt tokens)",
        report_page_figure(page, report_format_percent, blocks), p->prefix_blocks,
        report_page_figure(page, report_format_percent,
                           p->prefix_tokens > 0 ? (double)p->prefix_found_tokens /
                                                      (double)p->prefix_tokens
                                                : NAN));
}

static void print_happenings(struct report_page *page,
                             const struct model_serving_pool *p)
{
    const char *text = sp_arena_printf(
        page->arena, "%" PRId32 " GPU%s a replica, %s tokens/s computed per GPU",
        p->gpus, p->gpus == 1 ? "" : "s",
        report_page_figure(page, report_format_number, p->tokens_per_s_per_gpu.mean));

    if (measured(&p->queue))
        text = with(page, text,
                    sp_arena_printf(page->arena, "queue p99 %s",
                                    seconds(page, p->queue.p99_s)));
    if (p->preemptions > 0)
        text = with(page, text,
                    sp_arena_printf(page->arena,
                                    "%" PRId64 " preemptions, %" PRId64
                                    " tokens computed again",
                                    p->preemptions, p->recomputed_tokens));
    if (p->prefix_caching && p->prefix_blocks > 0)
        text = with(page, text, prefix_words(page, p));
    if (p->lost > 0)
        text = with(page, text,
                    sp_arena_printf(page->arena, "%" PRId64 " replica%s lost", p->lost,
                                    p->lost == 1 ? "" : "s"));
    report_page_wrap(page, 2, "",
                     sp_arena_printf(page->arena, "%s: %s",
                                     report_page_name(page, p->name, 20), text),
                     REPORT_PLAIN);
}

static const char *capacity_words(struct report_page *page,
                                  const struct model_serving_pool *p)
{
    if (p->kv_blocks == INT64_MAX)
        return "not limited";
    return sp_arena_printf(page->arena, "%" PRId64 " blocks of %" PRId32 " tokens%s%s",
                           p->kv_blocks, p->block_size, p->kv_text != NULL ? ": " : "",
                           p->kv_text != NULL ? p->kv_text : "");
}

/* Where the figures come from. */
static void print_basis(struct report_page *page, const struct model_serving_pool *p)
{
    const char *beyond = "";

    if (p->beyond > 0)
        beyond = sp_arena_printf(page->arena,
                                 " (%" PRId64 " of %" PRId64
                                 " iterations beyond what it knows)",
                                 p->beyond, p->iterations);
    report_page_wrap(page, 4, "iteration time: ",
                     sp_arena_printf(page->arena, "%s%s", p->iteration, beyond),
                     REPORT_DIM);
    report_page_wrap(page, 4, "KV capacity of a replica: ", capacity_words(page, p),
                     REPORT_DIM);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Whether what print_basis() says of pool `i` stands there already. */
static bool basis_told(const struct model_serving_result *s, int32_t i)
{
    const struct model_serving_pool *p = &s->pools[i], *before = p - 1;

    return i > 0 && p->beyond == 0 && before->beyond == 0 &&
           p->kv_blocks == before->kv_blocks && p->block_size == before->block_size &&
           same_text(p->iteration, before->iteration) &&
           same_text(p->kv_text, before->kv_text);
}

static void print_pools(struct report_page *page, const struct model_serving_result *s,
                        bool explain)
{
    report_page_end_line(page);
    report_page_head(page, pool_columns, COUNT(pool_columns));
    for (int32_t i = 0; i < s->n_pools; i++)
        print_pool(page, &s->pools[i]);
    if (explain)
        report_page_wrap(page, 2, "",
                         "up: replicas, mean. decode, comp.: of busy time, for "
                         "decoding, and bound by computing (not by memory). MFU: of "
                         "busy time. KV: of capacity, mean while busy and most of one "
                         "replica. batch: sequences an iteration decodes.",
                         REPORT_DIM);
    for (int32_t i = 0; i < s->n_pools; i++) {
        print_happenings(page, &s->pools[i]);
        if (basis_told(s, i))
            report_page_wrap(page, 4, "", "iteration time and KV capacity as above",
                             REPORT_DIM);
        else
            print_basis(page, &s->pools[i]);
    }
}

/* ---- the whole ---- */

static void print_transfers(struct report_page *page,
                            const struct model_serving_result *s)
{
    char bytes[REPORT_FIGURE];

    if (s->transfers == 0)
        return;
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "%" PRId64 " KV caches moved from prefill to decode, %s",
            s->transfers,
            sp_format_bytes((double)s->transfer_bytes, bytes, REPORT_FIGURE)),
        REPORT_PLAIN);
}

/* One character for each bucket: the share met in tenths, "9" from 90 % and "*" for
 * all; "." where none ended. */
static void print_attainment(struct report_page *page,
                             const struct model_serving_result *s, bool explain)
{
    enum { MOST = 60 };
    int32_t per = (s->n_buckets + MOST - 1) / MOST, n = 0;
    char text[MOST + 1];

    if (!s->has_slo || s->n_buckets < 2)
        return;
    for (int32_t b = 0; b < s->n_buckets; b += per) {
        int64_t finished = 0, met = 0;

        for (int32_t i = b; i < b + per && i < s->n_buckets; i++) {
            finished += s->finished[i];
            met += s->met[i];
        }
        text[n] = '.';
        if (finished > 0)
            text[n] = met == finished ? '*' : "0123456789"[met * 10 / finished];
        n++;
    }
    text[n] = '\0';
    report_page_wrap(page, 2, "SLO met: ", text, REPORT_PLAIN);
    if (explain)
        report_page_wrap(
            page, 2, "",
            sp_arena_printf(
                page->arena,
                "(a character for %s: tenths of the requests that "
                "ended then, * all, . none ended)",
                report_page_figure(page, report_format_seconds, s->bucket_s * per)),
            REPORT_DIM);
}

static void print_rates(struct report_page *page, const struct model_serving_result *s)
{
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena,
            "model %s; tokens/s: prompt %s, output %s; USD per million tokens: prompt "
            "%s, output %s",
            report_page_name(page, s->model != NULL ? s->model : "-", 40),
            report_page_figure(page, report_format_number, s->prompt_tokens_per_s.mean),
            report_page_figure(page, report_format_number, s->output_tokens_per_s.mean),
            report_page_figure(page, report_format_usd,
                               s->usd_per_million_prompt_tokens.mean),
            report_page_figure(page, report_format_usd,
                               s->usd_per_million_output_tokens.mean)),
        REPORT_PLAIN);
    if (s->retried > 0)
        report_page_wrap(page, 2, "",
                         sp_arena_printf(page->arena,
                                         "%" PRId64 " attempts begun anew after a "
                                         "replica was lost",
                                         s->retried),
                         REPORT_PLAIN);
}

void report_terminal_serving(struct report_page *page,
                             const struct model_serving_result *s, bool explain)
{
    print_rates(page, s);
    print_transfers(page, s);
    print_attainment(page, s, explain);
    print_latencies(page, s);
    print_classes(page, s);
    print_pools(page, s, explain);
}
