/* sim/router.h with stand-ins for replicas: what they say of themselves is in the row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/status.h"
#include "model/words.h"
#include "sim/router.h"

struct sim_replica { /* the stand-in: instead of sim/replica.c's */
    struct sim_replica_load load;
    int64_t match; /* tokens */
    int64_t settled_ns;
};

void sim_replica_settle(struct sim_replica *r, int64_t now_ns)
{
    r->settled_ns = now_ns;
}

struct sim_replica_load sim_replica_load(const struct sim_replica *r)
{
    return r->load;
}

int32_t sim_replica_requests(const struct sim_replica *r)
{
    return r->load.requests;
}

int64_t sim_replica_outstanding_tokens(const struct sim_replica *r)
{
    return r->load.outstanding_tokens;
}

int64_t sim_replica_match_tokens(struct sim_replica *r, int32_t request)
{
    assert_int_equal(request, 5);
    assert_int_equal(r->settled_ns, 77); /* else what it has is not what it had then */
    return r->match;
}

enum { MOST = 4 };

static struct row {
    const char *name;
    const char *router;
    int32_t n, want; /* candidates; the index that it must choose */
    struct {
        int32_t requests;
        int64_t tokens, match, kv_free;
    } of[MOST];
} rows[] = {
    {"requests_one_candidate", "least-requests", 1, 0, {{9, 9, 0, 0}}},
    {"requests_fewest",
     "least-requests",
     3,
     1,
     {{3, 1, 0, 0}, {2, 9000, 0, 0}, {3, 0, 0, 0}}},
    {"requests_tie_goes_to_the_lowest_number",
     "least-requests",
     3,
     1,
     {{3, 0, 0, 0}, {2, 9, 0, 0}, {2, 1, 0, 0}}},
    {"tokens_one_candidate", "least-outstanding-tokens", 1, 0, {{9, 9, 0, 0}}},
    {"tokens_fewest_whatever_the_requests",
     "least-outstanding-tokens",
     3,
     2,
     {{1, 4001, 0, 0}, {1, 4002, 0, 0}, {90, 4000, 0, 0}}},
    {"tokens_tie_goes_to_the_lowest_number",
     "least-outstanding-tokens",
     4,
     0,
     {{5, 0, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 1, 0, 0}}},
    {"kv_prefers_what_is_cached", /* 1000 - 512 + 100 < 1000 + 100 */
     "kv-aware",
     2,
     1,
     {{0, 100, 0, 9}, {0, 100, 512, 1}}},
    {"kv_not_at_any_price", /* 1000 - 512 + 700 > 1000 + 187 */
     "kv-aware",
     2,
     0,
     {{0, 187, 0, 0}, {0, 700, 512, 9}}},
    {"kv_equal_tokens_most_room", /* 1000 + 188 both ways */
     "kv-aware",
     3,
     1,
     {{0, 188, 0, 5}, {0, 700, 512, 6}, {0, 188, 0, 5}}},
    {"kv_all_equal_lowest_number",
     "kv-aware",
     3,
     0,
     {{1, 7, 3, 5}, {0, 7, 3, 5}, {0, 4, 0, 5}}},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static void chooses_what_the_row_says(void **state)
{
    const struct row *row = *state;
    struct sim_router_state router_state = sim_router_state(1);
    struct sim_replica stand_ins[MOST];
    struct sim_replica *replicas[MOST];
    const int32_t numbers[MOST] = {2, 3, 5, 8};
    const struct sim_request request = {.prompt = 1000};
    const struct sim_router_choice choice = {.now_ns = 77,
                                             .n = row->n,
                                             .numbers = numbers,
                                             .replicas = replicas,
                                             .request = 5,
                                             .row = &request};

    for (int32_t i = 0; i < row->n; i++) {
        stand_ins[i] =
            (struct sim_replica){.load = {.requests = row->of[i].requests,
                                          .outstanding_tokens = row->of[i].tokens,
                                          .kv_free = row->of[i].kv_free},
                                 .match = row->of[i].match};
        replicas[i] = &stand_ins[i];
    }
    assert_int_equal(sim_router_find(row->router)->choose(&router_state, &choice),
                     row->want);
}

/* Numbers of the candidates, one set a step, and the number it must stop at. */
static void round_robin_takes_the_next_number_that_is_there(void **state)
{
    static const struct {
        int32_t n, numbers[3], want;
    } steps[] = {
        {3, {0, 1, 2}, 0}, {3, {0, 1, 2}, 1}, {3, {0, 1, 2}, 2}, {3, {0, 1, 2}, 0},
        {2, {0, 2}, 2},    {2, {0, 1}, 0},    {2, {2, 7}, 2},    {2, {2, 7}, 7},
        {3, {1, 2, 8}, 8}, {3, {1, 2, 8}, 1}, {1, {1}, 1},       {1, {1}, 1},
    };
    const struct sim_router *r = sim_router_find("round-robin");
    struct sim_router_state router_state = sim_router_state(1);

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct sim_router_choice choice = {.n = steps[i].n,
                                                 .numbers = steps[i].numbers};

        assert_int_equal(steps[i].numbers[r->choose(&router_state, &choice)],
                         steps[i].want);
    }
}

/* 40,000 even choices among 4: each 10,000 on average with a standard deviation of
 * sqrt(40,000 x 1/4 x 3/4) = 86.6; five of them are 433. */
static void random_is_even_and_follows_its_stream(void **state)
{
    enum { DRAWS = 40000 };
    const struct sim_router *r = sim_router_find("random");
    const int32_t numbers[4] = {1, 2, 4, 9};
    const struct sim_router_choice choice = {.n = 4, .numbers = numbers};
    struct sim_router_state a = sim_router_state(11), b = sim_router_state(11),
                            c = sim_router_state(12);
    int32_t counts[4] = {0}, same = 0;

    (void)state;
    for (int32_t i = 0; i < DRAWS; i++) {
        int32_t chosen = r->choose(&a, &choice);

        assert_in_range(chosen, 0, 3);
        assert_int_equal(chosen, r->choose(&b, &choice));
        same += chosen == r->choose(&c, &choice);
        counts[chosen]++;
    }
    for (int32_t i = 0; i < 4; i++)
        assert_in_range(counts[i], 10000 - 433, 10000 + 433);
    assert_in_range(same, 10000 - 433, 10000 + 433); /* another stream, other choices */
}

static void every_router_word_has_a_router_and_the_reverse(void **state)
{
    (void)state;
    assert_null(model_router_words[sim_n_routers].name);
    for (int32_t i = 0; i < sim_n_routers; i++) {
        const struct sim_router *r = sim_router_find(model_router_words[i].name);

        assert_non_null(r);
        assert_non_null(r->choose);
        for (int32_t k = 0; k < i; k++)
            assert_string_not_equal(model_router_words[i].name,
                                    model_router_words[k].name);
    }
    assert_non_null(sim_router_find(MODEL_ROUTER_DEFAULT));
    assert_null(sim_router_find("round"));
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 3] = {
        cmocka_unit_test(round_robin_takes_the_next_number_that_is_there),
        cmocka_unit_test(every_router_word_has_a_router_and_the_reverse),
        cmocka_unit_test(random_is_even_and_follows_its_stream),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 3] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = chooses_what_the_row_says,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
