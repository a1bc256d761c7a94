/* Running out of memory is the only way in which building a tree can fail, and it stops
 * us. */
#include "report/json_parts.h"

#include <math.h>

#include "report/file.h"
#include "report/text.h"

void report_json_put(json_t *object, const char *key, json_t *value)
{
    sp_assert(value != NULL && json_object_set_new(object, key, value) == 0);
}

void report_json_append(json_t *array, json_t *value)
{
    sp_assert(value != NULL && json_array_append_new(array, value) == 0);
}

json_t *report_json_text(const struct report_json *j, const char *value)
{
    return value == NULL
               ? json_null()
               : json_string(report_text_clean(j->arena, value, REPORT_TEXT_DATA));
}

json_t *report_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void report_json_put_stat(const struct report_json *j, json_t *object, const char *key,
                          struct model_stat stat)
{
    json_t *half95 = json_object_get(object, "half95");

    report_json_put(object, key, report_json_number(stat.mean));
    if (j->r->n_runs < 2 && isnan(stat.half95)) /* that of one run may have one */
        return;
    if (half95 == NULL) {
        half95 = json_object();
        report_json_put(object, "half95", half95);
    }
    report_json_put(half95, key, report_json_number(stat.half95));
}

json_t *report_json_times(const struct report_json *j, const struct model_times *t)
{
    json_t *object = json_object();

    report_json_put_stat(j, object, "mean", t->mean_s);
    report_json_put_stat(j, object, "p50", t->p50_s);
    report_json_put_stat(j, object, "p90", t->p90_s);
    report_json_put_stat(j, object, "p99", t->p99_s);
    report_json_put_stat(j, object, "max", t->max_s);
    report_json_put(object, "count", json_integer(t->count));
    return object;
}

static enum sp_status dump(const json_t *root, const char *path, FILE *out,
                           struct sp_err *err)
{
    /* What the disk refused is told by who closes the file, with the reason. */
    if (json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) != 0 &&
        !ferror(out))
        return sp_fail(err, SP_EIO, "%s: can't be written", path);
    fputc('\n', out);
    return SP_OK;
}

enum sp_status report_json_save(json_t *root, const char *path, struct sp_err *err)
{
    struct report_file *file = NULL;
    enum sp_status status = report_file_open(path, &file, err);

    if (status == SP_OK) {
        status = dump(root, path, report_file_stream(file), err);
        status = report_file_close(file, status, err);
    }
    json_decref(root);
    return status;
}

void report_json_put_stats(const struct report_json *j, json_t *object,
                           const void *record, const struct report_json_key *keys,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)record + keys[i].at;

        report_json_put_stat(j, object, keys[i].name, *(const struct model_stat *)at);
    }
}

void report_json_put_times(const struct report_json *j, json_t *object,
                           const void *record, const struct report_json_key *keys,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)record + keys[i].at;

        report_json_put(object, keys[i].name, report_json_times(j, at));
    }
}

void report_json_put_counts(json_t *object, const void *record,
                            const struct report_json_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)record + keys[i].at;
        int64_t value = *(const int64_t *)at;

        report_json_put(object, keys[i].name,
                        value == INT64_MAX ? json_null() : json_integer(value));
    }
}
