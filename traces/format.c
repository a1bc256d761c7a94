/* The array of formats. */
#include "traces/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* Sniffed in this order. */
static const struct trace_format *const formats[] = {
    &trace_format_azure_2023, &trace_format_azure_2024,    &trace_format_burstgpt,
    &trace_format_mooncake,   &trace_format_serving_jsonl, &trace_format_csv,
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

enum sp_status trace_format_find(const char *name, const struct trace_format **format,
                                 struct sp_err *err)
{
    const char *names[N_FORMATS], *nearest;
    char list[256];
    size_t used = 0;

    for (size_t i = 0; i < N_FORMATS; i++) {
        names[i] = formats[i]->name;
        if (strcmp(names[i], name) == 0) {
            *format = formats[i];
            return SP_OK;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, ", %s", names[i]);
        sp_assert(used < sizeof list);
    }
    nearest = sp_text_nearest(name, names, N_FORMATS);
    return sp_fail(err, SP_EINPUT,
                   "unknown trace format '%s', expected one of auto%s%s%s%s", name,
                   list, nearest != NULL ? "; did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

const struct trace_format *trace_format_sniff(const char *header, size_t header_size,
                                              const char *row, size_t row_size)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (formats[i]->sniff(header, header_size, row, row_size))
            return formats[i];
    return NULL;
}

const struct trace_column *trace_layout_size(const struct trace_layout *layout,
                                             const char *name)
{
    for (int32_t i = 0; i < layout->n; i++)
        if (layout->columns[i].kind == TRACE_COLUMN_SIZE &&
            strcmp(layout->columns[i].known_as, name) == 0)
            return &layout->columns[i];
    return NULL;
}

void trace_hashes_add(struct trace_hashes *h, uint64_t id)
{
    if (h->n == h->room) {
        h->room = h->room > 0 ? 2 * h->room : 64;
        h->ids = sp_xrealloc(h->ids, (size_t)h->room * sizeof *h->ids);
    }
    h->ids[h->n++] = id;
}

void trace_hashes_fini(struct trace_hashes *h)
{
    free(h->ids);
    *h = (struct trace_hashes){0};
}

const char *trace_quote(const char *text, size_t size, char buf[TRACE_QUOTE_SIZE])
{
    enum { SHOWN = 40 };
    char *p = buf;

    for (size_t i = 0; i < size && i < SHOWN; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c < 0x7f)
            *p++ = (char)c;
        else
            p += sprintf(p, "\\x%02x", c);
    }
    strcpy(p, size > SHOWN ? "..." : "");
    return buf;
}
