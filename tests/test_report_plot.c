/* report/plot.h: scripts and data that say what they should, and a gnuplot that is
 * there, is not, or fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "report/plot.h"
#include "tests/plot_fixture.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"
#include "tests/serving_fixture.h"

/* The first picture whose name begins so. */
static const char *stem_of(struct help_place *p, const char *begin)
{
    DIR *d = opendir(p->folder);
    const char *stem = NULL;
    struct dirent *entry;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL && stem == NULL)
        if (strncmp(entry->d_name, begin, strlen(begin)) == 0)
            stem = sp_arena_printf(p->arena, "%.*s",
                                   (int)(strrchr(entry->d_name, '.') - entry->d_name),
                                   entry->d_name);
    closedir(d);
    assert_non_null(stem);
    return stem;
}

static char *file_of(struct help_place *p, const char *name)
{
    char *text = help_file_read(p->arena, help_path(p->arena, p->folder, name), NULL);

    if (text == NULL)
        fail_msg("%s is missing", name);
    return text;
}

static struct model_result *result_of(struct help_place *p,
                                      const struct fixture_options *o)
{
    return fixture_result_new(p->arena, o);
}

static void write_context(struct help_place *p, const struct report_context *c,
                          const char *gnuplot, bool want_drawn)
{
    bool drawn = !want_drawn;
    struct sp_err err = {0};

    if (report_plot_write(p->folder, c, gnuplot, &drawn, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(drawn, want_drawn);
}

static void write_result(struct help_place *p, const struct model_result *r)
{
    write_context(p, &(struct report_context){.result = r}, "no-such-gnuplot", false);
}

static void write_plots(struct help_place *p, const struct fixture_options *options,
                        const char *gnuplot, bool want_drawn)
{
    write_context(p, &(struct report_context){.result = result_of(p, options)}, gnuplot,
                  want_drawn);
}

/* Numbers of the line that begins with `begin` and a space, after it; "?" is NaN. */
static int row_of(const char *data, const char *begin, double *row, int most)
{
    const char *line = data;
    char *end;
    int n = 0;

    while (line != NULL &&
           (strncmp(line, begin, strlen(begin)) != 0 || line[strlen(begin)] != ' '))
        line = (line = strchr(line, '\n')) != NULL ? line + 1 : NULL;
    if (line == NULL)
        fail_msg("no row %s", begin);
    line += strlen(begin);
    for (; n < most; n++) {
        while (*line == ' ')
            line++;
        if (*line == '\n')
            break;
        row[n] = *line == '?' ? NAN : strtod(line, &end);
        if (*line != '?' && end == line)
            break;
        line = *line == '?' ? line + 1 : end;
    }
    return n;
}

static void near(double found, double wanted)
{
    if (!(fabs(found - wanted) <= 1e-9 * fabs(wanted)))
        fail_msg("found %.17g, wanted %.17g", found, wanted);
}

/* ---- each family, its figures by hand ---- */

static void utilization_is_stacked_by_what_was_done(void **state)
{
    struct help_place *p = *state;
    char *data, *script;
    double row[9];

    write_plots(p, &(struct fixture_options){0}, "no-such-gnuplot", false);
    data = file_of(p, "utilization-1-monolithic.dat");
    assert_int_equal(help_occurrences(data, "\n"), 2 + FIXTURE_BUCKETS + 1);
    /* bucket 12 of 5 s: 256 GPUs, 32 allocated and busy; 2048 CPUs */
    assert_int_equal(row_of(data, "1", row, 9), 9);
    assert_true(row[0] == 32 && row[1] == 0 && row[2] == 0 && row[3] == 224);
    assert_true(row[4] == 1024 || row[4] + row[5] == 2048);
    assert_true(row[7] == 0 && row[8] == 100 * (FIXTURE_BUCKETS - 12));
    script = file_of(p, "utilization-1-monolithic.gp");
    assert_non_null(strstr(script, "out = 'utilization-1-monolithic'"));
    assert_null(strstr(script, "stranded"));
}

static void stranded_is_a_layer_of_its_own(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){0});
    struct model_series *s = &r->policies[0].series;
    double row[4];

    s->stranded[MODEL_GPU] = sp_arena_array(p->arena, FIXTURE_BUCKETS, sizeof(double));
    s->stranded[MODEL_GPU][12] = 200;
    write_result(p, r);
    row_of(file_of(p, "utilization-1-monolithic.dat"), "1", row, 4);
    assert_true(row[0] == 32 && row[1] == 0 && row[2] == 200 && row[3] == 24);
    assert_non_null(strstr(file_of(p, "utilization-1-monolithic.gp"), "stranded"));
}

