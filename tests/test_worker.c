/* The worker's parent against scripted workers: each thing that can go wrong is a note,
 * word by word, and what was whole before it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calibrate/worker.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

#define SAY(json) "echo '" json "'\n"
#define HELLO     SAY("{\"hello\":{\"protocol\":1,\"backend\":\"cuda\"}}")
#define DEVICE(name)                                                                   \
    SAY("{\"device\":{\"name\":\"" name "\",\"model\":\"Fake\",\"facts\":{}}}")
#define READY HELLO SAY("{\"state\":{\"is\":\"ready\",\"why\":null}}") DEVICE("d")
#define KERNEL_OF(name, device, s)                                                     \
    SAY("{\"kernel\":{\"name\":\"" name "\",\"device\":\"" device "\",\"quiet\":true," \
        "\"work\":{\"flop_fixed\":0,\"flop\":0,\"bytes_fixed\":0,\"bytes\":1},"        \
        "\"parameters\":{},\"points\":[{\"x\":1,\"estimates\":[{\"s\":" s              \
        ",\"half_frac\":0.01,\"blocks\":8,\"by_canary\":0,\"by_scheduler\":0,"         \
        "\"by_clock\":0,\"converged\":true}]}]}}")
#define KERNEL(name) KERNEL_OF(name, "d", "0.5")
#define DOING(what)  SAY("{\"doing\":{\"what\":\"" what "\",\"done_frac\":0.5}}")
#define DONE         SAY("{\"done\":{}}")

static struct row {
    const char *name, *script;
    double silence_s, limit_s;
    int32_t devices, kernels;
    const char *notes[4];
} rows[] = {
    {"what_is_whole_is_taken",
     READY KERNEL("triad") KERNEL("softmax") DONE,
     0,
     0,
     1,
     2,
     {NULL}},
    {"a_later_line_of_a_kernel_replaces_the_earlier",
     READY KERNEL_OF("triad", "d", "7") KERNEL("triad") DONE,
     0,
     0,
     1,
     1,
     {NULL}},
    {"its_notes_are_notes",
     HELLO SAY("{\"note\":{\"text\":\"no cuBLASLt\"}}") DONE,
     0,
     0,
     0,
     0,
     {"cuda: no cuBLASLt"}},
    {"it_is_told_what_to_measure",
     HELLO "echo \"{\\\"note\\\":{\\\"text\\\":\\\"$*\\\"}}\"\n" DONE,
     0,
     0,
     0,
     0,
     {"cuda: cuda --seed 7 --campaigns 3 --seconds 210 --quick"}},
    {"no_driver_is_told",
     HELLO SAY("{\"state\":{\"is\":\"no driver\",\"why\":\"libcuda.so.1: no such "
               "file\"}}") DONE,
     0,
     0,
     0,
     0,
     {"cuda: no driver (libcuda.so.1: no such file)"}},

    {"nothing_at_all",
     "exit 0\n",
     0,
     0,
     0,
     0,
     {"cuda: the worker ended before it was done after 0 kernels"}},
    {"crash_at_once",
     "kill -SEGV $$\n",
     0,
     0,
     0,
     0,
     {"cuda: the worker was ended by SIGSEGV after 0 kernels"}},
    {"crash_after_a_kernel",
     READY KERNEL("triad") DOING("gpu0: softmax at 4") "kill -BUS $$\n",
     0,
     0,
     1,
     1,
     {"cuda: the worker was ended by SIGBUS after 1 kernel, at 'gpu0: softmax at 4'"}},
    {"failure_with_last_words",
     READY KERNEL("triad") KERNEL("softmax") "echo first >&2\n"
                                             "echo 'driver: ouch' >&2\nexit 3\n",
     0,
     0,
     1,
     2,
     {"cuda: the worker failed with exit code 3 after 2 kernels; its last words: "
      "'driver: ouch'"}},
    {"failure_after_done_is_a_failure",
     READY KERNEL("triad") DONE "exit 1\n",
     0,
     0,
     1,
     1,
     {"cuda: the worker failed with exit code 1 after 1 kernel"}},
    {"many_words_do_not_block_it",
     READY "yes 'a word of the driver' | head -n 100000 >&2\n" KERNEL("triad") DONE,
     0,
     0,
     1,
     1,
     {NULL}},

    {"hang_at_once",
     "exec sleep 60\n",
     0.3,
     0,
     0,
     0,
     {"cuda: the worker said nothing for 0.3 s and was stopped after 0 kernels"}},
    {"hang_after_a_kernel",
     READY KERNEL("triad") "exec sleep 60\n",
     4,
     0,
     1,
     1,
     {"cuda: the worker said nothing for 4 s and was stopped after 1 kernel"}},
    {"hang_with_output_closed",
     READY KERNEL("triad") "exec >&-\nexec sleep 60\n",
     0,
     0,
     1,
     1,
     {"cuda: the worker closed its output, did not end and was stopped after 1 "
      "kernel"}},
    {"hang_that_ignores_signals",
     "trap '' TERM INT HUP\nwhile :; do sleep 1; done\n",
     0.3,
     0,
     0,
     0,
     {"cuda: the worker said nothing for 0.3 s and was stopped after 0 kernels"}},
    {"talk_without_end_in_time",
     "while :; do\n" HELLO "sleep 0.05\ndone\n",
     0,
     0.5,
     0,
     0,
     {"cuda: the worker took longer than 0.5 s and was stopped after 0 kernels"}},
    {"a_child_that_keeps_the_output_open_is_not_waited_for",
     READY KERNEL("triad") DONE "sleep 60 &\n",
     0,
     0,
     1,
     1,
     {NULL}},

    {"garbage_is_left_out",
     READY "echo bang\n" KERNEL("triad") DONE,
     0,
     0,
     1,
     1,
     {"cuda: line 4 of the worker was left out: it is no JSON: 'bang'"}},
    {"garbage_without_end_is_stopped",
     "yes bang\n",
     0,
     0,
     0,
     0,
     {"cuda: line 1 of the worker was left out: it is no JSON: 'bang'",
      "cuda: line 2 of the worker was left out: it is no JSON: 'bang'",
      "cuda: line 3 of the worker was left out: it is no JSON: 'bang'",
      "cuda: the worker wrote 3 lines that made no sense and was stopped after 0 "
      "kernels"}},
    {"lines_without_end_are_stopped",
     "yes '{\"hello\":{\"protocol\":1,\"backend\":\"cuda\"}}'\n",
     0,
     0,
     0,
     0,
     {"cuda: the worker printed 10000 lines and was stopped after 0 kernels"}},
    {"a_line_without_end_is_stopped",
     READY KERNEL("triad") "exec cat /dev/zero\n",
     0,
     0,
     1,
     1,
     {"cuda: the worker printed a line of more than 262144 bytes and was stopped after "
      "1 kernel"}},
    {"half_a_line",
     READY KERNEL("triad") "printf '{\"kernel\":{\"na'\n",
     0,
     0,
     1,
     1,
     {"cuda: the worker stopped in the middle of line 5: '{\"kernel\":{\"na'",
      "cuda: the worker ended before it was done after 1 kernel"}},
    {"half_a_line_and_a_crash",
     READY "printf '{\"ker'\nkill -KILL $$\n",
     0,
     0,
     1,
     0,
     {"cuda: the worker stopped in the middle of line 4: '{\"ker'",
      "cuda: the worker was ended by SIGKILL after 0 kernels"}},
    {"a_zero_byte_in_a_line",
     READY "printf '{\"done\":{}}\\000\\n'\n" DONE,
     0,
     0,
     1,
     0,
     {"cuda: line 4 of the worker was left out: it is no JSON: '{\"done\":{}}'"}},
    {"negative_time",
     READY KERNEL_OF("triad", "d", "-1") KERNEL("softmax") DONE,
     0,
     0,
     1,
     1,
     {"cuda: line 4 of the worker was left out: s is -1, expected 1e-12 to "
      "1e+06 s: "
      "'{\"kernel\":{\"name\":\"triad\",\"device\":\"d\",\"quiet\":true,\"wo...'"}},
    {"unknown_kernel",
     READY KERNEL("rm") DONE,
     0,
     0,
     1,
     0,
     {"cuda: line 4 of the worker was left out: name is 'rm', expected a kernel of the "
      "plan: "
      "'{\"kernel\":{\"name\":\"rm\",\"device\":\"d\",\"quiet\":true,\"work\"...'"}},
    {"unknown_device",
     READY KERNEL_OF("triad", "e", "1") DONE,
     0,
     0,
     1,
     0,
     {"cuda: line 4 of the worker was left out: device is 'e', expected one told of "
      "before: "
      "'{\"kernel\":{\"name\":\"triad\",\"device\":\"e\",\"quiet\":true,\"wo...'"}},
    {"no_hello",
     KERNEL("triad") DONE,
     0,
     0,
     0,
     0,
     {"cuda: line 1 of the worker was left out: expected \"hello\" first: "
      "'{\"kernel\":{\"name\":\"triad\",\"device\":\"d\",\"quiet\":true,\"wo...'",
      "cuda: line 2 of the worker was left out: expected \"hello\" first: "
      "'{\"done\":{}}'",
      "cuda: the worker ended before it was done after 0 kernels"}},
    {"another_version",
     SAY("{\"hello\":{\"protocol\":2,\"backend\":\"cuda\"}}") DONE,
     0,
     0,
     0,
     0,
     {"cuda: the worker speaks version 2, expected 1: it is of another installation "
      "and "
      "was stopped after 0 kernels"}},
};

/* ---- a worker made of a script ---- */

