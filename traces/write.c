/* The header names what each row has. */
#include "traces/write.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

/* In quotes where a comma or a blank would be misread; quotes are in no name. */
static void write_name(const char *name, FILE *out)
{
    bool odd = strpbrk(name, ", \t") != NULL;

    fprintf(out, odd ? ",\"%s\"" : ",%s", name);
}

void trace_write_header(const struct trace_writer *w)
{
    fputs("arrival_s", w->out);
    if (w->bytes)
        fputs(",bytes", w->out);
    for (int32_t i = 0; i < w->n_sizes; i++)
        write_name(w->names[i], w->out);
    if (w->hash_block_tokens > 0)
        fprintf(w->out, ",hash_ids_%d", (int)w->hash_block_tokens);
    fputc('\n', w->out);
}

static void write_time(FILE *out, int64_t time_ns)
{
    int64_t rest = time_ns % SP_NS_PER_S;
    int decimals = 9;

    fprintf(out, "%" PRId64, time_ns / SP_NS_PER_S);
    if (rest == 0)
        return;
    for (; rest % 10 == 0; rest /= 10)
        decimals--;
    fprintf(out, ".%0*" PRId64, decimals, rest);
}

void trace_write_row(const struct trace_writer *w, const struct trace_row *row)
{
    write_time(w->out, row->time_ns);
    if (w->bytes)
        fprintf(w->out, ",%" PRId64, row->bytes);
    for (int32_t i = 0; i < w->n_sizes; i++)
        fprintf(w->out, ",%" PRIu32, row->size[i]);
    for (int32_t i = 0; i < row->n_hashes && w->hash_block_tokens > 0; i++)
        fprintf(w->out, "%c%" PRIu64, i == 0 ? ',' : ' ', row->hashes[i]);
    if (w->hash_block_tokens > 0 && row->n_hashes == 0)
        fputc(',', w->out);
    fputc('\n', w->out);
}
