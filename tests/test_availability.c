#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "model/availability.h"
#include "tests/trace_files.h"

/* cmocka compares floats, which hold seven figures. */
#define assert_near(found, want, tolerance)                                            \
    assert_true(fabs((found) - (want)) <= (tolerance))

#define N_ELEMENTS(a) (sizeof(a) / sizeof(a)[0])

/* ---- the forms ---- */

/* A file and the steps that it means, as "at_s:nodes ..., length_s"; or the message. */
static struct row {
    const char *name, *text, *want, *wrong;
} rows[] = {
    {"a_tick_is_a_gap_long",
     "{\"metadata\": {\"gap_seconds\": 195}, \"data\": [0, 1, 1, 0]}\n",
     "0:0 195:1 585:0 780", NULL},
    {"keys_may_come_in_any_order_and_among_others",
     "{\"data\": [2,2,16],\n \"note\": {\"a\": [1, {\"]\": \"\\\"}\"}], \"b\": null},\n"
     " \"metadata\": {\"zone\": \"a\", \"gap_seconds\": 0.5}}",
     "0:2 1:16 1.5", NULL},
    {"nothing_at_all_all_along_is_one_step",
     "{\"metadata\":{\"gap_seconds\":60},\"data\":[0]}", "0:0 60", NULL},
    {"no_gap_is_said", "{\"metadata\": {}, \"data\": [0, 1]}", NULL,
     ": has no 'metadata.gap_seconds', expected both of {\"metadata\": "
     "{\"gap_seconds\": 300}, \"data\": [0, 1]}"},
    {"no_data_is_said", "{\"metadata\": {\"gap_seconds\": 5}}", NULL,
     ": has no 'data', expected both of {\"metadata\": {\"gap_seconds\": 300}, "
     "\"data\": [0, 1]}"},
    {"no_ticks_are_refused", "{\"metadata\": {\"gap_seconds\": 5}, \"data\": []}", NULL,
     ":1:43: found ']}', expected a whole number of nodes, 0 to 1000000"},
    {"a_negative_number_is_refused_where_it_stands",
     "{\"metadata\": {\"gap_seconds\": 5},\n\"data\": [0, 1,\n -1]}", NULL,
     ":3:2: found '-1]}', expected a whole number of nodes, 0 to 1000000"},
    {"a_part_of_a_node_is_refused",
     "{\"metadata\": {\"gap_seconds\": 5}, \"data\": [0.5]}", NULL,
     ":1:43: found '0.5]}', expected a whole number of nodes, 0 to 1000000"},
    {"more_nodes_than_a_fleet_may_have_are_refused",
     "{\"metadata\": {\"gap_seconds\": 5}, \"data\": [1000001]}", NULL,
     ":1:43: found '1000001]}', expected a whole number of nodes, 0 to 1000000"},
    {"a_gap_of_nothing_is_refused",
     "{\"metadata\": {\"gap_seconds\": 0}, \"data\": [1]}", NULL,
     ":1:30: found '0}, \"data\": [1]}', expected gap_seconds once, a number of "
     "seconds above 0 and at most a year"},
    {"ticks_beyond_a_century_are_refused",
     "{\"metadata\": {\"gap_seconds\": 31536000}, \"data\": "
     "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
     "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
     "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
     NULL, ": found 101 ticks of 3.1536e+07 s, expected at most a century"},
    {"a_file_that_ends_early_is_refused",
     "{\"metadata\": {\"gap_seconds\": 5}, \"data\": [1, 1", NULL,
     ":1:47: found the end of the file, expected ',' or ']'"},
    {"what_follows_is_refused",
     "{\"metadata\": {\"gap_seconds\": 5}, \"data\": [1]} {}", NULL,
     ":1:47: found '{}', expected nothing more"},
    {"nodes_that_come_and_go_are_counted",
     "0,add,a\n0,add,b\n1000,remove,a\r\n1000,add,c\n2500,remove,b\n4000,remove,c",
     "0:2 2.5:1 4", NULL},
    {"an_event_recording_may_begin_without_nodes", "500,add,a\n1500,remove,a\n",
     "0:0 0.5:1 1.5", NULL},
    {"a_node_may_come_again", "0,add,a\n1000,remove,a\n2000,add,a\n3000,remove,a\n",
     "0:1 1:0 2:1 3", NULL},
    {"a_node_that_is_there_cannot_come", "0,add,a\n5,add,a\n", NULL,
     ":2: found 'a', expected a node that is not there yet"},
    {"a_node_that_is_not_there_cannot_go", "0,add,a\n5,remove,b\n", NULL,
     ":2: found 'b', expected a node that is there"},
    {"events_out_of_order_are_refused", "5,add,a\n4,remove,a\n", NULL,
     ":2: found '4', expected a time not before that of the line above"},
    {"an_event_of_another_kind_is_refused", "5,add,a\n6,drain,a\n", NULL,
     ":2: found 'drain', expected 'add' or 'remove'"},
    {"a_time_with_a_unit_is_refused", "5,add,a\n6ms,remove,a\n", NULL,
     ":2: found '6ms', expected whole milliseconds since the start"},
    {"events_at_0_alone_have_no_length", "0,add,a\n0,add,b\n", NULL,
     ":2: all events are at 0, expected one later: the last is where the recording "
     "ends"},
    {"a_field_too_many_is_counted", "0,add,a\n1,add,b,c\n", NULL,
     ":2: found 3 fields and more, expected three: milliseconds, 'add' or 'remove', "
     "and a node's name"},
    {"an_empty_line_is_refused", "0,add,a\n\n", NULL,
     ":2: found 0 fields, expected three: milliseconds, 'add' or 'remove', and a "
     "node's name"},
    {"samples_are_sorted_and_the_last_holds_as_long_as_the_one_before",
     "2021-12-11, 11:11:30, 55\n2021-12-11, 11:14:50, 54\n2021-12-11, 11:13:10, 55\n",
     "0:55 200:54 300", NULL},
    {"samples_may_have_blanks_between_fields_and_pass_midnight",
     "2024-02-28 23:59:59 1\n2024-02-29 00:00:01 2\n2024-03-01 00:00:01 3",
     "0:1 2:2 86402:3 172802", NULL},
    {"of_samples_at_one_time_the_last_line_counts",
     "2021-12-11, 11:11:30, 1\n2021-12-11, 11:11:40, 2\n2021-12-11, 11:11:40, 3\n",
     "0:1 10:3 20", NULL},
    {"a_day_that_there_is_not_is_refused",
     "2021-12-11, 11:11:30, 1\n2021-02-29, 11:11:40, 2\n", NULL,
     ":2: found '2021-02-29', expected a date and a time such as 2021-12-11, 11:11:30"},
    {"a_count_below_0_is_refused",
     "2021-12-11, 11:11:30, 1\n2021-12-12, 11:11:40, -2\n", NULL,
     ":2: found '-2', expected a whole number of nodes, 0 to 1000000"},
    {"one_sample_is_no_recording", "2021-12-11, 11:11:30, 1\n", NULL,
     ":1: all samples are of one time, expected two times or more"},
    {"another_file_is_refused", "time,nodes\n", NULL,
     ":1: not a recording of availability, expected JSON {\"metadata\": "
     "{\"gap_seconds\": 300}, \"data\": [0, 1]}, lines '0,add,node1' or lines "
     "'2021-12-11, 11:11:30, 55'"},
    {"an_empty_file_is_refused", "", NULL,
     ":1: not a recording of availability, expected JSON {\"metadata\": "
     "{\"gap_seconds\": 300}, \"data\": [0, 1]}, lines '0,add,node1' or lines "
     "'2021-12-11, 11:11:30, 55'"},
};

