/* The columns that measured tables have, and their rows. */
#include "calibrate/import_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "base/units.h"
#include "model/csv.h"

enum { PARTS_MAX = 4, CURVES_MAX = 2, ONLY_MAX = 2, OTHERS_MAX = 8, COLUMNS_MAX = 32 };

/* A column of which the rows that count have a value. */
struct only {
    const char *column, *value;
};

/* One curve that a row has a point of. */
struct curve {
    const char *phase; /* end of the kernel's name, or NULL */
    const char *axis, *x, *ms;
    enum model_bound bound;
    const char *format; /* see model_kernel_transfer(), or NULL */
    struct only only[ONLY_MAX];
};

struct part {
    const char *column, *prefix; /* of the value in the name */
};

struct alias {
    const char *gpu, *datasheet;
};

struct column_set {
    const char *name;
    const char *model, *gpu; /* columns */
    struct part parts[PARTS_MAX];
    bool parts_needed;
    struct curve curves[CURVES_MAX];
    const char *sd, *repeats;       /* columns that may be there, or NULL */
    const char *others[OTHERS_MAX]; /* known, and not read */
    struct alias aliases[2];
};

#define GENERIC(x_column)                                                              \
    {                                                                                  \
        .name = "model, gpu, " x_column ", ms", .model = "model", .gpu = "gpu",        \
        .parts = {{"tensor_parallel", "tp"},                                           \
                  {"operator", ""},                                                    \
                  {"kernel", ""},                                                      \
                  {"phase", ""}},                                                      \
        .curves = {{.axis = x_column, .x = x_column, .ms = "ms"}}, .sd = "sd",         \
        .repeats = "repeats",                                                          \
    }

static const struct column_set sets[] = {
    GENERIC("tokens"),
    GENERIC("batch"),
    GENERIC("x"),
    /* Patel et al., Splitwise, ISCA 2024: DGX-A100 and DGX-H100; prompts of 512 tokens
     * at all batch sizes, all prompts at batch size 1.  The paper finds the prompt
     * phase bound by compute, the token phase by memory.  16 bits a weight: at 8 the
     * times of a token would be a third of what the memory can do. */
    {
        .name = "splitwise-sim perf_model",
        .model = "model",
        .gpu = "hardware",
        .parts = {{"tensor_parallel", "tp"}},
        .parts_needed = true,
        .curves = {{.phase = "prefill",
                    .axis = "tokens",
                    .x = "prompt_size",
                    .ms = "prompt_time",
                    .bound = MODEL_BOUND_COMPUTE,
                    .format = "fp16",
                    .only = {{"batch_size", "1"}, {"token_size", "128"}}},
                   {.phase = "decode",
                    .axis = "batch",
                    .x = "batch_size",
                    .ms = "token_time",
                    .bound = MODEL_BOUND_MEMORY,
                    .format = "fp16",
                    .only = {{"prompt_size", "512"}, {"token_size", "128"}}}},
        .others = {"peak_power", "average_power", "e2e_time"},
        .aliases = {{"a100-80gb", "A100-SXM4-80GB"}, {"h100-80gb", "H100-SXM5-80GB"}},
    },
};
enum { SETS = sizeof sets / sizeof sets[0] };

/* ---- the header ---- */

struct reading {
    struct model_csv csv;
    struct sp_arena *arena;
    const struct column_set *set;
    int32_t n_columns;
    const char *columns[COLUMNS_MAX];
    struct sp_names *kernels, *gpus;
    struct cal_import_rows *out;
    int32_t room, kernels_room;
};

static int32_t column_at(const struct reading *rd, const char *name)
{
    for (int32_t i = 0; name != NULL && i < rd->n_columns; i++)
        if (strcmp(rd->columns[i], name) == 0)
            return i;
    return SP_NO_ID;
}