static char folder[] = "/tmp/stageplan-worker-XXXXXX", worker[64], marks[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(worker, sizeof worker, "%s/worker", folder);
    snprintf(marks, sizeof marks, "%s/marks", folder);
    return setenv("STAGEPLAN_WORKER", worker, 1) != 0 || setenv("MARKS", marks, 1) != 0;
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(worker);
    unlink(marks);
    return rmdir(folder);
}

static void write_worker(const char *script, mode_t mode)
{
    FILE *out;

    unlink(worker);
    out = fopen(worker, "w");
    assert_non_null(out);
    fprintf(out, "#!/bin/sh\n%s", script);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(worker, mode), 0);
}

static const char *const backends[] = {"cuda", NULL};

static struct cal_worker_options options_of(double silence_s, double limit_s)
{
    return (struct cal_worker_options){.backends = backends,
                                       .quick = true,
                                       .seed = 7,
                                       .campaigns = 3,
                                       .silence_s = silence_s,
                                       .limit_s = limit_s > 0 ? limit_s : 300};
}

static void worker_leaves_these_notes(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_profile_device cpu = {.name = "cpu"};
    struct cal_campaigns c = {.n_devices = 1, .devices = &cpu};
    struct cal_worker_options options = options_of(row->silence_s, row->limit_s);
    int32_t n = 0;

    write_worker(row->script, 0755);
    assert_int_equal(cal_worker_measure(&options, arena, &c, NULL), SP_OK);
    for (; n < c.n_notes && n < 4 && row->notes[n] != NULL; n++)
        assert_string_equal(c.notes[n], row->notes[n]);
    assert_int_equal(n, c.n_notes);
    assert_true(n == 4 || row->notes[n] == NULL);
    assert_int_equal(c.n_devices, 1 + row->devices);
    assert_string_equal(c.devices[0].name, "cpu");
    if (row->devices > 0)
        assert_string_equal(c.devices[1].name, "gpu0");
    assert_int_equal(c.n_measured, row->kernels);
    for (int32_t i = 0; i < c.n_measured; i++) {
        assert_int_equal(c.measured[i].device, 1);
        assert_true(c.measured[i].points[0].estimates[0].s == 0.5);
    }
    sp_arena_free(arena);
}

