/* The laws of iteration times; see iteration_laws.h. */
#include "iteration_laws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int64_t below(struct sp_rng *rng, int64_t n)
{
    return n > 0 ? (int64_t)(sp_rng_next(rng) % (uint64_t)n) : 0;
}

/* Small numbers as often as large ones. */
static int64_t spread(struct sp_rng *rng, int64_t most)
{
    int64_t bits = 1;

    while (bits < 62 && (INT64_C(1) << bits) < most)
        bits++;
    return 1 + below(rng, most < (INT64_C(1) << (1 + below(rng, bits)))
                              ? most
                              : (INT64_C(1) << (1 + below(rng, bits))));
}

struct model_batch laws_decodes(struct sp_rng *rng, const struct laws *laws)
{
    struct model_batch b = {.decode_least = INT64_MAX};
    int64_t most = spread(rng, laws->context_most);

    b.decodes = (int32_t)spread(rng, laws->decodes_most);
    if (b.decodes > laws->decodes_most)
        b.decodes = laws->decodes_most;
    if (most > laws->context_most)
        most = laws->context_most;
    for (int32_t i = 0; i < b.decodes; i++) {
        int64_t c = 1 + below(rng, below(rng, 4) > 0 ? most : 20);

        if (c > most)
            c = most;
        b.decode_context += c;
        if (c < b.decode_least)
            b.decode_least = c;
        if (c > b.decode_most)
            b.decode_most = c;
    }
    return b;
}

struct model_batch laws_later(struct model_batch b, int64_t i)
{
    b.decode_context += i * b.decodes;
    b.decode_least += i;
    b.decode_most += i;
    return b;
}

void laws_add_chunk(struct model_batch *b, int64_t c, int64_t context, bool ends)
{
    b->prefills++;
    b->prefill_tokens += c;
    b->prefill_context += context;
    b->prefill_pairs += c * context + c * (c + 1) / 2;
    b->prefill_squares += c * c;
    b->prefill_ends += ends;
}

static int64_t ticks_of(const struct model_iteration *it, const struct model_batch *b)
{
    struct model_iteration_time time;
    struct sp_err err = {0};

    if (model_iteration_time(it, b, &time, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_true(time.ticks >= 0);
    return time.ticks;
}

static void one_iteration_is_on_the_line(const struct model_iteration *it,
                                         struct model_batch b, int64_t i,
                                         const struct model_line *line,
                                         const struct model_iteration_time *as)
{
    struct model_iteration_time time;
    struct sp_err err = {0};

    b = laws_later(b, i);
    if (model_iteration_time(it, &b, &time, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_true(time.ticks >= 0);
    assert_int_equal(time.ticks, line->first + i * line->step);
    assert_int_equal(time.beyond, as->beyond);
    assert_int_equal(time.compute_bound, as->compute_bound);
}

static bool line_says_what_its_iterations_say(const struct model_iteration *it,
                                              const struct laws *laws,
                                              struct model_batch b, struct sp_rng *rng)
{
    const int64_t far = 100000;
    struct model_line line = {0};
    struct model_iteration_time as;
    struct sp_err err = {0};
    int64_t count;

    if (model_iteration_line(it, &b, &line, &as, &err) != SP_OK) {
        if (!laws->may_refuse)
            fail_msg("%s", err.text);
        return false;
    }
    assert_true(line.count >= 1);
    assert_int_equal(as.ticks, line.first);
    count = line.count < far ? line.count : far;
    one_iteration_is_on_the_line(it, b, 0, &line, &as);
    one_iteration_is_on_the_line(it, b, count - 1, &line, &as);
    for (int k = 0; k < 3; k++)
        one_iteration_is_on_the_line(it, b, below(rng, count), &line, &as);
    return true;
}

/* The next `n` iterations, line by line and one by one. */
static void lines_add_up(const struct model_iteration *it, struct model_batch b,
                         int64_t n)
{
    int64_t by_lines = 0, by_steps = 0;

    for (int64_t i = 0; i < n; i++) {
        struct model_batch at = laws_later(b, i);
        struct model_iteration_time time;

        if (model_iteration_time(it, &at, &time, NULL) != SP_OK)
            n = i; /* the source ends here: so must the lines */
        else
            by_steps += time.ticks;
    }
    for (int64_t i = 0; i < n;) {
        struct model_batch at = laws_later(b, i);
        struct model_iteration_time time;
        struct model_line line = {0};
        int64_t take;

        assert_int_equal(model_iteration_line(it, &at, &line, &time, NULL), SP_OK);
        take = line.count < n - i ? line.count : n - i;
        by_lines += (int64_t)model_line_ticks(&line, take);
        i += take;
    }
    assert_int_equal(by_lines, by_steps);
}

static void time_does_not_fall(const struct model_iteration *it, struct model_batch b,
                               const struct laws *laws, struct sp_rng *rng)
{
    struct model_batch more = laws_later(b, 1 + below(rng, 100));
    int64_t chunk = 1 + below(rng, laws->tokens_most / 2);

    assert_true(ticks_of(it, &more) >= ticks_of(it, &b));
    more = b;
    if (b.decodes < laws->decodes_most) { /* one more with the mean context */
        more.decodes++;
        more.decode_context += (b.decode_context + b.decodes - 1) / b.decodes;
        /* Each of two ramps has its slope rounded down to a tick per token. */
        assert_true(ticks_of(it, &more) + 2 * more.decode_context >= ticks_of(it, &b));
    }
    laws_add_chunk(&b, chunk, 0, true);
    more = b;
    more.prefill_pairs -= chunk * (chunk + 1) / 2;
    more.prefill_tokens -= chunk;
    more.prefills = more.prefill_ends = 0;
    laws_add_chunk(&more, chunk + 1 + below(rng, laws->tokens_most / 4), 0, true);
    assert_true(ticks_of(it, &more) >= ticks_of(it, &b));
}

void laws_hold(const struct model_iteration *it, const struct laws *laws, uint64_t seed,
               int32_t n)
{
    struct sp_rng rng = sp_rng_from_key(seed);

    for (int32_t i = 0; i < n; i++) {
        struct model_batch b = laws_decodes(&rng, laws);
        bool known = line_says_what_its_iterations_say(it, laws, b, &rng);

        if (i % 16 == 0)
            lines_add_up(it, b, 1 + below(&rng, 400));
        if (known && laws->monotone)
            time_does_not_fall(it, b, laws, &rng);
    }
}
