/* Files that a scenario names: found from its folder, read once, fingerprinted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "base/units.h"
#include "model/availability.h"
#include "model/csv.h"
#include "model/node_list.h"
#include "model/scenario_parts.h"

enum { ROWS_MAX = 1000000 };
#define VALUE_MAX 1e15

struct model_file {
    struct model_file *next;
    const char *name;
    struct model_columns columns;
    struct model_node_list *list;
    struct model_availability *availability;
};

const char *model_file_path(const struct model_reader *r, const char *name)
{
    return sp_path_from(r->arena, r->folder, name);
}

static enum sp_status add_input(struct model_reader *r, const char *name,
                                const char *path, struct sp_err *err)
{
    struct model_scenario *s = r->scenario;
    uint64_t hash = 0;
    enum sp_status status;

    for (int32_t i = 0; i < s->n_inputs; i++)
        if (strcmp(s->inputs[i].file, name) == 0)
            return SP_OK;
    status = sp_hash64_file(path, &hash, err);
    if (status != SP_OK)
        return status;
    s->inputs = sp_arena_grow(r->arena, s->inputs, (size_t)s->n_inputs,
                              (size_t)s->n_inputs + 1, sizeof *s->inputs);
    s->inputs[s->n_inputs++] = (struct model_input_file){.file = name, .xxh64 = hash};
    return SP_OK;
}

enum sp_status model_file_note(struct model_reader *r,
                               const struct model_yaml_node *node, const char *what)
{
    const char *name = NULL, *path;
    struct sp_err found = {0};
    char quoted[80];
    struct stat st;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, what) != SP_OK)
        return SP_EINPUT;
    name = node->text;
    sp_text_quote(name, quoted, sizeof quoted);
    if (name[0] == '\0' || !sp_text_is_clean(name))
        return model_read_fail(r, node, "%s: found %s, expected the name of a file",
                               what, quoted);
    path = model_file_path(r, name);
    if (stat(path, &st) != 0)
        return model_read_fail(r, node, "%s: %s: %s", what, quoted, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return model_read_fail(r, node, "%s: %s is no regular file", what, quoted);
    if (add_input(r, name, path, &found) != SP_OK)
        return model_read_fail(r, node, "%s: %s", what, found.text);
    return SP_OK;
}

enum sp_status model_file_add(struct model_reader *r, const char *name,
                              const char *path, struct sp_err *err)
{
    return add_input(r, sp_arena_strdup(r->arena, name), path, err);
}

enum sp_status model_folder_check(struct model_reader *r,
                                  const struct model_yaml_node *node, const char *what)
{
    char quoted[80];
    struct stat st;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, what) != SP_OK)
        return SP_EINPUT;
    sp_text_quote(node->text, quoted, sizeof quoted);
    if (node->text[0] == '\0' || !sp_text_is_clean(node->text))
        return model_read_fail(r, node, "%s: found %s, expected the name of a folder",
                               what, quoted);
    if (stat(model_file_path(r, node->text), &st) != 0)
        return model_read_fail(r, node, "%s: %s: %s", what, quoted, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return model_read_fail(r, node, "%s: %s is no folder", what, quoted);
    return SP_OK;
}

/* ---- columns of numbers ---- */

struct table {
    const char *name;
    double *col[2];
    int32_t n, cap, n_cols;
};

static void table_grow(struct table *t, struct sp_arena *arena)
{
    size_t n = (size_t)t->n;

    if (t->n < t->cap)
        return;
    t->cap = t->cap > 0 ? 2 * t->cap : 256;
    for (int c = 0; c < 2; c++)
        t->col[c] = sp_arena_grow(arena, t->col[c], n, (size_t)t->cap, sizeof(double));
}

static enum sp_status table_row(struct table *t, const struct model_csv_field *fields,
                                int32_t n, struct sp_err *err)
{
    struct sp_err found = {0};

    if (n > 2 || (t->n_cols != 0 && n != t->n_cols))
        return sp_fail(err, SP_EINPUT, "%s:%d: found %d columns, expected %s", t->name,
                       (int)fields[0].line, (int)n,
                       t->n_cols == 0   ? "one or two"
                       : t->n_cols == 1 ? "one, as above"
                                        : "two, as above");
    if (t->n == ROWS_MAX)
        return sp_fail(err, SP_EINPUT, "%s:%d: more than %d rows", t->name,
                       (int)fields[0].line, (int)ROWS_MAX);
    t->n_cols = n;
    for (int32_t c = 0; c < n; c++)
        if (sp_parse_number(fields[c].text, 0, VALUE_MAX, &t->col[c][t->n], &found) !=
            SP_OK)
            return sp_fail(err, SP_EINPUT, "%s:%d:%d: %s", t->name, (int)fields[c].line,
                           (int)fields[c].column, found.text);
    t->n++;
    return SP_OK;
}

