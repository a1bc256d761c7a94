#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/node_list.h"
#include "tests/trace_files.h"

#define N_ELEMENTS(a) (sizeof(a) / sizeof(a)[0])

/* ---- the forms ---- */

/* A file and what it means: "form; name team kind, ...; kind: count x mcpu mgpu bytes
 * model"; or the message. */
static struct row {
    const char *name, *text, *want, *wrong;
} rows[] = {
    {"nodes_alike_are_of_one_kind",
     "node,cpus,gpus,gpu_model,memory_gib\na,96,8,V100,512\nb,64,0,,128.5\n"
     "c,96,8,V100,512\n",
     "csv; a/-:0 b/-:1 c/-:0; 2 x 96000 8000 549755813888 V100; "
     "1 x 64000 0 137975824384 -",
     NULL},
    {"columns_may_come_in_any_order_and_some_not_at_all",
     "team,gpus,node,cpus\nred,2,n1,0.5\n,2,n2,0.5\n",
     "csv; n1/red:0 n2/-:0; 2 x 500 2000 -1 -", NULL},
    {"memory_may_be_in_bytes", "node,cpus,gpus,memory_bytes\na,1,0,1e9",
     "csv; a/-:0; 1 x 1000 0 1000000000 -", NULL},
    {"a_quoted_name_may_hold_a_comma", "node,cpus,gpus\r\n\"a, b\",1,0\r\n",
     "csv; a, b/-:0; 1 x 1000 0 -1 -", NULL},
    {"openb_counts_in_thousandths_and_mib",
     "sn,cpu_milli,memory_mib,gpu,model\nopenb-node-0000,32000,262144,0,\n"
     "openb-node-0010,8000,32768,1,V100M16\n",
     "openb; openb-node-0000/-:0 openb-node-0010/-:1; 1 x 32000 0 274877906944 -; "
     "1 x 8000 1000 34359738368 V100M16",
     NULL},
    {"spot2026_does_not_say_memory",
     "gpu_model,gpu_capacity_num,cpu_num,node_name\nH800,8,192,17\n",
     "spot2026; 17/-:0; 1 x 192000 8000 -1 H800", NULL},
    {"pai2020_has_no_header_and_CPU_means_no_gpu",
     "7399,CPU,96,512,0\n75c5,T4,96,512,2\n",
     "pai2020; 7399/-:0 75c5/-:1; 1 x 96000 0 549755813888 -; "
     "1 x 96000 2000 549755813888 T4",
     NULL},
    {"a_node_twice_is_refused_where_it_comes_again",
     "node,cpus,gpus\na,1,0\nb,1,0\na,1,0\n", NULL,
     ":4:1: found 'a', expected each node once"},
    {"a_node_without_name_is_refused", "node,cpus,gpus\n,1,0\n", NULL,
     ":2:1: found '', expected a node's name of at most 100 bytes"},
    {"negative_cpus_are_refused", "node,cpus,gpus\na,-1,0\n", NULL,
     ":2:3: found '-1', expected a number of CPUs, at most 1000000"},
    {"more_cpus_than_a_node_may_have_are_refused", "node,cpus,gpus\na,1000001,0\n",
     NULL, ":2:3: found '1000001', expected a number of CPUs, at most 1000000"},
    {"a_ten_thousandth_of_a_cpu_is_refused", "node,cpus,gpus\na,0.0001,0\n", NULL,
     ":2:3: found '0.0001', expected a number of CPUs, at most 1000000"},
    {"half_a_gpu_is_refused", "node,cpus,gpus\na,1,0.5\n", NULL,
     ":2:5: found '0.5', expected a whole number of GPUs, 0 to 64"},
    {"65_gpus_are_refused", "node,cpus,gpus\na,1,65\n", NULL,
     ":2:5: found '65', expected a whole number of GPUs, 0 to 64"},
    {"wild_memory_is_refused", "node,cpus,gpus,memory_gib\na,1,0,1e99\n", NULL,
     ":2:7: found '1e99', expected an amount of memory, at most 2^60 bytes"},
    {"memory_with_a_unit_is_refused", "node,cpus,gpus,memory_gib\na,1,0,5GiB\n", NULL,
     ":2:7: found '5GiB', expected an amount of memory, at most 2^60 bytes"},
    {"gpus_without_model_are_refused_where_there_is_a_column",
     "node,cpus,gpus,gpu_model\na,1,1,\n", NULL,
     ":2:7: found '', expected the model of its GPUs"},
    {"gpus_of_type_CPU_are_refused", "7399,CPU,96,512,1\n", NULL,
     ":1:6: found 'CPU', expected the model of its GPUs"},
    {"a_short_row_is_refused", "node,cpus,gpus\na,1\n", NULL,
     ":2: found 2 fields, expected 3"},
    {"an_unknown_column_is_refused", "node,cpus,gpus,colour\na,1,0,red\n", NULL,
     ":1:16: found 'colour', expected a column of a list of nodes"},
    {"a_column_twice_is_refused", "node,cpus,gpus,cpus\na,1,0,1\n", NULL,
     ":1:16: found 'cpus', expected each column once"},
    {"a_missing_column_is_named", "node,cpus,gpu_model\na,1,\n", NULL,
     ":1: has no column 'gpus', which a list of nodes of form 'csv' needs"},
    {"two_columns_of_memory_are_refused",
     "node,cpus,gpus,memory_gib,memory_bytes\na,1,0,1,1\n", NULL,
     ":1: found memory_gib and memory_bytes, expected one of them"},
    {"a_header_alone_is_refused", "node,cpus,gpus\n", NULL,
     ": has no rows, expected a node"},
    {"a_name_that_drives_a_terminal_is_refused", "node,cpus,gpus\n\033[31m,1,0\n", NULL,
     ":2:1: found '\\x1b[31m', expected one line of printable UTF-8"},
    {"another_file_is_refused", "arrival_s,bytes\n0,1\n", NULL,
     ":1: not a list of nodes, expected the columns "
     "node,cpus,gpus,gpu_model,memory_gib or those of another form (docs/traces.md, "
     "\"Node lists\")"},
    {"an_empty_file_is_refused", "", NULL,
     ":1: not a list of nodes, expected the columns "
     "node,cpus,gpus,gpu_model,memory_gib or those of another form (docs/traces.md, "
     "\"Node lists\")"},
};

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void list_text(const struct model_node_list *list, char *buf, size_t size)
{
    size_t n = (size_t)snprintf(buf, size, "%s;", list->form);

    for (int32_t i = 0; i < list->n_nodes; i++)
        n += (size_t)snprintf(buf + n, size - n, " %s/%s:%d", list->nodes[i].name,
                              or_dash(list->nodes[i].team), list->nodes[i].kind);
    for (int32_t i = 0; i < list->n_kinds; i++) {
        const struct model_listed_kind *k = &list->kinds[i];

        n += (size_t)snprintf(buf + n, size - n, "; %d x %lld %lld %lld %s", k->count,
                              (long long)k->has.mcpu, (long long)k->has.mgpu,
                              (long long)k->has.memory_bytes, or_dash(k->gpu_model));
    }
}

