/* One worker per backend; what it says is taken in, what it does wrong becomes a note.
 */
#include "calibrate/worker.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "calibrate/worker_line.h"
#include "calibrate/worker_process.h"

#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/local/libexec/stageplan"
#endif

enum {
    LINES_MAX = 10000,
    WRONG_MAX = 3, /* lines that make no sense, until it is stopped */
    NOTES_MAX = 64,
    LABEL_MAX = 64,
    TEXT_MAX = 600,
};
static const double SILENCE_S = 60, QUICK_LIMIT_S = 60, CAMPAIGN_LIMIT_S = 600;
static const double TICK_S = 0.1, GRACE_S = 2;

/* A backend's worker, as far as it got. */
struct session {
    const struct cal_worker_options *options;
    struct sp_arena *arena;
    struct cal_campaigns *c;
    const char *backend;
    struct cal_process *process;
    double begin_s, heard_s;
    int32_t lines, wrong, notes;
    int32_t first_device, first_measured;         /* in *c, of this backend */
    const char *names[MODEL_PROFILE_DEVICES_MAX]; /* what it calls its devices */
    bool greeted, state_told, done, stopped;
    enum cal_device_state state;
    char doing[CAL_LINE_TEXT_MAX + 1];
    double done_frac;
    char ended[TEXT_MAX]; /* why we ended it; "": it ended itself */
};

/* ---- lists that grow ---- */

static void add_note(struct session *s, const char *fmt, ...) SP_PRINTF(2, 3);
static void add_note(struct session *s, const char *fmt, ...)
{
    struct cal_campaigns *c = s->c;
    const char **notes;
    char text[TEXT_MAX * 3];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    notes = sp_arena_array(s->arena, (size_t)c->n_notes + 1, sizeof *notes);
    for (int32_t i = 0; i < c->n_notes; i++)
        notes[i] = c->notes[i];
    notes[c->n_notes++] = sp_arena_printf(s->arena, "%s: %s", s->backend, text);
    c->notes = notes;
}

static void add_device(struct session *s, const struct model_profile_device *d)
{
    struct cal_campaigns *c = s->c;
    struct model_profile_device *devices =
        sp_arena_array(s->arena, (size_t)c->n_devices + 1, sizeof *devices);
    int32_t gpus = 0;

    for (int32_t i = 0; i < c->n_devices; i++) {
        devices[i] = c->devices[i];
        gpus += devices[i].is_gpu;
    }
    s->names[c->n_devices - s->first_device] = d->name;
    devices[c->n_devices] = *d;
    devices[c->n_devices++].name = sp_arena_printf(s->arena, "gpu%d", (int)gpus);
    c->devices = devices;
}

static void add_measured(struct session *s, const struct cal_measured *m)
{
    struct cal_campaigns *c = s->c;
    struct cal_measured *list;

    for (int32_t i = s->first_measured; i < c->n_measured; i++)
        if (c->measured[i].device == m->device &&
            strcmp(c->measured[i].name, m->name) == 0) {
            c->measured[i] = *m;
            return;
        }
    list = sp_arena_array(s->arena, (size_t)c->n_measured + 1, sizeof *list);
    for (int32_t i = 0; i < c->n_measured; i++)
        list[i] = c->measured[i];
    list[c->n_measured++] = *m;
    c->measured = list;
}

/* ---- lines ---- */

static enum sp_status take_hello(struct session *s, const struct cal_line *line,
                                 struct sp_err *err)
{
    if (line->protocol != CAL_WORKER_PROTOCOL) {
        snprintf(s->ended, sizeof s->ended,
                 "the worker speaks version %d, expected %d: it is of another "
                 "installation",
                 line->protocol, CAL_WORKER_PROTOCOL);
        return SP_OK;
    }
    if (strcmp(line->text, s->backend) != 0)
        return sp_fail(err, SP_EINPUT, "backend is another, expected %s", s->backend);
    s->greeted = true;
    return SP_OK;
}

static enum sp_status take_device(struct session *s, const struct cal_line *line,
                                  struct sp_err *err)
{
    int32_t n = s->c->n_devices - s->first_device;

    for (int32_t i = 0; i < n; i++)
        if (strcmp(s->names[i], line->device.name) == 0) {
            struct model_profile_device *known = &s->c->devices[s->first_device + i];
            const char *name = known->name;

            *known = line->device;
            known->name = name;
            return SP_OK;
        }
    if (s->c->n_devices >= MODEL_PROFILE_DEVICES_MAX)
        return sp_fail(err, SP_EINPUT, "one device more than %d",
                       MODEL_PROFILE_DEVICES_MAX);
    add_device(s, &line->device);
    return SP_OK;
}

