/* Recorded availability in lines of three fields, with commas or blanks between them:
 * nodes that came and went (ms, add or remove, name), or counts taken now and then
 * (date, time, nodes). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/names.h"
#include "base/text.h"
#include "base/units.h"
#include "model/availability_parts.h"
#include "model/scenario.h"

enum { FIELDS = 3, FIELD_MAX = 100 };

struct line {
    const char *path;
    int32_t number;                    /* of the line, from 1 */
    const char *p;                     /* what follows it */
    int32_t n;                         /* fields found; FIELDS + 1: more */
    char field[FIELDS][FIELD_MAX + 1]; /* cut where longer: then of no known form */
};

/* Reads the line at line->p; false at the end of the text. */
static bool next_line(struct line *line)
{
    const char *p = line->p;

    if (*p == '\0')
        return false;
    line->number++;
    for (line->n = 0; line->n <= FIELDS; line->n++) {
        size_t size;

        p += strspn(p, ", \t\r");
        size = strcspn(p, ", \t\r\n");
        if (size == 0)
            break;
        if (line->n < FIELDS)
            snprintf(line->field[line->n], FIELD_MAX + 1, "%.*s",
                     (int)(size < FIELD_MAX ? size : FIELD_MAX), p);
        p += size;
    }
    p += strcspn(p, "\n");
    line->p = *p == '\n' ? p + 1 : p;
    return true;
}

static enum sp_status refuse(const struct line *line, int32_t field,
                             const char *expected, struct sp_err *err)
{
    char quoted[60];

    return sp_fail(
        err, SP_EINPUT, "%s:%d: found %s, expected %s", line->path, line->number,
        sp_text_quote(field < line->n ? line->field[field] : "", quoted, sizeof quoted),
        expected);
}

static enum sp_status refuse_count(const struct line *line, const char *expected,
                                   struct sp_err *err)
{
    return sp_fail(err, SP_EINPUT, "%s:%d: found %d fields%s, expected three: %s",
                   line->path, line->number, line->n < FIELDS ? line->n : FIELDS,
                   line->n > FIELDS ? " and more" : "", expected);
}

static bool is_digits(const char *text)
{
    return *text != '\0' && strlen(text) <= 15 &&
           strspn(text, "0123456789") == strlen(text);
}

/* ---- nodes that come and go ---- */

#define MS_NS (SP_NS_PER_S / 1000)

static bool is_event(const struct line *line)
{
    return line->n == FIELDS && is_digits(line->field[0]) &&
           (strcmp(line->field[1], "add") == 0 ||
            strcmp(line->field[1], "remove") == 0);
}

static bool is_events(const char *text, size_t size)
{
    struct line line = {.p = text};

    (void)size;
    return next_line(&line) && is_event(&line);
}

struct live {
    struct sp_names *names;
    char *is_live; /* by name */
    int32_t room, nodes;
    int64_t last_ns;
};

/* One event: whose node is there and whose not must fit what came before. */
static enum sp_status take_event(struct live *live, struct sp_arena *arena,
                                 const struct line *line, struct sp_err *err)
{
    bool add = line->field[1][0] == 'a';
    int32_t known = sp_names_count(live->names);
    int32_t id = sp_names_add(live->names, line->field[2], strlen(line->field[2]),
                              MODEL_NODES_MAX);

    if (id == SP_NO_ID)
        return sp_fail(err, SP_EINPUT, "%s:%d: more than %d names of nodes", line->path,
                       line->number, MODEL_NODES_MAX);
    if (id == known)
        live->is_live =
            sp_arena_more(arena, live->is_live, id, &live->room, sizeof(char));
    if (add == (live->is_live[id] != 0))
        return refuse(line, 2,
                      add ? "a node that is not there yet" : "a node that is there",
                      err);
    live->is_live[id] = add;
    live->nodes += add ? 1 : -1;
    return SP_OK;
}

static enum sp_status read_event(struct live *live, struct model_steps *steps,
                                 const struct line *line, struct sp_err *err)
{
    static const char expected[] = "milliseconds, 'add' or 'remove', and a node's name";
    int64_t at_ns;
    enum sp_status status;

    if (line->n != FIELDS)
        return refuse_count(line, expected, err);
    if (!is_digits(line->field[0]) || atoll(line->field[0]) > SP_NS_MAX / MS_NS)
        return refuse(line, 0, "whole milliseconds since the start", err);
    if (!is_event(line))
        return refuse(line, 1, "'add' or 'remove'", err);
    at_ns = atoll(line->field[0]) * MS_NS;
    if (at_ns < live->last_ns)
        return refuse(line, 0, "a time not before that of the line above", err);
    live->last_ns = at_ns;
    status = take_event(live, steps->arena, line, err);
    if (status == SP_OK)
        model_steps_add(steps, at_ns, live->nodes);
    return status;
}

