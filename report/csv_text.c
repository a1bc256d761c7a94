/* Fields, quotes, apostrophes. */
#include "report/csv_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

enum { SCRATCH_ROWS = 1024 }; /* after so many their texts are given back */

void report_csv_init(struct report_csv *csv, FILE *out)
{
    *csv = (struct report_csv){.out = out, .scratch = sp_arena_new()};
}

void report_csv_fini(struct report_csv *csv)
{
    sp_arena_free(csv->scratch);
}

static void next_field(struct report_csv *csv)
{
    if (csv->fields++ > 0)
        putc(',', csv->out);
}

/* Whether a spreadsheet might take a clean text for a formula. */
static bool like_formula(const char *text)
{
    switch (report_text_next(&text)) {
    case ' ':
    case 0xA0:
    case 0x3000: /* the blanks that some trim */
        return like_formula(text);
    case '=':
    case '+':
    case '-':
    case '@':
    case 0xFF1D:
    case 0xFF0B:
    case 0xFF0D:
    case 0xFF20:          /* their full-width forms */
    case REPORT_TEXT_BAD: /* was a control character: who knows what reads it */
        return true;
    default:
        return false;
    }
}

void report_csv_text(struct report_csv *csv, const char *text)
{
    const char *clean;

    next_field(csv);
    if (text == NULL || *text == '\0')
        return;
    clean = report_text_clean(csv->scratch, text, REPORT_TEXT_LINE);
    if (!like_formula(clean) && strpbrk(clean, ",\"") == NULL) {
        fputs(clean, csv->out);
        return;
    }
    putc('"', csv->out);
    if (like_formula(clean))
        putc('\'', csv->out);
    for (; *clean != '\0'; clean++) {
        if (*clean == '"')
            putc('"', csv->out);
        putc(*clean, csv->out);
    }
    putc('"', csv->out);
}

void report_csv_int(struct report_csv *csv, int64_t value)
{
    next_field(csv);
    fprintf(csv->out, "%" PRId64, value);
}

char *report_csv_number(double value, char buf[static REPORT_CSV_NUMBER])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buf, REPORT_CSV_NUMBER, "%.*g", digits, value);
        if (strtod(buf, NULL) == value)
            break;
    }
    return buf;
}

void report_csv_real(struct report_csv *csv, double value)
{
    char digits[REPORT_CSV_NUMBER];

    next_field(csv);
    if (isfinite(value))
        fputs(report_csv_number(value, digits), csv->out);
}

void report_csv_usd(struct report_csv *csv, int64_t uusd)
{
    uint64_t amount = uusd < 0 ? 0 - (uint64_t)uusd : (uint64_t)uusd;

    next_field(csv);
    fprintf(csv->out, "%s%" PRIu64 ".%06" PRIu64, uusd < 0 ? "-" : "", amount / 1000000,
            amount % 1000000);
}

void report_csv_bool(struct report_csv *csv, int value)
{
    next_field(csv);
    fputs(value ? "true" : "false", csv->out);
}

void report_csv_empty(struct report_csv *csv)
{
    next_field(csv);
}

void report_csv_end(struct report_csv *csv)
{
    putc('\n', csv->out);
    csv->fields = 0;
    if (++csv->rows % SCRATCH_ROWS == 0) {
        sp_arena_free(csv->scratch);
        csv->scratch = sp_arena_new();
    }
}

const char *report_csv_inputs(struct sp_arena *arena, const struct model_result *r)
{
    const char *all = "";

    for (int32_t i = 0; i < r->n_files; i++)
        all = sp_arena_printf(arena, "%s%s%s %016" PRIx64, all, i > 0 ? "; " : "",
                              r->files[i].file, r->files[i].xxh64);
    return all;
}

const char *report_csv_assumptions(struct sp_arena *arena, const struct model_result *r)
{
    const char *all = "";

    for (int32_t i = 0; i < r->n_assumptions; i++)
        all = sp_arena_printf(arena, "%s%s%s", all, i > 0 ? " " : "",
                              r->assumptions[i].id);
    return all;
}
