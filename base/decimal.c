/* A scanner over text, and one call of strtod_l under the C locale. */
#include "base/decimal.h"

#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/wide.h"

enum { EXACT_DIGITS = 19, EXPONENT_MAX = 99999 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits, one point among them; '_' only between two digits.  NULL where there is
 * no number: no digit, or a point with nothing behind it. */
static const char *copy_digits(const char *p, char *out, size_t room)
{
    size_t n = 0;
    bool point = false, any = false;

    for (;; p++) {
        if (*p == '_' && n > 0 && is_digit(p[-1]) && is_digit(p[1]))
            continue;
        if (*p == '.' && !point && is_digit(p[1]))
            point = true;
        else if (!is_digit(*p))
            break;
        any = true;
        if (n == room)
            return NULL;
        out[n++] = *p;
    }
    out[n] = '\0';
    return any && *p != '.' ? p : NULL;
}

/* An exponent only where digits follow: the E of "1E" is a unit. */
static const char *read_exponent(const char *p, int *exponent)
{
    const char *q = p;
    bool negative;
    int value = 0;

    *exponent = 0;
    if (*q != 'e' && *q != 'E')
        return p;
    q++;
    negative = *q == '-';
    if (*q == '-' || *q == '+')
        q++;
    if (!is_digit(*q))
        return p;
    for (; is_digit(*q); q++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (*q - '0');
    if (value > EXPONENT_MAX)
        value = EXPONENT_MAX;
    *exponent = negative ? -value : value;
    return q;
}

/* mantissa and exponent from the text, without trailing zeros. */
static void make_exact(struct sp_decimal *d)
{
    int digits = 0, zeros = 0, after_point = 0;
    bool point = false;

    d->mantissa = 0;
    d->exact = true;
    for (const char *p = d->digits; *p != '\0'; p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        after_point += point;
        if (*p == '0') { /* counted only once another digit follows */
            zeros += 1;
            continue;
        }
        digits += d->mantissa != 0 ? zeros + 1 : 1;
        for (int i = 0; i <= zeros && digits <= EXACT_DIGITS; i++)
            d->mantissa = d->mantissa * 10 + (i == zeros ? (uint64_t)(*p - '0') : 0);
        d->exact = digits <= EXACT_DIGITS;
        zeros = 0;
    }
    d->exponent = d->mantissa == 0 ? 0 : d->written_exponent - after_point + zeros;
}

bool sp_decimal_scan(const char **p, struct sp_decimal *d)
{
    const char *end = copy_digits(*p, d->digits, SP_DECIMAL_CHARS_MAX);

    if (end == NULL)
        return false;
    *p = read_exponent(end, &d->written_exponent);
    make_exact(d);
    return true;
}

/* Both are doubles, exactly: dividing or multiplying rounds once, as strtod does
 * (Clinger 1990).  Tables of measurements are read by the hundred thousand numbers. */
static bool short_double(const struct sp_decimal *d, int shift, double *value)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int most = sizeof power / sizeof power[0] - 1;
    int exponent = d->exponent + shift;

    if (FLT_EVAL_METHOD != 0 || !d->exact ||
        d->mantissa > UINT64_C(1) << DBL_MANT_DIG || exponent < -most ||
        exponent > most)
        return false;
    *value = exponent < 0 ? (double)d->mantissa / power[-exponent]
                          : (double)d->mantissa * power[exponent];
    return true;
}

/* Whatever its length. */
static double any_double(const struct sp_decimal *d, int shift)
{
    char text[SP_DECIMAL_CHARS_MAX + 32];
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value;

    sp_assert(c != (locale_t)0);
    snprintf(text, sizeof text, "%se%d", d->digits, d->written_exponent + shift);
    value = strtod_l(text, NULL, c);
    freelocale(c);
    return value;
}

double sp_decimal_double(const struct sp_decimal *d, int shift)
{
    double value;

    return short_double(d, shift, &value) ? value : any_double(d, shift);
}

bool sp_decimal_whole(const struct sp_decimal *d, uint64_t unit, int64_t *whole,
                      bool *rest)
{
    sp_u128 value = (sp_u128)d->mantissa * unit;
    int exponent = d->exponent;
    bool cut = false;

    sp_assert(unit <= UINT64_C(1) << 60);
    if (!d->exact)
        return false;
    for (; exponent < 0 && value > 0; exponent++) {
        cut = cut || value % 10 != 0;
        value /= 10;
    }
    for (; exponent > 0 && value > 0 && value <= INT64_MAX; exponent--)
        value *= 10;
    if (value > INT64_MAX)
        return false;
    *whole = (int64_t)value;
    *rest = cut;
    return true;
}
