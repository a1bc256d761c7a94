/* report/plot.h: scripts and data that say what they should, and a gnuplot that is
 * there, is not, or fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/plot.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"
#include "tests/serving_fixture.h"

struct place {
    struct sp_arena *arena;
    char *folder;
};

static int set_up(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct place *p = sp_arena_alloc(arena, sizeof *p);

    p->arena = arena;
    p->folder = help_folder_new(arena);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;

    help_folder_remove(p->folder);
    sp_arena_free(p->arena);
    return 0;
}

static char *file_of(struct place *p, const char *name)
{
    char *text = help_file_read(p->arena, help_path(p->arena, p->folder, name), NULL);

    if (text == NULL)
        fail_msg("%s is missing", name);
    return text;
}

static void write_plots(struct place *p, const struct fixture_options *options,
                        const char *gnuplot, bool want_drawn)
{
    bool drawn = !want_drawn;
    struct sp_err err = {0};

    if (report_plot_write(p->folder, fixture_result_new(p->arena, options), gnuplot,
                          &drawn, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(drawn, want_drawn);
}

static void scripts_and_data_stay_without_gnuplot(void **state)
{
    struct place *p = *state;
    char *data, *script;
    double row[8];

    write_plots(p, &(struct fixture_options){0}, "no-such-gnuplot", false);
    assert_int_equal(help_folder_count(p->folder), 6);
    data = file_of(p, "utilization-1-monolithic.dat");
    assert_int_equal(help_occurrences(data, "\n"), 1 + FIXTURE_BUCKETS + 1);
    data = strchr(data, '\n');
    for (int i = 0; i < 8; i++)
        row[i] = strtod(data, &data);
    assert_true(row[1] == 256 && row[2] == 32 && row[4] == 2048 && row[7] == 4000);
    script = file_of(p, "utilization-1-monolithic.gp");
    assert_non_null(strstr(script, "set output 'utilization-1-monolithic.png'"));
    assert_non_null(strstr(script, "'utilization-1-monolithic.dat' using 1:4"));
    assert_non_null(strstr(file_of(p, "cost.dat"), "\n0 22.755552"));
    assert_non_null(
        strstr(file_of(p, "cost.gp"), "(\"monolithic\" 0, \"disaggregated\" 1)"));
}

static void serving_is_drawn_by_policy_and_over_time(void **state)
{
    struct place *p = *state;
    char *data, *script;
    double row[10];

    write_plots(p, &(struct fixture_options){.serving = true}, "no-such-gnuplot",
                false);
    assert_int_equal(help_folder_count(p->folder), 8);
    data = file_of(p, "serving-1-embed.dat");
    /* heads, policies; of each policy a gap, a head, an empty row and its buckets but
     * the one in which none ended */
    assert_int_equal(help_occurrences(data, "\n"),
                     1 + 2 + 2 * (4 + FIXTURE_SERVING_BUCKETS - 1));
    data = strstr(data, "\n1 ");
    for (int i = 0; i < 10; i++)
        row[i] = strtod(data, &data);
    assert_true(row[0] == 1 && row[1] == 0.25 && row[3] == 1 && row[4] == 10 &&
                row[6] == 40 && row[9] == 12);
    data = strstr(data, "\n? ?\n");
    assert_non_null(data);
    assert_true(strtod(data + strlen("\n? ?\n"), &data) == 5.0 / 60 &&
                strtod(data, NULL) == 100);
    script = file_of(p, "serving-1-embed.gp");
    assert_non_null(strstr(script, "'serving-1-embed.dat' index 2 using 1:2"));
    write_plots(p, &(struct fixture_options){.serving = true, .no_slo = true},
                "no-such-gnuplot", false);
    assert_null(strstr(file_of(p, "serving-1-embed.gp"), "met the SLO"));
}