static void cost_is_stacked_by_part(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){.n_runs = 3});
    double row[12];
    char *data, *script;

    plot_fixture_cells(p->arena, r);
    write_result(p, r);
    data = file_of(p, "cost.dat");
    assert_int_equal(row_of(data, "0", row, 12), 12);
    assert_true(row[0] == 20 && row[1] == 0 && row[4] == 0 && row[5] == 6.888889 &&
                row[6] == 30);
    near(row[9], 56.888889);
    near(row[10], 56.888889 / 50); /* of its interval */
    assert_true(row[11] == 9);
    row_of(data, "1", row, 12);
    assert_true(row[0] == 10 && row[4] == 1 && row[5] == 2.333333 && row[6] == 0);
    script = file_of(p, "cost.gp");
    assert_non_null(strstr(script, "(\"monolithic\" 0, \"disaggregated\" 1)"));
    assert_non_null(strstr(script, "title 'stranded'"));
    assert_null(strstr(script, "title 'redone'")); /* nobody paid for it */
    assert_non_null(strstr(script, "title 'floor"));
    assert_non_null(strstr(script, "title '95 % interval'"));
}

static void waterfall_adds_up(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){0});
    double row[4], at;
    char *data;

    plot_fixture_cells(p->arena, r);
    write_result(p, r);
    data = file_of(p, "waterfall-2-disaggregated.dat");
    row_of(data, "0", row, 4);
    assert_true(row[0] == 0 && row[1] == 56.888889);
    at = row[1];
    /* 20 CPU-h at half the price; idle, stranded, boot */
    static const double by[] = {-10, -4.555556, -30, 1};
    for (int i = 0; i < 4; i++) {
        char begin[2] = {(char)('1' + i), '\0'};

        row_of(data, begin, row, 4);
        near(row[0], at);
        near(row[2], by[i]);
        near(row[1], at + by[i]);
        assert_true(row[3] == (by[i] < 0 ? -1 : 1));
        at = row[1];
    }
    row_of(data, "5", row, 4);
    near(row[1], at);
    assert_true(row[1] == 13.333333);
    assert_null(strstr(data, "\n6 "));
    assert_non_null(strstr(file_of(p, "waterfall-2-disaggregated.gp"),
                           "'node mix' 1, 'idle' 2, 'stranded' 3, 'boot' 4"));
}

static void distributions_rise_to_all(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){0});
    char *data;
    const char *block;

    plot_fixture_cdfs(p->arena, r);
    write_result(p, r);
    data = file_of(p, "latency-1-embed.dat");
    block = strstr(data, "policy \"disaggregated\"\n");
    assert_non_null(block);
    assert_non_null(strstr(block, "\n2 0\n2 25\n4 50\n8 75\n16 100\n"));
    assert_non_null(strstr(file_of(p, "latency-1-embed.gp"),
                           "'latency-1-embed.dat' index 1 using 1:2 with steps"));
    assert_null(strstr(file_of(p, "latency-1-embed.gp"), "SLO"));
}

static void an_slo_is_a_line(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){.serving = true});

    plot_fixture_cdfs(p->arena, r);
    r->policies[0].workloads[0].serving->slo_e2e_s = 5;
    r->policies[1].workloads[0].serving->slo_e2e_s = 5;
    write_result(p, r);
    assert_non_null(
        strstr(file_of(p, "latency-1-embed.gp"), "from first 5, graph 0 to first 5,"));
    r->policies[1].workloads[0].serving->slo_e2e_s = 6; /* whose would it be? */
    write_result(p, r);
    assert_null(strstr(file_of(p, "latency-1-embed.gp"), "set arrow from"));
}