static void is_read_as_wanted(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_node_list *list = NULL;
    struct sp_err err = {0};
    char *path = file_of_text(row->text), found[400];
    enum sp_status status = model_node_list_read(path, arena, &list, &err);

    if (row->want != NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
        list_text(list, found, sizeof found);
        assert_string_equal(found, row->want);
        assert_true(model_node_list_recognise(row->text, strlen(row->text)));
    } else {
        assert_int_equal(status, SP_EINPUT);
        assert_null(list);
        assert_memory_equal(err.text, path, strlen(path));
        assert_string_equal(err.text + strlen(path), row->wrong);
    }
    file_drop(path);
    sp_arena_free(arena);
}

static void other_files_are_not_taken_for_lists(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "arrival_s,bytes,node\n",
        "{\"timestamp\": 0, \"input_length\": 1}\n",
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n",
        "0,1,2,3,4\n", /* a type is no number */
        "; Version: 2.2\n",
        "\"node",
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        assert_false(model_node_list_recognise(texts[i], strlen(texts[i])));
}

/* Each row a kind of its own, in more rows than a scratch arena serves. */
static void many_kinds_keep_order_and_count(void **state)
{
    enum { N = 5000 };
    struct sp_arena *arena = sp_arena_new();
    struct model_node_list *list = NULL;
    char *text = sp_xcalloc(N, 40), *path;
    size_t n = (size_t)sprintf(text, "node,cpus,gpus\n");

    (void)state;
    for (int i = 0; i < N; i++)
        n += (size_t)sprintf(text + n, "n%d,%d,0\n", i, 1 + i / 2);
    path = file_of_text(text);
    assert_int_equal(model_node_list_read(path, arena, &list, NULL), SP_OK);
    assert_int_equal(list->n_nodes, N);
    assert_int_equal(list->n_kinds, N / 2);
    for (int i = 0; i < N; i++) {
        char name[20];

        snprintf(name, sizeof name, "n%d", i);
        assert_string_equal(list->nodes[i].name, name);
        assert_int_equal(list->nodes[i].kind, i / 2);
        assert_int_equal(list->kinds[i / 2].has.mcpu, 1000 * (1 + i / 2));
        assert_int_equal(list->kinds[i / 2].count, 2);
    }
    file_drop(path);
    free(text);
    sp_arena_free(arena);
}

