/* "*1.2" of "32 USD/h" is "38.4 USD/h". */
#include "model/factor.h"

#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "base/units.h"

bool model_factor_is(const char *text)
{
    return text[0] == '*' && text[1] != '\0' &&
           strchr("+-.0123456789", text[1]) != NULL;
}

enum sp_status model_factor_read(const char *text, double *factor, struct sp_err *err)
{
    char quoted[80];

    if (!model_factor_is(text) ||
        sp_parse_number(text + 1, 0, 1e9, factor, NULL) != SP_OK)
        return sp_fail(err, SP_EINPUT,
                       "found %s, expected a factor from 0 to 1e9, such as *1.2",
                       sp_text_quote(text, quoted, sizeof quoted));
    return SP_OK;
}

const char *model_factor_times(struct sp_arena *arena, const char *text, double factor)
{
    const char *at = text + strspn(text, " $*");
    struct sp_decimal d;
    double s;

    if (sp_decimal_scan(&at, &d) && strpbrk(at, "0123456789(){}[],:") == NULL) {
        int before = (int)strcspn(text, ".0123456789");

        return sp_arena_printf(arena, "%.*s%.15g%s", before, text,
                               sp_decimal_double(&d, 0) * factor, at);
    }
    if (sp_parse_duration_s(text, &s, NULL) == SP_OK)
        return sp_arena_printf(arena, "%.15gs", s * factor);
    return NULL;
}