static void gantt_says_its_sample(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){0});
    char *data;
    double row[6];

    plot_fixture_leases(p->arena, r, 4);
    write_result(p, r);
    data = file_of(p, "gantt-1-monolithic.dat");
    row_of(data, "1", row, 6); /* node 1: ready after a minute, taken back after 2 h */
    assert_true(row[0] == 1 && row[1] == 0 && row[2] == 0 && row[4] == 120 &&
                row[5] == 0);
    near(row[3], 1);
    row_of(data, "3", row, 6); /* was never ready */
    assert_true(row[3] == 60 && row[4] == 60 && row[5] == 4);
    assert_non_null(strstr(file_of(p, "gantt-1-monolithic.gp"), "all 4 nodes"));
    plot_fixture_leases(p->arena, r, 200);
    write_result(p, r);
    data = file_of(p, "gantt-1-monolithic.dat");
    assert_int_equal(help_occurrences(data, "\n"), 3 + 67); /* heads; 0, 3, ... 198 */
    row_of(data, "66", row, 6);
    assert_true(row[0] == 198);
    assert_non_null(strstr(file_of(p, "gantt-1-monolithic.gp"), "67 nodes, 1 in 3"));
}

static void front_holds_what_nothing_beats(void **state)
{
    /* 3 is beaten by 1 (as fast, cheaper); 0, 1 and 2 trade cost for time */
    static const double usd[] = {10, 20, 40, 30}, time_s[] = {300, 200, 100, 200};
    struct help_place *p = *state;
    struct model_result *r =
        result_of(p, &(struct fixture_options){.n_policies = 4, .n_runs = 3});
    const char *data, *front;
    double row[5];

    for (int i = 0; i < 4; i++) {
        r->policies[i].cost.usd = (struct model_stat){usd[i], 1};
        r->policies[i].time_s = (struct model_stat){time_s[i], 6};
    }
    write_result(p, r);
    data = file_of(p, "tradeoff-1-embed.dat");
    row_of(data, "3", row, 5);
    assert_true(row[0] == 200 / 60.0 && row[1] == 0.1 && row[2] == 30 && row[3] == 1 &&
                row[4] == 0);
    front = strstr(data, "# the front");
    assert_non_null(front);
    row_of(front, "1", row, 5);
    assert_true(row[2] == 20 && row[4] == 1);
    assert_null(strstr(front, "\n3 "));
    assert_true(strstr(front, "\n2 ") < strstr(front, "\n1 ") &&
                strstr(front, "\n1 ") < strstr(front, "\n0 "));
}

static void tornado_moves_one_price_at_a_time(void **state)
{
    /* The saving is 56.888889 - 13.333333.  32 and 4 GPU nodes of 32 USD/h and 28 CPU
     * nodes of 4 USD/h, 200 s long: a fifth of the GPU nodes' 448/9 is 89.6/9, of the
     * CPU nodes' 56/9 it is 11.2/9. */
    struct help_place *p = *state;
    const double usd = 56.888889 - 13.333333;
    double row[6];
    char *data;

    write_plots(p, &(struct fixture_options){0}, "no-such-gnuplot", false);
    data = file_of(p, "tornado-2-disaggregated.dat");
    assert_non_null(strstr(data, "# 0 is \"price of gpu-node\""));
    row_of(data, "0", row, 6);
    near(row[0], 25.6);
    assert_true(row[1] == 32);
    near(row[2], 38.4);
    near(row[3], usd - 89.6 / 9);
    near(row[4], usd);
    near(row[5], usd + 89.6 / 9);
    row_of(data, "1", row, 6);
    near(row[3], usd + 11.2 / 9);
    near(row[5], usd - 11.2 / 9);
}

