/* Candidates as rows of a table: which policy, whether two are the same, copies. */
#ifndef PLAN_CANDIDATE_H
#define PLAN_CANDIDATE_H

#include "plan/evaluate.h"

/* The scenario's policy that it keeps the rules of. */
int32_t plan_candidate_policy(const struct plan_evaluate_options *o,
                              const struct plan_candidate *c);

/* Equal where the candidates are. */
uint64_t plan_candidate_key(const struct plan_evaluate_options *o,
                            const struct plan_candidate *c);
bool plan_candidate_equal(const struct plan_evaluate_options *o,
                          const struct plan_candidate *a,
                          const struct plan_candidate *b);

/* Its id where it has been asked for, or SP_NO_ID. */
int32_t plan_evaluator_find(const struct plan_evaluator *e,
                            const struct plan_candidate *c);

/* With numbers of its own, in `arena`. */
struct plan_candidate plan_candidate_copy(const struct plan_evaluate_options *o,
                                          const struct plan_candidate *c,
                                          struct sp_arena *arena);

#endif
