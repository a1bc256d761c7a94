/* Values of an axis from text, and numbers with units to text again. */
#include "study/axis.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/text.h"
#include "base/units.h"

#define FACTORS "numbers without units as factors, such as *0.8,1,1.2"

enum { UNIT_MAX = 16, FILE_MIB = 64, SHOWN = 120 };

/* What is being read, for messages. */
struct reading {
    const char *text; /* of the whole option */
    struct sp_arena *arena;
    struct model_axis *axis;
    struct sp_err *err;
};

static enum sp_status refuse(const struct reading *r, const char *found,
                             const char *expected)
{
    char shown[SHOWN], quoted[SHOWN];

    return sp_fail(r->err, SP_EINPUT, "--vary %s: found %s, expected %s",
                   sp_text_quote(r->text, shown, sizeof shown),
                   sp_text_quote(found, quoted, sizeof quoted), expected);
}

/* ---- numbers with units ---- */

/* "100ms" is 100 and "ms". */
struct amount {
    double number;
    char unit[UNIT_MAX];
    bool whole; /* digits alone, without a unit */
};

static bool is_plain_number(const char *text, size_t n)
{
    return n > 0 && strspn(text, "+-.0123456789eE") >= n && !isalpha(text[0]);
}

/* Where the number of a text ends: the longest start that is one. */
static size_t number_length(const char *text)
{
    char *end;

    if (text[0] == '\0' || isspace((unsigned char)text[0]) ||
        strchr("+-.0123456789", text[0]) == NULL)
        return 0;
    strtod(text, &end);
    return is_plain_number(text, (size_t)(end - text)) ? (size_t)(end - text) : 0;
}

static bool read_amount(const char *text, struct amount *a)
{
    size_t n = number_length(text);

    if (n == 0 || strlen(text + n) >= UNIT_MAX || strpbrk(text + n, "0123456789") ||
        !sp_text_is_clean(text))
        return false;
    a->number = strtod(text, NULL);
    snprintf(a->unit, sizeof a->unit, "%s", text + n);
    a->whole =
        strspn(text, "-0123456789") == n && text[n] == '\0' && fabs(a->number) < 1e15;
    return isfinite(a->number);
}

static enum sp_status parse_bytes(const char *text, double *bytes, struct sp_err *err)
{
    int64_t whole;
    enum sp_status s = sp_parse_bytes(text, &whole, err);

    if (s == SP_OK)
        *bytes = (double)whole;
    return s;
}

/* What units can be brought to each other in. */
static enum sp_status (*const dimensions[])(const char *text, double *value,
                                            struct sp_err *err) = {
    sp_parse_duration_s, parse_bytes, sp_parse_bytes_per_s, sp_parse_per_s};

/* `a` in the unit of `like`; NaN where it has none that can be brought there. */
static double in_unit_of(const struct amount *a, const struct amount *like)
{
    char here_text[64], there_text[64];
    double here, there;

    if (a->unit[0] == '\0' || strcmp(a->unit, like->unit) == 0)
        return a->number;
    if (like->unit[0] == '\0')
        return NAN;
    snprintf(here_text, sizeof here_text, "%.17g%s", a->number, a->unit);
    snprintf(there_text, sizeof there_text, "1%s", like->unit);
    for (size_t i = 0; i < sizeof dimensions / sizeof dimensions[0]; i++)
        if (dimensions[i](here_text, &here, NULL) == SP_OK &&
            dimensions[i](there_text, &there, NULL) == SP_OK && there > 0)
            return here / there;
    return NAN;
}

/* The shortest text that reads back as the same number; no exponent where people would
 * not write one. */
static const char *number_text(struct sp_arena *arena, const struct model_axis *axis,
                               double x)
{
    int whole_digits = fabs(x) >= 1 && fabs(x) < 1e15 ? (int)log10(fabs(x)) + 1 : 1;
    char text[40];

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g",
                 digits > whole_digits ? digits : whole_digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    return sp_arena_printf(arena, "%s%s%s", axis->relative ? "*" : "", text,
                           axis->unit);
}

/* ---- lists ---- */

static void add_value(const struct reading *r, int32_t *room, const char *value,
                      double number)
{
    struct model_axis *axis = r->axis;
    const int32_t had = axis->n, had_room = *room;

    axis->values =
        sp_arena_more(r->arena, axis->values, had, room, sizeof *axis->values);
    if (*room != had_room)
        axis->numbers = sp_arena_grow(r->arena, axis->numbers, (size_t)had,
                                      (size_t)*room, sizeof *axis->numbers);
    axis->values[had] = value;
    axis->numbers[had] = number;
    axis->n++;
}