static void kernels_have_fits_and_a_roofline(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){0});
    double row[6];
    char *data;

    plot_fixture_curves(p->arena, r);
    write_result(p, r);
    data = file_of(p, "fit-1-sgemm-gpu0.dat");
    row_of(data, "10", row, 6);
    assert_true(row[0] == 2 && row[1] == 0.1 && row[2] == 2.2 && row[4] == 5 &&
                row[5] == 1);
    near(row[3], 10); /* % */
    row_of(data, "100", row, 6);
    near(row[3], -10);
    assert_true(row[5] == 0);
    assert_non_null(strstr(file_of(p, "fit-1-sgemm-gpu0.gp"), "a + b x"));
    assert_null(help_file_read(
        p->arena, help_path(p->arena, p->folder, "fit-2-hash-cpu.gp"), NULL));
    data = file_of(p, "roofline.dat");
    row_of(data, "0", row, 3); /* 2 flop/byte; 200 flop in 10 s; 2 x 10 bytes/s */
    assert_true(row[0] == 2 && row[1] == 20 && row[2] == 20);
    /* from a quarter of 2 to 4 times the ridge at 4 */
    assert_non_null(strstr(data, "\n0.5 5\n4 40\n16 40\n"));
}

static void runs_that_differ_make_lines_and_a_grid(void **state)
{
    struct help_place *p = *state;
    struct model_result *r = result_of(p, &(struct fixture_options){.n_runs = 2});
    struct report_context c = plot_fixture_others(p->arena, r);
    const char *data, *block;
    double row[4];

    write_context(p, &c, "no-such-gnuplot", false);
    data = file_of(p, "sweep-2-gpu-node--price.dat");
    block = strstr(data, "policy \"disaggregated\"");
    assert_non_null(block);
    row_of(block, "2", row, 4); /* here */
    assert_true(row[0] == 10);
    row_of(block, "4", row, 4);
    assert_true(row[0] == 80 && row[1] == 1 && row[2] == 200 / 60.0);
    data = file_of(p, "grid-1-disaggregated.dat");
    row_of(data, "1 1", row, 3); /* both */
    assert_true(row[0] == 2 && row[1] == 4 && row[2] == 2);
    row_of(data, "0 0", row, 3);
    assert_true(row[0] == 1 && row[1] == 2 && row[2] == 0.5);
    /* from 0.5 to 2 the middle, on a logarithmic scale */
    assert_non_null(strstr(data, "\n0 0.5\n1 0.5\n"));
    c.n_others = 2; /* three corners of four are no grid */
    help_folder_remove(p->folder);
    write_context(p, &c, "no-such-gnuplot", false);
    assert_null(help_file_read(
        p->arena, help_path(p->arena, p->folder, "grid-1-disaggregated.gp"), NULL));
}

static void serving_is_drawn_by_policy_and_over_time(void **state)
{
    struct help_place *p = *state;
    char *data, *script;
    double row[9];

    write_plots(p, &(struct fixture_options){.serving = true}, "no-such-gnuplot",
                false);
    data = file_of(p, "serving-1-embed.dat");
    /* heads, policies; of each policy a gap, a head, an empty row and its buckets but
     * the one in which none ended */
    assert_int_equal(help_occurrences(data, "\n"),
                     4 + 2 + 2 * (4 + FIXTURE_SERVING_BUCKETS - 1));
    row_of(data, "1", row, 9);
    assert_true(row[0] == 0.25 && row[2] == 1 && row[3] == 10 && row[5] == 40 &&
                row[8] == 12);
    data = strstr(data, "\n? ?\n");
    assert_non_null(data);
    assert_true(strtod(data + strlen("\n? ?\n"), &data) == 5.0 / 60 &&
                strtod(data, NULL) == 100);
    script = file_of(p, "serving-1-embed.gp");
    assert_non_null(strstr(script, "'serving-1-embed.dat' index 2 using 1:2"));
    write_plots(p, &(struct fixture_options){.serving = true, .no_slo = true},
                "no-such-gnuplot", false);
    assert_null(strstr(file_of(p, "serving-1-embed.gp"), "that met the SLO'"));
}