static bool fits_header(const struct reading *rd, const struct column_set *set)
{
    if (column_at(rd, set->model) == SP_NO_ID || column_at(rd, set->gpu) == SP_NO_ID)
        return false;
    for (int c = 0; c < CURVES_MAX && set->curves[c].x != NULL; c++) {
        const struct curve *curve = &set->curves[c];

        if (column_at(rd, curve->x) == SP_NO_ID || column_at(rd, curve->ms) == SP_NO_ID)
            return false;
        for (int o = 0; o < ONLY_MAX && curve->only[o].column != NULL; o++)
            if (column_at(rd, curve->only[o].column) == SP_NO_ID)
                return false;
    }
    for (int p = 0; set->parts_needed && p < PARTS_MAX && set->parts[p].column; p++)
        if (column_at(rd, set->parts[p].column) == SP_NO_ID)
            return false;
    return true;
}

static int32_t list_columns(const struct column_set *set, const char **names)
{
    int32_t n = 0;

    names[n++] = set->model;
    names[n++] = set->gpu;
    for (int c = 0; c < CURVES_MAX && set->curves[c].x != NULL; c++) {
        names[n++] = set->curves[c].x;
        names[n++] = set->curves[c].ms;
        for (int o = 0; o < ONLY_MAX && set->curves[c].only[o].column != NULL; o++)
            names[n++] = set->curves[c].only[o].column;
    }
    for (int p = 0; p < PARTS_MAX && set->parts[p].column != NULL; p++)
        names[n++] = set->parts[p].column;
    if (set->sd != NULL)
        names[n++] = set->sd;
    if (set->repeats != NULL)
        names[n++] = set->repeats;
    for (int o = 0; o < OTHERS_MAX && set->others[o] != NULL; o++)
        names[n++] = set->others[o];
    return n;
}

static enum sp_status check_column(const struct reading *rd,
                                   const struct model_csv_field *field, int32_t i,
                                   struct sp_err *err)
{
    const char *names[COLUMNS_MAX];
    int32_t n = list_columns(rd->set, names);
    char quoted[80];
    const char *near;

    if (column_at(rd, field->text) < i)
        return sp_fail(err, SP_EINPUT, "%s:%d:%d: the column %s is there twice",
                       rd->csv.name, field->line, field->column,
                       sp_text_quote(field->text, quoted, sizeof quoted));
    for (int32_t k = 0; k < n; k++)
        if (strcmp(names[k], field->text) == 0)
            return SP_OK;
    near = sp_text_nearest(field->text, names, (size_t)n);
    return sp_fail(
        err, SP_EINPUT, "%s:%d:%d: unknown column %s, %s", rd->csv.name, field->line,
        field->column, sp_text_quote(field->text, quoted, sizeof quoted),
        near != NULL ? sp_arena_printf(rd->arena, "did you mean '%s'?", near)
                     : "which may tell rows apart: expected one of model, gpu, "
                       "tokens, batch, x, ms, tensor_parallel, operator, kernel, "
                       "phase, sd, repeats");
}

static enum sp_status read_header(struct reading *rd, struct sp_err *err)
{
    struct model_csv_field *fields = NULL;
    int32_t n = 0;
    enum sp_status status = model_csv_next(&rd->csv, &fields, &n, err);

    if (status != SP_OK)
        return status;
    if (n == 0)
        return sp_fail(err, SP_EINPUT, "%s: empty, expected a header line",
                       rd->csv.name);
    if (n > COLUMNS_MAX)
        return sp_fail(err, SP_EINPUT, "%s:1: found %d columns, expected at most %d",
                       rd->csv.name, n, (int)COLUMNS_MAX);
    rd->n_columns = n;
    for (int32_t i = 0; i < n; i++)
        rd->columns[i] = fields[i].text;
    for (int i = 0; i < SETS && rd->set == NULL; i++)
        if (fits_header(rd, &sets[i]))
            rd->set = &sets[i];
    if (rd->set == NULL)
        return sp_fail(err, SP_EINPUT,
                       "%s:1: no known set of columns, expected model, gpu, one of "
                       "tokens, batch and x, and ms (milliseconds)",
                       rd->csv.name);
    for (int32_t i = 0; status == SP_OK && i < n; i++)
        status = check_column(rd, &fields[i], i, err);
    return status;
}

/* ---- rows ---- */

