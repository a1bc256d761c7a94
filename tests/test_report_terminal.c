/* report/terminal.h: what a person reads, in 80 columns, whatever things are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/terminal.h"
#include "report/text.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

static char *printed(struct sp_arena *arena, const struct fixture_options *fixture,
                     const struct report_terminal_options *options)
{
    char *text = NULL, *copy;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(
        report_terminal_print(out, fixture_result_new(arena, fixture), options, NULL),
        SP_OK);
    fclose(out);
    copy = sp_arena_strdup(arena, text);
    free(text);
    return copy;
}

/* Takes the colours out, so that only what has a width is left. */
static void strip_colours(char *text)
{
    char *out = text;

    for (const char *p = text; *p != '\0';)
        if (*p == '\033')
            p += strcspn(p, "m") + 1;
        else
            *out++ = *p++;
    *out = '\0';
}

static void check_line(const char *line)
{
    const char *p = line;
    uint32_t code;

    if (report_text_width(line) > REPORT_TERMINAL_COLUMNS)
        fail_msg("%d columns: %s", report_text_width(line), line);
    while ((code = report_text_next(&p)) != 0)
        if (code < 0x20 || (code >= 0x7F && code < 0xA0))
            fail_msg("control character %x in: %s", (unsigned)code, line);
    if (line[0] != '\0' && line[strlen(line) - 1] == ' ')
        fail_msg("blanks at the end of: %s", line);
}

static void check_lines(char *text)
{
    char *line;

    strip_colours(text);
    while ((line = strsep(&text, "\n")) != NULL)
        check_line(line);
}

static void fits_80_columns_without_control_characters(void **state)
{
    static const char *const names[] = {
        NULL,
        "a-name-without-any-place-to-break-it-that-goes-on-and-on-and-on-and-on-and-"
        "on-",
        "many short words in a name that goes on and on for more than eighty columns ",
        "\u540d\u524d\u306f\u3068\u3066\u3082\u9577\u3044\u3001\u672c\u5f53\u306b\u9577"
        "\u3044\u3001\u3068\u3066\u3082\u9577\u3044\u540d\u524d",
        "e\u0301e\u0301e\u0301\U0001F600\U0001F600",
        "\033[2J\033[31mred\r\n\b\x7F\xC2\x9B"
        "31m \u202Etxet",
        "\xFF\xFE",
        "%s%n%d",
    };
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (int bits = 0; bits < 256; bits++) {
            struct fixture_options fixture = {.name = names[i],
                                              .n_runs = bits & 1 ? 10 : 1,
                                              .n_policies = bits & 2 ? 9 : 2,
                                              .deadlock = bits & 4,
                                              .partial = bits & 4,
                                              .no_price = bits & 4,
                                              .serving = (bits & 192) == 64,
                                              .jobs = bits & 128,
                                              .endless = (bits & 192) == 192,
                                              .kernels = bits & 2,
                                              .n_teams = bits & 1 ? 20 : 3,
                                              .explained = names[i],
                                              .no_slo = bits & 4};
            struct report_terminal_options options = {.blocks = bits & 8,
                                                      .ascii_only = bits & 16,
                                                      .colour = bits & 32,
                                                      .assumptions = bits & 1,
                                                      .explain = names[i]};

            check_lines(printed(arena, &fixture, &options));
        }
    sp_arena_free(arena);
}

static void what_a_reader_needs_is_there(void **state)
{
    static const char *const wanted[] = {
        "stageplan 0.1.0",
        "practical",
        "seed 7",
        "1 replication",
        "xxh64 0123456789abcdef",
        "12.5%",
        "100.0%",
        "56.89",
        "13.33",
        "0.234x",
        "3m 20s",
        "whole run",
        "* infer",
        "billing rounding",
        "unallocated",
        "=> disaggregated costs 76.6 % less",
        "warning: the queue of infer",
        "assumptions: A-net-fifo, A-spill-disk",
        "set by infer",
        "7 dropped",
        "17 tasks lost with their nodes",
    };
    struct sp_arena *arena = sp_arena_new();
    const char *text = printed(arena, &(struct fixture_options){0},
                               &(struct report_terminal_options){0});

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", wanted[i], text);
    assert_null(strstr(text, "DEADLOCK"));
    assert_null(strstr(text, "PARTIAL"));
    assert_null(strstr(text, "A transfer has the whole NIC"));
    sp_arena_free(arena);
}

