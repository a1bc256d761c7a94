/* How long one iteration of a replica takes: one interface, several sources.
 *
 * Sources: a CSV table (phase, batch, tokens -> ms), a roofline from a model's shape
 * and a GPU's datasheet, a fit (coefficients), a folder of measured kernels.  Each is
 * prepared when the scenario is read; then asking is a pure function.
 *
 * Time is in ticks of 2^-20 ns, integers, so that a span of iterations and the same
 * iterations one by one come to the same number, exactly: for a batch that only
 * decodes, the time is piecewise linear in the context, with integer coefficients.
 */
#ifndef MODEL_ITERATION_H
#define MODEL_ITERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/wide.h"
#include "model/llm.h"

enum { MODEL_TICK_BITS = 20 };

/* What one iteration works on.  Context of a sequence: its tokens in the KV cache
 * before the iteration. */
struct model_batch {
    int32_t decodes;                   /* sequences that decode one token */
    int64_t decode_context;            /* sum of their contexts */
    int64_t decode_least, decode_most; /* the shortest and longest of them; 0 without */
    int32_t prefills;        /* sequences of which a chunk of prompt is computed */
    int64_t prefill_tokens;  /* sum of the chunks */
    int64_t prefill_context; /* sum of their contexts (tokens of earlier chunks or found
                                in a prefix cache) */
    int64_t prefill_pairs;   /* (query, key) pairs: sum over chunks of c x context
                              * + c (c + 1) / 2 */
    int32_t prefill_ends;    /* chunks that end their prompt: rows of the head */
    int64_t prefill_squares; /* sum over chunks of c^2; no source needs it */
};

/* Time of the next `count` iterations of a batch that only decodes, each with one token
 * more per sequence: first + i * step ticks, i = 0 .. count - 1. */
struct model_line {
    int64_t first, step;
    int64_t count; /* >= 1; INT64_MAX: without end */
};

/* Where a batch left what the source knows. */
enum model_beyond {
    MODEL_BEYOND_FAIL,   /* the run stops: the default */
    MODEL_BEYOND_CLAMP,  /* the nearest known point counts */
    MODEL_BEYOND_EXTEND, /* the last segment goes on; counted and told */
};

struct model_iteration; /* a prepared source */

struct model_iteration_time {
    int64_t ticks;      /* >= 0 */
    bool beyond;        /* outside of what the source knows */
    bool compute_bound; /* operations, not bytes, set the time (roofline; else by the
                         * model's shape and the GPU's datasheet where known) */
};

/* One iteration; batch->decodes + batch->prefills >= 1.
 *   SP_EINPUT  outside of what the source knows, and it must not go on. */
SP_CHECKED enum sp_status model_iteration_time(const struct model_iteration *it,
                                               const struct model_batch *batch,
                                               struct model_iteration_time *time,
                                               struct sp_err *err);

/* The same for a run of iterations; batch->prefills is 0.  For every i < line->count:
 * first + i * step = model_iteration_time() of the batch with decode_context +
 * i * decodes, decode_least + i and decode_most + i, exactly.  `time` is as of the
 * first and holds for all. */
SP_CHECKED enum sp_status model_iteration_line(const struct model_iteration *it,
                                               const struct model_batch *batch,
                                               struct model_line *line,
                                               struct model_iteration_time *time,
                                               struct sp_err *err);

/* Time of the first `count` iterations of a line in ticks, exact: count * first +
 * step * count (count - 1) / 2. */
static inline sp_i128 model_line_ticks(const struct model_line *line, int64_t count)
{
    return sp_i128_mul(count, line->first) +
           sp_i128_mul(count, line->step) * (count - 1) / 2;
}

/* Whether the source can tell what bounds an iteration: a roofline does, measured
 * kernels where the GPU's datasheet is known; tables and fits don't (compute_bound is
 * false). */
bool model_iteration_knows_bound(const struct model_iteration *it);

enum model_source_of_time {
    MODEL_TIME_TABLE,
    MODEL_TIME_ROOFLINE,
    MODEL_TIME_FIT,
    MODEL_TIME_PROFILE,
};
enum model_source_of_time model_iteration_kind(const struct model_iteration *it);

/* "table latency.csv", "roofline of llama-3.1-8b on H100-SXM5-80GB (compute 45 %,
 * memory 80 %)": for reports. */
const char *model_iteration_text(const struct model_iteration *it);

/* Whether the source's last axis ends: the largest batch and context it knows, for
 * checks at reading; 0 where it has no end. */