static void jobs_are_drawn_by_team_and_cause(void **state)
{
    struct place *p = *state;
    char *data, *script;
    double row[7];

    write_plots(p, &(struct fixture_options){.jobs = true}, "no-such-gnuplot", false);
    assert_int_equal(help_folder_count(p->folder), 8);
    data = file_of(p, "jobs-1-embed.dat");
    data = strstr(data, "\n3 "); /* the last team: 600 s against 7200 s, in hours */
    for (int i = 0; i < 7; i++)
        row[i] = strtod(data, &data);
    assert_true(row[0] == 3 && row[1] == 600 / 3600.0 && row[2] == 2);
    /* p99 in days: eight times that; completion in hours: 4 more */
    assert_true(row[3] == 4800 / 86400.0 && row[5] == 15000 / 3600.0 && row[6] == 6);
    assert_non_null(strstr(data, "\n0 62.5 6.25 12.5 6.25 12.5 0 0\n"));
    script = file_of(p, "jobs-1-embed.gp");
    assert_non_null(strstr(script, "(\"all\" 0, \"vision\" 1, "));
    assert_non_null(
        strstr(script, "index 1 using 8 lc rgb '#9dc3e6' title 'start-up'"));
    write_plots(p, &(struct fixture_options){.jobs = true, .endless = true},
                "no-such-gnuplot", false);
    script = file_of(p, "jobs-1-embed.gp");
    assert_null(strstr(script, "Queue wait"));
    assert_non_null(strstr(script, "index 3 using 1:2 with lines"));
}

static void hostile_names_stay_text(void **state)
{
    struct place *p = *state;
    const char *name = "a'b\n`touch pwned` 50% \\";
    char *script;

    write_plots(p, &(struct fixture_options){.name = name}, "no-such-gnuplot", false);
    script = file_of(p, "cost.gp");
    assert_non_null(strstr(script, "(\"a\\047b?\\140touch pwned\\140...\" 0"));
    assert_non_null(strstr(
        script,
        "set title \"Cost by policy: a\\047b?\\140touch pwned\\140 50\\045 \\134"));
    write_plots(p, &(struct fixture_options){.name = "50% "}, "no-such-gnuplot", false);
    assert_non_null(strstr(file_of(p, "cost.gp"), "(\"50\\045\\045 monolithic0\" 0"));
}

static void gnuplot_draws_whatever_things_are_called(void **state)
{
    static const char *const names[] = {NULL, "'; system 'touch pwned' #",
                                        "\"; `touch pwned` @x %s%n {/Symbol a}_b^c\n",
                                        "\u540d\u524d\033[31m", "\\"};
    struct place *p = *state;
    bool drawn = false;
    struct sp_err err = {0};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct fixture_options options = {.name = names[i],
                                          .serving = i % 2 == 0,
                                          .jobs = i % 2 == 1,
                                          .endless = i == 3};

        if (report_plot_write(p->folder, fixture_result_new(p->arena, &options),
                              "gnuplot", &drawn, &err) != SP_OK)
            fail_msg("%s", err.text);
        if (!drawn)
            skip(); /* no gnuplot here */
        assert_memory_equal(file_of(p, "cost.png"), "\x89PNG", 4);
        if (i == 0)
            assert_memory_equal(file_of(p, "serving-1-embed.png"), "\x89PNG", 4);
        assert_null(
            help_file_read(p->arena, help_path(p->arena, p->folder, "pwned"), NULL));
    }
    assert_memory_equal(file_of(p, "utilization-2-disaggregated.png"), "\x89PNG", 4);
}

static void gnuplot_that_fails_is_an_error(void **state)
{
    struct place *p = *state;
    bool drawn = true;
    struct sp_err err = {0};

    assert_int_equal(
        report_plot_write(p->folder,
                          fixture_result_new(p->arena, &(struct fixture_options){0}),
                          "false", &drawn, &err),
        SP_EIO);
    assert_non_null(strstr(err.text, "false failed"));
}

static void unknown_costs_are_not_drawn(void **state)
{
    struct place *p = *state;

    write_plots(p, &(struct fixture_options){.no_price = true}, "no-such-gnuplot",
                false);
    assert_int_equal(help_folder_count(p->folder), 4);
}

static void nothing_to_draw_is_no_error(void **state)
{
    struct place *p = *state;

    write_plots(p, &(struct fixture_options){.empty = true}, "no-such-gnuplot", true);
    assert_int_equal(help_folder_count(p->folder), 0);
}

int main(void)
{
#define WITH_A_PLACE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_A_PLACE(scripts_and_data_stay_without_gnuplot),
        WITH_A_PLACE(serving_is_drawn_by_policy_and_over_time),
        WITH_A_PLACE(jobs_are_drawn_by_team_and_cause),
        WITH_A_PLACE(hostile_names_stay_text),
        WITH_A_PLACE(gnuplot_draws_whatever_things_are_called),
        WITH_A_PLACE(gnuplot_that_fails_is_an_error),
        WITH_A_PLACE(unknown_costs_are_not_drawn),
        WITH_A_PLACE(nothing_to_draw_is_no_error),
    };

    return cmocka_run_group_tests_name("report_plot", tests, NULL, NULL);
}
