/* Bracket, then halve it. */
#include "model/search.h"

#include <math.h>

static enum sp_status try_factor(struct model_search *s, double factor, bool *passes,
                                 struct sp_err *err)
{
    enum sp_status status = s->test(s->self, factor, passes, err);

    if (status != SP_OK)
        return status;
    s->tests++;
    if (*passes)
        s->passes = factor;
    else
        s->fails = factor;
    return SP_OK;
}

/* From 1 by factors of 2, away from the first answer until there is the other. */
static enum sp_status bracket(struct model_search *s, struct sp_err *err)
{
    double factor = 1;
    bool first, now;
    enum sp_status status = try_factor(s, factor, &first, err);

    now = first;
    for (int i = 0; i < MODEL_SEARCH_STEPS && status == SP_OK && now == first; i++) {
        factor = first ? factor * 2 : factor / 2;
        status = try_factor(s, factor, &now, err);
    }
    return status;
}

enum sp_status model_search_largest(struct model_search *s, struct sp_err *err)
{
    enum sp_status status;
    bool passes;

    sp_assert(s->precision_frac > 0);
    s->passes = s->fails = NAN;
    s->tests = 0;
    status = bracket(s, err);
    if (status != SP_OK || isnan(s->passes) || isnan(s->fails))
        return status;
    while (status == SP_OK && s->fails > s->passes * (1 + s->precision_frac))
        status = try_factor(s, sqrt(s->passes * s->fails), &passes, err);
    return status;
}

/* ---- numbers ---- */

static enum sp_status try_number(struct model_search_least *s, int64_t n,
                                 struct sp_err *err)
{
    bool passes = false;
    enum sp_status status = s->test(s->self, n, &passes, err);

    if (status != SP_OK)
        return status;
    s->tests++;
    *(passes ? &s->passes : &s->fails) = n;
    return SP_OK;
}

/* Away from the start until there are both answers, or no number is left. */
static enum sp_status bracket_number(struct model_search_least *s, struct sp_err *err)
{
    enum sp_status status = try_number(s, s->start, err);

    while (status == SP_OK && s->fails == 0 && s->passes > 1)
        status = try_number(s, s->passes / 2, err);
    while (status == SP_OK && s->passes == 0 && s->fails < s->most)
        status = try_number(s, s->fails > s->most / 2 ? s->most : 2 * s->fails, err);
    return status;
}

enum sp_status model_search_smallest(struct model_search_least *s, struct sp_err *err)
{
    enum sp_status status;

    sp_assert(s->start >= 1 && s->start <= s->most);
    s->passes = s->fails = 0;
    s->tests = 0;
    status = bracket_number(s, err);
    while (status == SP_OK && s->passes > 0 && s->fails > 0 && s->passes - s->fails > 1)
        status = try_number(s, s->fails + (s->passes - s->fails) / 2, err);
    return status;
}