static void jobs_are_drawn_by_team_and_cause(void **state)
{
    struct help_place *p = *state;
    char *data, *script;
    double row[7];

    write_plots(p, &(struct fixture_options){.jobs = true}, "no-such-gnuplot", false);
    data = file_of(p, "jobs-1-embed.dat");
    /* the last team: 600 s against 7200 s, in hours */
    assert_int_equal(row_of(data, "3", row, 7), 6);
    assert_true(row[0] == 600 / 3600.0 && row[1] == 2);
    /* p99 in days: eight times that; completion in hours: 4 more */
    assert_true(row[2] == 4800 / 86400.0 && row[4] == 15000 / 3600.0 && row[5] == 6);
    assert_non_null(strstr(data, "\n0 62.5 6.25 12.5 6.25 12.5 0 0\n"));
    script = file_of(p, "jobs-1-embed.gp");
    assert_non_null(strstr(script, "(\"all\" 0, \"vision\" 1, "));
    assert_non_null(strstr(script,
                           "(sum [c=2:8] column(c)) with boxes lc rgb '#dcdcdc' "
                           "title 'start-up'"));
    write_plots(p, &(struct fixture_options){.jobs = true, .endless = true},
                "no-such-gnuplot", false);
    script = file_of(p, "jobs-1-embed.gp");
    assert_null(strstr(script, "Queue wait"));
    assert_non_null(strstr(script, "index 3 using 1:2 with lines"));
}

/* ---- golden files: STAGEPLAN_UPDATE_GOLDEN=1 writes them, a person reads them ---- */

static struct report_context everything(struct help_place *p,
                                        const struct fixture_options *o);

static void compare_golden(struct help_place *p, const char *folder, const char *name)
{
    const char *path = help_path(p->arena, folder, name);
    const char *found = file_of(p, name), *wanted;

    if (getenv("STAGEPLAN_UPDATE_GOLDEN") != NULL)
        help_file_write(path, found, strlen(found));
    wanted = help_file_read(p->arena, path, NULL);
    if (wanted == NULL)
        fail_msg("%s is missing", path);
    if (strcmp(found, wanted) != 0)
        fail_msg("%s is not as before:\n%s", name, found);
}

static void scripts_and_data_are_as_they_were(void **state)
{
    static const char *const stems[] = {"cost",
                                        "waterfall-2-disaggregated",
                                        "tradeoff-1-embed",
                                        "tornado-2-disaggregated",
                                        "utilization-2-disaggregated",
                                        "latency-1-embed",
                                        "serving-1-embed",
                                        "gantt-1-monolithic",
                                        "fit-1-sgemm-gpu0",
                                        "roofline",
                                        "sweep-1-gpu-node--nodes",
                                        "grid-1-disaggregated"};
    struct help_place *p = *state;
    struct report_context c;
    const char *folder = getenv("SRCDIR");

    if (folder == NULL)
        skip();
    folder = help_path(p->arena, folder, "tests/golden/plots");
    c = everything(p, &(struct fixture_options){.serving = true, .n_runs = 2});
    write_context(p, &c, "no-such-gnuplot", false);
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        compare_golden(p, folder, sp_arena_printf(p->arena, "%s.gp", stems[i]));
        compare_golden(p, folder, sp_arena_printf(p->arena, "%s.dat", stems[i]));
    }
    write_plots(p, &(struct fixture_options){.jobs = true}, "no-such-gnuplot", false);
    compare_golden(p, folder, "jobs-1-embed.gp");
    compare_golden(p, folder, "jobs-1-embed.dat");
}

/* ---- names ---- */