static void steps_text(const struct model_availability *a, char *buf, size_t size)
{
    size_t n = 0;

    for (int32_t i = 0; i < a->n; i++)
        n += (size_t)snprintf(buf + n, size - n, "%g:%d ", sp_s_from_ns(a->at_ns[i]),
                              a->nodes[i]);
    snprintf(buf + n, size - n, "%.9g", sp_s_from_ns(a->length_ns));
}

static void is_read_as_wanted(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_availability *a = NULL;
    struct sp_err err = {0};
    char *path = file_of_text(row->text), found[200];
    enum sp_status status = model_availability_read(path, arena, &a, &err);

    if (row->want != NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
        steps_text(a, found, sizeof found);
        assert_string_equal(found, row->want);
        assert_string_equal(a->path, path);
    } else {
        assert_int_equal(status, SP_EINPUT);
        assert_null(a);
        assert_memory_equal(err.text, path, strlen(path));
        assert_string_equal(err.text + strlen(path), row->wrong);
    }
    file_drop(path);
    sp_arena_free(arena);
}

static void compressed_is_read_as_plain(void **state)
{
    static const char text[] = "0,add,a\n1000,remove,a\n2000,add,b\n";

    (void)state;
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_availability *a;
        size_t size;
        void *packed = file_pack((enum file_kind)kind, text, sizeof text - 1, &size);
        char *path = file_new(packed, size), found[100];

        assert_int_equal(model_availability_read(path, arena, &a, NULL), SP_OK);
        steps_text(a, found, sizeof found);
        assert_string_equal(found, "0:1 1:0 2");
        file_drop(path);
        free(packed);
        sp_arena_free(arena);
    }
}

