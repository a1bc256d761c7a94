/* Parsers of quantities, on top of the decimal scanner: a unit is a row of a table. */
#include "base/units.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

#define THOUSANDTHS_MAX INT64_C(1000000000)
#define BYTES_MAX       (INT64_C(1) << 60)
#define BYTES_PER_S_MAX 1e18
#define USD_PER_H_MAX   1e6
#define USD_MAX         1e12
#define PER_S_MAX       1e12
#define S_MAX           ((double)SP_NS_MAX / (double)SP_NS_PER_S)

/* ---- what all parsers share ---- */

struct in {
    const char *text;     /* all of it, for the message */
    const char *p;        /* what is still to be read */
    const char *expected; /* "a duration such as 90s" */
    struct sp_err *err;
};

static void skip_blanks(struct in *in)
{
    while (*in->p == ' ' || *in->p == '\t')
        in->p++;
}

static struct in begin(const char *text, const char *expected, struct sp_err *err)
{
    struct in in = {.text = text, .p = text, .expected = expected, .err = err};

    skip_blanks(&in);
    return in;
}

/* Always SP_EINPUT: "found '5x' (unknown unit 'x'), expected a duration such as 90s".
 */
static enum sp_status SP_PRINTF(2, 3) refuse(const struct in *in, const char *fmt, ...)
{
    char quoted[80], reason[160];
    va_list args;

    if (in->text[strspn(in->text, " \t")] == '\0')
        return sp_fail(in->err, SP_EINPUT, "found nothing, expected %s", in->expected);
    va_start(args, fmt);
    vsnprintf(reason, sizeof reason, fmt, args);
    va_end(args);
    return sp_fail(in->err, SP_EINPUT, "found %s (%s), expected %s",
                   sp_text_quote(in->text, quoted, sizeof quoted), reason,
                   in->expected);
}

static bool begins_with_any(const char *p, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strncmp(p, *words, strlen(*words)) == 0)
            return true;
    return false;
}

/* The number at in->p and the blanks behind it. */
static enum sp_status take_number(struct in *in, struct sp_decimal *d)
{
    static const char *const odd[] = {"nan",  "NaN",   "NAN",  ".nan",  ".NaN",
                                      "inf",  "Inf",   "INF",  ".inf",  ".Inf",
                                      "+inf", "+.inf", "-inf", "-.inf", NULL};

    if (sp_decimal_scan(&in->p, d)) {
        skip_blanks(in);
        return SP_OK;
    }
    if (begins_with_any(in->p, odd))
        return refuse(in, "not a finite number");
    if (*in->p == '-')
        return refuse(in, "negative");
    if (*in->p == '+')
        return refuse(in, "a '+' is not needed");
    if (strlen(in->p) > SP_DECIMAL_CHARS_MAX)
        return refuse(in, "too long");
    return refuse(in, "not a number");
}

/* A unit: `name` stands for mul * 10^shift. */
struct unit {
    const char *name;
    double mul;
    int shift;
};

/* Moves behind the unit at in->p: its letters, marks and slashes up to a blank or
 * digit. */
static size_t unit_length(const char *p)
{
    return strcspn(p, " \t0123456789.,+-_");
}

static const struct unit *take_unit(struct in *in, const struct unit *units)
{
    size_t n = unit_length(in->p);

    for (; units->name != NULL; units++)
        if (strlen(units->name) == n && memcmp(units->name, in->p, n) == 0) {
            in->p += n;
            skip_blanks(in);
            return units;
        }
    return NULL;
}

/* Why what stands at in->p is no unit. */
static enum sp_status refuse_unit(const struct in *in)
{
    char word[32], quoted[48];
    size_t n = unit_length(in->p);

    if (*in->p == '\0')
        return refuse(in, "no unit");
    n = n > 0 ? n : strlen(in->p);
    snprintf(word, sizeof word, "%.*s", (int)(n < 28 ? n : 28), in->p);
    sp_text_quote(word, quoted, sizeof quoted);
    return unit_length(in->p) > 0 ? refuse(in, "unknown unit %s", quoted)
                                  : refuse(in, "%s is out of place", quoted);
}