/* One value as it stands; its number is in the unit of the first one. */
static enum sp_status add_text(const struct reading *r, int32_t *room,
                               struct amount *first, const char *text)
{
    struct model_axis *axis = r->axis;
    struct amount a = {.number = NAN};
    double number = NAN;

    if (text[0] == '\0')
        return refuse(r, text, "a value between commas");
    if (!sp_text_is_clean(text))
        return refuse(r, text, "text without control characters");
    if (axis->n == MODEL_AXIS_VALUES_MAX)
        return refuse(r, "more", "at most 1000000 values");
    if (read_amount(text, &a)) {
        if (axis->n == 0)
            *first = a;
        number = in_unit_of(&a, first);
    }
    if (axis->relative && (isnan(number) || a.unit[0] != '\0'))
        return refuse(r, text, FACTORS);
    add_value(r, room,
              axis->relative ? sp_arena_printf(r->arena, "*%s", text)
                             : sp_arena_strdup(r->arena, text),
              number);
    return SP_OK;
}

static void finish_list(struct model_axis *axis, const struct amount *first,
                        struct sp_arena *arena)
{
    bool numbers = axis->n > 0;

    for (int32_t i = 0; i < axis->n; i++)
        numbers = numbers && !isnan(axis->numbers[i]);
    axis->unit = numbers ? sp_arena_strdup(arena, first->unit) : "";
}

static enum sp_status read_list(const struct reading *r, const char *body)
{
    char *words = sp_arena_strdup(r->arena, body), *word;
    struct amount first = {.number = NAN};
    enum sp_status s = SP_OK;
    int32_t room = 0;

    while (s == SP_OK && (word = strsep(&words, ",")) != NULL)
        s = add_text(r, &room, &first, word);
    finish_list(r->axis, &first, r->arena);
    return s;
}

/* ---- files ---- */

static char *trimmed(char *line)
{
    size_t n;

    line += strspn(line, " \t");
    n = strlen(line);
    while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
        line[--n] = '\0';
    return line;
}

static enum sp_status read_file(const struct reading *r, const char *path)
{
    char *text, *rest, *line;
    struct amount first = {.number = NAN};
    int32_t room = 0;
    size_t size;
    enum sp_status s = sp_input_load(path, FILE_MIB, &text, &size, r->err);

    if (s != SP_OK)
        return s;
    rest = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text; /* as of tables */
    if (memchr(text, '\0', size) != NULL)
        s = refuse(r, path, "a text file with a value per line");
    while (s == SP_OK && (line = strsep(&rest, "\n")) != NULL) {
        line = trimmed(line);
        if (line[0] != '\0' && line[0] != '#')
            s = add_text(r, &room, &first, line);
    }
    free(text);
    if (s == SP_OK && r->axis->n == 0)
        s = refuse(r, path, "a file with a value per line");
    finish_list(r->axis, &first, r->arena);
    return s;
}

/* ---- ranges ---- */

/* At a share of the way, 0 to 1; both ends exactly. */
static double on_the_way(const struct model_axis *axis, bool log, double share)
{
    if (share >= 1)
        return axis->high;
    return log ? axis->low * pow(axis->high / axis->low, share)
               : axis->low + share * (axis->high - axis->low);
}

/* So many digits: a step is what a person would have written, 0.7 and not
 * 0.7000000000000001; of a sampled point nobody reads more than a few. */
static double shortened(double x, int digits)
{
    char text[40];

    snprintf(text, sizeof text, "%.*g", digits, x);
    return strtod(text, NULL);
}

static double at_step(const struct model_axis *axis, bool log, double share)
{
    double x = on_the_way(axis, log, share);

    if (axis->whole)
        return round(x);
    return share <= 0 || share >= 1 ? x : shortened(x, 14);
}

static void list_steps(const struct reading *r, bool log, int64_t steps)
{
    struct model_axis *axis = r->axis;
    int32_t room = 0;

    axis->kind = MODEL_AXIS_VALUES;
    for (int64_t i = 0; i < steps; i++) {
        double share = steps > 1 ? (double)i / (double)(steps - 1) : 0;
        double x = at_step(axis, log, share);

        if (axis->n == 0 || x != axis->numbers[axis->n - 1])
            add_value(r, &room, number_text(r->arena, axis, x), x);
    }
}

static enum sp_status list_whole(const struct reading *r, const char *text)
{
    const struct model_axis *axis = r->axis;

    if (axis->high - axis->low >= MODEL_AXIS_VALUES_MAX)
        return refuse(r, text, "at most 1000000 whole numbers, or lo..hi/n");
    list_steps(r, false, (int64_t)(axis->high - axis->low) + 1);
    return SP_OK;
}