static void worker_that_is_missing_is_named(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {0};
    struct cal_worker_options options = options_of(0, 0);
    char note[200];

    (void)state;
    unlink(worker);
    assert_int_equal(cal_worker_measure(&options, arena, &c, NULL), SP_OK);
    write_worker("exit 0\n", 0644);
    assert_int_equal(cal_worker_measure(&options, arena, &c, NULL), SP_OK);
    assert_int_equal(c.n_notes, 2);
    snprintf(note, sizeof note, "cuda: the worker %s can't be started: %s", worker,
             "No such file or directory");
    assert_string_equal(c.notes[0], note);
    snprintf(note, sizeof note, "cuda: the worker %s can't be started: %s", worker,
             "Permission denied");
    assert_string_equal(c.notes[1], note);
    sp_arena_free(arena);
}

static void devices_of_all_backends_are_numbered_through(void **state)
{
    static const char *const two[] = {"cuda", "opencl", NULL};
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {0};
    struct cal_worker_options options = options_of(0, 0);

    (void)state;
    options.backends = two;
    write_worker("echo '{\"hello\":{\"protocol\":1,\"backend\":\"'$1'\"}}'\n" DEVICE(
                     "d") DEVICE("e") KERNEL_OF("triad", "e", "1") DONE,
                 0755);
    assert_int_equal(cal_worker_measure(&options, arena, &c, NULL), SP_OK);
    assert_int_equal(c.n_notes, 0);
    assert_int_equal(c.n_devices, 4);
    assert_string_equal(c.devices[3].name, "gpu3");
    assert_int_equal(c.n_measured, 2);
    assert_int_equal(c.measured[0].device, 1);
    assert_int_equal(c.measured[1].device, 3);
    sp_arena_free(arena);
}