static enum sp_status take_kernel(struct session *s, const struct cal_line *line,
                                  struct sp_err *err)
{
    int32_t n = s->c->n_devices - s->first_device;
    struct cal_measured m = line->kernel;

    for (int32_t i = 0; i < n; i++)
        if (strcmp(s->names[i], line->on) == 0) {
            if (s->c->n_measured >= MODEL_PROFILE_KERNELS_MAX)
                return sp_fail(err, SP_EINPUT, "one kernel more than %d",
                               MODEL_PROFILE_KERNELS_MAX);
            m.device = s->first_device + i;
            add_measured(s, &m);
            return SP_OK;
        }
    return sp_fail(err, SP_EINPUT, "device is '%s', expected one told of before",
                   line->on);
}

static enum sp_status take(struct session *s, const struct cal_line *line,
                           struct sp_err *err)
{
    if (!s->greeted && line->kind != CAL_LINE_HELLO)
        return sp_fail(err, SP_EINPUT, "expected \"hello\" first");
    switch (line->kind) {
    case CAL_LINE_HELLO:
        return take_hello(s, line, err);
    case CAL_LINE_STATE:
        s->state_told = true;
        s->state = line->state;
        if (line->state != CAL_DEVICE_OK)
            add_note(s, "%s%s%s%s", cal_device_state_name(line->state),
                     line->text != NULL ? " (" : "",
                     line->text != NULL ? line->text : "",
                     line->text != NULL ? ")" : "");
        return SP_OK;
    case CAL_LINE_DEVICE:
        return take_device(s, line, err);
    case CAL_LINE_KERNEL:
        return take_kernel(s, line, err);
    case CAL_LINE_NOTE:
        if (s->notes++ < NOTES_MAX)
            add_note(s, "%s", line->text);
        return SP_OK;
    case CAL_LINE_DOING:
        snprintf(s->doing, sizeof s->doing, "%s", line->text);
        s->done_frac = line->done_frac;
        return SP_OK;
    case CAL_LINE_DONE:
        s->done = true;
        return SP_OK;
    }
    return SP_OK;
}

static void read_line(struct session *s, const char *text, size_t size)
{
    struct cal_line line;
    struct sp_err err = {0};
    char quoted[LABEL_MAX];

    s->heard_s = sp_clock_s();
    s->lines++;
    if (cal_line_parse(text, size, s->arena, &line, &err) == SP_OK &&
        take(s, &line, &err) == SP_OK)
        return;
    add_note(s, "line %d of the worker was left out: %s: %s", (int)s->lines, err.text,
             sp_text_quote(text, quoted, sizeof quoted));
    if (++s->wrong >= WRONG_MAX)
        snprintf(s->ended, sizeof s->ended,
                 "the worker wrote %d lines that made no sense", (int)s->wrong);
}

/* ---- a session ---- */

static double limit_s(const struct cal_worker_options *o)
{
    if (o->limit_s > 0)
        return o->limit_s;
    if (o->quick || o->campaigns < 1)
        return QUICK_LIMIT_S;
    return CAMPAIGN_LIMIT_S * o->campaigns;
}

static void look_at_clock(struct session *s)
{
    double now_s = sp_clock_s();
    double silence_s = s->options->silence_s > 0 ? s->options->silence_s : SILENCE_S;

    if (now_s - s->heard_s > silence_s)
        snprintf(s->ended, sizeof s->ended, "the worker said nothing for %g s",
                 silence_s);
    else if (now_s - s->begin_s > limit_s(s->options))
        snprintf(s->ended, sizeof s->ended, "the worker took longer than %g s",
                 limit_s(s->options));
    if (s->options->progress != NULL &&
        s->options->progress(s->options->progress_self,
                             s->doing[0] != '\0' ? s->doing : s->backend, s->done_frac))
        s->stopped = true;
}

/* Reads until it ends or must be ended. */
static void listen_to(struct session *s)
{
    const char *text = NULL;
    size_t size = 0;
    char quoted[LABEL_MAX];

    while (s->ended[0] == '\0' && !s->stopped) {
        switch (cal_process_read(s->process, TICK_S, &text, &size)) {
        case CAL_READ_LINE:
            read_line(s, text, size);
            if (s->lines >= LINES_MAX)
                snprintf(s->ended, sizeof s->ended, "the worker printed %d lines",
                         LINES_MAX);
            break;
        case CAL_READ_LONG:
            snprintf(s->ended, sizeof s->ended,
                     "the worker printed a line of more than %d bytes", CAL_LINE_MAX);
            break;
        case CAL_READ_HALF:
            add_note(s, "the worker stopped in the middle of line %d: %s",
                     (int)s->lines + 1, sp_text_quote(text, quoted, sizeof quoted));
            return;
        case CAL_READ_END:
            return;
        case CAL_READ_NONE:
            break;
        }
        look_at_clock(s);
    }
}