/* ---- lookups: against a scan of every nanosecond ---- */

static void lookups_agree_with_a_scan_of_three_rounds(void **state)
{
    static const int64_t at_ns[] = {0, 3, 4, 9};
    static const int32_t cases[][4] = {{1, 0, 2, 1}, {1, 0, 2, 0}, {0, 5, 0, 5}};

    (void)state;
    for (size_t c = 0; c < N_ELEMENTS(cases); c++) {
        struct model_availability a = {
            .n = 4, .at_ns = at_ns, .nodes = cases[c], .length_ns = 11};
        int32_t every[40];

        for (int t = 0; t < 40; t++)
            every[t] = cases[c][(t % 11 >= 3) + (t % 11 >= 4) + (t % 11 >= 9)];
        for (int t = 0; t < 20; t++) {
            int next = t + 1;

            while (every[next] == every[next - 1])
                next++;
            assert_int_equal(model_availability_at(&a, t), every[t]);
            assert_int_equal(model_availability_next(&a, t), next);
        }
    }
}

static void one_step_never_changes(void **state)
{
    static const int64_t at_ns[] = {0};
    static const int32_t nodes[] = {7};
    struct model_availability a = {
        .n = 1, .at_ns = at_ns, .nodes = nodes, .length_ns = 5};

    (void)state;
    assert_int_equal(model_availability_at(&a, INT64_MAX), 7);
    assert_int_equal(model_availability_next(&a, 3), INT64_MAX);
}

static void the_end_of_time_does_not_overflow(void **state)
{
    static const int64_t at_ns[] = {0, 10};
    static const int32_t nodes[] = {1, 0};
    struct model_availability a = {
        .n = 2, .at_ns = at_ns, .nodes = nodes, .length_ns = SP_NS_MAX};

    (void)state;
    assert_int_equal(model_availability_next(&a, INT64_MAX - 1), INT64_MAX);
    assert_int_equal(model_availability_next(&a, SP_NS_MAX + 5), SP_NS_MAX + 10);
}

/* ---- facts, by hand ---- */

