/* The catalogs of a scenario: its own and the built-in one. */
#include <stdio.h>

#include "base/text.h"
#include "model/catalog.h"
#include "model/scenario_parts.h"

enum sp_status model_catalog_note(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct model_catalog *catalog = sp_arena_alloc(r->arena, sizeof *catalog);
    struct sp_err found = {0};

    (void)record;
    if (model_file_note(r, node, "catalog") != SP_OK)
        return SP_EINPUT;
    if (model_catalog_read(model_file_path(r, node->text), r->arena, catalog, &found) !=
        SP_OK)
        return model_read_fail(r, node, "catalog: %s", found.text);
    r->catalogs[0] = catalog;
    return SP_OK;
}

/* The built-in one is read when the first type is looked up in it. */
static const struct model_catalog *catalog_of(struct model_reader *r, int i)
{
    struct model_catalog *builtin;

    if (i == 1 && r->catalogs[1] == NULL) {
        builtin = sp_arena_alloc(r->arena, sizeof *builtin);
        model_catalog_builtin(r->arena, builtin);
        r->catalogs[1] = builtin;
    }
    return r->catalogs[i];
}

static const struct model_instance *find_instance(struct model_reader *r,
                                                  const char *name,
                                                  const struct model_catalog **catalog,
                                                  const char **nearest)
{
    for (int i = 0; i < 2; i++) {
        const struct model_instance *row;
        const struct model_catalog *in = catalog_of(r, i);
        const char *near = NULL;

        if (in == NULL)
            continue;
        row = model_catalog_find(in, name, &near);
        if (row != NULL) {
            *catalog = in;
            return row;
        }
        if (*nearest == NULL)
            *nearest = near;
    }
    return NULL;
}

enum sp_status model_catalog_row(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 const struct model_instance **row,
                                 const struct model_catalog **catalog)
{
    const char *nearest = NULL;
    char quoted[80];

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "type") != SP_OK)
        return SP_EINPUT;
    *row = find_instance(r, node->text, catalog, &nearest);
    sp_text_quote(node->text, quoted, sizeof quoted);
    if (*row != NULL)
        return SP_OK;
    if (nearest != NULL)
        return model_read_fail(r, node,
                               "type: %s is not in the catalog, did you mean '%s'?",
                               quoted, nearest);
    return model_read_fail(r, node,
                           "type: %s is not in the catalog; 'stageplan catalog list' "
                           "shows what is",
                           quoted);
}