static enum sp_status number(const struct reading *rd,
                             const struct model_csv_field *fields, const char *column,
                             double min, double max, double *value, struct sp_err *err)
{
    const struct model_csv_field *field = &fields[column_at(rd, column)];
    struct sp_err found = {0};

    if (sp_parse_number(field->text, min, max, value, &found) == SP_OK)
        return SP_OK;
    return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s: %s", rd->csv.name, field->line,
                   field->column, column, found.text);
}

/* A name out of the file, of a kernel or a GPU. */
static enum sp_status check_name(const struct reading *rd,
                                 const struct model_csv_field *at, const char *column,
                                 const char *name, struct sp_err *err)
{
    size_t size = strlen(name);

    if (size > 0 && size <= MODEL_NAME_MAX)
        return SP_OK;
    return sp_fail(err, SP_EINPUT,
                   "%s:%d:%d: %s: a name of %zu bytes, expected 1 to %d", rd->csv.name,
                   at->line, at->column, column, size, (int)MODEL_NAME_MAX);
}

/* "model/tp2/operator/phase" */
static const char *kernel_name(const struct reading *rd,
                               const struct model_csv_field *fields,
                               const struct curve *curve)
{
    const char *name = fields[column_at(rd, rd->set->model)].text;

    for (int p = 0; p < PARTS_MAX && rd->set->parts[p].column != NULL; p++) {
        int32_t at = column_at(rd, rd->set->parts[p].column);

        if (at != SP_NO_ID && fields[at].text[0] != '\0')
            name = sp_arena_printf(rd->arena, "%s/%s%s", name, rd->set->parts[p].prefix,
                                   fields[at].text);
    }
    return curve->phase == NULL
               ? name
               : sp_arena_printf(rd->arena, "%s/%s", name, curve->phase);
}

static enum sp_status find_gpu(struct reading *rd, const struct model_csv_field *field,
                               int32_t *gpu, struct sp_err *err)
{
    struct cal_import_rows *out = rd->out;
    const struct alias *aliases = rd->set->aliases;
    enum sp_status status = check_name(rd, field, rd->set->gpu, field->text, err);

    if (status != SP_OK)
        return status;
    *gpu = sp_names_add(rd->gpus, field->text, strlen(field->text),
                        MODEL_PROFILE_DEVICES_MAX);
    if (*gpu == SP_NO_ID)
        return sp_fail(err, SP_EINPUT, "%s:%d:%d: more than %d GPUs", rd->csv.name,
                       field->line, field->column, (int)MODEL_PROFILE_DEVICES_MAX);
    if (*gpu < out->n_gpus)
        return SP_OK;
    out->gpus[out->n_gpus].name = field->text;
    for (size_t i = 0; i < sizeof rd->set->aliases / sizeof *aliases; i++)
        if (aliases[i].gpu != NULL && strcmp(aliases[i].gpu, field->text) == 0)
            out->gpus[out->n_gpus].datasheet = aliases[i].datasheet;
    out->n_gpus++;
    return SP_OK;
}

static enum sp_status find_kernel(struct reading *rd,
                                  const struct model_csv_field *fields,
                                  const struct curve *curve, int32_t *kernel,
                                  struct sp_err *err)
{
    const struct model_csv_field *model = &fields[column_at(rd, rd->set->model)];
    const char *name = kernel_name(rd, fields, curve), *key;
    struct cal_import_rows *out = rd->out;
    int32_t gpu = 0;
    enum sp_status status =
        check_name(rd, model, rd->set->model, model->text[0] == '\0' ? "" : name, err);

    if (status == SP_OK)
        status = find_gpu(rd, &fields[column_at(rd, rd->set->gpu)], &gpu, err);
    if (status != SP_OK)
        return status;
    key = sp_arena_printf(rd->arena, "%d %s", gpu, name);
    *kernel = sp_names_add(rd->kernels, key, strlen(key), MODEL_PROFILE_KERNELS_MAX);
    if (*kernel == SP_NO_ID)
        return sp_fail(err, SP_EINPUT, "%s:%d: more than %d kernels", rd->csv.name,
                       model->line, (int)MODEL_PROFILE_KERNELS_MAX);
    if (*kernel < out->n_kernels)
        return SP_OK;
    out->kernels = sp_arena_more(rd->arena, out->kernels, out->n_kernels,
                                 &rd->kernels_room, sizeof *out->kernels);
    out->kernels[out->n_kernels++] = (struct cal_import_kernel){
        name, curve->axis, curve->format, gpu, curve->bound, model->line};
    return SP_OK;
}