/* ---- published lists: sums that their descriptions state, counted by other programs
 * ---- */

static struct published {
    const char *name, *file, *form;
    int32_t nodes;
    int64_t gpus, vcpus, gib; /* -1: not stated */
    struct {
        const char *model;
        int64_t gpus;
    } models[4];
} lists[] = {
    {"openb_has_1213_nodes_with_gpus",
     "openb/openb_node_list_gpu_node.csv.gz",
     "openb",
     1213,
     6212,
     107018,
     492020,
     {{NULL, 0}}},
    {"openb_has_1523_nodes_in_all",
     "openb/openb_node_list_all_node.csv.gz",
     "openb",
     1523,
     6212,
     -1,
     -1,
     {{NULL, 0}}},
    {"spot2026_has_4278_nodes",
     "alibaba/spot2026_node_info.csv.gz",
     "spot2026",
     4278,
     2494 + 3456 + 176 + 1752 + 1558 + 976,
     -1,
     -1,
     {{"A10", 2494}, {"A100-SXM4-80GB", 3456}, {"H800", 1752}, {"GPU-series-1", 1558}}},
    {"pai2020_has_1897_machines",
     "alibaba/pai2020_machine_spec.csv.gz",
     "pai2020",
     1897,
     6742,
     -1,
     -1,
     {{NULL, 0}}},
};

static void published_list_has_its_sums(void **state)
{
    const struct published *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_node_list *list = NULL;
    struct model_amounts sum = {0};
    struct sp_err err = {0};
    char name[200], *path;
    int32_t nodes = 0;

    snprintf(name, sizeof name, "cluster/%s", row->file);
    path = file_shared(name);
    if (path == NULL) {
        sp_arena_free(arena);
        skip();
    }
    if (model_node_list_read(path, arena, &list, &err) != SP_OK)
        fail_msg("%s", err.text);
    for (int32_t i = 0; i < list->n_kinds; i++) {
        const struct model_listed_kind *k = &list->kinds[i];

        nodes += k->count;
        sum.mcpu += k->count * k->has.mcpu;
        sum.mgpu += k->count * k->has.mgpu;
        sum.memory_bytes += k->count * k->has.memory_bytes;
    }
    assert_string_equal(list->form, row->form);
    assert_int_equal(list->n_nodes, row->nodes);
    assert_int_equal(nodes, row->nodes);
    assert_int_equal(sum.mgpu, row->gpus * 1000);
    if (row->vcpus >= 0)
        assert_int_equal(sum.mcpu, row->vcpus * 1000);
    if (row->gib >= 0)
        assert_int_equal(sum.memory_bytes >> 30, row->gib);
    for (int m = 0; m < 4 && row->models[m].model != NULL; m++) {
        int64_t gpus = 0;

        for (int32_t i = 0; i < list->n_kinds; i++)
            if (strcmp(list->kinds[i].gpu_model, row->models[m].model) == 0)
                gpus += list->kinds[i].count * list->kinds[i].has.mgpu / 1000;
        assert_int_equal(gpus, row->models[m].gpus);
    }
    free(path);
    sp_arena_free(arena);
}

enum { N_ROWS = N_ELEMENTS(rows), N_LISTS = N_ELEMENTS(lists) };

int main(void)
{
    struct CMUnitTest tests[2 + N_ROWS + N_LISTS] = {
        cmocka_unit_test(other_files_are_not_taken_for_lists),
        cmocka_unit_test(many_kinds_keep_order_and_count),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[2 + i] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = is_read_as_wanted,
                                           .initial_state = &rows[i]};
    for (size_t i = 0; i < N_LISTS; i++)
        tests[2 + N_ROWS + i] =
            (struct CMUnitTest){.name = lists[i].name,
                                .test_func = published_list_has_its_sums,
                                .initial_state = &lists[i]};
    return cmocka_run_group_tests_name("node_list", tests, NULL, NULL);
}
