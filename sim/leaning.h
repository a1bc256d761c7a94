/* Which way figures lean, taken together: a policy against another. */
#ifndef SIM_LEANING_H
#define SIM_LEANING_H

#include <stdbool.h>

#include "model/result.h"

struct sim_leaning {
    bool better, worse; /* some figure is */
    bool certain;       /* none of those is within its error bar; begin with true */
    bool vague;         /* one that is the same has a wider bar than counts as that */
};

/* `side` 1: better, -1: worse, 0: the same. */
static inline void sim_lean(struct sim_leaning *l, int side, double difference,
                            double half95)
{
    l->better = l->better || side > 0;
    l->worse = l->worse || side < 0;
    if (side != 0 && half95 > (difference < 0 ? -difference : difference))
        l->certain = false;
}

/* `by`: how much better it is, which is none below `same`. */
static inline void sim_lean_by(struct sim_leaning *l, double by, double same,
                               double half95)
{
    if (by >= same || by <= -same)
        sim_lean(l, by > 0 ? 1 : -1, by, half95);
    else
        l->vague = l->vague || half95 > same;
}

/* Whether what they say together is outside of the error bars. */
static inline bool sim_leaning_certain(const struct sim_leaning *l)
{
    return l->better || l->worse ? l->certain : !l->vague;
}

static inline void sim_lean_with(struct sim_leaning *l, const struct sim_leaning *other)
{
    l->better = l->better || other->better;
    l->worse = l->worse || other->worse;
    l->certain = l->certain && other->certain;
    l->vague = l->vague || other->vague;
}

static inline enum model_outcome sim_leaning_outcome(const struct sim_leaning *l)
{
    return l->better && l->worse ? MODEL_OUTCOME_TRADE
           : l->better           ? MODEL_OUTCOME_WINS
           : l->worse            ? MODEL_OUTCOME_LOSES
                                 : MODEL_OUTCOME_SAME;
}

#endif
