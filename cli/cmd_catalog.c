/* stageplan catalog list|show: what can be bought, and for how much. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/catalog.h"
#include "cli/cli.h"

static const struct cli_option options[] = {
    {"provider", 'p', "NAME", "list: only this provider's"},
    {"gpu", 'g', "MODEL", "list: only with this GPU, \"A100\" or \"A100-SXM4-80GB\""},
    {"gpus-only", 0, NULL, "list: only with GPUs"},
    {"cpu-only", 0, NULL, "list: only without GPUs"},
    {"max-price", 0, "USD_H",
     "list: at most so many USD/h; unpriced ones are left out"},
    {"sort", 's', "KEY", "list: price, price-per-gpu, price-per-cpu or name"},
    {"csv", 0, NULL, "list: as CSV, which --catalog reads again"},
    {"json", 'j', NULL, "as JSON"},
    {"catalog", 'c', "FILE", "the types of this CSV instead of the built-in ones"},
    {.name = NULL},
};

/* ---- order ---- */

static double on_demand(const struct model_instance *r)
{
    return r->ondemand_usd_h;
}

struct order {
    const char *name;
    double (*key)(const struct model_instance *r); /* NULL: by name alone */
    int (*compare)(const void *a, const void *b);
};

/* Rising, unknown ones last, equal ones by name. */
static int by_key(const void *a, const void *b,
                  double (*key)(const struct model_instance *))
{
    const struct model_instance *x = *(const struct model_instance *const *)a;
    const struct model_instance *y = *(const struct model_instance *const *)b;
    double kx = key != NULL ? key(x) : 0, ky = key != NULL ? key(y) : 0;

    if (isnan(kx) != isnan(ky))
        return isnan(kx) ? 1 : -1;
    if (kx < ky || kx > ky)
        return kx < ky ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int by_price(const void *a, const void *b)
{
    return by_key(a, b, on_demand);
}

static int by_price_per_gpu(const void *a, const void *b)
{
    return by_key(a, b, cli_catalog_usd_per_gpu_h);
}

static int by_price_per_cpu(const void *a, const void *b)
{
    return by_key(a, b, cli_catalog_usd_per_vcpu_h);
}

static int by_name(const void *a, const void *b)
{
    return by_key(a, b, NULL);
}

static const struct order orders[] = {
    {"price", on_demand, by_price},
    {"price-per-gpu", cli_catalog_usd_per_gpu_h, by_price_per_gpu},
    {"price-per-cpu", cli_catalog_usd_per_vcpu_h, by_price_per_cpu},
    {"name", NULL, by_name},
};
enum { N_ORDERS = sizeof orders / sizeof orders[0] };

/* ---- what to list ---- */

struct filter {
    const char *provider, *gpu; /* NULL: any */
    bool gpus_only, cpu_only;
    double max_usd_h;          /* NaN: any */
    const struct order *order; /* NULL: as in the file */
};

/* "A100" is the family of "A100-SXM4-40GB"; "A10" is not. */
static bool is_gpu(const char *model, const char *asked)
{
    size_t n = strlen(asked);

    return strncasecmp(model, asked, n) == 0 && (model[n] == '\0' || model[n] == '-');
}

static bool passes(const struct filter *f, const struct model_instance *r)
{
    return (f->provider == NULL || strcasecmp(f->provider, r->provider) == 0) &&
           (f->gpu == NULL || (r->gpu_count > 0 && is_gpu(r->gpu_model, f->gpu))) &&
           (!f->gpus_only || r->gpu_count > 0) &&
           (!f->cpu_only || !(r->gpu_count > 0)) &&
           (isnan(f->max_usd_h) || r->ondemand_usd_h <= f->max_usd_h);
}

/* Refuses a word that no row knows, with the nearest that one does. */
static int refuse_word(const struct model_catalog *c, const char *option,
                       const char *word,
                       const char *(*member)(const struct model_instance *))
{
    const char **known = sp_xcalloc((size_t)c->n, sizeof *known);
    const char *nearest;
    char quoted[80];

    for (int32_t i = 0; i < c->n; i++)
        known[i] = member(&c->rows[i]);
    nearest = sp_text_nearest(word, known, (size_t)c->n);
    free(known);
    sp_text_quote(word, quoted, sizeof quoted);
    if (nearest != NULL && *nearest != '\0')
        return cli_fail(CLI_USAGE, "catalog: --%s: %s is in no row, did you mean '%s'?",
                        option, quoted, nearest);
    return cli_fail(CLI_USAGE,
                    "catalog: --%s: %s is in no row; try 'stageplan catalog list'",
                    option, quoted);
}

static const char *provider_of(const struct model_instance *r)
{
    return r->provider;
}

static const char *gpu_of(const struct model_instance *r)
{
    return r->gpu_model;
}

static int check_words(const struct filter *f, const struct model_catalog *c)
{
    const struct filter provider = {.provider = f->provider, .max_usd_h = NAN};
    const struct filter gpu = {.gpu = f->gpu, .max_usd_h = NAN};
    bool has_provider = f->provider == NULL, has_gpu = f->gpu == NULL;

    for (int32_t i = 0; i < c->n; i++) {
        has_provider = has_provider || passes(&provider, &c->rows[i]);
        has_gpu = has_gpu || passes(&gpu, &c->rows[i]);
    }
    if (!has_provider)
        return refuse_word(c, "provider", f->provider, provider_of);
    if (!has_gpu)
        return refuse_word(c, "gpu", f->gpu, gpu_of);
    return CLI_OK;
}

static int read_order(const char *word, const struct order **order)
{
    const char *names[N_ORDERS], *nearest;
    char quoted[80];

    for (int i = 0; i < N_ORDERS; i++) {
        names[i] = orders[i].name;
        if (strcmp(word, names[i]) == 0) {
            *order = &orders[i];
            return CLI_OK;
        }
    }
    nearest = sp_text_nearest(word, names, N_ORDERS);
    return cli_fail(CLI_USAGE,
                    "catalog: --sort: found %s, expected price, price-per-gpu, "
                    "price-per-cpu or name%s%s%s",
                    sp_text_quote(word, quoted, sizeof quoted),
                    nearest != NULL ? "; did you mean '" : "",
                    nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

static int read_filter(const struct cli_parsed *p, struct filter *f)
{
    const char *price = cli_value(p, "max-price"), *order = cli_value(p, "sort");
    struct sp_err err = {0};

    *f = (struct filter){.provider = cli_value(p, "provider"),
                         .gpu = cli_value(p, "gpu"),
                         .gpus_only = cli_given(p, "gpus-only"),
                         .cpu_only = cli_given(p, "cpu-only"),
                         .max_usd_h = NAN};
    if (f->cpu_only && (f->gpus_only || f->gpu != NULL))
        return cli_fail(CLI_USAGE,
                        "catalog: --cpu-only excludes --gpus-only and --gpu; "
                        "try 'stageplan catalog --help'");
    if (cli_given(p, "csv") && cli_given(p, "json"))
        return cli_fail(CLI_USAGE, "catalog: --csv and --json exclude each other; "
                                   "try 'stageplan catalog --help'");
    if (price != NULL && sp_parse_usd_per_h(price, &f->max_usd_h, &err) != SP_OK)
        return cli_fail(CLI_USAGE, "catalog: --max-price: %s", err.text);
    return order != NULL ? read_order(order, &f->order) : CLI_OK;
}

/* ---- commands ---- */

static int list(const struct cli_parsed *p, const struct model_catalog *c,
                struct sp_arena *arena)
{
    const struct model_instance **rows;
    struct filter f;
    int32_t n = 0;
    int code = read_filter(p, &f);

    if (code == CLI_OK && p->n_operands > 1)
        code = cli_fail(CLI_USAGE,
                        "catalog list: found '%s', expected options only; "
                        "try 'stageplan catalog --help'",
                        p->operands[1]);
    if (code == CLI_OK)
        code = check_words(&f, c);
    if (code != CLI_OK)
        return code;
    rows = sp_arena_array(arena, (size_t)c->n, sizeof *rows);
    for (int32_t i = 0; i < c->n; i++)
        if (passes(&f, &c->rows[i]))
            rows[n++] = &c->rows[i];
    if (f.order != NULL && n > 0)
        qsort(rows, (size_t)n, sizeof *rows, f.order->compare);
    if (cli_given(p, "json"))
        cli_catalog_list_json(rows, n, c->origin);
    else if (cli_given(p, "csv"))
        cli_catalog_list_csv(rows, n);
    else
        cli_catalog_list_table(rows, n, c);
    return CLI_OK;
}

/* The time from which ages count: today, or what a reproducible build asks for. */
static time_t now(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    int64_t s;

    if (epoch != NULL && sp_parse_count(epoch, 0, INT64_C(1) << 40, &s, NULL) == SP_OK)
        return (time_t)s;
    return time(NULL);
}

static int refuse_name(const struct model_catalog *c, const char *name,
                       const char *nearest)
{
    char quoted[140];

    sp_text_quote(name, quoted, sizeof quoted);
    if (nearest != NULL)
        return cli_fail(CLI_USAGE,
                        "catalog show: no type is called %s, did you mean '%s'?",
                        quoted, nearest);
    return cli_fail(CLI_USAGE,
                    "catalog show: no type of the catalog (%s) is called %s; "
                    "try 'stageplan catalog list'",
                    c->origin, quoted);
}

static int check_show(const struct cli_parsed *p)
{
    for (int i = 0; i < p->n_options; i++) {
        const char *name = p->options[i].option->name;

        if (strcmp(name, "json") != 0 && strcmp(name, "catalog") != 0)
            return cli_fail(CLI_USAGE, "catalog show: --%s is an option of 'list'",
                            name);
    }
    if (p->n_operands != 2)
        return cli_fail(CLI_USAGE,
                        "catalog show: expected one NAME, found %d; "
                        "try 'stageplan catalog --help'",
                        p->n_operands - 1);
    return CLI_OK;
}

static int show(const struct cli_parsed *p, const struct model_catalog *c,
                struct sp_arena *arena)
{
    const char *nearest = NULL;
    const struct model_instance *r;
    const struct model_gpu_facts *gpu;
    struct model_gpus gpus;
    int code = check_show(p);

    if (code != CLI_OK)
        return code;
    r = model_catalog_find(c, p->operands[1], &nearest);
    if (r == NULL)
        return refuse_name(c, p->operands[1], nearest);
    model_gpus_builtin(arena, &gpus);
    gpu = model_gpus_find(&gpus, r->gpu_model);
    if (cli_given(p, "json"))
        cli_catalog_show_json(r, gpu, c->origin);
    else
        cli_catalog_show_text(r, gpu, c->origin, now());
    return CLI_OK;
}

static const struct {
    const char *name;
    int (*run)(const struct cli_parsed *p, const struct model_catalog *c,
               struct sp_arena *arena);
} verbs[] = {{"list", list}, {"show", show}};
enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

static int run_verb(const struct cli_parsed *p, struct sp_arena *arena)
{
    const char *path = cli_value(p, "catalog");
    struct model_catalog catalog;
    struct sp_err err = {0};
    int k = 0;

    if (p->n_operands == 0)
        return cli_fail(CLI_USAGE, "catalog: expected 'list' or 'show NAME'; "
                                   "try 'stageplan catalog --help'");
    while (k < N_VERBS && strcmp(verbs[k].name, p->operands[0]) != 0)
        k++;
    if (k == N_VERBS) {
        char quoted[80];

        return cli_fail(CLI_USAGE,
                        "catalog: found %s, expected 'list' or 'show NAME'; "
                        "try 'stageplan catalog --help'",
                        sp_text_quote(p->operands[0], quoted, sizeof quoted));
    }
    if (path == NULL)
        model_catalog_builtin(arena, &catalog);
    else if (model_catalog_read(path, arena, &catalog, &err) != SP_OK)
        return cli_fail_err(&err);
    return verbs[k].run(p, &catalog, arena);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct sp_arena *arena;
    int code;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    arena = sp_arena_new();
    code = run_verb(&parsed, arena);
    sp_arena_free(arena);
    return code;
}

const struct cli_command cli_cmd_catalog = {
    .name = "catalog",
    .operands = "list | show NAME",
    .help = "instance types that can be bought: facts with a source and a date",
    .options = options,
    .run = run,
};
