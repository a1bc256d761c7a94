/* The worker's lines and jansson.  A reader stops at the first thing that is wrong. */
#include "calibrate/worker_line.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "calibrate/device_plan.h"
#include "calibrate/kernel.h"

enum { CAMPAIGNS_MAX = 100, FACTS_MAX = 64, BLOCKS_MAX = 1000000 };
static const double SECONDS_LEAST = 1e-12, SECONDS_MOST = 1e6;

static const char *const kind_names[] = {
    [CAL_LINE_HELLO] = "hello",   [CAL_LINE_STATE] = "state",
    [CAL_LINE_DEVICE] = "device", [CAL_LINE_KERNEL] = "kernel",
    [CAL_LINE_NOTE] = "note",     [CAL_LINE_DOING] = "doing",
    [CAL_LINE_DONE] = "done",
};
enum { KINDS = sizeof kind_names / sizeof kind_names[0] };

/* ---- writing ---- */

/* A driver's words may hold anything: what our reader would not take is quoted. */
static json_t *text_of(const char *text)
{
    char quoted[CAL_LINE_TEXT_MAX];

    if (text == NULL)
        return json_null();
    if (strlen(text) <= CAL_LINE_TEXT_MAX && sp_text_is_clean(text))
        return json_string(text);
    return json_string(sp_text_quote(text, quoted, sizeof quoted));
}

