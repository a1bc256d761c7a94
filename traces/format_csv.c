/* Our own CSV: the header line says what each column is, with its unit
 * (docs/traces.md). */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "traces/format.h"
#include "traces/row.h"

static const struct {
    const char *name;
    enum trace_column_kind kind;
} known[] = {
    {"arrival_s", TRACE_COLUMN_S},
    {"arrival_ns", TRACE_COLUMN_NS},
    {"timestamp", TRACE_COLUMN_ISO},
    {"bytes", TRACE_COLUMN_BYTES},
};
enum {
    N_KNOWN = sizeof known / sizeof known[0],
    N_TIMES = 3,
    BLOCK_TOKENS_MAX = 1000000
};

static enum trace_column_kind kind_of_name(const char *name)
{
    for (size_t i = 0; i < N_KNOWN; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].kind;
    return TRACE_COLUMN_SIZE;
}

/* "hash_ids_512": the names of blocks of 512 tokens. */
static enum sp_status hash_column(struct trace_layout *layout, struct trace_column *c,
                                  struct sp_err *err)
{
    static const char stem[] = "hash_ids";
    const char *tail = c->name + sizeof stem - 1;
    long tokens = *tail == '_' ? atol(tail + 1) : 0;

    if (strspn(tail, "_0123456789") != strlen(tail) || tokens < 1 ||
        tokens > BLOCK_TOKENS_MAX)
        return sp_fail(err, SP_EINPUT,
                       "column '%s': expected the tokens of a block in its name, such "
                       "as hash_ids_16 or hash_ids_512 (1 to %d)",
                       c->name, (int)BLOCK_TOKENS_MAX);
    if (layout->hash_block_tokens != 0)
        return sp_fail(
            err, SP_EINPUT,
            "found two columns of hash ids, the second is '%s', expected one", c->name);
    c->kind = TRACE_COLUMN_HASHES;
    layout->hash_block_tokens = (int32_t)tokens;
    return SP_OK;
}

static bool is_hash_column(const char *name)
{
    return strcmp(name, "hash_ids") == 0 || strncmp(name, "hash_ids_", 9) == 0;
}

static enum sp_status check_name(const char *name, int32_t nth, struct sp_err *err)
{
    if (*name == '\0')
        return sp_fail(err, SP_EINPUT, "column %d has no name, expected one", (int)nth);
    if (!sp_text_is_clean(name) || strchr(name, '"') != NULL)
        return sp_fail(
            err, SP_EINPUT,
            "the name of column %d has control bytes, quotes or bytes that are "
            "not UTF-8",
            (int)nth);
    return SP_OK;
}

static enum sp_status add_column(struct trace_layout *layout,
                                 const struct trace_field *field, struct sp_err *err)
{
    struct trace_column *c;
    char found[TRACE_QUOTE_SIZE];

    if (layout->n == TRACE_COLUMNS_MAX)
        return sp_fail(err, SP_EINPUT, "found more than %d columns, expected fewer",
                       (int)TRACE_COLUMNS_MAX);
    if (field->size > MODEL_NAME_MAX || memchr(field->text, '\0', field->size) != NULL)
        return sp_fail(err, SP_EINPUT,
                       "column %d: found the name '%s', expected 1 to %d bytes of text",
                       (int)layout->n + 1, trace_quote(field->text, field->size, found),
                       (int)MODEL_NAME_MAX);
    c = &layout->columns[layout->n++];
    *c = (struct trace_column){0};
    memcpy(c->name, field->text, field->size);
    memcpy(c->known_as, field->text, field->size);
    c->kind = kind_of_name(c->name);
    if (is_hash_column(c->name))
        return hash_column(layout, c, err);
    if (c->kind == TRACE_COLUMN_SIZE)
        c->size = layout->n_sizes++;
    if (c->kind == TRACE_COLUMN_BYTES)
        layout->has_bytes = true;
    return check_name(c->name, layout->n, err);
}

static enum sp_status check_names(const struct trace_layout *layout, struct sp_err *err)
{
    const char *time = NULL;

    for (int32_t i = 0; i < layout->n; i++) {
        const struct trace_column *c = &layout->columns[i];

        for (int32_t k = 0; k < i; k++)
            if (strcmp(layout->columns[k].name, c->name) == 0)
                return sp_fail(err, SP_EINPUT, "column '%s' is there twice", c->name);
        if (!trace_column_is_time(c))
            continue;
        if (time != NULL)
            return sp_fail(err, SP_EINPUT,
                           "found two columns of time, '%s' and '%s', expected one",
                           time, c->name);
        time = c->name;
    }
    return SP_OK;
}

/* No column of time: says so, and which name may have been meant. */
static enum sp_status no_time(const struct trace_layout *layout, struct sp_err *err)
{
    const char *names[N_TIMES], *nearest = NULL;
    int32_t i;

    for (i = 0; i < N_TIMES; i++)
        names[i] = known[i].name;
    for (i = 0; i < layout->n && nearest == NULL; i++)
        nearest = sp_text_nearest(layout->columns[i].name, names, N_TIMES);
    if (nearest != NULL)
        return sp_fail(
            err, SP_EINPUT,
            "no column of time: found '%s', did you mean '%s'?  Expected one of "
            "arrival_s, arrival_ns, timestamp",
            layout->columns[i - 1].name, nearest);
    return sp_fail(err, SP_EINPUT,
                   "no column of time: expected a header line with one of arrival_s, "
                   "arrival_ns, timestamp, found '%s'%s",
                   layout->columns[0].name, layout->n > 1 ? ", ..." : "");
}

static enum sp_status columns(const char *header, size_t size,
                              struct trace_layout *layout, struct sp_err *err)
{
    struct trace_layout l = {.zone = TRACE_ZONE_AS_FIRST_ROW};
    const char *end = header + size, *p = header;
    struct trace_field field;
    enum sp_status status;
    bool has_time = false;

    if (size > 0 && end[-1] == '\r')
        end--;
    while (p != NULL) {
        p = trace_field_next(p, end, &field);
        status = add_column(&l, &field, err);
        if (status != SP_OK)
            return status;
        has_time = has_time || trace_column_is_time(&l.columns[l.n - 1]);
    }
    status = has_time ? check_names(&l, err) : no_time(&l, err);
    if (status == SP_OK)
        *layout = l;
    return status;
}

/* Ours is the last resort: whatever has a header line (and is no JSON) is read as ours,
 * and the message then says what such a line must hold. */
static bool sniff(const char *header, size_t header_size, const char *row,
                  size_t row_size)
{
    (void)row;
    (void)row_size;
    while (header_size > 0 && (*header == ' ' || *header == '\t')) {
        header++;
        header_size--;
    }
    return header_size == 0 || (*header != '{' && *header != '[');
}

const struct trace_format trace_format_csv = {
    .name = "csv",
    .help = "our own: arrival_s, arrival_ns or timestamp; bytes; any sizes; hash_ids_N",
    .sniff = sniff,
    .columns = columns,
    .row = trace_row_read,
};
