/* JSON of job traces: the only file of them that knows the library.
 *
 * Values belong to the document and live as long as it.  Looking for what is not there,
 * or in a value of another kind, gives NULL. */
#ifndef TRACES_JOB_JSON_H
#define TRACES_JOB_JSON_H

#include <stddef.h>
#include <stdint.h>

struct trace_json;
struct trace_json_value;

/* NULL where it is no JSON. */
struct trace_json *trace_json_parse(const char *text, size_t size);
void trace_json_free(struct trace_json *document); /* NULL is fine */

const struct trace_json_value *trace_json_top(const struct trace_json *document);
const struct trace_json_value *trace_json_member(const struct trace_json_value *object,
                                                 const char *key);
/* Elements of an array; -1 where it is none. */
int64_t trace_json_count(const struct trace_json_value *array);
const struct trace_json_value *trace_json_element(const struct trace_json_value *array,
                                                  int64_t i);

/* Of a string; its bytes may hold a NUL. */
const char *trace_json_text(const struct trace_json_value *value, size_t *size);
/* Of a number; NaN where it is none. */
double trace_json_number(const struct trace_json_value *value);

#endif
