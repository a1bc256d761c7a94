/* Lists of nodes: forms are tables of columns, and one reader serves them all. */
#include "model/node_list.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/names.h"
#include "base/text.h"
#include "model/csv.h"

enum { COLUMNS_MAX = 8, FILE_MIB_MAX = 256, ROWS_PER_ARENA = 1000 };

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

enum part { PART_NODE, PART_CPU, PART_MEMORY, PART_GPUS, PART_MODEL, PART_TEAM, PARTS };

struct column {
    const char *name; /* NULL ends the table */
    enum part part;
    uint64_t unit; /* of amounts: how many thousandths or bytes 1 is */
    bool optional;
};

struct form {
    const char *name;
    const char *marks[2]; /* columns that tell it from the others; NULL: no header */
    const char *no_gpus;  /* a model that means none, or NULL */
    struct column columns[COLUMNS_MAX];
};

static const struct form forms[] = {
    {.name = "csv",
     .marks = {"node", "cpus"},
     .columns = {{"node", PART_NODE, 0, false},
                 {"cpus", PART_CPU, 1000, false},
                 {"gpus", PART_GPUS, 1000, false},
                 {"gpu_model", PART_MODEL, 0, true},
                 {"memory_gib", PART_MEMORY, GIB, true},
                 {"memory_bytes", PART_MEMORY, 1, true},
                 {"team", PART_TEAM, 0, true}}},
    /* Alibaba cluster-trace-gpu-v2023 */
    {.name = "openb",
     .marks = {"sn", "cpu_milli"},
     .columns = {{"sn", PART_NODE, 0, false},
                 {"cpu_milli", PART_CPU, 1, false},
                 {"memory_mib", PART_MEMORY, MIB, false},
                 {"gpu", PART_GPUS, 1000, false},
                 {"model", PART_MODEL, 0, false}}},
    /* Alibaba cluster-trace-v2026-spot-gpu */
    {.name = "spot2026",
     .marks = {"gpu_capacity_num", "node_name"},
     .columns = {{"gpu_model", PART_MODEL, 0, false},
                 {"gpu_capacity_num", PART_GPUS, 1000, false},
                 {"cpu_num", PART_CPU, 1000, false},
                 {"node_name", PART_NODE, 0, false}}},
    /* Alibaba cluster-trace-gpu-v2020, machine specification; its GB are taken as GiB,
     * as memory is made */
    {.name = "pai2020",
     .no_gpus = "CPU",
     .columns = {{"machine", PART_NODE, 0, false},
                 {"gpu_type", PART_MODEL, 0, false},
                 {"cap_cpu", PART_CPU, 1000, false},
                 {"cap_mem", PART_MEMORY, GIB, false},
                 {"cap_gpu", PART_GPUS, 1000, false}}},
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

struct reader {
    const char *path;
    const struct form *form;
    int32_t n_columns;                         /* of the file */
    const struct column *columns[COLUMNS_MAX]; /* in its order */
    struct sp_arena *arena;                    /* of the result */
    struct sp_names *names, *kinds, *texts;
    struct model_node_list *list;
    int32_t nodes_room, kinds_room;
};

/* What a row says, by part. */
struct row {
    const struct model_csv_field *field[PARTS]; /* NULL: no such column */
    struct model_amounts has;
    const char *gpu_model;
};

static enum sp_status refuse(const struct reader *r,
                             const struct model_csv_field *field, const char *expected,
                             struct sp_err *err)
{
    char quoted[80];

    return sp_fail(err, SP_EINPUT, "%s:%d:%d: found %s, expected %s", r->path,
                   field->line, field->column,
                   sp_text_quote(field->text, quoted, sizeof quoted), expected);
}

/* ---- the header ---- */

static const struct column *find_column(const struct form *form, const char *name)
{
    for (const struct column *c = form->columns; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static bool is_number(const char *text)
{
    struct sp_decimal d;

    return sp_decimal_scan(&text, &d) && *text == '\0';
}

/* A list without header: machine, type and three numbers. */
static bool is_bare_row(const struct model_csv_field *fields, int32_t n)
{
    return n == 5 && !is_number(fields[1].text) && is_number(fields[2].text) &&
           is_number(fields[3].text) && is_number(fields[4].text);
}

static bool has_field(const struct model_csv_field *fields, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(fields[i].text, name) == 0)
            return true;
    return false;
}

static const struct form *form_of(const struct model_csv_field *fields, int32_t n)
{
    for (int32_t f = 0; f < N_FORMS; f++) {
        const char *const *marks = forms[f].marks;

        if (marks[0] == NULL
                ? is_bare_row(fields, n)
                : has_field(fields, n, marks[0]) && has_field(fields, n, marks[1]))
            return &forms[f];
    }
    return NULL;
}

static enum sp_status require_columns(const struct reader *r, int32_t line,
                                      struct sp_err *err)
{
    int32_t memories = 0;

    for (const struct column *c = r->form->columns; c->name != NULL; c++) {
        bool there = false;

        for (int32_t i = 0; i < r->n_columns; i++)
            there = there || r->columns[i] == c;
        memories += there && c->part == PART_MEMORY;
        if (!there && !c->optional)
            return sp_fail(err, SP_EINPUT,
                           "%s:%d: has no column '%s', which a list of "
                           "nodes of form '%s' needs",
                           r->path, line, c->name, r->form->name);
    }
    if (memories > 1)
        return sp_fail(err, SP_EINPUT,
                       "%s:%d: found memory_gib and memory_bytes, expected one of them",
                       r->path, line);
    return SP_OK;
}

static enum sp_status read_header(struct reader *r,
                                  const struct model_csv_field *fields, int32_t n,
                                  struct sp_err *err)
{
    for (int32_t i = 0; i < n; i++) {
        const struct column *c = find_column(r->form, fields[i].text);

        if (c == NULL)
            return refuse(r, &fields[i], "a column of a list of nodes", err);
        for (int32_t k = 0; k < i; k++)
            if (r->columns[k] == c)
                return refuse(r, &fields[i], "each column once", err);
        r->columns[i] = c;
    }
    r->n_columns = n;
    return require_columns(r, fields[0].line, err);
}

/* ---- rows ---- */

/* What an amount may be at most, in its own small units. */
static const struct {
    int64_t most;
    const char *expected;
} limits[PARTS] = {
    [PART_CPU] = {INT64_C(1000000) * 1000, "a number of CPUs, at most 1000000"},
    [PART_GPUS] = {INT64_C(1000) * MODEL_GPUS_MAX, "a whole number of GPUs, 0 to 64"},
    [PART_MEMORY] = {INT64_C(1) << 60, "an amount of memory, at most 2^60 bytes"},
};

static enum sp_status read_amount(const struct reader *r, const struct column *column,
                                  const struct model_csv_field *field, int64_t *amount,
                                  struct sp_err *err)
{
    const char *p = field->text;
    struct sp_decimal d;
    bool rest;

    if (!sp_decimal_scan(&p, &d) || *p != '\0' ||
        !sp_decimal_whole(&d, column->unit, amount, &rest) || rest ||
        *amount > limits[column->part].most ||
        (column->part == PART_GPUS && *amount % 1000 != 0))
        return refuse(r, field, limits[column->part].expected, err);
    return SP_OK;
}

static enum sp_status take_fields(const struct reader *r, struct row *row,
                                  const struct model_csv_field *fields,
                                  struct sp_err *err)
{
    int64_t *const amounts[PARTS] = {[PART_CPU] = &row->has.mcpu,
                                     [PART_GPUS] = &row->has.mgpu,
                                     [PART_MEMORY] = &row->has.memory_bytes};

    for (int32_t i = 0; i < r->n_columns; i++) {
        enum part part = r->columns[i]->part;

        row->field[part] = &fields[i];
        if (amounts[part] != NULL) {
            enum sp_status status =
                read_amount(r, r->columns[i], &fields[i], amounts[part], err);

            if (status != SP_OK)
                return status;
        }
    }
    return SP_OK;
}

/* The GPU model: none without GPUs. */
static enum sp_status settle_model(const struct reader *r, struct row *row,
                                   struct sp_err *err)
{
    const struct model_csv_field *field = row->field[PART_MODEL];
    bool none =
        field == NULL || field->text[0] == '\0' ||
        (r->form->no_gpus != NULL && strcmp(field->text, r->form->no_gpus) == 0);

    row->gpu_model = "";
    if (row->has.mgpu == 0)
        return SP_OK;
    if (none && field != NULL)
        return refuse(r, field, "the model of its GPUs", err);
    if (none)
        return SP_OK;
    if (strlen(field->text) > MODEL_NAME_MAX)
        return refuse(r, field, "a name of at most 100 bytes", err);
    row->gpu_model = field->text;
    return SP_OK;
}

/* The one copy of a text that lives as long as the result. */
static const char *keep(struct reader *r, const char *text)
{
    int32_t id = sp_names_add(r->texts, text, strlen(text), INT32_MAX);

    return sp_names_all(r->texts)[id];
}

static int32_t kind_of(struct reader *r, const struct row *row)
{
    struct model_node_list *list = r->list;
    char key[MODEL_NAME_MAX + 100];
    int size = snprintf(key, sizeof key, "%lld %lld %lld %s", (long long)row->has.mcpu,
                        (long long)row->has.mgpu, (long long)row->has.memory_bytes,
                        row->gpu_model);
    int32_t kind = sp_names_add(r->kinds, key, (size_t)size, INT32_MAX);

    if (kind == list->n_kinds) {
        list->kinds = sp_arena_more(r->arena, list->kinds, list->n_kinds,
                                    &r->kinds_room, sizeof *list->kinds);
        list->kinds[list->n_kinds++] = (struct model_listed_kind){
            .has = row->has, .gpu_model = keep(r, row->gpu_model)};
    }
    list->kinds[kind].count++;
    return kind;
}

static enum sp_status add_node(struct reader *r, const struct row *row,
                               struct sp_err *err)
{
    struct model_node_list *list = r->list;
    const struct model_csv_field *name = row->field[PART_NODE],
                                 *team = row->field[PART_TEAM];
    int32_t known = list->n_nodes;

    if (name->text[0] == '\0' || strlen(name->text) > MODEL_NAME_MAX)
        return refuse(r, name, "a node's name of at most 100 bytes", err);
    if (team != NULL && strlen(team->text) > MODEL_NAME_MAX)
        return refuse(r, team, "a team's name of at most 100 bytes", err);
    if (known == MODEL_NODES_MAX)
        return sp_fail(err, SP_EINPUT, "%s:%d: more than %d nodes", r->path, name->line,
                       MODEL_NODES_MAX);
    if (sp_names_add(r->names, name->text, strlen(name->text), INT32_MAX) != known)
        return refuse(r, name, "each node once", err);
    list->nodes = sp_arena_more(r->arena, list->nodes, known, &r->nodes_room,
                                sizeof *list->nodes);
    list->nodes[known].name = sp_names_all(r->names)[known];
    list->nodes[known].team = keep(r, team != NULL ? team->text : "");
    list->nodes[known].kind = kind_of(r, row);
    list->n_nodes++;
    return SP_OK;
}

static enum sp_status read_row(struct reader *r, const struct model_csv_field *fields,
                               int32_t n, struct sp_err *err)
{
    struct row row = {.has.memory_bytes = -1};
    enum sp_status status;

    if (n != r->n_columns)
        return sp_fail(err, SP_EINPUT, "%s:%d: found %d fields, expected %d", r->path,
                       fields[0].line, n, r->n_columns);
    status = take_fields(r, &row, fields, err);
    if (status == SP_OK)
        status = settle_model(r, &row, err);
    return status == SP_OK ? add_node(r, &row, err) : status;
}

/* ---- the file ---- */

static enum sp_status begin(struct reader *r, const struct model_csv_field *fields,
                            int32_t n, struct sp_err *err)
{
    r->form = form_of(fields, n);
    if (r->form == NULL)
        return sp_fail(err, SP_EINPUT,
                       "%s:1: not a list of nodes, expected the columns "
                       "node,cpus,gpus,gpu_model,memory_gib or those of another form "
                       "(docs/traces.md, \"Node lists\")",
                       r->path);
    r->list->form = r->form->name;
    if (r->form->marks[0] != NULL)
        return read_header(r, fields, n, err);
    for (r->n_columns = 0; r->form->columns[r->n_columns].name != NULL; r->n_columns++)
        r->columns[r->n_columns] = &r->form->columns[r->n_columns];
    return read_row(r, fields, n, err);
}

static enum sp_status read_rows(struct reader *r, struct model_csv *csv,
                                struct sp_err *err)
{
    struct model_csv_field *fields = NULL;
    int32_t n = 0;
    enum sp_status status = model_csv_next(csv, &fields, &n, err);

    if (status == SP_OK)
        status = begin(r, fields, n, err);
    for (int64_t row = 1; status == SP_OK; row++) {
        if (row % ROWS_PER_ARENA == 0) {
            sp_arena_free(csv->arena);
            csv->arena = sp_arena_new();
        }
        status = model_csv_next(csv, &fields, &n, err);
        if (status != SP_OK || n == 0)
            break;
        status = read_row(r, fields, n, err);
    }
    if (status == SP_OK && r->list->n_nodes == 0)
        status = sp_fail(err, SP_EINPUT, "%s: has no rows, expected a node", r->path);
    return status;
}

static enum sp_status read_file(struct reader *r, struct sp_arena *text_arena,
                                struct sp_err *err)
{
    struct model_csv csv;
    char *text;
    enum sp_status status =
        model_text_load(r->path, FILE_MIB_MAX, text_arena, &text, err);

    if (status != SP_OK)
        return status;
    model_csv_init(&csv, r->path, text, sp_arena_new());
    status = read_rows(r, &csv, err);
    sp_arena_free(csv.arena);
    return status;
}

enum sp_status model_node_list_read(const char *path, struct sp_arena *arena,
                                    struct model_node_list **list, struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct reader r = {.path = path,
                       .arena = arena,
                       .names = sp_names_new(arena),
                       .kinds = sp_names_new(scratch),
                       .texts = sp_names_new(arena),
                       .list = sp_arena_alloc(arena, sizeof *r.list)};
    enum sp_status status = read_file(&r, scratch, err);

    sp_arena_free(scratch);
    if (status == SP_OK)
        *list = r.list;
    return status;
}

bool model_node_list_recognise(const char *text, size_t size)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_csv_field *fields = NULL;
    int32_t n = 0;
    bool is_list;

    model_csv_first(text, size, arena, &fields, &n);
    is_list = n > 0 && form_of(fields, n) != NULL;
    sp_arena_free(arena);
    return is_list;
}
