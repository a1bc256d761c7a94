/* Fields of a row, and what they say. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wide.h"
#include "traces/format.h"
#include "traces/job_format.h"
#include "traces/row.h"

#define BYTES_MAX (INT64_C(1) << 60)

/* ---- fields ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *next_between_blanks(const char *text, const char *end,
                                       struct trace_job_cell *field)
{
    const char *p = text, *from;

    while (p < end && is_blank(*p))
        p++;
    for (from = p; p < end && !is_blank(*p); p++)
        ;
    field->text = from;
    field->size = (size_t)(p - from);
    while (p < end && is_blank(*p))
        p++;
    return p < end ? p : NULL;
}

const char *trace_job_field(char delimiter, const char *text, const char *end,
                            struct trace_job_cell *field)
{
    struct trace_field f;
    const char *next;

    if (delimiter == ' ')
        return next_between_blanks(text, end, field);
    if (delimiter == ',') {
        next = trace_field_next(text, end, &f);
        field->text = f.text;
        field->size = f.size;
        return next;
    }
    next = memchr(text, delimiter, (size_t)(end - text));
    field->text = text;
    field->size = (size_t)((next != NULL ? next : end) - text);
    return next != NULL ? next + 1 : NULL;
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number times 10^decimals, cut off; `rest` says what was. */
struct fixed {
    int64_t value;
    bool negative, rest, half; /* something; half a unit or more */
};

static bool append(int64_t *value, int digit)
{
    if (*value > (INT64_MAX - digit) / 10)
        return false;
    *value = *value * 10 + digit;
    return true;
}

static bool read_fixed(const struct trace_job_cell *c, int decimals, struct fixed *f)
{
    const char *p = c->text, *end = p + c->size;
    int left = decimals;

    *f = (struct fixed){.negative = p < end && *p == '-'};
    p += f->negative;
    if (p == end || !is_digit(*p))
        return false;
    for (; p < end && is_digit(*p); p++)
        if (!append(&f->value, *p - '0'))
            return false;
    if (p < end && *p == '.' && ++p == end)
        return false;
    for (; p < end && is_digit(*p); p++) {
        if (left-- > 0 && !append(&f->value, *p - '0'))
            return false;
        f->half = f->half || (left == -1 && *p >= '5');
        f->rest = f->rest || (left < 0 && *p != '0');
    }
    for (; left > 0; left--)
        if (!append(&f->value, 0))
            return false;
    return p == end;
}

bool trace_job_is_number(const struct trace_job_cell *field)
{
    struct fixed f;

    return read_fixed(field, 0, &f);
}

static int64_t signed_value(const struct fixed *f)
{
    return f->negative ? -f->value : f->value;
}

/* ---- by kind ---- */

static const char *const expected[] = {
    [TRACE_JOB_TEXT] = "text",
    [TRACE_JOB_S] = "seconds such as 12 or 12.5, no exponent",
    [TRACE_JOB_S_OR_NEVER] = "seconds such as 12 or 12.5, or 'never'",
    [TRACE_JOB_DATE] = "a time such as 2017-09-04 10:30:41, years 1970 to 2199",
    [TRACE_JOB_WHOLE] = "a whole number",
    [TRACE_JOB_THOUSANDTHS] = "0 to 1000000, in steps of a thousandth such as 4 or 0.5",
    [TRACE_JOB_PERCENT] = "percent of one, 0 to 100000000",
    [TRACE_JOB_BYTES] = "whole bytes, 0 to 2^60",
    [TRACE_JOB_KIB] = "KiB, 0 to 2^50, or -1",
    [TRACE_JOB_MIB] = "MiB, 0 to 2^40",
    [TRACE_JOB_GIB] = "GiB, 0 to 2^30",
    [TRACE_JOB_FLAG] = "true or false",
};

enum sp_status trace_job_wrong(const struct trace_job_cell *cell, const char *what,
                               struct sp_err *err)
{
    char found[TRACE_QUOTE_SIZE];

    if (cell->size == 0)
        return sp_fail(err, SP_EINPUT, "column %s: found nothing, expected %s",
                       cell->column, what);
    return sp_fail(err, SP_EINPUT, "column %s: found '%s', expected %s", cell->column,
                   trace_quote(cell->text, cell->size, found), what);
}

static bool is_text(const struct trace_job_cell *c, const char *text)
{
    return c->size == strlen(text) && memcmp(c->text, text, c->size) == 0;
}