static void hostile_names_stay_text(void **state)
{
    struct help_place *p = *state;
    struct model_result *r =
        result_of(p, &(struct fixture_options){.name = "a'b\n`touch pwned` 50% \\"});
    char *script;

    plot_fixture_cells(p->arena, r);
    write_result(p, r);
    script = file_of(p, "cost.gp");
    assert_non_null(strstr(script, "(\"a\\047b?\\140touch...nolithic0\" 0"));
    assert_non_null(strstr(
        script, "\"Cost by policy: a\\047b?\\140touch pwned\\140 50\\045 \\134"));
    r = result_of(p, &(struct fixture_options){.name = "50% "});
    plot_fixture_cells(p->arena, r);
    write_result(p, r);
    assert_non_null(strstr(file_of(p, "cost.gp"), "(\"50\\045\\045 monolithic0\" 0"));
}

/* ---- pictures ---- */

static uint32_t big_endian(const char *bytes)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 8 | (unsigned char)bytes[i];
    return v;
}

/* A PNG of the width all have, whose pixels are not all alike. */
static void assert_picture(struct help_place *p, const char *stem)
{
    const char *path =
        help_path(p->arena, p->folder, sp_arena_printf(p->arena, "%s.png", stem));
    size_t size = 0, at = 8;
    char *png = help_file_read(p->arena, path, &size);
    char *packed, *pixels;
    uLongf room = 1 << 24;
    size_t n = 0, marked = 0;

    if (png == NULL)
        fail_msg("%s is missing", path);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(big_endian(png + 16), 1100);
    assert_true(big_endian(png + 20) >= 200 && big_endian(png + 20) <= 1200);
    packed = sp_arena_alloc(p->arena, size);
    pixels = sp_arena_alloc(p->arena, room);
    for (; at + 12 <= size; at += 12 + big_endian(png + at))
        if (memcmp(png + at + 4, "IDAT", 4) == 0) {
            memcpy(packed + n, png + at + 8, big_endian(png + at));
            n += big_endian(png + at);
        }
    assert_int_equal(uncompress((Bytef *)pixels, &room, (Bytef *)packed, n), Z_OK);
    for (size_t i = 0; i < room; i++)
        marked += pixels[i] != 0 && (unsigned char)pixels[i] != 0xff;
    assert_true(marked > 5000);
}

static void assert_well_formed(struct help_place *p, const char *stem)
{
    char *svg = file_of(p, sp_arena_printf(p->arena, "%s.svg", stem));
    const char *command = sp_arena_printf(
        p->arena, "xmllint --noout --nonet '%s/%s.svg'", p->folder, stem);

    assert_non_null(strstr(svg, "width=\"1100\""));
    assert_null(strstr(svg, "<script"));
    if (system("command -v xmllint >/dev/null") == 0) /* Flawfinder: ignore */
        assert_int_equal(system(command), 0);
}

static struct report_context everything(struct help_place *p,
                                        const struct fixture_options *o)
{
    struct model_result *r = result_of(p, o);
    struct report_context c = plot_fixture_others(p->arena, r);

    plot_fixture_cells(p->arena, r);
    plot_fixture_cdfs(p->arena, r);
    plot_fixture_leases(p->arena, r, 30);
    plot_fixture_curves(p->arena, r);
    return c;
}

static void gnuplot_draws_every_plot(void **state)
{
    static const char *const stems[] = {"cost",
                                        "waterfall-2-disaggregated",
                                        "tradeoff-1-embed",
                                        "tornado-2-disaggregated",
                                        "utilization-1-monolithic",
                                        "latency-1-embed",
                                        "serving-1-embed",
                                        "gantt-1-monolithic",
                                        "fit-1-sgemm-gpu0",
                                        "roofline",
                                        "sweep-1-gpu-node--nodes",
                                        "grid-1-disaggregated"};
    struct help_place *p = *state;
    struct report_context c =
        everything(p, &(struct fixture_options){.serving = true, .n_runs = 2});
    bool drawn = false;
    struct sp_err err = {0};

    if (report_plot_write(p->folder, &c, "gnuplot", &drawn, &err) != SP_OK)
        fail_msg("%s", err.text);
    if (!drawn)
        skip(); /* no gnuplot here */
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        assert_picture(p, stems[i]);
        assert_well_formed(p, stems[i]);
    }
    /* four files each, and nothing else: gantt, utilization twice, sweep twice */
    assert_int_equal(help_folder_count(p->folder), 4 * (12 + 3));
}