static enum sp_status at_end(const struct in *in)
{
    char quoted[48];

    if (*in->p == '\0')
        return SP_OK;
    return refuse(in, "unexpected %s", sp_text_quote(in->p, quoted, sizeof quoted));
}

static double in_unit(const struct sp_decimal *d, const struct unit *u)
{
    return sp_decimal_double(d, u->shift) * u->mul;
}

/* A whole text of one number and one of `units` (a row named "" needs none). */
static enum sp_status number_and_unit(struct in *in, const struct unit *units,
                                      double *value)
{
    struct sp_decimal d;
    const struct unit *u;
    enum sp_status status = take_number(in, &d);

    if (status != SP_OK)
        return status;
    u = take_unit(in, units);
    if (u == NULL)
        return refuse_unit(in);
    status = at_end(in);
    if (status == SP_OK)
        *value = in_unit(&d, u);
    return status;
}

/* ---- durations ---- */

static const struct unit duration_units[] = {
    {"w", 604800, 0},     {"d", 86400, 0},      {"h", 3600, 0}, {"m", 60, 0},
    {"min", 60, 0},       {"s", 1, 0},          {"ms", 1, -3},  {"us", 1, -6},
    {"\xc2\xb5s", 1, -6}, {"\xce\xbcs", 1, -6}, {"ns", 1, -9},  {NULL, 0, 0},
};
/* ISO 8601 in its two halves, before and after the T. */
static const struct unit iso_date_units[] = {
    {"W", 604800, 0}, {"D", 86400, 0}, {NULL, 0, 0}};
static const struct unit iso_time_units[] = {
    {"H", 3600, 0}, {"M", 60, 0}, {"S", 1, 0}, {NULL, 0, 0}};

static double unit_size(const struct unit *u)
{
    return u->mul * pow(10, u->shift);
}

/* What the parts of a duration have in common: sizes fall, only the last has a
 * fraction. */
struct parts {
    double s, last_size;
    bool fraction;
    int n;
};

static enum sp_status add_part(const struct in *in, struct parts *parts,
                               const struct sp_decimal *d, const struct unit *u)
{
    if (parts->n > 0 && unit_size(u) >= parts->last_size)
        return refuse(in, "'%s' must come before smaller units, and once", u->name);
    if (parts->fraction)
        return refuse(in, "only the last part may have a fraction");
    parts->s += in_unit(d, u);
    parts->last_size = unit_size(u);
    parts->fraction = d->exponent < 0 || !d->exact;
    parts->n++;
    return SP_OK;
}

/* Numbers with units of the table up to the end or the mark `stop`. */
static enum sp_status take_parts(struct in *in, const struct unit *units, char stop,
                                 struct parts *parts)
{
    while (*in->p != '\0' && *in->p != stop) {
        struct sp_decimal d;
        const struct unit *u;
        enum sp_status status = take_number(in, &d);

        if (status != SP_OK)
            return status;
        /* In ISO's date half the unit may be followed by the T of the time half. */
        if (stop == 'T' && (*in->p == 'M' || *in->p == 'Y'))
            return refuse(in, "months and years have no fixed length");
        if (stop == 'T' && in->p[0] != '\0' && in->p[1] == 'T') {
            u = *in->p == 'D' ? &units[1] : *in->p == 'W' ? &units[0] : NULL;
            in->p += u != NULL;
        } else {
            u = take_unit(in, units);
        }
        if (u == NULL)
            return refuse_unit(in);
        status = add_part(in, parts, &d, u);
        if (status != SP_OK)
            return status;
    }
    return SP_OK;
}

static enum sp_status take_iso(struct in *in, struct parts *parts)
{
    enum sp_status status;
    int before;

    in->p++; /* the P */
    status = take_parts(in, iso_date_units, 'T', parts);
    if (status == SP_OK && *in->p == 'T') {
        in->p++;
        before = parts->n;
        status = take_parts(in, iso_time_units, '\0', parts);
        if (status == SP_OK && parts->n == before)
            return refuse(in, "nothing after the T");
    }
    if (status == SP_OK && parts->n == 0)
        return refuse(in, "no number");
    return status;
}