/* "/n" at the end, which goes; 0: there is none. */
static enum sp_status take_steps(const struct reading *r, char *body, int64_t *steps)
{
    char *slash = strrchr(body, '/');

    *steps = 0;
    if (slash == NULL || slash[1] == '\0' ||
        strspn(slash + 1, "0123456789") != strlen(slash + 1))
        return SP_OK;
    *slash = '\0';
    *steps = strtoll(slash + 1, NULL, 10);
    if (*steps < 1 || *steps > MODEL_AXIS_VALUES_MAX)
        return refuse(r, slash + 1, "from 1 to 1000000 steps");
    return SP_OK;
}

static enum sp_status read_bounds(const struct reading *r, char *body, bool log)
{
    struct model_axis *axis = r->axis;
    char *dots = strstr(body, "..");
    struct amount low, high;

    if (dots[2] == '.')
        return refuse(r, body, "two dots between numbers, such as 0..0.5");
    *dots = '\0';
    if (!read_amount(body, &low))
        return refuse(r, body, "a number with or without a unit before '..'");
    if (!read_amount(dots + 2, &high))
        return refuse(r, dots + 2, "a number with or without a unit after '..'");
    axis->low = in_unit_of(&low, &high);
    axis->high = high.number;
    axis->unit = sp_arena_strdup(r->arena, high.unit);
    axis->whole = low.whole && high.whole && !axis->relative;
    if (axis->relative && (low.unit[0] != '\0' || high.unit[0] != '\0'))
        return refuse(r, body, FACTORS);
    if (isnan(axis->low))
        return refuse(r, body, "a bound in a unit of the same kind as the upper one");
    if (!(axis->low < axis->high))
        return refuse(r, body, "a lower bound below the upper one");
    if (log && axis->low <= 0)
        return refuse(r, body, "a lower bound above 0 for a logarithmic range");
    return SP_OK;
}

static enum sp_status read_range(const struct reading *r, const char *text, bool log)
{
    struct model_axis *axis = r->axis;
    char *body = sp_arena_strdup(r->arena, text);
    int64_t steps = 0;
    enum sp_status s = take_steps(r, body, &steps);

    if (s == SP_OK)
        s = read_bounds(r, body, log);
    if (s != SP_OK)
        return s;
    axis->kind = log ? MODEL_AXIS_LOG : MODEL_AXIS_RANGE;
    axis->whole = axis->whole && (log || steps == 0);
    if (steps == 0 && axis->whole && !log)
        return list_whole(r, text);
    if (steps > 0)
        list_steps(r, log, steps);
    return SP_OK;
}

/* ---- public ---- */

static enum sp_status read_body(const struct reading *r, const char *body)
{
    static const char log[] = "log:";

    if (body[0] == '*') {
        r->axis->relative = true;
        body++;
    }
    if (body[0] == '@')
        return read_file(r, body + 1);
    if (strncmp(body, log, sizeof log - 1) == 0) {
        body += sizeof log - 1;
        if (strstr(body, "..") == NULL)
            return refuse(r, body, "a range, such as log:1..1000/4");
        return read_range(r, body, true);
    }
    if (strstr(body, "..") != NULL && strchr(body, ',') == NULL)
        return read_range(r, body, false);
    return read_list(r, body);
}

enum sp_status study_axis_parse(const char *text, struct sp_arena *arena,
                                struct model_axis *axis, struct sp_err *err)
{
    const struct reading r = {text, arena, axis, err};
    const char *equals = strchr(text, '=');

    *axis = (struct model_axis){.low = NAN, .high = NAN, .unit = ""};
    if (equals == NULL || equals == text || equals[1] == '\0')
        return refuse(&r, text, "path=values, such as fleet.gpu-node.count=1,2,4");
    if (!sp_text_is_clean(text))
        return refuse(&r, text, "text without control characters");
    axis->path = sp_arena_printf(arena, "%.*s", (int)(equals - text), text);
    axis->text = sp_arena_strdup(arena, equals + 1);
    return read_body(&r, equals + 1);
}

struct model_coordinate study_axis_at(const struct model_axis *axis, double u,
                                      struct sp_arena *arena)
{
    double x;

    if (axis->kind == MODEL_AXIS_VALUES) {
        int32_t i = (int32_t)fmin(floor(u * axis->n), axis->n - 1);

        return (struct model_coordinate){axis->numbers[i], axis->values[i]};
    }
    x = on_the_way(axis, axis->kind == MODEL_AXIS_LOG, u);
    x = axis->whole ? round(x) : fmin(fmax(shortened(x, 9), axis->low), axis->high);
    return (struct model_coordinate){x, number_text(arena, axis, x)};
}