static void facts_are_those_of_the_hand(void **state)
{
    /* 2 nodes for 1 s, 1 for 3 s, none for 2 s, 2 for 4 s of 10 s */
    static const int64_t at_ns[] = {0, SP_NS_PER_S, 4 * SP_NS_PER_S, 6 * SP_NS_PER_S};
    static const int32_t nodes[] = {2, 1, 0, 2};
    struct model_availability a = {.n = 4,
                                   .at_ns = at_ns,
                                   .nodes = nodes,
                                   .length_ns = 10 * SP_NS_PER_S,
                                   .most = 2};
    struct model_availability_facts f = model_availability_facts(&a);

    (void)state;
    assert_near(f.any_frac, 0.8, 1e-12);
    assert_near(f.most_frac, 0.5, 1e-12);
    assert_near(f.mean_nodes, 1.3, 1e-12);
    assert_int_equal(f.up_runs, 2);
    assert_int_equal(f.down_runs, 1);
    assert_near(f.up_mean_s, 4, 1e-12);
    assert_near(f.up_median_s, 4, 1e-12);
    assert_near(f.down_mean_s, 2, 1e-12);
    assert_int_equal(f.losses, 2);
}

static void runs_that_there_are_not_have_no_mean(void **state)
{
    static const int64_t at_ns[] = {0};
    static const int32_t nodes[] = {0};
    struct model_availability a = {
        .n = 1, .at_ns = at_ns, .nodes = nodes, .length_ns = 5};
    struct model_availability_facts f = model_availability_facts(&a);

    (void)state;
    assert_int_equal(f.up_runs, 0);
    assert_true(isnan(f.up_mean_s) && isnan(f.up_median_s));
    assert_near(f.any_frac, 0, 0);
}

/* ---- the published recordings ----
 * skypilot-org/spot-traces 221da1a; figures counted from the ticks by another program
 * and rounded as written here, so half a unit of the last place is the tolerance. */

static struct zone {
    const char *name, *file;
    double any_frac, any_tolerance;
    int32_t up_runs;
    double up_mean_h, up_tolerance, down_mean_h;
    double most_frac;
} zones[] = {
#define V100(zone) "availability__1-node__aws-02-15-2023__" zone "_v100_1"
    {"us_east_1a_is_as_counted", V100("us-east-1a"), .167, .0005, 253, .72, .005, 3.58,
     0},
    {"us_east_1c_is_as_counted", V100("us-east-1c"), .467, .0005, 344, 1.48, .005, 1.69,
     0},
    {"us_east_1d_is_as_counted", V100("us-east-1d"), .447, .0005, 294, 1.66, .005, 2.05,
     0},
    {"us_east_2a_is_as_counted", V100("us-east-2a"), .759, .0005, 146, 5.68, .005, 1.80,
     0},
    {"us_east_2b_is_as_counted", V100("us-east-2b"), .682, .0005, 175, 4.26, .005, 1.98,
     0},
    {"us_west_2a_is_as_counted", V100("us-west-2a"), .883, .0005, 159, 6.06, .005, .81,
     0},
    {"us_west_2b_is_as_counted", V100("us-west-2b"), .905, .0005, 95, 10.4, .05, 1.10,
     0},
    {"sixteen_nodes_in_us_east_2b_are_mostly_all_or_nothing",
     "availability__16-node__aws-08-27-2023__us-east-2b_v100_1", .628, .0005, 0, 0, 0,
     0, .456},
    {"sixteen_nodes_in_us_west_2a_are_mostly_all_or_nothing",
     "availability__16-node__aws-08-27-2023__us-west-2a_v100_1", .446, .0005, 0, 0, 0,
     0, .418},
};

static struct model_availability *read_shared(const char *file, struct sp_arena *arena)
{
    struct model_availability *a = NULL;
    struct sp_err err = {0};
    char name[200], *path;

    snprintf(name, sizeof name, "cluster/spot/%s", file);
    path = file_shared(name);
    if (path != NULL) {
        if (model_availability_read(path, arena, &a, &err) != SP_OK)
            fail_msg("%s", err.text);
        free(path);
    }
    return a;
}

