/* stageplan-worker BACKEND [--quick] [--seed N] [--campaigns N] [--seconds N]: measures
 * a backend's devices and says what it found, a JSON line at a time.  A helper of
 * stageplan calibrate (calibrate/worker.h); of no use by itself.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/units.h"
#include "calibrate/device_plan.h"

enum { DEVICES_MAX = 16, USAGE = 2 };

struct worker {
    const struct cal_device_ops *ops;
    struct cal_device_plan plan;
    struct cal_models models;
    struct sp_arena *arena;
};

static void say(void *self, const struct cal_line *line)
{
    (void)self;
    cal_line_print(stdout, line);
}

static void note(const char *text)
{
    say(NULL, &(struct cal_line){.kind = CAL_LINE_NOTE, .text = text});
}

static bool read_options(int argc, char **argv, struct worker *w, struct sp_err *err)
{
    const char *emulated = getenv("STAGEPLAN_EMULATED"); /* "small", "full" */

    w->plan = (struct cal_device_plan){.campaigns = 1, .seed = 1, .say = say};
    w->plan.patient = emulated != NULL;
    w->plan.small = emulated != NULL && strcmp(emulated, "small") == 0;
    for (int i = 2; i < argc; i++) {
        int64_t number = 0;
        bool last = i + 1 == argc;

        if (strcmp(argv[i], "--quick") == 0) {
            w->plan.quick = true;
        } else if (strcmp(argv[i], "--seed") == 0 && !last) {
            w->plan.seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--campaigns") == 0 && !last) {
            if (sp_parse_count(argv[++i], 1, 100, &number, err) != SP_OK)
                return false;
            w->plan.campaigns = (int32_t)number;
        } else if (strcmp(argv[i], "--seconds") == 0 && !last) {
            if (sp_parse_count(argv[++i], 1, 1000000, &number, err) != SP_OK)
                return false;
            w->plan.seconds = (double)number;
        } else {
            sp_fail(err, SP_EINPUT, "unknown option %s", argv[i]);
            return false;
        }
    }
    return true;
}

static void measure(struct worker *w, struct cal_device *d)
{
    int32_t n = w->ops->count(d);

    w->plan.models = &w->models;
    for (int32_t i = 0; i < n && i < DEVICES_MAX; i++) {
        struct sp_err err = {0};

        w->plan.name = sp_arena_printf(w->arena, "gpu%d", (int)i);
        if (cal_device_plan_run(w->ops, d, i, &w->plan, w->arena, &err) != SP_OK)
            note(sp_arena_printf(w->arena, "%s: %s", w->plan.name, err.text));
    }
}

int main(int argc, char **argv)
{
    struct worker w = {.arena = sp_arena_new()};
    struct cal_device *d = NULL;
    struct sp_err err = {0};
    const char *why = NULL;
    enum cal_device_state state;

    /* Whoever asked may be killed without a chance to kill us, who may hang. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    w.ops = argc > 1 ? cal_backend_find(argv[1]) : NULL;
    if (w.ops == NULL || !read_options(argc, argv, &w, &err)) {
        fprintf(stderr, "stageplan-worker: %s, expected a backend and its options\n",
                err.status != SP_OK ? err.text : "no such backend");
        return USAGE;
    }
    say(NULL, &(struct cal_line){.kind = CAL_LINE_HELLO,
                                 .protocol = CAL_WORKER_PROTOCOL,
                                 .text = w.ops->name});
    state = w.ops->open(w.arena, &d, &why);
    say(NULL, &(struct cal_line){.kind = CAL_LINE_STATE, .state = state, .text = why});
    if (state == CAL_DEVICE_OK) {
        measure(&w, d);
        w.ops->close(d);
    }
    say(NULL, &(struct cal_line){.kind = CAL_LINE_DONE});
    sp_arena_free(w.arena);
    return ferror(stdout) != 0;
}