/* "after 3 kernels, at 'triad'; its last words: '...'" */
static const char *how_far(const struct session *s)
{
    const char *words = cal_process_words(s->process);
    int n = (int)(s->c->n_measured - s->first_measured);
    char quoted[LABEL_MAX];

    return sp_arena_printf(
        s->arena, "after %d kernel%s%s%s%s%s", n, n == 1 ? "" : "s",
        s->doing[0] != '\0' ? ", at " : "",
        s->doing[0] != '\0' ? sp_text_quote(s->doing, quoted, sizeof quoted) : "",
        words[0] != '\0' ? "; its last words: " : "", words);
}

static void tell_end(struct session *s, const struct cal_process_end *end)
{
    char name[32];

    if (s->ended[0] != '\0')
        add_note(s, "%s and was %s %s", s->ended,
                 end->immortal ? "left behind, since it does not die," : "stopped",
                 how_far(s));
    else if (end->killed)
        add_note(s, "the worker closed its output, did not end and was %s %s",
                 end->immortal ? "left behind" : "stopped", how_far(s));
    else if (end->signal != 0)
        add_note(s, "the worker was ended by %s %s",
                 cal_signal_name(end->signal, name, sizeof name), how_far(s));
    else if (end->exit_code != 0)
        add_note(s, "the worker failed with exit code %d %s", end->exit_code,
                 how_far(s));
    else if (!s->done)
        add_note(s, "the worker ended before it was done %s", how_far(s));
}

static void run_session(struct session *s, const char *path)
{
    char seed[32], campaigns[32], seconds[32];
    const char *argv[] = {"stageplan-worker", s->backend, "--seed",    seed,
                          "--campaigns",      campaigns,  "--seconds", seconds,
                          "--quick",          NULL};
    struct sp_err err = {0};
    struct cal_process_end end;

    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->options->seed);
    /* The rest is for starting, checking and what is under way at the end. */
    snprintf(seconds, sizeof seconds, "%.0f",
             fmax(1, s->options->plan_s > 0 ? s->options->plan_s
                                            : 0.7 * limit_s(s->options)));
    snprintf(campaigns, sizeof campaigns, "%d", (int)s->options->campaigns);
    if (!s->options->quick)
        argv[8] = NULL;
    if (cal_process_start(path, argv, &s->process, &err) != SP_OK) {
        add_note(s, "the worker %s can't be started: %s", path, err.text);
        return;
    }
    s->begin_s = s->heard_s = sp_clock_s();
    listen_to(s);
    end =
        cal_process_finish(s->process, s->ended[0] != '\0' || s->stopped ? 0 : GRACE_S);
    if (!s->stopped)
        tell_end(s, &end);
    cal_process_free(s->process);
}

/* ---- finding it ---- */

static const char *beside_us(struct sp_arena *arena)
{
    const char *folder = sp_path_program(arena);

    return folder != NULL ? sp_path_from(arena, folder, "stageplan-worker") : NULL;
}

static const char *find_worker(struct sp_arena *arena)
{
    const char *named = getenv("STAGEPLAN_WORKER"), *beside = beside_us(arena);

    if (named != NULL && named[0] != '\0')
        return named;
    if (beside != NULL && access(beside, X_OK) == 0)
        return beside;
    if (access(PKGLIBEXECDIR "/stageplan-worker", X_OK) == 0)
        return PKGLIBEXECDIR "/stageplan-worker";
    return NULL;
}

enum sp_status cal_worker_measure(const struct cal_worker_options *options,
                                  struct sp_arena *arena, struct cal_campaigns *c,
                                  struct sp_err *err)
{
    const char *path = find_worker(arena);

    for (int32_t i = 0; options->backends[i] != NULL; i++) {
        struct session s = {.options = options,
                            .arena = arena,
                            .c = c,
                            .backend = options->backends[i],
                            .first_device = c->n_devices,
                            .first_measured = c->n_measured};

        if (path == NULL)
            add_note(&s, "no stageplan-worker beside this program or in %s",
                     PKGLIBEXECDIR);
        else
            run_session(&s, path);
        if (s.stopped)
            return sp_fail(err, SP_ELIMIT, "stopped while %s was measured", s.backend);
    }
    return SP_OK;
}
