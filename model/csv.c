/* A scanner of RFC 4180 records. */
#include "model/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/text.h"

enum { FIELDS_MAX = 1000, FILE_MIB_MAX = 16 };

void model_csv_init(struct model_csv *csv, const char *name, const char *text,
                    struct sp_arena *arena)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* spreadsheets put it there */
        text += 3;
    *csv = (struct model_csv){
        .name = name, .p = text, .start_of_line = text, .line = 1, .arena = arena};
}

static int32_t column_of(const struct model_csv *csv)
{
    return (int32_t)(csv->p - csv->start_of_line) + 1;
}

static enum sp_status refuse_here(const struct model_csv *csv, struct sp_err *err,
                                  const char *what)
{
    return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s", csv->name, csv->line, column_of(csv),
                   what);
}

static bool at_line_end(const char *p)
{
    return *p == '\n' || (*p == '\r' && p[1] == '\n');
}

static bool at_field_end(const char *p)
{
    return *p == ',' || *p == '\0' || at_line_end(p);
}

static enum sp_status scan_quoted(struct model_csv *csv, char *out, struct sp_err *err)
{
    const struct model_csv opened = *csv;

    csv->p++;
    for (;; csv->p++) {
        if (*csv->p == '\0')
            return refuse_here(&opened, err,
                               "a quoted field begins here and never ends");
        if (*csv->p == '"' && *++csv->p != '"')
            break;
        if (*csv->p == '\n') {
            csv->line++;
            csv->start_of_line = csv->p + 1;
        }
        *out++ = *csv->p;
    }
    *out = '\0';
    if (!at_field_end(csv->p))
        return refuse_here(
            csv, err, "text after the closing quote, expected ',' or the line's end");
    return SP_OK;
}

static enum sp_status scan_plain(struct model_csv *csv, char *out, struct sp_err *err)
{
    while (!at_field_end(csv->p)) {
        if (*csv->p == '"')
            return refuse_here(
                csv, err, "a quote inside a field, expected the whole field in quotes");
        if (*csv->p == '\r')
            return refuse_here(csv, err, "a lone carriage return");
        *out++ = *csv->p++;
    }
    *out = '\0';
    return SP_OK;
}

/* Room enough for the field at `p`: quotes and what is doubled only make it shorter. */
static size_t field_room(const char *p)
{
    size_t n = 0;

    if (*p != '"')
        return strcspn(p, ",\n") + 1;
    for (n = 1; p[n] != '\0'; n++)
        if (p[n] == '"' && p[++n] != '"')
            break;
    return n + 1;
}

static enum sp_status scan_field(struct model_csv *csv, struct model_csv_field *field,
                                 struct sp_err *err)
{
    char *out = sp_arena_alloc(csv->arena, field_room(csv->p));
    enum sp_status status;

    *field = (struct model_csv_field){
        .text = out, .line = csv->line, .column = column_of(csv)};
    status = *csv->p == '"' ? scan_quoted(csv, out, err) : scan_plain(csv, out, err);
    if (status == SP_OK && !sp_text_is_clean(out)) {
        char quoted[80];

        return sp_fail(err, SP_EINPUT,
                       "%s:%d:%d: found %s, expected one line of printable UTF-8",
                       csv->name, field->line, field->column,
                       sp_text_quote(out, quoted, sizeof quoted));
    }
    return status;
}

static void skip_line_end(struct model_csv *csv)
{
    if (*csv->p == '\0')
        return;
    csv->p += *csv->p == '\r' ? 2 : 1;
    csv->line++;
    csv->start_of_line = csv->p;
}

enum sp_status model_csv_next(struct model_csv *csv, struct model_csv_field **fields,
                              int32_t *n, struct sp_err *err)
{
    struct model_csv_field *found = NULL;
    int32_t count = 0, room = 0;

    if (*csv->p == '\0') {
        *n = 0;
        return SP_OK;
    }
    for (;;) {
        enum sp_status status;

        if (count == FIELDS_MAX)
            return refuse_here(csv, err, "more than 1000 fields in a row");
        if (count == room) {
            int32_t want = room > 0 ? 2 * room : 32;

            found = sp_arena_grow(csv->arena, found, (size_t)room, (size_t)want,
                                  sizeof *found);
            room = want;
        }
        status = scan_field(csv, &found[count], err);
        if (status != SP_OK)
            return status;
        count++;
        if (*csv->p != ',')
            break;
        csv->p++;
    }
    skip_line_end(csv);
    *fields = found;
    *n = count;
    return SP_OK;
}

void model_csv_first(const char *text, size_t size, struct sp_arena *arena,
                     struct model_csv_field **fields, int32_t *n)
{
    const char *newline = memchr(text, '\n', size);
    struct model_csv csv;
    char *line;

    size = newline != NULL ? (size_t)(newline - text) + 1 : size;
    line = sp_arena_alloc(arena, size + 1);
    memcpy(line, text, size);
    model_csv_init(&csv, "", line, arena);
    if (model_csv_next(&csv, fields, n, NULL) != SP_OK)
        *n = 0;
}

enum sp_status model_text_load(const char *path, size_t most_mib,
                               struct sp_arena *arena, char **text, struct sp_err *err)
{
    char *loaded = NULL, *copy;
    size_t size = 0;
    enum sp_status status = sp_input_load(path, most_mib, &loaded, &size, err);

    if (status == SP_OK && strlen(loaded) != size)
        status = sp_fail(err, SP_EINPUT, "%s: byte %zu is NUL, expected text", path,
                         strlen(loaded) + 1);
    if (status == SP_OK) {
        copy = sp_arena_alloc(arena, size + 1);
        memcpy(copy, loaded, size);
        *text = copy;
    }
    free(loaded);
    return status;
}

enum sp_status model_csv_load(const char *path, struct sp_arena *arena, char **text,
                              struct sp_err *err)
{
    return model_text_load(path, FILE_MIB_MAX, arena, text, err);
}