static bool is_bare_zero(const char *p)
{
    struct sp_decimal d;

    return sp_decimal_scan(&p, &d) && d.mantissa == 0 && d.exact &&
           p[strspn(p, " \t")] == '\0';
}

enum sp_status sp_parse_duration_s(const char *text, double *s, struct sp_err *err)
{
    struct in in = begin(text, "a duration such as 90s, 250ms, 1h30m or PT1H30M", err);
    struct parts parts = {0};
    enum sp_status status;

    if (is_bare_zero(in.p)) {
        *s = 0;
        return SP_OK;
    }
    if (*in.p == '\0')
        return refuse(&in, "nothing");
    status = *in.p == 'P' ? take_iso(&in, &parts)
                          : take_parts(&in, duration_units, '\0', &parts);
    if (status != SP_OK)
        return status;
    if (!(parts.s <= S_MAX))
        return refuse(&in, "longer than a century");
    *s = parts.s;
    return SP_OK;
}

/* ---- resources ---- */

enum sp_status sp_parse_thousandths(const char *text, int64_t *thousandths,
                                    struct sp_err *err)
{
    struct in in = begin(text, "an amount such as 64, 0.5 or 500m, 0 to 1000000", err);
    struct sp_decimal d;
    uint64_t unit = 1000;
    int64_t whole = 0;
    bool rest = false, fits;
    enum sp_status status = take_number(&in, &d);

    if (status != SP_OK)
        return status;
    if (*in.p == 'm' && in.p[1 + strspn(in.p + 1, " \t")] == '\0') {
        unit = 1;
        in.p += strlen(in.p);
    }
    if (*in.p != '\0')
        return refuse_unit(&in);
    fits = sp_decimal_whole(&d, unit, &whole, &rest);
    if (fits ? whole > THOUSANDTHS_MAX || (whole == THOUSANDTHS_MAX && rest) : d.exact)
        return refuse(&in, "more than 1000000");
    if (!fits || rest)
        return refuse(&in, "finer than a thousandth, which can't be held exactly");
    *thousandths = whole;
    return SP_OK;
}

struct byte_unit {
    const char *name;
    uint64_t bytes;
};

static const struct byte_unit byte_prefixes[] = {
    {"Ki", UINT64_C(1) << 10},
    {"Mi", UINT64_C(1) << 20},
    {"Gi", UINT64_C(1) << 30},
    {"Ti", UINT64_C(1) << 40},
    {"Pi", UINT64_C(1) << 50},
    {"Ei", UINT64_C(1) << 60},
    {"k", 1000},
    {"K", 1000},
    {"M", 1000000},
    {"G", 1000000000},
    {"T", 1000000000000},
    {"P", 1000000000000000},
    {"E", 1000000000000000000},
    {"", 1},
};

/* The prefix at in->p: how many bytes it stands for; 1 where there is none. */
static uint64_t take_prefix(struct in *in)
{
    const struct byte_unit *u = byte_prefixes;

    while (strncmp(in->p, u->name, strlen(u->name)) != 0)
        u++;
    in->p += strlen(u->name);
    return u->bytes;
}

/* Moves over `word` where it and nothing else but blanks is left. */
static bool take_last_word(struct in *in, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(in->p, word, n) != 0 || in->p[n + strspn(in->p + n, " \t")] != '\0')
        return false;
    in->p += strlen(in->p);
    return true;
}

enum sp_status sp_parse_bytes(const char *text, int64_t *bytes, struct sp_err *err)
{
    struct in in =
        begin(text, "bytes such as 600Ki, 80GiB, 8GB or 1024, at most 1Ei", err);
    struct in unit;
    struct sp_decimal d;
    uint64_t size;
    int64_t whole = 0;
    bool rest = false, fits;
    enum sp_status status = take_number(&in, &d);

