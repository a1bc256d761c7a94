/* What every source of iteration times must obey, on random batches. */
#ifndef TESTS_ITERATION_LAWS_H
#define TESTS_ITERATION_LAWS_H

#include <stdbool.h>

#include "base/rng.h"
#include "model/iteration.h"

struct laws {
    int32_t decodes_most;
    int64_t context_most; /* of a sequence that decodes */
    int64_t tokens_most;  /* of prefill */
    bool monotone;        /* in batch, context and prefill tokens */
    bool may_refuse;      /* batches beyond the source */
};

/* A batch that only decodes, its sums being those of some contexts. */
struct model_batch laws_decodes(struct sp_rng *rng, const struct laws *laws);
/* The batch `i` iterations later. */
struct model_batch laws_later(struct model_batch b, int64_t i);
/* Adds a prompt's chunk of `c` tokens after `context`. */
void laws_add_chunk(struct model_batch *b, int64_t c, int64_t context, bool ends);

/* A line says what its iterations say one by one, exactly; lines one after the other
 * add up to the iterations' sum; times are not negative; with `monotone` they do not
 * fall when something is added.  `n` random batches. */
void laws_hold(const struct model_iteration *it, const struct laws *laws, uint64_t seed,
               int32_t n);

#endif
