/* Recorded availability as JSON: {"metadata": {"gap_seconds": 195}, "data": [0, 1]}, a
 * number of nodes for each tick.  Other keys are passed over, whatever they hold. */
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "base/units.h"
#include "model/availability_parts.h"
#include "model/scenario.h"

enum { KEY_MAX = 64 };

struct scan {
    const char *path, *text, *p;
    struct model_steps *steps; /* at: the number of the tick */
    int64_t gap_ns;            /* 0: not met yet */
    int64_t ticks;             /* -1: not met yet */
};

/* Where p is, for people; from the start, as it happens once. */
static enum sp_status refuse(const struct scan *s, const char *expected,
                             struct sp_err *err)
{
    int line = 1, column = 1;
    char found[24] = "", quoted[48];

    for (const char *p = s->text; p < s->p; p++) {
        line += *p == '\n';
        column = *p == '\n' ? 1 : column + 1;
    }
    strncpy(found, s->p, strcspn(s->p, "\n") < 16 ? strcspn(s->p, "\n") : 16);
    return sp_fail(err, SP_EINPUT, "%s:%d:%d: found %s, expected %s", s->path, line,
                   column,
                   *s->p != '\0' ? sp_text_quote(found, quoted, sizeof quoted)
                                 : "the end of the file",
                   expected);
}

static void skip_blanks(struct scan *s)
{
    s->p += strspn(s->p, " \t\r\n");
}

/* Whether the next sign is `c`, which is then passed. */
static bool take(struct scan *s, char c)
{
    skip_blanks(s);
    if (*s->p != c)
        return false;
    s->p++;
    return true;
}

/* Passes a string; its bytes, as written, to key[] where they fit, else "". */
static enum sp_status take_string(struct scan *s, char key[KEY_MAX], struct sp_err *err)
{
    const char *begin;
    size_t size;

    if (!take(s, '"'))
        return refuse(s, "a key in quotes", err);
    for (begin = s->p; *s->p != '"'; s->p++) {
        if (*s->p == '\\' && s->p[1] != '\0')
            s->p++;
        if (*s->p == '\0' || *s->p == '\n')
            return refuse(s, "the end of a string", err);
    }
    size = (size_t)(s->p++ - begin);
    key[0] = '\0';
    if (size < KEY_MAX) {
        memcpy(key, begin, size);
        key[size] = '\0';
    }
    return SP_OK;
}

/* Passes any value: brackets are counted, what is between them is not looked at. */
static enum sp_status skip_value(struct scan *s, struct sp_err *err)
{
    char ignored[KEY_MAX];
    int64_t depth = 0;

    for (;;) {
        skip_blanks(s);
        if (*s->p == '\0' || (depth == 0 && strchr(",]}", *s->p) != NULL))
            return refuse(s, "a value", err);
        if (*s->p == '"') {
            enum sp_status status = take_string(s, ignored, err);

            if (status != SP_OK)
                return status;
        } else if (strchr("[{", *s->p) != NULL) {
            s->p++;
            depth++;
        } else if (strchr("]}", *s->p) != NULL) {
            s->p++;
            depth--;
        } else {
            s->p += strcspn(s->p, " \t\r\n,[]{}\"");
        }
        while (depth > 0 && (take(s, ',') || take(s, ':')))
            ;
        if (depth == 0)
            return SP_OK;
    }
}

static enum sp_status take_gap(struct scan *s, struct sp_err *err)
{
    static const char expected[] =
        "gap_seconds once, a number of seconds above 0 and at most a year";
    const char *at;
    struct sp_decimal d;
    bool rest;

    skip_blanks(s);
    at = s->p;
    if (s->gap_ns != 0 || !sp_decimal_scan(&s->p, &d) ||
        !sp_decimal_whole(&d, (uint64_t)SP_NS_PER_S, &s->gap_ns, &rest) || rest ||
        s->gap_ns <= 0 || s->gap_ns > 365 * 24 * SP_NS_PER_H) {
        s->p = at;
        return refuse(s, expected, err);
    }
    return SP_OK;
}

static enum sp_status take_tick(struct scan *s, struct sp_err *err)
{
    const char *at;
    struct sp_decimal d;
    int64_t nodes;
    bool rest;