static void zone_is_as_counted(void **state)
{
    const struct zone *zone = *state;
    struct sp_arena *arena = sp_arena_new();
    char file[200];
    struct model_availability *a;
    struct model_availability_facts f;

    snprintf(file, sizeof file, "skypilot/%s.json.gz", zone->file);
    a = read_shared(file, arena);
    if (a == NULL) {
        sp_arena_free(arena);
        skip();
    }
    f = model_availability_facts(a);
    assert_near(f.any_frac, zone->any_frac, zone->any_tolerance);
    if (zone->up_runs > 0) {
        assert_int_equal(a->most, 1);
        assert_int_equal(f.up_runs, zone->up_runs);
        assert_near(f.up_mean_s / 3600, zone->up_mean_h, zone->up_tolerance);
        assert_near(f.down_mean_s / 3600, zone->down_mean_h, .005);
    } else {
        assert_int_equal(a->most, 16);
        assert_near(f.most_frac, zone->most_frac, .0005);
    }
    sp_arena_free(arena);
}

/* uclasystem/bamboo 8080929: the range of live nodes that its listing states. */
static struct recording {
    const char *name, *file, *form;
    int32_t least, most;
} recordings[] = {
    {"the_a100_group_had_17_to_64_nodes", "bamboo/gcloud_a100x1-east1b.txt.gz",
     "samples", 17, 64},
    {"the_v100_group_had_30_to_80_nodes", "bamboo/gcloud_v100x1-east1c.txt.gz",
     "samples", 30, 80},
    /* 344 events: of a running count by another program 32 at most, at 11.3 h 10 */
    {"the_p3_events_reach_32_nodes", "bamboo/p3-trace.csv", "events", -1, 32},
    {"the_g4dn_events_reach_24_nodes", "bamboo/g4dn-trace.csv", "events", -1, 24},
};

static void recording_has_its_range(void **state)
{
    const struct recording *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_availability *a = read_shared(row->file, arena);
    int32_t least = INT32_MAX;

    if (a == NULL) {
        sp_arena_free(arena);
        skip();
    }
    for (int32_t i = 0; i < a->n; i++)
        least = a->nodes[i] < least ? a->nodes[i] : least;
    assert_string_equal(a->form, row->form);
    assert_int_equal(a->most, row->most);
    if (row->least >= 0)
        assert_int_equal(least, row->least);
    sp_arena_free(arena);
}

enum { N_ROWS = N_ELEMENTS(rows), N_ZONES = N_ELEMENTS(zones) };

#define ROW_TEST(row, function)                                                        \
    (struct CMUnitTest)                                                                \
    {                                                                                  \
        .name = (row).name, .test_func = function, .initial_state = &(row)             \
    }

int main(void)
{
    struct CMUnitTest tests[6 + N_ROWS + N_ZONES + N_ELEMENTS(recordings)] = {
        cmocka_unit_test(compressed_is_read_as_plain),
        cmocka_unit_test(lookups_agree_with_a_scan_of_three_rounds),
        cmocka_unit_test(one_step_never_changes),
        cmocka_unit_test(the_end_of_time_does_not_overflow),
        cmocka_unit_test(facts_are_those_of_the_hand),
        cmocka_unit_test(runs_that_there_are_not_have_no_mean),
    };
    size_t n = 6;

    for (size_t i = 0; i < N_ROWS; i++)
        tests[n++] = ROW_TEST(rows[i], is_read_as_wanted);
    for (size_t i = 0; i < N_ZONES; i++)
        tests[n++] = ROW_TEST(zones[i], zone_is_as_counted);
    for (size_t i = 0; i < N_ELEMENTS(recordings); i++)
        tests[n++] = ROW_TEST(recordings[i], recording_has_its_range);
    return cmocka_run_group_tests_name("availability", tests, NULL, NULL);
}