static void gnuplot_draws_whatever_things_are_called(void **state)
{
    static const char *const names[] = {"'; system 'touch pwned' #",
                                        "\"; `touch pwned` @x %s%n {/Symbol a}_b^c\n",
                                        "\u540d\u524d\033[31m",
                                        "\\",
                                        "<script>alert(1)</script>&amp;]]><x y=\"",
                                        "\u202e]]>]]>"};
    struct help_place *p = *state;
    bool drawn = false;
    struct sp_err err = {0};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct fixture_options options = {.name = names[i],
                                          .serving = i % 2 == 0,
                                          .jobs = i % 2 == 1,
                                          .endless = i == 3};
        struct report_context c = everything(p, &options);

        help_folder_remove(p->folder); /* it is made again */
        if (report_plot_write(p->folder, &c, "gnuplot", &drawn, &err) != SP_OK)
            fail_msg("%s", err.text);
        if (!drawn)
            skip(); /* no gnuplot here */
        assert_picture(p, "cost");
        assert_well_formed(p, "cost");
        assert_well_formed(p, "roofline");
        assert_well_formed(p, stem_of(p, "utilization-1-"));
        assert_well_formed(p, stem_of(p, "gantt-1-"));
        assert_well_formed(p, stem_of(p, "latency-1-"));
        assert_null(
            help_file_read(p->arena, help_path(p->arena, p->folder, "pwned"), NULL));
    }
}

static void one_policy_and_many_are_drawn(void **state)
{
    static const int counts[] = {1, FIXTURE_POLICIES_MAX};
    struct help_place *p = *state;
    bool drawn = false;

    for (int i = 0; i < 2; i++) {
        struct model_result *r =
            result_of(p, &(struct fixture_options){.n_policies = counts[i]});
        struct sp_err err = {0};

        plot_fixture_cells(p->arena, r);
        plot_fixture_cdfs(p->arena, r);
        if (report_plot_write(p->folder, &(struct report_context){.result = r},
                              "gnuplot", &drawn, &err) != SP_OK)
            fail_msg("%s", err.text);
        if (!drawn)
            skip();
        assert_picture(p, "cost");
        assert_picture(p, "latency-1-embed");
    }
}

/* ---- gnuplot, and what stands in for it ---- */

static const char *fake_gnuplot(struct help_place *p, const char *script)
{
    char *path = help_path(p->arena, p->folder, "fake-gnuplot");

    help_file_write(path, script, strlen(script));
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

/* However it goes wrong, no picture has its name, and none is left under another. */
static void gnuplot_that_fails_leaves_no_picture(void **state)
{
    static const struct {
        const char *script, *message;
    } rows[] = {
        {"#!/bin/sh\nexit 1\n", "failed"},
        {"#!/bin/sh\nprintf half >.tornado-2-disaggregated.part.svg\nkill -9 $$\n",
         "killed by signal 9"},
        {"#!/bin/sh\nexit 0\n", "did not draw it"},
        {"#!/bin/sh\nfor s in *.gp; do for k in svg png; do printf '%0100d' 0 "
         ">.${s%.gp}.part.$k; done; done\n",
         "not whole"},
    };
    struct help_place *p = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *gnuplot = fake_gnuplot(p, rows[i].script);
        bool drawn = true;
        struct sp_err err = {0};
        int before;

        write_plots(p, &(struct fixture_options){0}, "no-such-gnuplot", false);
        before = help_folder_count(p->folder);
        assert_int_equal(
            report_plot_write(p->folder,
                              &(struct report_context){
                                  .result = result_of(p, &(struct fixture_options){0})},
                              gnuplot, &drawn, &err),
            SP_EIO);
        if (strstr(err.text, rows[i].message) == NULL)
            fail_msg("'%s' lacks '%s'", err.text, rows[i].message);
        assert_int_equal(help_folder_count(p->folder), before);
    }
}