static enum sp_status read_events(const char *path, const char *text,
                                  struct model_steps *steps, int64_t *length_ns,
                                  struct sp_err *err)
{
    struct line line = {.path = path, .p = text};
    struct live live = {.names = sp_names_new(steps->arena)};

    model_steps_add(steps, 0, 0);
    while (next_line(&line)) {
        enum sp_status status = read_event(&live, steps, &line, err);

        if (status != SP_OK)
            return status;
    }
    if (live.last_ns == 0)
        return sp_fail(err, SP_EINPUT,
                       "%s:%d: all events are at 0, expected one later: the last is "
                       "where the recording ends",
                       path, line.number);
    *length_ns = live.last_ns;
    return SP_OK;
}

const struct model_availability_form model_availability_events = {
    .name = "events", .recognise = is_events, .read = read_events};

/* ---- counts taken now and then ---- */

struct sample {
    int64_t s;
    int32_t line, nodes;
};

static bool is_samples(const char *text, size_t size)
{
    struct line line = {.p = text};

    (void)size;
    return next_line(&line) && line.n == FIELDS &&
           sp_seconds_from_date(line.field[0], line.field[1]) >= 0;
}

static enum sp_status read_sample(const struct line *line, struct sample *sample,
                                  struct sp_err *err)
{
    if (line->n != FIELDS)
        return refuse_count(line, "date, time and nodes", err);
    sample->s = sp_seconds_from_date(line->field[0], line->field[1]);
    if (sample->s < 0)
        return refuse(line, 0, "a date and a time such as 2021-12-11, 11:11:30", err);
    if (!is_digits(line->field[2]) || atoll(line->field[2]) > MODEL_NODES_MAX)
        return refuse(line, 2, "a whole number of nodes, 0 to 1000000", err);
    sample->nodes = (int32_t)atoll(line->field[2]);
    sample->line = line->number;
    return SP_OK;
}

static int by_time_and_line(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    return x->s != y->s ? (x->s > y->s) - (x->s < y->s)
                        : (x->line > y->line) - (x->line < y->line);
}

static enum sp_status read_all_samples(struct line *line, struct sp_arena *arena,
                                       struct sample **samples, int32_t *n,
                                       struct sp_err *err)
{
    int32_t room = 0;

    while (next_line(line)) {
        enum sp_status status;

        *samples = sp_arena_more(arena, *samples, *n, &room, sizeof **samples);
        status = read_sample(line, &(*samples)[(*n)++], err);
        if (status != SP_OK)
            return status;
    }
    return SP_OK;
}

/* The last sample holds as long as the one before it did. */
static enum sp_status read_samples(const char *path, const char *text,
                                   struct model_steps *steps, int64_t *length_ns,
                                   struct sp_err *err)
{
    struct line line = {.path = path, .p = text};
    struct sample *samples = NULL;
    int32_t n = 0, before;
    enum sp_status status = read_all_samples(&line, steps->arena, &samples, &n, err);

    if (status != SP_OK)
        return status;
    qsort(samples, (size_t)n, sizeof *samples, by_time_and_line);
    for (before = n - 1; before >= 0 && samples[before].s == samples[n - 1].s;)
        before--;
    if (before < 0)
        return sp_fail(err, SP_EINPUT,
                       "%s:%d: all samples are of one time, expected two times or more",
                       path, line.number);
    if (2 * (samples[n - 1].s - samples[0].s) > SP_NS_MAX / SP_NS_PER_S)
        return sp_fail(err, SP_EINPUT,
                       "%s: from line %d to line %d there are more than 50 years", path,
                       samples[0].line, samples[n - 1].line);
    for (int32_t i = 0; i < n; i++)
        model_steps_add(steps, (samples[i].s - samples[0].s) * SP_NS_PER_S,
                        samples[i].nodes);
    *length_ns =
        (2 * samples[n - 1].s - samples[before].s - samples[0].s) * SP_NS_PER_S;
    return SP_OK;
}

const struct model_availability_form model_availability_samples = {
    .name = "samples", .recognise = is_samples, .read = read_samples};