struct model_iteration_reach {
    int32_t decodes;
    int64_t decode_context_each, prefill_tokens;
};
struct model_iteration_reach model_iteration_reach(const struct model_iteration *it);

/* ---- sources (each in model/iteration_*.c) ---- */

/* Table: columns phase,batch,tokens,ms with phase prefill or decode.  Prefill rows:
 * `tokens` prompt tokens in the iteration (batch 1).  Decode rows: `batch` sequences of
 * `tokens` context each (a grid without holes; one distinct value of tokens: context
 * does not matter; rows repeated: their median).  Linear between points (GSL). */
enum model_mixed { /* the time of an iteration that prefills and decodes */
                   MODEL_MIXED_SUM,    /* prefill time + decode time: the default */
                   MODEL_MIXED_MAX,    /* the longer of the two */
                   MODEL_MIXED_TOKENS, /* the prefill time of all its tokens, a decode
                                          being one, times mixed_factor */
};
struct model_table_options {
    const char *path, *shown; /* to open; as the scenario names it */
    enum model_mixed mixed;
    double mixed_factor; /* of MODEL_MIXED_TOKENS; 0 stands for 1 */
    enum model_beyond beyond;
    bool monotone; /* made non-decreasing along both axes (pool adjacent violators); in
                    * what is asked, to within a tick per token of context */
};
SP_CHECKED enum sp_status model_iteration_table(const struct model_table_options *o,
                                                struct sp_arena *arena,
                                                struct model_iteration **it,
                                                struct sp_err *err);

struct model_roofline_options {
    const struct model_llm *llm;
    const struct model_gpu *gpu;
    int32_t tensor_parallel;
    double compute_frac, memory_frac, link_frac; /* efficiencies, 0..1; link_frac NaN:
                                                  * by the kind of link */
    const char *measured; /* by which kernels of which profile the shares of compute and
                           * memory were measured; NULL: they were not */
    double layer_s, step_s; /* overheads: per layer and per iteration */
    double all_reduce_s;    /* latency of one all-reduce (two a layer where tensor
                             * parallel > 1), beside its bytes: 2 (P - 1) / P x tokens x
                             * hidden x 2 over the link */
};
/* Efficiencies and overheads unless the user states them; with their source. */
struct model_roofline_options model_roofline_defaults(void);
double model_roofline_link_frac(const struct model_gpu *gpu); /* of NVLink, of PCIe */
SP_CHECKED enum sp_status
model_iteration_roofline(const struct model_roofline_options *o, struct sp_arena *arena,
                         struct model_iteration **it, struct sp_err *err);

/* Fit: prefill a + b tokens + c squares; decode a + b context + c batch, with other
 * coefficients from `threshold` sequences on (0: none).  Seconds.  (DistServe's form.)
 * Squares: of whole prompts the sum of their squares; of a chunk c after h tokens
 * (h + c)^2 - h^2 = 2 pairs - c, so that chunks come to what the prompt does.  With
 * MODEL_MIXED_SUM an iteration of both takes the sum less the smaller `a`. */
struct model_fit_options {
    double prefill[3], decode[3], decode_large[3];
    int32_t threshold;
    enum model_mixed mixed;
    double mixed_factor; /* of MODEL_MIXED_TOKENS; 0 stands for 1 */
};
SP_CHECKED enum sp_status model_iteration_fit(const struct model_fit_options *o,
                                              struct sp_arena *arena,
                                              struct model_iteration **it,
                                              struct sp_err *err);

/* Measured kernels: a folder with dense.csv (layer,tokens,time_us), attention.csv
 * (prefill_chunk,kv_prefill,n_decode,kv_decode,time_us), per_sequence.csv
 * (layer,sequences,time_us) and, for experts, moe.csv: one layer of one rank, from
 * which an iteration is put together. */
struct model_folder_options {
    const char *path, *shown;
    const struct model_llm *llm;
    const struct model_gpu *gpu; /* for the all-reduce; may be NULL with one GPU */
    int32_t tensor_parallel;
    double link_bytes_per_s; /* 0: the GPU's, at model_roofline_link_frac() */
    double all_reduce_s, step_s;
    enum model_beyond beyond;
    /* Told of each file that is read, before it is; may be NULL. */
    void *self;
    enum sp_status (*reads)(void *self, const char *shown, const char *path,
                            struct sp_err *err);
};
SP_CHECKED enum sp_status model_iteration_profile(const struct model_folder_options *o,
                                                  struct sp_arena *arena,
                                                  struct model_iteration **it,
                                                  struct sp_err *err);

#endif