/* Headings: a first line that begins with a letter, save for what is meant as a number.
 */
static bool is_heading(const struct model_csv_field *field)
{
    char c = field->text[0];

    return field->line == 1 && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
           strncasecmp(field->text, "nan", 3) != 0 &&
           strncasecmp(field->text, "inf", 3) != 0;
}

static enum sp_status table_rows(struct table *t, struct model_csv *csv,
                                 struct sp_err *err)
{
    struct model_csv_field *fields = NULL;
    enum sp_status status;
    int32_t n = 0;

    while ((status = model_csv_next(csv, &fields, &n, err)) == SP_OK && n > 0) {
        if (is_heading(&fields[0]) || (n == 1 && fields[0].text[0] == '\0'))
            continue;
        table_grow(t, csv->arena);
        status = table_row(t, fields, n, err);
        if (status != SP_OK)
            return status;
    }
    if (status == SP_OK && t->n == 0)
        return sp_fail(err, SP_EINPUT, "%s: found no numbers, expected one or more",
                       t->name);
    return status;
}

static enum sp_status read_columns(struct model_reader *r,
                                   const struct model_yaml_node *node, const char *what,
                                   struct model_columns *columns)
{
    struct table t = {.name = node->text};
    struct sp_err found = {0};
    struct model_csv csv;
    char *text = NULL;

    if (model_csv_load(model_file_path(r, node->text), r->arena, &text, &found) !=
        SP_OK)
        return model_read_fail(r, node, "%s: %s", what, found.text);
    model_csv_init(&csv, t.name, text, r->arena);
    if (table_rows(&t, &csv, &found) != SP_OK)
        return model_read_fail(r, node, "%s: %s", what, found.text);
    *columns = (struct model_columns){.n = t.n,
                                      .n_cols = t.n_cols,
                                      .a = t.col[0],
                                      .b = t.n_cols == 2 ? t.col[1] : NULL};
    return SP_OK;
}

/* ---- read once, whatever it is ---- */

/* The file that `node` names: a new row where it was not read yet. */
static struct model_file *find_file(struct model_reader *r,
                                    const struct model_yaml_node *node)
{
    struct model_file *file;

    for (file = r->files; file != NULL; file = file->next)
        if (strcmp(file->name, node->text) == 0)
            return file;
    file = sp_arena_alloc(r->arena, sizeof *file);
    *file = (struct model_file){.next = r->files, .name = node->text};
    r->files = file;
    return file;
}

enum sp_status model_file_columns(struct model_reader *r,
                                  const struct model_yaml_node *node, const char *what,
                                  struct model_columns *columns)
{
    struct model_file *file;

    if (model_file_note(r, node, what) != SP_OK)
        return SP_EINPUT;
    file = find_file(r, node);
    if (file->columns.n == 0 && read_columns(r, node, what, &file->columns) != SP_OK)
        return SP_EINPUT;
    *columns = file->columns;
    return SP_OK;
}

enum sp_status model_file_list(struct model_reader *r,
                               const struct model_yaml_node *node,
                               const struct model_node_list **list)
{
    struct sp_err found = {0};
    struct model_file *file;

    if (model_file_note(r, node, "nodes") != SP_OK)
        return SP_EINPUT;
    file = find_file(r, node);
    if (file->list == NULL &&
        model_node_list_read(model_file_path(r, node->text), r->arena, &file->list,
                             &found) != SP_OK)
        return model_read_fail(r, node, "nodes: %s", found.text);
    *list = file->list;
    return SP_OK;
}

enum sp_status model_file_availability(struct model_reader *r,
                                       const struct model_yaml_node *node,
                                       const struct model_availability **a)
{
    struct sp_err found = {0};
    struct model_file *file;

    if (model_file_note(r, node, "trace") != SP_OK)
        return SP_EINPUT;
    file = find_file(r, node);
    if (file->availability == NULL &&
        model_availability_read(model_file_path(r, node->text), r->arena,
                                &file->availability, &found) != SP_OK)
        return model_read_fail(r, node, "trace: %s", found.text);
    file->availability->path = node->text;
    *a = file->availability;
    return SP_OK;
}
