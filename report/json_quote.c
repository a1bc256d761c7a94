/* Escapes of RFC 8259. */
#include "report/json_quote.h"

#include <string.h>

#include "report/text.h"

static const char *escape_of(char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '<':
        return "\\u003c";
    case '>':
        return "\\u003e";
    case '&':
        return "\\u0026";
    default:
        return NULL;
    }
}

char *report_json_quote(struct sp_arena *arena, const char *text)
{
    const char *clean = report_text_clean(arena, text, REPORT_TEXT_LINE);
    char *quoted = sp_arena_alloc(arena, 6 * strlen(clean) + 3), *out = quoted;

    *out++ = '"';
    for (; *clean != '\0'; clean++) {
        const char *escape = escape_of(*clean);

        if (escape == NULL)
            *out++ = *clean;
        else
            out = stpcpy(out, escape);
    }
    *out++ = '"';
    *out = '\0';
    return quoted;
}