static bool read_seconds(struct trace_job_cell *c)
{
    struct fixed f;

    if (!read_fixed(c, 9, &f) || f.value == INT64_MAX)
        return false;
    f.value += f.half;
    c->value = signed_value(&f);
    return true;
}

/* Two digits, or -1. */
static int pair(const char *t)
{
    return is_digit(t[0]) && is_digit(t[1]) ? (t[0] - '0') * 10 + (t[1] - '0') : -1;
}

static bool read_date(struct trace_job_cell *c)
{
    static const char form[] = "dddd-dd-dd?dd:dd:dd";
    enum { FORM = sizeof form - 1, SECOND = 17 };
    const char *t = c->text;
    struct trace_job_cell second = {.text = t + SECOND};
    struct fixed f;
    int64_t days;

    if (c->size < FORM || (t[10] != ' ' && t[10] != 'T'))
        return false;
    for (size_t i = 0; i < FORM; i++)
        if (form[i] == 'd' ? !is_digit(t[i]) : form[i] != '?' && form[i] != t[i])
            return false;
    second.size = c->size - SECOND;
    days = sp_days_from_civil(pair(t) * 100 + pair(t + 2), pair(t + 5), pair(t + 8));
    if (days < 0 || pair(t + 11) > 23 || pair(t + 14) > 59 || pair(t + SECOND) > 59 ||
        !read_fixed(&second, 9, &f))
        return false;
    c->value =
        ((days * 24 + pair(t + 11)) * 60 + pair(t + 14)) * 60 * SP_NS_PER_S + f.value;
    return true;
}

static bool read_whole(struct trace_job_cell *c)
{
    struct fixed f;

    if (!read_fixed(c, 0, &f) || f.rest)
        return false;
    c->value = signed_value(&f);
    return true;
}

/* Thousandths of `unit` hundredths: rounded up where `up`, else exact. */
static bool read_share(struct trace_job_cell *c, int decimals, bool up)
{
    enum { MOST = 1000000000 };
    struct fixed f;

    if (!read_fixed(c, decimals, &f) || f.negative || (f.rest && !up))
        return false;
    c->value = f.value + f.rest;
    return c->value <= MOST;
}

static bool read_bytes(struct trace_job_cell *c, int64_t unit)
{
    enum { DECIMALS = 9, PARTS = 1000000000 };
    struct fixed f;
    sp_u128 bytes;

    if (!read_fixed(c, unit > 1 ? DECIMALS : 0, &f) || (unit == 1 && f.rest))
        return false;
    if (f.negative && unit == 1024 && f.value == PARTS) {
        c->value = -1;
        return true;
    }
    bytes = (sp_u128)f.value * (sp_u128)unit;
    if (unit > 1)
        bytes = (bytes + PARTS - 1) / PARTS;
    c->value = (int64_t)bytes;
    return !f.negative && bytes <= BYTES_MAX;
}

static bool read_flag(struct trace_job_cell *c)
{
    c->value = is_text(c, "true") || is_text(c, "1");
    return c->value != 0 || is_text(c, "false") || is_text(c, "0");
}

static bool read_kind(enum trace_job_kind kind, struct trace_job_cell *c)
{
    switch (kind) {
    case TRACE_JOB_TEXT:
        return true;
    case TRACE_JOB_S_OR_NEVER:
        if (is_text(c, "never")) {
            c->value = MODEL_NEVER;
            return true;
        }
        return read_seconds(c);
    case TRACE_JOB_S:
        return read_seconds(c);
    case TRACE_JOB_DATE:
        return read_date(c);
    case TRACE_JOB_WHOLE:
        return read_whole(c);
    case TRACE_JOB_THOUSANDTHS:
        return read_share(c, 3, false);
    case TRACE_JOB_PERCENT:
        return read_share(c, 1, true);
    case TRACE_JOB_BYTES:
        return read_bytes(c, 1);
    case TRACE_JOB_KIB:
        return read_bytes(c, 1024);
    case TRACE_JOB_MIB:
        return read_bytes(c, INT64_C(1) << 20);
    case TRACE_JOB_GIB:
        return read_bytes(c, INT64_C(1) << 30);
    case TRACE_JOB_FLAG:
        return read_flag(c);
    }
    return false;
}