static bool is_wanted(const struct reading *rd, const struct model_csv_field *fields,
                      const struct curve *curve)
{
    for (int o = 0; o < ONLY_MAX && curve->only[o].column != NULL; o++)
        if (strcmp(fields[column_at(rd, curve->only[o].column)].text,
                   curve->only[o].value) != 0)
            return false;
    return true;
}

static enum sp_status read_spread(const struct reading *rd,
                                  const struct model_csv_field *fields,
                                  struct cal_import_row *row, struct sp_err *err)
{
    int32_t sd = column_at(rd, rd->set->sd), repeats = column_at(rd, rd->set->repeats);
    enum sp_status status = SP_OK;
    double sd_ms = NAN;

    row->repeats = 1;
    if (sd != SP_NO_ID && fields[sd].text[0] != '\0')
        status = number(rd, fields, rd->set->sd, 0, 1e12, &sd_ms, err);
    if (status == SP_OK && repeats != SP_NO_ID && fields[repeats].text[0] != '\0')
        status = number(rd, fields, rd->set->repeats, 1, 1e6, &row->repeats, err);
    row->sd_s = sd_ms / 1e3;
    return status;
}

static enum sp_status read_point(struct reading *rd,
                                 const struct model_csv_field *fields,
                                 const struct curve *curve, struct sp_err *err)
{
    struct cal_import_rows *out = rd->out;
    struct cal_import_row row = {.order = out->n};
    double ms = 0;
    enum sp_status status = find_kernel(rd, fields, curve, &row.kernel, err);

    if (status == SP_OK)
        status = number(rd, fields, curve->x, 0, 1e15, &row.x, err);
    if (status == SP_OK)
        status = number(rd, fields, curve->ms, 1e-9, 1e12, &ms, err);
    if (status == SP_OK)
        status = read_spread(rd, fields, &row, err);
    if (status != SP_OK)
        return status;
    row.s = ms / 1e3;
    out->rows =
        sp_arena_more(rd->arena, out->rows, out->n, &rd->room, sizeof *out->rows);
    out->rows[out->n++] = row;
    return SP_OK;
}

static enum sp_status read_row(struct reading *rd, bool *end, struct sp_err *err)
{
    struct model_csv_field *fields = NULL;
    int32_t n = 0;
    enum sp_status status = model_csv_next(&rd->csv, &fields, &n, err);

    *end = status == SP_OK && n == 0;
    if (status != SP_OK || *end)
        return status;
    if (n != rd->n_columns)
        return sp_fail(
            err, SP_EINPUT, "%s:%d: found %d field%s, expected %d as the header has",
            rd->csv.name, fields[0].line, n, n == 1 ? "" : "s", rd->n_columns);
    for (int c = 0; status == SP_OK && c < CURVES_MAX && rd->set->curves[c].x; c++)
        if (is_wanted(rd, fields, &rd->set->curves[c]))
            status = read_point(rd, fields, &rd->set->curves[c], err);
    return status;
}

enum sp_status cal_import_rows_read(const char *path, struct sp_arena *arena,
                                    struct cal_import_rows *rows, struct sp_err *err)
{
    struct reading rd = {.arena = arena, .out = rows};
    char *text = NULL;
    enum sp_status status = model_csv_load(path, arena, &text, err);
    bool end = false;

    if (status != SP_OK)
        return status;
    model_csv_init(&rd.csv, path, text, arena);
    rd.kernels = sp_names_new(arena);
    rd.gpus = sp_names_new(arena);
    *rows = (struct cal_import_rows){0};
    rows->gpus = sp_arena_array(arena, MODEL_PROFILE_DEVICES_MAX, sizeof *rows->gpus);
    status = read_header(&rd, err);
    while (status == SP_OK && !end)
        status = read_row(&rd, &end, err);
    if (status == SP_OK && rows->n == 0)
        return sp_fail(err, SP_EINPUT, "%s: no rows, expected measurements", path);
    if (status == SP_OK)
        rows->set = rd.set->name;
    return status;
}
