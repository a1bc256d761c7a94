/* Jansson, and nothing else. */
#include "traces/job_json.h"

#include <jansson.h>
#include <math.h>

/* Both stand for the library's own type, which no header names. */
static const json_t *value_of(const struct trace_json_value *value)
{
    return (const json_t *)value;
}

static const struct trace_json_value *as_value(const json_t *value)
{
    return (const struct trace_json_value *)value;
}

struct trace_json *trace_json_parse(const char *text, size_t size)
{
    return (struct trace_json *)json_loadb(text, size, JSON_ALLOW_NUL, NULL);
}

void trace_json_free(struct trace_json *document)
{
    json_decref((json_t *)document);
}

const struct trace_json_value *trace_json_top(const struct trace_json *document)
{
    return (const struct trace_json_value *)document;
}

const struct trace_json_value *trace_json_member(const struct trace_json_value *object,
                                                 const char *key)
{
    return as_value(json_object_get(value_of(object), key));
}

int64_t trace_json_count(const struct trace_json_value *array)
{
    if (!json_is_array(value_of(array)))
        return -1;
    return (int64_t)json_array_size(value_of(array));
}

const struct trace_json_value *trace_json_element(const struct trace_json_value *array,
                                                  int64_t i)
{
    return as_value(json_array_get(value_of(array), (size_t)i));
}

const char *trace_json_text(const struct trace_json_value *value, size_t *size)
{
    *size = json_string_length(value_of(value));
    return json_string_value(value_of(value));
}

double trace_json_number(const struct trace_json_value *value)
{
    return json_is_number(value_of(value)) ? json_number_value(value_of(value)) : NAN;
}