enum sp_status trace_job_read_cell(enum trace_job_kind kind,
                                   struct trace_job_cell *cell, struct sp_err *err)
{
    cell->given = cell->size > 0;
    if (!cell->given || read_kind(kind, cell))
        return SP_OK;
    return trace_job_wrong(cell, expected[kind], err);
}

/* ---- names ---- */

/* Whether bytes may be a name: short, and nothing in it that a terminal or a CSV would
 * stumble over. */
static bool is_name(const char *text, size_t size)
{
    char copy[MODEL_NAME_MAX + 1];
    bool plain = true;

    if (size == 0 || size > MODEL_NAME_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"' || text[i] == '\0')
            return false;
        plain = plain && text[i] >= ' ' && text[i] <= '~';
    }
    if (plain)
        return true;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return sp_text_is_clean(copy);
}

static enum sp_status wrong_name(const struct trace_job_cell *cell, struct sp_err *err)
{
    char what[120];

    snprintf(what, sizeof what,
             "a name of at most %d bytes of UTF-8, no control bytes and no quotes",
             (int)MODEL_NAME_MAX);
    return trace_job_wrong(cell, what, err);
}

enum sp_status trace_job_set_name(struct trace_job_context *ctx,
                                  const struct trace_job_cell *cell,
                                  struct model_job *job, struct sp_err *err)
{
    job->name = ctx->name;
    if (!cell->given) {
        snprintf(ctx->name, sizeof ctx->name, "%lld", (long long)ctx->row);
        return SP_OK;
    }
    if (!is_name(cell->text, cell->size))
        return wrong_name(cell, err);
    memcpy(ctx->name, cell->text, cell->size);
    ctx->name[cell->size] = '\0';
    return SP_OK;
}

enum sp_status trace_job_set_team(struct trace_job_context *ctx,
                                  const struct trace_job_cell *cell,
                                  struct model_job *job, struct sp_err *err)
{
    int32_t team;

    job->team = 0;
    if (!cell->given)
        return SP_OK;
    if (!is_name(cell->text, cell->size))
        return wrong_name(cell, err);
    team = sp_names_add(ctx->teams, cell->text, cell->size, MODEL_JOB_TEAMS_MAX);
    if (team == SP_NO_ID)
        return sp_fail(err, SP_EINPUT,
                       "column %s: found the name of another team, expected at most %d "
                       "(those without one included)",
                       cell->column, (int)MODEL_JOB_TEAMS_MAX);
    job->team = team;
    return SP_OK;
}

/* The bits of a list of models, in `bits`. */
static enum sp_status read_models(struct trace_job_context *ctx,
                                  const struct trace_job_cell *cell, uint64_t *bits,
                                  struct sp_err *err)
{
    const char *p = cell->text, *end = cell->text + cell->size;

    *bits = 0;
    while (p != NULL) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        size_t size = (size_t)((bar != NULL ? bar : end) - p);
        int32_t model;

        if (!is_name(p, size))
            return trace_job_wrong(cell, "names of GPU models with '|' between them",
                                   err);
        model = sp_names_add(ctx->models, p, size, MODEL_JOB_MODELS_MAX);
        if (model == SP_NO_ID)
            return sp_fail(err, SP_EINPUT,
                           "column %s: found the name of another GPU model, expected "
                           "at most %d in a trace",
                           cell->column, (int)MODEL_JOB_MODELS_MAX);
        *bits |= UINT64_C(1) << model;
        p = bar != NULL ? bar + 1 : NULL;
    }
    return SP_OK;
}

enum sp_status trace_job_set_models(struct trace_job_context *ctx,
                                    const struct trace_job_cell *cell,
                                    struct model_job *job, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    job->models = 0;
    if (!cell->given)
        return SP_OK;
    if (cell->size != ctx->spec_size ||
        memcmp(cell->text, ctx->spec, cell->size) != 0) {
        status = read_models(ctx, cell, &ctx->spec_bits, err);
        ctx->spec_size = 0;
        if (status == SP_OK && cell->size <= sizeof ctx->spec) {
            ctx->spec_size = cell->size;
            memcpy(ctx->spec, cell->text, cell->size);
        }
    }
    job->models = ctx->spec_bits;
    return status;
}

enum trace_job_verdict trace_job_never_ran(struct trace_job_context *ctx)
{
    ctx->facts->never_ran++;
    return TRACE_JOB_PASSED;
}
