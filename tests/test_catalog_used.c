/* model/catalog_used.h: what a report says of its catalogs, from types by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/catalog_used.h"

enum { TYPES = 4 };

static struct row {
    const char *name;
    struct {
        const char *catalog, *date;
        bool priced, own; /* own: the scenario says what it costs */
    } type[TYPES];
    const char *want;
} rows[] = {
    {"no_catalog_is_none", {{NULL, "", true, true}}, NULL},
    {"nothing_is_none", {{NULL, NULL, false, false}}, NULL},
    {"one_date",
     {{"built-in", "2026-07-20", true, false}},
     "built-in, prices of 2026-07-20"},
    {"first_to_last_in_any_order",
     {{"built-in", "2026-03-01", true, false},
      {"built-in", "2026-07-20", true, false},
      {"built-in", "2026-01-15", true, false}},
     "built-in, prices of 2026-01-15 to 2026-07-20"},
    {"a_price_of_the_scenario_has_no_date_of_the_catalog",
     {{"built-in", "2026-07-20", true, true}, {"built-in", "2026-01-15", true, false}},
     "built-in, prices of 2026-01-15"},
    {"no_price_of_it_was_used",
     {{"built-in", "", true, true}, {"built-in", "", false, false}},
     "built-in, no prices"},
    {"undated_ones_are_told",
     {{"built-in", "undated", true, false}},
     "built-in, prices undated"},
    {"some_undated",
     {{"built-in", "undated", true, false}, {"built-in", "2026-07-20", true, false}},
     "built-in, prices of 2026-07-20, some undated"},
    {"a_file_goes_by_its_name_without_folders",
     {{"/somewhere/own.csv", "2025-12-01", true, false},
      {NULL, "", true, true},
      {"built-in", "2026-07-20", true, false}},
     "own.csv, prices of 2025-12-01; built-in, prices of 2026-07-20"},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

/* One type a policy: all of them count. */
static void says_so(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_policy policies[TYPES] = {{0}};
    struct model_node_type types[TYPES] = {{0}};
    struct model_scenario s = {.n_policies = TYPES, .policies = policies};
    const char *got;

    for (int i = 0; i < TYPES; i++) {
        types[i] = (struct model_node_type){.catalog = row->type[i].catalog,
                                            .has_price = row->type[i].priced,
                                            .price_basis = row->type[i].own
                                                               ? MODEL_BASIS_ASSUMED
                                                               : MODEL_BASIS_LIST_PRICE,
                                            .price_date = row->type[i].date};
        policies[i].n_types = 1;
        policies[i].types = &types[i];
    }
    got = model_catalog_used(arena, &s);
    if (row->want == NULL)
        assert_null(got);
    else
        assert_string_equal(got, row->want);
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = says_so, .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("catalog_used", tests, NULL, NULL);
}