static void unknown_costs_are_not_drawn(void **state)
{
    struct help_place *p = *state;

    write_plots(p, &(struct fixture_options){.no_price = true}, "no-such-gnuplot",
                false);
    assert_int_equal(help_folder_count(p->folder), 4); /* utilization alone */
}

static void nothing_to_draw_is_no_error(void **state)
{
    struct help_place *p = *state;

    write_plots(p, &(struct fixture_options){.empty = true}, "no-such-gnuplot", true);
    assert_int_equal(help_folder_count(p->folder), 0);
}

/* ---- as text ---- */

static char *printed(struct help_place *p, const struct report_context *c,
                     const char *gnuplot, bool *drawn)
{
    const struct report_plot_terminal t = {.columns = 80, .rows = 24};
    char *path = help_path(p->arena, p->folder, "out");
    FILE *out = fopen(path, "wb");
    struct sp_err err = {0};

    assert_non_null(out);
    if (report_plot_print(out, &t, c, gnuplot, drawn, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(fclose(out), 0);
    return help_file_read(p->arena, path, NULL);
}

static void a_terminal_gets_a_few_of_them(void **state)
{
    struct help_place *p = *state;
    struct report_context c =
        everything(p, &(struct fixture_options){.name = "`touch pwned`\n$x\u540d"});
    bool drawn = true;
    char *text = printed(p, &c, "no-such-gnuplot", &drawn);

    assert_false(drawn);
    assert_string_equal(text, "");
    text = printed(p, &c, "gnuplot", &drawn);
    if (!drawn)
        skip();
    assert_non_null(strstr(text, "Cost by policy"));
    assert_non_null(strstr(text, "What moves the bill"));
    assert_non_null(strstr(text, "GPUs over time"));
    assert_non_null(strstr(text, "at most so long"));
    assert_null(
        help_file_read(p->arena, help_path(p->arena, p->folder, "pwned"), NULL));
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_true(strchr(line, '\n') - line <= 80);
        for (const char *c1 = line; *c1 != '\n'; c1++)
            assert_true(*c1 >= ' ' && *c1 <= '~');
    }
}

int main(void)
{
#define WITH_A_PLACE(f)                                                                \
    cmocka_unit_test_setup_teardown(f, help_place_set_up, help_place_tear_down)
    const struct CMUnitTest tests[] = {
        WITH_A_PLACE(utilization_is_stacked_by_what_was_done),
        WITH_A_PLACE(stranded_is_a_layer_of_its_own),
        WITH_A_PLACE(cost_is_stacked_by_part),
        WITH_A_PLACE(waterfall_adds_up),
        WITH_A_PLACE(distributions_rise_to_all),
        WITH_A_PLACE(an_slo_is_a_line),
        WITH_A_PLACE(gantt_says_its_sample),
        WITH_A_PLACE(front_holds_what_nothing_beats),
        WITH_A_PLACE(tornado_moves_one_price_at_a_time),
        WITH_A_PLACE(kernels_have_fits_and_a_roofline),
        WITH_A_PLACE(runs_that_differ_make_lines_and_a_grid),
        WITH_A_PLACE(serving_is_drawn_by_policy_and_over_time),
        WITH_A_PLACE(jobs_are_drawn_by_team_and_cause),
        WITH_A_PLACE(scripts_and_data_are_as_they_were),
        WITH_A_PLACE(hostile_names_stay_text),
        WITH_A_PLACE(gnuplot_draws_every_plot),
        WITH_A_PLACE(gnuplot_draws_whatever_things_are_called),
        WITH_A_PLACE(one_policy_and_many_are_drawn),
        WITH_A_PLACE(gnuplot_that_fails_leaves_no_picture),
        WITH_A_PLACE(unknown_costs_are_not_drawn),
        WITH_A_PLACE(nothing_to_draw_is_no_error),
        WITH_A_PLACE(a_terminal_gets_a_few_of_them),
    };

    return cmocka_run_group_tests_name("report_plot", tests, NULL, NULL);
}
