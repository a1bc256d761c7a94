#include "model/catalog_used.h"

#include <string.h>

/* The prices taken from one catalog. */
struct use {
    const char *catalog;
    const char *first, *last; /* dates; NULL: none is dated */
    bool undated;
};

struct uses {
    struct sp_arena *arena;
    int32_t n;
    struct use *of;
};

static struct use *use_of(struct uses *u, const char *catalog)
{
    for (int32_t i = 0; i < u->n; i++)
        if (strcmp(u->of[i].catalog, catalog) == 0)
            return &u->of[i];
    u->of =
        sp_arena_grow(u->arena, u->of, (size_t)u->n, (size_t)u->n + 1, sizeof *u->of);
    u->of[u->n] = (struct use){.catalog = catalog};
    return &u->of[u->n++];
}

/* Dates are ISO 8601: their order is that of the alphabet. */
static void add_date(struct use *use, const char *date)
{
    if (date[0] < '0' || date[0] > '9') {
        use->undated = true;
        return;
    }
    if (use->first == NULL || strcmp(date, use->first) < 0)
        use->first = date;
    if (use->last == NULL || strcmp(date, use->last) > 0)
        use->last = date;
}

static void add_type(struct uses *u, const struct model_node_type *t)
{
    struct use *use;

    if (t->catalog == NULL)
        return;
    use = use_of(u, t->catalog);
    if (t->has_price && t->price_basis == MODEL_BASIS_LIST_PRICE)
        add_date(use, t->price_date);
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static const char *words_of(struct sp_arena *arena, const struct use *u)
{
    const char *name = file_name(u->catalog);

    if (u->first == NULL)
        return sp_arena_printf(arena, "%s, %s", name,
                               u->undated ? "prices undated" : "no prices");
    return sp_arena_printf(arena, "%s, prices of %s%s%s%s", name, u->first,
                           strcmp(u->first, u->last) != 0 ? " to " : "",
                           strcmp(u->first, u->last) != 0 ? u->last : "",
                           u->undated ? ", some undated" : "");
}

const char *model_catalog_used(struct sp_arena *arena, const struct model_scenario *sc)
{
    struct uses u = {.arena = arena};
    const char *text = NULL;

    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t t = 0; t < sc->policies[p].n_types; t++)
            add_type(&u, &sc->policies[p].types[t]);
    for (int32_t i = 0; i < u.n; i++) {
        const char *one = words_of(arena, &u.of[i]);

        text = text == NULL ? one : sp_arena_printf(arena, "%s; %s", text, one);
    }
    return text;
}
