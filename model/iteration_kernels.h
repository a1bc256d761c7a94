/* Measured kernels of one layer on one rank: attention as a function of what is
 * prefilled and decoded at once, and the correction for uneven contexts.  For
 * model/iteration*.c only. */
#ifndef MODEL_ITERATION_KERNELS_H
#define MODEL_ITERATION_KERNELS_H

#include "model/iteration_parts.h"

/* Attention, measured at prefill chunk x context of the chunk x sequences that decode x
 * context of each.  Every chunk has contexts of its own, each of those batches of its
 * own, and so on: there is no common grid.  Chunk 0 is decoding alone. */
struct model_attention_batch { /* curves over the decodes' context, by their number */
    int32_t n;
    double *decodes; /* rising; a first 0: no decodes, one value */
    struct model_ramp *ramps;
};
struct model_attention_slice {
    int32_t n;
    double *context; /* rising: kv_prefill */
    struct model_attention_batch *batches;
};
struct model_attention {
    int32_t n;
    double *chunk; /* rising */
    struct model_attention_slice *slices;
};

/* Reads attention.csv; times are multiplied by `factor`. */
SP_CHECKED enum sp_status model_attention_read(const char *path, const char *shown,
                                               double factor, struct sp_arena *arena,
                                               struct model_attention *a,
                                               struct sp_err *err);

struct model_attention_query {
    double chunk; /* tokens of all chunks */
    double key;   /* mean of context + half the chunk, weighted by the chunks' tokens */
    double decodes, context; /* sequences that decode, and the context of each */
    bool clamp;              /* beyond the grid */
};
/* *beyond becomes true where the query leaves the rows around it. */
double model_attention_at(const struct model_attention *a,
                          const struct model_attention_query *q, bool *beyond);

/* The batches of decoding alone; NULL: not measured. */
const struct model_attention_batch *
model_attention_decodes(const struct model_attention *a);

/* How much of the way from a batch of equal contexts to one of all the longest a batch
 * of uneven contexts goes, by bins: measured as skew_fit.csv. */
struct model_skew;

struct model_skew_query {
    int64_t chunk, prefill_context, prefills;
    int64_t decodes, context, least, most; /* of the decodes: sum, least, most */
};

/* `path` NULL: no table, alpha_default counts for all. */
SP_CHECKED enum sp_status model_skew_read(const char *path, const char *shown,
                                          double alpha_default, struct sp_arena *arena,
                                          struct model_skew **skew, struct sp_err *err);
double model_skew_alpha(const struct model_skew *skew,
                        const struct model_skew_query *q);

/* Iterations for which alpha stays, all contexts growing by 1 each (chunk 0). */
int64_t model_skew_count(const struct model_skew_query *q);

#endif