static void check_shown(const struct fixture_options *fixture, const char *explain,
                        const char *const *wanted, size_t n)
{
    struct sp_arena *arena = sp_arena_new();
    const char *text =
        printed(arena, fixture, &(struct report_terminal_options){.explain = explain});

    for (size_t i = 0; i < n; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", wanted[i], text);
    sp_arena_free(arena);
}

/* At the policy, at its stage, and in the kernel's own sentence. */
static void extrapolated_times_are_told_wherever_they_go(void **state)
{
    static const char *const wanted[] = {
        "  extrapolated: its figures rest on times outside of what was measured, of\n"
        "                preprocess\n",
        "    extrapolated: 12.5% of its 100000 calls of jpeg_decode, by its megapixels\n"
        "                  and the CPUs at work at once\n",
        "  kernel of preprocess: jpeg_decode on cpu of profile host, measured, known "
        "to",
        "+- 3.0% (sd), not converged; 100000 calls, 12500 extrapolated;",
        "megapixels 0.5 to 12 asked, 0.25 to 8 measured; up to 64 CPUs at",
        "once (16 measured), which take it 1.5 times as long (95 %: 1.25 to",
        "1.75)\n",
        "  kernel of infer: gemm_bf16 on gpu0 of profile host, datasheet, known to "
        "+-\n",
        "15.3% (sd); 12500 calls; by the features of its items\n",
    };
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    check_shown(&(struct fixture_options){.kernels = true}, NULL, wanted,
                sizeof wanted / sizeof wanted[0]);
    assert_null(strstr(printed(arena, &(struct fixture_options){0},
                               &(struct report_terminal_options){0}),
                       "extrapolated"));
    sp_arena_free(arena);
}

static void jobs_show_what_a_cluster_is_judged_by(void **state)
{
    static const char *const wanted[] = {
        "queue wait, mean   10h 31m                        48m",
        "deadlines missed   21                             3",
        "floor USD          10.00                          10.00",
        "embed (jobs): 1200 jobs in, 1180 done, 5 in flight, 15 refused (12 larger "
        "than\n  any node or quota, 3 gang larger than the fleet)",
        "  17 preemptions, 4 interruptions, 2 failures, 3 moves to a cheaper option;\n",
        "GPU-hours: 9831 of work, 123.5 more lost and done again,",
        "deadlines: 21 of 200 missed (10.5%)",
        "floor, a perfect autoscaler: 10.00 USD; the bill is 56.89 USD, 5.69x of it",
        "  vision                 400  15h 42m   3h 56m   1d 23h    5d 6h   13d 2h\n",
        "  more than 8 GPUs        60",
        "  all                 13h 9m  62.5%    6.2%  12.5%   6.2%  12.5%      .       "
        " "
        ".\n",
        "nodes: 4 taken back, 2 failed, 1 requested in vain",
        "bought 12 gpu-node: cheapest for 1 GPU + 8 CPUs",
        "free GPUs of ready nodes, mean of",
        "most GPUs asked for at a time, placed and waiting: 300",
        /* 56.888889 = 3 x 11.377778 + 17.066664 + 5.688889, and for the other basis
         * 3 x 7.585185 + 11.377776 + 17.066664 + 5.688889, but for what tenths of a
         * micro-dollar leave over */
        "  vision                  11.38         7.59     3333   80.0%        0       "
        " 64\n",
        "  idle                                 11.38\n",
        "  unallocated             17.07        17.07\n",
        "  rounding                 5.69         5.69\n",
        "  the bill                56.89        56.89\n",
    };

    (void)state;
    check_shown(&(struct fixture_options){.jobs = true}, NULL, wanted,
                sizeof wanted / sizeof wanted[0]);
}

static void of_many_teams_the_heaviest_are_shown_and_the_rest_summed(void **state)
{
    static const char *const wanted[] = {
        "  team-7                  60  15h 42m",
        "  12 more teams          720  14h 24m        -        -        -        -\n",
        "  12 more teams          708  18h 24m        -        -        -      -      "
        "-\n",
        "  12 more teams           20.48        13.65     6000   80.0%        0       "
        "  -\n",
    };

    (void)state;
    check_shown(&(struct fixture_options){.jobs = true, .n_teams = 20}, NULL, wanted,
                sizeof wanted / sizeof wanted[0]);
}

static void jobs_that_never_end_show_what_was_allocated(void **state)
{
    static const char *const wanted[] = {
        "GPUs taken, at end 93.1%                          93.1%",
        "  48.0%                             48.0%       2.4%\n",
        "  130.0%                            93.1%       6.5%\n",
        "  130.0%                            93.1%          -\n",
    };

    (void)state;
    check_shown(&(struct fixture_options){.jobs = true, .endless = true}, NULL, wanted,
                sizeof wanted / sizeof wanted[0]);
}

static void a_job_is_explained_under_every_policy(void **state)
{
    static const char *const told[] = {
        "-- job job-17 under monolithic ----",
        "\n  2h arrives: 8 GPUs\n",
        "-- job job-17 under disaggregated ----",
    };
    static const char *const unknown[] = {"\n  no job called 'job-17' arrived\n"};

    (void)state;
    check_shown(
        &(struct fixture_options){.jobs = true, .explained = "2h arrives: 8 GPUs"},
        "job-17", told, 3);
    check_shown(&(struct fixture_options){.jobs = true}, "job-17", unknown, 1);
}

/* One team without name is none; other kinds of workload have nothing of all that. */
static void what_is_not_there_is_not_shown(void **state)
{
    static const char *const words[] = {"team",   "borrowed", "free GPUs",
                                        "bought", "jobs",     "floor"};
    struct sp_arena *arena = sp_arena_new();
    const struct report_terminal_options plain = {0};

    (void)state;
    for (int serving = 0; serving < 2; serving++)
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            assert_null(strstr(
                printed(arena, &(struct fixture_options){.serving = serving}, &plain),
                words[i]));
    assert_null(strstr(
        printed(arena, &(struct fixture_options){.jobs = true, .n_teams = 1}, &plain),
        "USD allocated"));
    sp_arena_free(arena);
}

static void serving_shows_what_a_platform_is_judged_by(void **state)
{
    static const char *const wanted[] = {
        "TTFT p50           125 ms                         250 ms",
        "TTFT p99           500 ms                         1 s",
        "TPOT p50           20 ms                          10 ms",
        "TPOT p99           80 ms                          40 ms",
        "E2E p99            20 s                           12 s",
        "SLO attained       80.0%                          95.0%",
        "goodput/s          400                            475",
        /* 99990 x 1200 tokens in 200 s on 32 GPUs */
        "tokens/s per GPU   18748                          18748",
        /* 56.888889 and 13.333333 USD for 119.988 million tokens */
        "USD/M tokens       0.4741                         0.1111",
        "TPOT: (last - first token) / (n - 1)",
        "SLO of embed: TTFT <= 500 ms, TPOT <= 50 ms, by 90.0% of the requests\n",
        "100000 requests in, 99990 done, 3 in flight, 7 dropped (4 KV\n"
        "  capacity, 3 zero tokens)",
        "KV transfer",
        "- of it held back",
        "99990 KV caches moved from prefill to decode, 29.8 TiB",
        "up to 4096",
        "preprocess     prefill      2  93.0%   0.0%  98.0%      -  42.0%  99.5%      "
        "-\n",
        "12 preemptions, 4321 tokens computed again",
        "prefix cache found 36.6% of 1000 blocks",
        "1 replica lost",
        "iteration time: table times.csv (7 of 123456 iterations beyond what it",
        "24000 blocks of 16 tokens: (0.90 x 80 GiB",
        "KV capacity of a replica: not limited",
        "SLO met: *99.9988888777776666\n",
        "5 attempts begun anew",
    };
    struct sp_arena *arena = sp_arena_new();
    const char *text = printed(arena, &(struct fixture_options){.serving = true},
                               &(struct report_terminal_options){0});
    const char *no_slo =
        printed(arena, &(struct fixture_options){.serving = true, .no_slo = true},
                &(struct report_terminal_options){0});
    const char *pipeline = printed(arena, &(struct fixture_options){0},
                                   &(struct report_terminal_options){0});

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("\"%s\" is missing in:\n%s", wanted[i], text);
    assert_null(strstr(text, "above 4096")); /* a class without requests */
    assert_null(strstr(no_slo, "SLO"));
    assert_null(strstr(no_slo, "goodput/s"));
    assert_null(strstr(pipeline, "TTFT"));
    sp_arena_free(arena);
}

static void what_went_wrong_is_loud(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct fixture_options fixture = {
        .deadlock = true, .partial = true, .no_price = true};
    const char *text = printed(arena, &fixture, &(struct report_terminal_options){0});

    (void)state;
    assert_non_null(strstr(text, "PARTIAL: "));
    assert_non_null(strstr(
        text, "DEADLOCK: preprocess holds the object store that infer waits for"));
    assert_non_null(strstr(text, "cost unknown"));
    assert_null(strstr(text, "nan"));
    sp_arena_free(arena);
}

static void assumptions_are_told_in_full_when_asked(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *text = printed(arena, &(struct fixture_options){0},
                               &(struct report_terminal_options){.assumptions = true});

    (void)state;
    assert_non_null(strstr(text, "A-net-fifo: A transfer has the whole NIC to itself"));
    sp_arena_free(arena);
}

static void only_blocks_leave_ascii(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *plain = printed(arena, &(struct fixture_options){.n_runs = 10},
                                &(struct report_terminal_options){0});
    const char *blocks = printed(arena, &(struct fixture_options){.n_runs = 10},
                                 &(struct report_terminal_options){.blocks = true});

    (void)state;
    for (const char *p = plain; *p != '\0'; p++)
        assert_true((unsigned char)*p < 0x80);
    assert_non_null(strstr(blocks, "\u2588"));
    assert_non_null(strstr(blocks, "\u00B1"));
    assert_null(strstr(blocks, "\u2588\u2026")); /* no bar is cut */
    assert_null(strstr(blocks, "\u00B7\u2026"));
    assert_null(strstr(plain, "\033"));
    sp_arena_free(arena);
}

static void long_path_keeps_its_end(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct fixture_options fixture = {
        .name = "/a/path/that/goes/on/and/on/and/on/and/on/and/on/for/a/while/"};
    const char *text = printed(arena, &fixture, &(struct report_terminal_options){0});

    (void)state;
    assert_non_null(strstr(text, "/for/a/while/times.csv0  xxh64 fedcba9876543210"));
    sp_arena_free(arena);
}

static void pipe_is_plain(void **state)
{
    FILE *file = tmpfile();
    struct report_terminal_options o = report_terminal_options_for(file);

    (void)state;
    assert_false(o.blocks || o.colour || o.ascii_only);
    fclose(file);
}

static void terminal_gets_what_it_can_show(void **state)
{
    static const struct {
        const char *lang, *term, *no_color;
        bool blocks, colour, ascii_only;
    } rows[] = {
        {"C.UTF-8", "xterm", "", true, true, false},
        {"de_DE.utf8", "xterm", "1", true, false, false},
        {"C.UTF-8", "dumb", "", true, false, false},
        {"C", "xterm", "", false, true, true},
        {"", "xterm", "", false, true, true},
    };
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
    FILE *terminal;

    (void)state;
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    terminal = fdopen(slave, "w");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_terminal_options o;

        setenv("LC_ALL", rows[i].lang, 1);
        setenv("LC_CTYPE", "", 1);
        setenv("LANG", "", 1);
        setenv("TERM", rows[i].term, 1);
        setenv("NO_COLOR", rows[i].no_color, 1);
        o = report_terminal_options_for(terminal);
        if (o.blocks != rows[i].blocks || o.colour != rows[i].colour ||
            o.ascii_only != rows[i].ascii_only)
            fail_msg("row %zu", i);
    }
    fclose(terminal);
    close(master);
}