/* ---- nothing is left behind ---- */

static bool stops_at_once(void *self, const char *doing, double done_frac)
{
    struct stat is;

    (void)self;
    assert_non_null(doing);
    assert_true(done_frac >= 0 && done_frac <= 1);
    return stat(marks, &is) == 0 && is.st_size > 0; /* both processes run */
}

/* Gone, or dead and waiting for somebody to ask how. */
static bool is_dead(int pid)
{
    char path[64], state = 'Z';
    FILE *in;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    in = fopen(path, "r");
    if (in == NULL)
        return true;
    if (fscanf(in, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(in);
    return state == 'Z' || state == 'X';
}

static void stopping_kills_the_worker_and_what_it_started(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct cal_campaigns c = {0};
    struct cal_worker_options options = options_of(0, 0);
    struct sp_err err = {0};
    int worker_pid = 0, child_pid = 0;
    FILE *in;

    (void)state;
    options.progress = stops_at_once;
    write_worker("sleep 60 &\necho $$ $! >\"$MARKS\"\n" READY "wait\n", 0755);
    assert_int_equal(cal_worker_measure(&options, arena, &c, &err), SP_ELIMIT);
    assert_string_equal(err.text, "stopped while cuda was measured");
    in = fopen(marks, "r");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%d %d", &worker_pid, &child_pid), 2);
    fclose(in);
    for (int i = 0; i < 500 && !(is_dead(worker_pid) && is_dead(child_pid)); i++)
        usleep(10000);
    assert_true(is_dead(worker_pid));
    assert_true(is_dead(child_pid));
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 3] = {
        cmocka_unit_test(worker_that_is_missing_is_named),
        cmocka_unit_test(devices_of_all_backends_are_numbered_through),
        cmocka_unit_test(stopping_kills_the_worker_and_what_it_started),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 3] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = worker_leaves_these_notes,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("worker", tests, make_folder, drop_folder);
}