    skip_blanks(s);
    at = s->p;
    if (!sp_decimal_scan(&s->p, &d) || !sp_decimal_whole(&d, 1, &nodes, &rest) ||
        rest || nodes > MODEL_NODES_MAX) {
        s->p = at;
        return refuse(s, "a whole number of nodes, 0 to 1000000", err);
    }
    model_steps_add(s->steps, s->ticks++, (int32_t)nodes);
    return SP_OK;
}

static enum sp_status take_data(struct scan *s, struct sp_err *err)
{
    skip_blanks(s);
    if (s->ticks >= 0)
        return refuse(s, "'data' once", err);
    if (!take(s, '['))
        return refuse(s, "'[' and a number for each tick", err);
    s->ticks = 0;
    do {
        enum sp_status status = take_tick(s, err);

        if (status != SP_OK)
            return status;
    } while (take(s, ','));
    return take(s, ']') ? SP_OK : refuse(s, "',' or ']'", err);
}

/* The members of an object, each by `member`. */
static enum sp_status take_object(struct scan *s,
                                  enum sp_status (*member)(struct scan *s,
                                                           const char *key,
                                                           struct sp_err *err),
                                  struct sp_err *err)
{
    if (!take(s, '{'))
        return refuse(s, "'{'", err);
    if (take(s, '}'))
        return SP_OK;
    do {
        char key[KEY_MAX];
        enum sp_status status;

        skip_blanks(s);
        status = take_string(s, key, err);
        if (status == SP_OK && !take(s, ':'))
            status = refuse(s, "':'", err);
        if (status == SP_OK)
            status = member(s, key, err);
        if (status != SP_OK)
            return status;
    } while (take(s, ','));
    return take(s, '}') ? SP_OK : refuse(s, "',' or '}'", err);
}

static enum sp_status metadata_member(struct scan *s, const char *key,
                                      struct sp_err *err)
{
    return strcmp(key, "gap_seconds") == 0 ? take_gap(s, err) : skip_value(s, err);
}

static enum sp_status top_member(struct scan *s, const char *key, struct sp_err *err)
{
    if (strcmp(key, "metadata") == 0)
        return take_object(s, metadata_member, err);
    return strcmp(key, "data") == 0 ? take_data(s, err) : skip_value(s, err);
}

/* From ticks to nanoseconds. */
static enum sp_status finish(const struct scan *s, int64_t *length_ns,
                             struct sp_err *err)
{
    if (s->gap_ns == 0 || s->ticks <= 0)
        return sp_fail(err, SP_EINPUT, "%s: has no '%s', expected both of %s", s->path,
                       s->gap_ns == 0 ? "metadata.gap_seconds" : "data",
                       "{\"metadata\": {\"gap_seconds\": 300}, \"data\": [0, 1]}");
    if (s->ticks > SP_NS_MAX / s->gap_ns)
        return sp_fail(err, SP_EINPUT,
                       "%s: found %lld ticks of %g s, expected at most a century",
                       s->path, (long long)s->ticks, sp_s_from_ns(s->gap_ns));
    for (int32_t i = 0; i < s->steps->n; i++)
        s->steps->at[i] *= s->gap_ns;
    *length_ns = s->ticks * s->gap_ns;
    return SP_OK;
}

static enum sp_status read_ticks(const char *path, const char *text,
                                 struct model_steps *steps, int64_t *length_ns,
                                 struct sp_err *err)
{
    struct scan s = {
        .path = path, .text = text, .p = text, .steps = steps, .ticks = -1};
    enum sp_status status = take_object(&s, top_member, err);

    skip_blanks(&s);
    if (status == SP_OK && *s.p != '\0')
        status = refuse(&s, "nothing more", err);
    return status == SP_OK ? finish(&s, length_ns, err) : status;
}

/* An object whose first key is one of the two, or that names the gap early on. */
static bool is_ticks(const char *text, size_t size)
{
    const char *p = text + strspn(text, " \t\r\n");
    size_t head = strnlen(text, size < 4096 ? size : 4096);

    if (*p++ != '{')
        return false;
    p += strspn(p, " \t\r\n");
    return strncmp(p, "\"metadata\"", 10) == 0 || strncmp(p, "\"data\"", 6) == 0 ||
           memmem(text, head, "\"gap_seconds\"", 13) != NULL;
}

const struct model_availability_form model_availability_ticks = {
    .name = "ticks", .recognise = is_ticks, .read = read_ticks};
