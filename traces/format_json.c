/* LLM requests as a JSON object a line, with the names of the prompt's blocks.
 *
 * mooncake: kvcache-ai/Mooncake (Apache-2.0; Qin et al., FAST 2025): milliseconds, a
 * hash for each 512 tokens, the last block usually partial.  serving-jsonl:
 * nanoseconds, a hash for each full block of 16 tokens, as vLLM's prefix cache counts
 * them.
 */
#include <string.h>

#include "traces/format.h"
#include "traces/row.h"

static const struct trace_layout mooncake = {
    .n = 4,
    .columns = {{"timestamp", "timestamp", TRACE_COLUMN_MS, 0},
                {"input_length", "prompt_tokens", TRACE_COLUMN_SIZE, 0},
                {"output_length", "output_tokens", TRACE_COLUMN_SIZE, 1},
                {"hash_ids", "hash_ids", TRACE_COLUMN_HASHES, 0}},
    .n_sizes = 2,
    .hash_block_tokens = 512,
    .hash_rule = TRACE_HASHES_ALL,
};

static const struct trace_layout serving = {
    .n = 4,
    .columns = {{"arrival_time_ns", "arrival_time_ns", TRACE_COLUMN_NS, 0},
                {"input_length", "prompt_tokens", TRACE_COLUMN_SIZE, 0},
                {"output_length", "output_tokens", TRACE_COLUMN_SIZE, 1},
                {"hash_ids", "hash_ids", TRACE_COLUMN_HASHES, 0}},
    .n_sizes = 2,
    .hash_block_tokens = 16,
    .hash_rule = TRACE_HASHES_FULL,
};

/* A line that begins with a brace and has the quoted key somewhere. */
static bool has_key(const char *line, size_t size, const char *quoted)
{
    size_t blanks = 0;

    while (blanks < size && (line[blanks] == ' ' || line[blanks] == '\t'))
        blanks++;
    return blanks < size && line[blanks] == '{' &&
           memmem(line, size, quoted, strlen(quoted)) != NULL;
}

static bool sniff_mooncake(const char *line, size_t size, const char *next,
                           size_t next_size)
{
    (void)next;
    (void)next_size;
    return has_key(line, size, "\"timestamp\"");
}

static bool sniff_serving(const char *line, size_t size, const char *next,
                          size_t next_size)
{
    (void)next;
    (void)next_size;
    return has_key(line, size, "\"arrival_time_ns\"");
}

static enum sp_status mooncake_columns(const char *line, size_t size,
                                       struct trace_layout *layout, struct sp_err *err)
{
    (void)line;
    (void)size;
    (void)err;
    *layout = mooncake;
    return SP_OK;
}

static enum sp_status serving_columns(const char *line, size_t size,
                                      struct trace_layout *layout, struct sp_err *err)
{
    (void)line;
    (void)size;
    (void)err;
    *layout = serving;
    return SP_OK;
}

const struct trace_format trace_format_mooncake = {
    .name = "mooncake",
    .help = "Mooncake JSON lines: timestamp [ms], lengths, hash_ids of 512 tokens",
    .headless = true,
    .sniff = sniff_mooncake,
    .columns = mooncake_columns,
    .row = trace_row_read_json,
};

const struct trace_format trace_format_serving_jsonl = {
    .name = "serving-jsonl",
    .help = "JSON lines: arrival_time_ns, lengths, hash_ids of full 16-token blocks",
    .headless = true,
    .sniff = sniff_serving,
    .columns = serving_columns,
    .row = trace_row_read_json,
};