    if (status != SP_OK)
        return status;
    unit = in;
    size = take_prefix(&in);
    if (*in.p == 'b')
        return refuse(&unit, "a small b means bits");
    if (!take_last_word(&in, "B") && !take_last_word(&in, ""))
        return refuse_unit(&unit);
    if (!d.exact)
        return refuse(&in, "more than 19 digits");
    fits = sp_decimal_whole(&d, size, &whole, &rest);
    if (!fits || whole > BYTES_MAX || (whole == BYTES_MAX && rest))
        return refuse(&in, "more than 1Ei");
    *bytes = whole + rest;
    return SP_OK;
}

enum sp_status sp_parse_bytes_per_s(const char *text, double *bytes_per_s,
                                    struct sp_err *err)
{
    static const struct unit ends[] = {
        {"B/s", 1, 0},     {"Bps", 1, 0},     {"bit/s", 0.125, 0},
        {"bps", 0.125, 0}, {"b/s", 0.125, 0}, {NULL, 0, 0},
    };
    struct in in =
        begin(text, "a bandwidth such as 25Gbit/s, 100 Gbps, 3GB/s or 500MiB/s", err);
    struct in unit;
    const struct unit *u = ends;
    struct sp_decimal d;
    double prefix, value;
    enum sp_status status = take_number(&in, &d);

    if (status != SP_OK)
        return status;
    unit = in;
    prefix = (double)take_prefix(&in);
    while (u->name != NULL && !take_last_word(&in, u->name))
        u++;
    if (u->name == NULL)
        return refuse_unit(&unit);
    value = sp_decimal_double(&d, 0) * prefix * u->mul;
    if (!(value > 0 && value <= BYTES_PER_S_MAX))
        return refuse(&in, value > 0 ? "more than 1e18 B/s" : "not above 0");
    *bytes_per_s = value;
    return SP_OK;
}

/* ---- prices and rates ---- */

/* What stands after a number of dollars, with and without "$" before it. */
struct money {
    const struct unit *plain, *after_dollar;
    double max;
    const char *over;
};

static enum sp_status parse_money(struct in *in, const struct money *m, double *value)
{
    bool dollar = *in->p == '$';
    double found = 0;
    enum sp_status status;

    in->p += dollar;
    status = number_and_unit(in, dollar ? m->after_dollar : m->plain, &found);
    if (status != SP_OK)
        return status;
    if (!(found <= m->max))
        return refuse(in, "%s", m->over);
    *value = found;
    return SP_OK;
}

enum sp_status sp_parse_usd_per_h(const char *text, double *usd_per_h,
                                  struct sp_err *err)
{
    static const struct unit plain[] = {
        {"", 1, 0}, {"USD/h", 1, 0}, {"USD/hour", 1, 0}, {NULL, 0, 0}};
    static const struct unit after_dollar[] = {
        {"/h", 1, 0}, {"/hour", 1, 0}, {NULL, 0, 0}};
    static const struct money price = {plain, after_dollar, USD_PER_H_MAX,
                                       "more than 1e6 USD/h"};
    struct in in =
        begin(text, "a price such as 32 USD/h, $0.50/h or 4, 0 to 1e6 USD/h", err);

    return parse_money(&in, &price, usd_per_h);
}

enum sp_status sp_parse_usd(const char *text, double *usd, struct sp_err *err)
{
    static const struct unit plain[] = {{"", 1, 0}, {"USD", 1, 0}, {NULL, 0, 0}};
    static const struct unit after_dollar[] = {{"", 1, 0}, {NULL, 0, 0}};
    static const struct money amount = {plain, after_dollar, USD_MAX,
                                        "more than 1e12 USD"};
    struct in in =
        begin(text, "an amount such as 100 USD, $0.50 or 4, 0 to 1e12 USD", err);

    return parse_money(&in, &amount, usd);
}

enum sp_status sp_parse_per_s(const char *text, double *per_s, struct sp_err *err)
{
    /* `mul` is the seconds of the denominator: x/60 is nearer than x * (1/60). */
    static const struct unit units[] = {
        {"", 1, 0},      {"/s", 1, 0},     {"/min", 60, 0}, {"/m", 60, 0},
        {"/h", 3600, 0}, {"/d", 86400, 0}, {NULL, 0, 0},
    };
    struct in in = begin(text, "a rate such as 1024/s, 60/min or 1000/h", err);
    struct sp_decimal d;
    const struct unit *u;
    double value;
    enum sp_status status = take_number(&in, &d);