static void full_device_is_an_error(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    if (full != NULL) {
        assert_int_equal(report_terminal_print(
                             full,
                             fixture_result_new(arena, &(struct fixture_options){0}),
                             &(struct report_terminal_options){0}, NULL),
                         SP_EIO);
        fclose(full);
    }
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_80_columns_without_control_characters),
        cmocka_unit_test(what_a_reader_needs_is_there),
        cmocka_unit_test(serving_shows_what_a_platform_is_judged_by),
        cmocka_unit_test(extrapolated_times_are_told_wherever_they_go),
        cmocka_unit_test(jobs_show_what_a_cluster_is_judged_by),
        cmocka_unit_test(of_many_teams_the_heaviest_are_shown_and_the_rest_summed),
        cmocka_unit_test(jobs_that_never_end_show_what_was_allocated),
        cmocka_unit_test(a_job_is_explained_under_every_policy),
        cmocka_unit_test(what_is_not_there_is_not_shown),
        cmocka_unit_test(what_went_wrong_is_loud),
        cmocka_unit_test(assumptions_are_told_in_full_when_asked),
        cmocka_unit_test(only_blocks_leave_ascii),
        cmocka_unit_test(long_path_keeps_its_end),
        cmocka_unit_test(pipe_is_plain),
        cmocka_unit_test(terminal_gets_what_it_can_show),
        cmocka_unit_test(full_device_is_an_error),
    };

    return cmocka_run_group_tests_name("report_terminal", tests, NULL, NULL);
}