static json_t *real_of(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *facts_of(const struct model_fact *facts, int32_t n)
{
    json_t *j = json_object();

    for (int32_t i = 0; i < n; i++)
        json_object_set_new(j, facts[i].name, text_of(facts[i].value));
    return j;
}

static json_t *estimate_of(const struct cal_estimate *e)
{
    json_t *j = json_object();

    json_object_set_new(j, "s", real_of(e->s));
    json_object_set_new(j, "half_frac", real_of(e->half_frac));
    json_object_set_new(j, "best_s", real_of(e->best_s));
    json_object_set_new(j, "mean_s", real_of(e->mean_s));
    json_object_set_new(j, "blocks", json_integer(e->blocks));
    json_object_set_new(j, "by_canary", json_integer(e->by_canary));
    json_object_set_new(j, "by_scheduler", json_integer(e->by_scheduler));
    json_object_set_new(j, "by_clock", json_integer(e->by_clock));
    json_object_set_new(j, "converged", json_boolean(e->converged));
    json_object_set_new(j, "why", text_of(e->why));
    return j;
}

static json_t *points_of(const struct cal_measured *m)
{
    json_t *points = json_array();

    for (int32_t i = 0; i < m->n_points; i++) {
        json_t *point = json_object(), *estimates = json_array();

        for (int32_t k = 0; k < m->points[i].n; k++)
            json_array_append_new(estimates, estimate_of(&m->points[i].estimates[k]));
        json_object_set_new(point, "x", real_of(m->points[i].x));
        json_object_set_new(point, "estimates", estimates);
        json_array_append_new(points, point);
    }
    return points;
}

static json_t *kernel_of(const struct cal_line *line)
{
    const struct cal_measured *m = &line->kernel;
    json_t *j = json_object(), *work = json_object();

    json_object_set_new(work, "flop_fixed", real_of(m->work.flop_fixed));
    json_object_set_new(work, "flop", real_of(m->work.flop));
    json_object_set_new(work, "bytes_fixed", real_of(m->work.bytes_fixed));
    json_object_set_new(work, "bytes", real_of(m->work.bytes));
    json_object_set_new(j, "name", text_of(m->name));
    json_object_set_new(j, "device", text_of(line->on));
    json_object_set_new(j, "skipped", text_of(m->skipped));
    json_object_set_new(j, "library", text_of(m->library));
    json_object_set_new(j, "code_path", text_of(m->code_path));
    json_object_set_new(j, "quiet", json_boolean(m->quiet));
    json_object_set_new(j, "work", work);
    json_object_set_new(j, "parameters", facts_of(m->params, m->n_params));
    json_object_set_new(j, "points", points_of(m));
    return j;
}

static json_t *device_of(const struct model_profile_device *d)
{
    json_t *j = json_object();

    json_object_set_new(j, "name", text_of(d->name));
    json_object_set_new(j, "model", text_of(d->model));
    json_object_set_new(j, "catalog", text_of(d->catalog));
    json_object_set_new(j, "facts", facts_of(d->facts, d->n_facts));
    return j;
}

static json_t *body_of(const struct cal_line *line)
{
    json_t *j = json_object();

    switch (line->kind) {
    case CAL_LINE_HELLO:
        json_object_set_new(j, "protocol", json_integer(line->protocol));
        json_object_set_new(j, "backend", text_of(line->text));
        return j;
    case CAL_LINE_STATE:
        json_object_set_new(j, "is", text_of(cal_device_state_name(line->state)));
        json_object_set_new(j, "why", text_of(line->text));
        return j;
    case CAL_LINE_DOING:
        json_object_set_new(j, "what", text_of(line->text));
        json_object_set_new(j, "done_frac", real_of(line->done_frac));
        return j;
    case CAL_LINE_DEVICE:
        json_decref(j);
        return device_of(&line->device);
    case CAL_LINE_KERNEL:
        json_decref(j);
        return kernel_of(line);
    case CAL_LINE_NOTE:
        json_object_set_new(j, "text", text_of(line->text));
        return j;
    case CAL_LINE_DONE:
        return j;
    }
    return j;
}

void cal_line_print(FILE *out, const struct cal_line *line)
{
    json_t *j = json_object();

    json_object_set_new(j, kind_names[line->kind], body_of(line));
    json_dumpf(j, out, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(j);
    fputc('\n', out);
    fflush(out);
}

/* ---- reading: values ---- */

static const char *type_name(const json_t *j)
{
    if (j == NULL)
        return "nothing";
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a truth value";
    case JSON_NULL:
        return "null";
    }
    return "something";
}

static enum sp_status wrong_type(struct sp_err *err, const char *key, const json_t *j,
                                 const char *expected)
{
    return sp_fail(err, SP_EINPUT, "%s is %s, expected %s", key, type_name(j),
                   expected);
}

static enum sp_status check_text(const char *key, const char *text, struct sp_err *err)
{
    char quoted[64];

    if (strlen(text) > CAL_LINE_TEXT_MAX)
        return sp_fail(err, SP_EINPUT, "%s is a text of %zu bytes, expected at most %d",
                       key, strlen(text), CAL_LINE_TEXT_MAX);
    if (!sp_text_is_clean(text))
        return sp_fail(err, SP_EINPUT, "%s is %s, expected printable text", key,
                       sp_text_quote(text, quoted, sizeof quoted));
    return SP_OK;
}

/* NULL for null only where `optional`. */
static enum sp_status get_text(const json_t *in, const char *key, bool optional,
                               struct sp_arena *arena, const char **text,
                               struct sp_err *err)
{
    const json_t *j = json_object_get(in, key);
    enum sp_status status;

    if (optional && (j == NULL || json_is_null(j))) {
        *text = NULL;
        return SP_OK;
    }
    if (!json_is_string(j))
        return wrong_type(err, key, j, "a text");
    status = check_text(key, json_string_value(j), err);
    if (status == SP_OK)
        *text = sp_arena_strdup(arena, json_string_value(j));
    return status;
}

static enum sp_status get_number(const json_t *in, const char *key, double least,
                                 double most, double *number, struct sp_err *err)
{
    const json_t *j = json_object_get(in, key);
    double found;

    if (!json_is_number(j))
        return wrong_type(err, key, j, "a number");
    found = json_number_value(j);
    if (!(found >= least && found <= most))
        return sp_fail(err, SP_EINPUT, "%s is %g, expected %g to %g", key, found, least,
                       most);
    *number = found;
    return SP_OK;
}

/* A time: null is "not known", NaN, where that is allowed. */
static enum sp_status get_seconds(const json_t *in, const char *key, bool optional,
                                  double *s, struct sp_err *err)
{
    const json_t *j = json_object_get(in, key);
    double found;

    if (optional && (j == NULL || json_is_null(j))) {
        *s = NAN;
        return SP_OK;
    }
    if (!json_is_number(j))
        return wrong_type(err, key, j, "a number of seconds");
    found = json_number_value(j);
    if (!(found >= SECONDS_LEAST && found <= SECONDS_MOST))
        return sp_fail(err, SP_EINPUT, "%s is %g, expected %g to %g s", key, found,
                       SECONDS_LEAST, SECONDS_MOST);
    *s = found;
    return SP_OK;
}

static enum sp_status get_count(const json_t *in, const char *key, int32_t least,
                                int32_t most, int32_t *count, struct sp_err *err)
{
    const json_t *j = json_object_get(in, key);

    if (!json_is_integer(j))
        return wrong_type(err, key, j, "a whole number");
    if (json_integer_value(j) < least || json_integer_value(j) > most)
        return sp_fail(err, SP_EINPUT,
                       "%s is %" JSON_INTEGER_FORMAT ", expected %d to %d", key,
                       json_integer_value(j), (int)least, (int)most);
    *count = (int32_t)json_integer_value(j);
    return SP_OK;
}

static enum sp_status get_bool(const json_t *in, const char *key, bool *is,
                               struct sp_err *err)
{
    const json_t *j = json_object_get(in, key);

    if (!json_is_boolean(j))
        return wrong_type(err, key, j, "true or false");
    *is = json_is_true(j);
    return SP_OK;
}

static enum sp_status get_facts(const json_t *in, const char *key,
                                struct sp_arena *arena, struct model_fact **facts,
                                int32_t *n, struct sp_err *err)
{
    json_t *j = json_object_get(in, key), *value;
    const char *name;
    struct model_fact *list;
    int32_t count = 0;

    if (!json_is_object(j))
        return wrong_type(err, key, j, "an object of texts");
    if (json_object_size(j) > FACTS_MAX)
        return sp_fail(err, SP_EINPUT, "%s holds %zu texts, expected at most %d", key,
                       json_object_size(j), FACTS_MAX);
    list = sp_arena_array(arena, json_object_size(j), sizeof *list);
    json_object_foreach(j, name, value)
    {
        if (check_text(key, name, err) != SP_OK ||
            get_text(j, name, false, arena, &list[count].value, err) != SP_OK)
            return SP_EINPUT;
        list[count++].name = sp_arena_strdup(arena, name);
    }
    *facts = list;
    *n = count;
    return SP_OK;
}

/* ---- reading: lines ---- */

static enum sp_status read_estimate(const json_t *j, struct sp_arena *arena,
                                    struct cal_estimate *e, struct sp_err *err)
{
    if (!json_is_object(j))
        return wrong_type(err, "an estimate", j, "an object");
    if (get_seconds(j, "s", false, &e->s, err) != SP_OK ||
        get_seconds(j, "best_s", true, &e->best_s, err) != SP_OK ||
        get_seconds(j, "mean_s", true, &e->mean_s, err) != SP_OK ||
        get_count(j, "blocks", 1, BLOCKS_MAX, &e->blocks, err) != SP_OK ||
        get_count(j, "by_canary", 0, BLOCKS_MAX, &e->by_canary, err) != SP_OK ||
        get_count(j, "by_scheduler", 0, BLOCKS_MAX, &e->by_scheduler, err) != SP_OK ||
        get_count(j, "by_clock", 0, BLOCKS_MAX, &e->by_clock, err) != SP_OK ||
        get_bool(j, "converged", &e->converged, err) != SP_OK ||
        get_text(j, "why", true, arena, &e->why, err) != SP_OK)
        return SP_EINPUT;
    if (json_is_null(json_object_get(j, "half_frac")))
        e->half_frac = INFINITY;
    else if (get_number(j, "half_frac", 0, MODEL_PROFILE_SD_MAX, &e->half_frac, err) !=
             SP_OK)
        return SP_EINPUT;
    return SP_OK;
}

static enum sp_status read_point(const json_t *j, struct sp_arena *arena,
                                 struct cal_point *p, struct sp_err *err)
{
    const json_t *list = json_object_get(j, "estimates");
    size_t n = json_array_size(list);

    if (!json_is_object(j))
        return wrong_type(err, "a point", j, "an object");
    if (get_number(j, "x", 1e-12, 1e15, &p->x, err) != SP_OK)
        return SP_EINPUT;
    if (!json_is_array(list))
        return wrong_type(err, "estimates", list, "an array");
    if (n < 1 || n > CAMPAIGNS_MAX)
        return sp_fail(err, SP_EINPUT, "estimates has %zu, expected 1 to %d", n,
                       CAMPAIGNS_MAX);
    p->estimates = sp_arena_array(arena, n, sizeof *p->estimates);
    p->n = (int32_t)n;
    for (size_t i = 0; i < n; i++)
        if (read_estimate(json_array_get(list, i), arena, &p->estimates[i], err) !=
            SP_OK)
            return SP_EINPUT;
    return SP_OK;
}

static enum sp_status read_points(const json_t *in, struct sp_arena *arena,
                                  struct cal_measured *m, struct sp_err *err)
{
    const json_t *list = json_object_get(in, "points");
    size_t n = json_array_size(list);

    if (!json_is_array(list))
        return wrong_type(err, "points", list, "an array");
    if (n > CAL_POINTS_MAX || (n == 0) != (m->skipped != NULL))
        return sp_fail(err, SP_EINPUT, "points has %zu, expected %s", n,
                       m->skipped != NULL ? "none where the kernel is skipped"
                                          : "1 to 24");
    m->points = sp_arena_array(arena, n, sizeof *m->points);
    m->n_points = (int32_t)n;
    for (size_t i = 0; i < n; i++) {
        if (read_point(json_array_get(list, i), arena, &m->points[i], err) != SP_OK)
            return SP_EINPUT;
        if (i > 0 && !(m->points[i].x > m->points[i - 1].x))
            return sp_fail(err, SP_EINPUT, "x is %g after %g, expected rising",
                           m->points[i].x, m->points[i - 1].x);
    }
    return SP_OK;
}

static enum sp_status read_work(const json_t *in, struct model_work *w,
                                struct sp_err *err)
{
    const json_t *j = json_object_get(in, "work");

    if (!json_is_object(j))
        return wrong_type(err, "work", j, "an object");
    if (get_number(j, "flop_fixed", 0, 1e18, &w->flop_fixed, err) != SP_OK ||
        get_number(j, "flop", 0, 1e18, &w->flop, err) != SP_OK ||
        get_number(j, "bytes_fixed", 0, 1e18, &w->bytes_fixed, err) != SP_OK ||
        get_number(j, "bytes", 0, 1e18, &w->bytes, err) != SP_OK)
        return SP_EINPUT;
    return SP_OK;
}

static enum sp_status read_kernel(const json_t *j, struct sp_arena *arena,
                                  struct cal_line *line, struct sp_err *err)
{
    struct cal_measured *m = &line->kernel;
    struct model_fact *params = NULL;
    const char *name;
    char quoted[64];

    if (get_text(j, "name", false, arena, &name, err) != SP_OK ||
        get_text(j, "device", false, arena, &line->on, err) != SP_OK)
        return SP_EINPUT;
    if (!cal_device_plan_about(name, m))
        return sp_fail(err, SP_EINPUT, "name is %s, expected a kernel of the plan",
                       sp_text_quote(name, quoted, sizeof quoted));
    if (get_text(j, "skipped", true, arena, &m->skipped, err) != SP_OK ||
        get_text(j, "library", true, arena, &m->library, err) != SP_OK ||
        get_text(j, "code_path", true, arena, &m->code_path, err) != SP_OK ||
        get_bool(j, "quiet", &m->quiet, err) != SP_OK ||
        read_work(j, &m->work, err) != SP_OK ||
        get_facts(j, "parameters", arena, &params, &m->n_params, err) != SP_OK ||
        read_points(j, arena, m, err) != SP_OK)
        return SP_EINPUT;
    m->params = params;
    return SP_OK;
}

static enum sp_status read_device(const json_t *j, struct sp_arena *arena,
                                  struct cal_line *line, struct sp_err *err)
{
    struct model_profile_device *d = &line->device;

    d->is_gpu = true;
    if (get_text(j, "name", false, arena, &d->name, err) != SP_OK ||
        get_text(j, "model", false, arena, &d->model, err) != SP_OK ||
        get_text(j, "catalog", true, arena, &d->catalog, err) != SP_OK ||
        get_facts(j, "facts", arena, &d->facts, &d->n_facts, err) != SP_OK)
        return SP_EINPUT;
    if (d->name[0] == '\0')
        return sp_fail(err, SP_EINPUT, "name is empty, expected a device's");
    return SP_OK;
}

static enum sp_status read_state(const json_t *j, struct sp_arena *arena,
                                 struct cal_line *line, struct sp_err *err)
{
    const char *is;
    char quoted[64];

    if (get_text(j, "is", false, arena, &is, err) != SP_OK ||
        get_text(j, "why", true, arena, &line->text, err) != SP_OK)
        return SP_EINPUT;
    for (int s = CAL_DEVICE_OK; s <= CAL_DEVICE_BROKEN; s++)
        if (strcmp(is, cal_device_state_name((enum cal_device_state)s)) == 0) {
            line->state = (enum cal_device_state)s;
            return SP_OK;
        }
    return sp_fail(err, SP_EINPUT, "is is %s, expected the state of a device",
                   sp_text_quote(is, quoted, sizeof quoted));
}

static enum sp_status read_body(const json_t *j, struct sp_arena *arena,
                                struct cal_line *line, struct sp_err *err)
{
    int32_t protocol = 0;
    enum sp_status status;

    switch (line->kind) {
    case CAL_LINE_HELLO:
        status = get_count(j, "protocol", 0, INT32_MAX, &protocol, err);
        line->protocol = protocol;
        return status != SP_OK ? status
                               : get_text(j, "backend", false, arena, &line->text, err);
    case CAL_LINE_STATE:
        return read_state(j, arena, line, err);
    case CAL_LINE_DEVICE:
        return read_device(j, arena, line, err);
    case CAL_LINE_KERNEL:
        return read_kernel(j, arena, line, err);
    case CAL_LINE_NOTE:
        return get_text(j, "text", false, arena, &line->text, err);
    case CAL_LINE_DOING:
        status = get_number(j, "done_frac", 0, 1, &line->done_frac, err);
        return status != SP_OK ? status
                               : get_text(j, "what", false, arena, &line->text, err);
    case CAL_LINE_DONE:
        return SP_OK;
    }
    return SP_OK;
}

static enum sp_status read_line(const json_t *root, struct sp_arena *arena,
                                struct cal_line *line, struct sp_err *err)
{
    struct cal_line read = {0};

    if (!json_is_object(root))
        return wrong_type(err, "the line", root, "an object");
    for (int kind = 0; kind < KINDS; kind++) {
        const json_t *body = json_object_get(root, kind_names[kind]);
        enum sp_status status;

        if (body == NULL)
            continue;
        if (!json_is_object(body))
            return wrong_type(err, kind_names[kind], body, "an object");
        read.kind = (enum cal_line_kind)kind;
        status = read_body(body, arena, &read, err);
        if (status == SP_OK)
            *line = read;
        return status;
    }
    return sp_fail(err, SP_EINPUT, "it is of no known kind");
}

enum sp_status cal_line_parse(const char *text, size_t size, struct sp_arena *arena,
                              struct cal_line *line, struct sp_err *err)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    enum sp_status status;

    if (root == NULL)
        return sp_fail(err, SP_EINPUT, "it is no JSON");
    status = read_line(root, arena, line, err);
    json_decref(root);
    return status;
}