    if (status != SP_OK)
        return status;
    u = take_unit(&in, units);
    if (u == NULL)
        return refuse_unit(&in);
    status = at_end(&in);
    if (status != SP_OK)
        return status;
    value = sp_decimal_double(&d, 0) / u->mul;
    if (!(value > 0 && value <= PER_S_MAX))
        return refuse(&in, value > 0 ? "more than 1e12/s" : "not above 0");
    *per_s = value;
    return SP_OK;
}

/* ---- plain numbers ---- */

/* Moves over a minus sign where the range has room below zero. */
static bool take_minus(struct in *in, bool allowed)
{
    bool minus = allowed && *in->p == '-';

    in->p += minus;
    return minus;
}

enum sp_status sp_parse_count(const char *text, int64_t min, int64_t max,
                              int64_t *count, struct sp_err *err)
{
    char expected[96] = "";
    struct in in = begin(text, expected, err);
    struct sp_decimal d;
    int64_t whole = 0;
    bool rest = false, minus = take_minus(&in, min < 0);
    enum sp_status status;

    snprintf(expected, sizeof expected, "a whole number from %lld to %lld",
             (long long)min, (long long)max);
    status = take_number(&in, &d);
    if (status == SP_OK)
        status = at_end(&in);
    if (status != SP_OK)
        return status;
    if (!sp_decimal_whole(&d, 1, &whole, &rest))
        return d.exact ? refuse(&in, minus ? "too small" : "too large")
                       : refuse(&in, "more than 19 digits");
    if (rest)
        return refuse(&in, "not whole");
    whole = minus ? -whole : whole;
    if (whole < min || whole > max)
        return refuse(&in, whole < min ? "too small" : "too large");
    *count = whole;
    return SP_OK;
}

static enum sp_status number_within(struct in in, double min, double max,
                                    double *number)
{
    static const struct unit none[] = {{"", 1, 0}, {NULL, 0, 0}};
    bool minus = take_minus(&in, min < 0);
    double value = 0;
    enum sp_status status = number_and_unit(&in, none, &value);

    if (status != SP_OK)
        return status;
    value = minus ? -value : value;
    if (!isfinite(value) || value < min || value > max)
        return refuse(&in, value < min ? "too small" : "too large");
    *number = value;
    return SP_OK;
}

/* What was expected is put into words only once it is missed: tables of measurements
 * are read by this. */
enum sp_status sp_parse_number(const char *text, double min, double max, double *number,
                               struct sp_err *err)
{
    char expected[96] = "";

    if (number_within(begin(text, expected, NULL), min, max, number) == SP_OK)
        return SP_OK;
    snprintf(expected, sizeof expected, "a number from %.15g to %.15g", min, max);
    return number_within(begin(text, expected, err), min, max, number);
}

/* A number, plain or in percent. */
static enum sp_status parse_part(const char *text, const char *expected, struct in *in,
                                 double *part, struct sp_err *err)
{
    static const struct unit units[] = {{"", 1, 0}, {"%", 1, -2}, {NULL, 0, 0}};

    *in = begin(text, expected, err);
    return number_and_unit(in, units, part);
}

enum sp_status sp_parse_fraction(const char *text, double *fraction, struct sp_err *err)
{
    double value = 0;
    struct in in;
    enum sp_status status =
        parse_part(text, "a share such as 0.3 or 30%, 0 to 1", &in, &value, err);

    if (status != SP_OK)
        return status;
    if (!(value <= 1))
        return refuse(&in, "more than 1");
    *fraction = value;
    return SP_OK;
}

enum sp_status sp_parse_multiple(const char *text, double *multiple, struct sp_err *err)
{
    double value = 0;
    struct in in;
    enum sp_status status =
        parse_part(text, "a multiple such as 1.3 or 130%", &in, &value, err);

    if (status != SP_OK)
        return status;
    if (!(value <= 1e6))
        return refuse(&in, "more than a million");
    *multiple = value;
    return SP_OK;
}
