/* Reading a folder of measured kernels: dense.csv, per_sequence.csv, attention.csv,
 * moe.csv where there are experts, and the correction for uneven contexts. */
#include "model/iteration_profile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "model/yaml.h"

/* Kernels over the tokens of an iteration. */
static const struct kernel {
    const char *name;
    int32_t per_layer;   /* 0: once an iteration */
    bool needed, in_moe; /* in_moe: part of the block that moe.csv replaces */
} kernels[] = {
    {"layernorm", 2, true, false},  {"qkv_proj", 1, true, false},
    {"qk_norm", 1, false, false},   {"rotary_emb", 1, false, false},
    {"o_proj", 1, true, false},     {"gate_up_proj", 1, true, true},
    {"act_fn", 1, false, true},     {"down_proj", 1, true, true},
    {"embedding", 0, false, false}, {"final_layernorm", 0, false, false},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

struct reading {
    const struct model_folder_options *o;
    struct model_folder *p;
    struct sp_arena *arena, *scratch;
    const char *folder, *shown;      /* where the CSVs are */
    const char *above, *shown_above; /* where the file about all of them may be */
};

static const char *in_folder(const struct reading *rd, const char *file)
{
    return sp_arena_printf(rd->scratch, "%s/%s", rd->folder, file);
}

static const char *shown_in(const struct reading *rd, const char *file)
{
    return sp_arena_printf(rd->scratch, "%s/%s", rd->shown, file);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static enum sp_status tell(const struct reading *rd, const char *shown,
                           const char *path, struct sp_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return SP_OK;
    if (!S_ISREG(st.st_mode)) /* a pipe would be waited for */
        return sp_fail(err, SP_EINPUT, "%s: is no regular file", shown);
    if (rd->o->reads == NULL)
        return SP_OK;
    return rd->o->reads(rd->o->self, shown, path, err);
}

/* The folder that a name is in. */
static const char *folder_above(struct sp_arena *arena, const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash == NULL ? "."
                         : sp_arena_printf(arena, "%.*s", (int)(slash - name), name);
}

/* The CSVs are in profile_tp<N>/, in tp<N>/ or in the folder itself. */
static enum sp_status find_folder(struct reading *rd, struct sp_err *err)
{
    const struct model_folder_options *o = rd->o;
    const char *const subs[] = {
        sp_arena_printf(rd->scratch, "/profile_tp%d", o->tensor_parallel),
        sp_arena_printf(rd->scratch, "/tp%d", o->tensor_parallel), ""};

    for (int i = 0; i < 3; i++) {
        rd->folder = sp_arena_printf(rd->scratch, "%s%s", o->path, subs[i]);
        rd->shown = sp_arena_printf(rd->scratch, "%s%s", o->shown, subs[i]);
        rd->above = i == 2 ? sp_arena_printf(rd->scratch, "%s/..", o->path) : o->path;
        rd->shown_above = i == 2 ? folder_above(rd->scratch, o->shown) : o->shown;
        if (is_there(in_folder(rd, "dense.csv")) ||
            is_there(in_folder(rd, "attention.csv")))
            return SP_OK;
    }
    return sp_fail(err, SP_EINPUT,
                   "%s: found no dense.csv, expected one there, in tp%d/ or in "
                   "profile_tp%d/",
                   o->shown, o->tensor_parallel, o->tensor_parallel);
}

static enum sp_status check_name(const struct reading *rd, const char *file,
                                 const struct model_record *r, const char *const *names,
                                 size_t n, struct sp_err *err)
{
    const char *nearest;
    char quoted[80];

    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], r->text) == 0)
            return SP_OK;
    nearest = sp_text_nearest(r->text, names, n);
    return sp_fail(err, SP_EINPUT, "%s:%d: layer: found %s, expected one like '%s'",
                   shown_in(rd, file), r->line,
                   sp_text_quote(r->text, quoted, sizeof quoted),
                   nearest != NULL ? nearest : names[0]);
}

static const struct model_record_column dense_columns[] = {
    {.name = "layer", .slot = -1},
    {.name = "tokens", .slot = 0, .whole = true, .min = 0, .max = 1e9},
    {.name = "time_us", .slot = 1, .min = 0, .max = 1e9},
    {.name = NULL},
};
static const struct model_record_column rows_columns[] = {
    {.name = "layer", .slot = -1},
    {.name = "sequences", .slot = 0, .whole = true, .min = 0, .max = 1e9},
    {.name = "time_us", .slot = 1, .min = 0, .max = 1e9},
    {.name = NULL},
};

static enum sp_status read_file(const struct reading *rd, const char *file,
                                const struct model_record_column *columns,
                                struct model_records *records, struct sp_err *err)
{
    const struct model_records_request request = {in_folder(rd, file),
                                                  shown_in(rd, file), columns, false};
    enum sp_status status = tell(rd, request.shown, request.path, err);

    return status != SP_OK ? status
                           : model_records_read(&request, rd->scratch, records, err);
}

static enum sp_status read_dense(struct reading *rd, struct sp_err *err)
{
    struct model_folder *p = rd->p;
    struct model_records records;
    const char *names[KERNELS];
    enum sp_status status = read_file(rd, "dense.csv", dense_columns, &records, err);

    p->tokens_most = INFINITY;
    for (size_t k = 0; k < KERNELS; k++)
        names[k] = kernels[k].name;
    for (int32_t i = 0; status == SP_OK && i < records.n; i++)
        status = check_name(rd, "dense.csv", &records.rows[i], names, KERNELS, err);
    for (size_t k = 0; status == SP_OK && k < KERNELS; k++) {
        const struct kernel *kernel = &kernels[k];
        struct model_curve c =
            model_records_curve(&records, kernel->name, model_ticks(1e-6), rd->scratch);

        if (kernel->in_moe && p->llm.experts > 1)
            continue;
        if (c.n == 0 && kernel->needed)
            return sp_fail(err, SP_EINPUT,
                           "%s: no rows of layer %s, expected some for %s",
                           shown_in(rd, "dense.csv"), kernel->name, p->llm.name);
        if (c.n == 0)
            continue;
        p->tokens_most = fmin(p->tokens_most, c.x[c.n - 1]);
        model_curve_add(&p->tokens, &c,
                        kernel->per_layer > 0 ? kernel->per_layer * p->llm.layers : 1,
                        rd->arena);
    }
    return status;
}

static enum sp_status read_rows(struct reading *rd, struct sp_err *err)
{
    static const char *const names[] = {"lm_head", "sampler"};
    struct model_folder *p = rd->p;
    struct model_records records;
    enum sp_status status =
        read_file(rd, "per_sequence.csv", rows_columns, &records, err);

    p->rows_most = INFINITY;
    for (int32_t i = 0; status == SP_OK && i < records.n; i++)
        status = check_name(rd, "per_sequence.csv", &records.rows[i], names, 2, err);
    for (int k = 0; status == SP_OK && k < 2; k++) {
        struct model_curve c =
            model_records_curve(&records, names[k], model_ticks(1e-6), rd->scratch);

        if (c.n == 0 && k == 0)
            return sp_fail(err, SP_EINPUT,
                           "%s: no rows of layer lm_head, expected some",
                           shown_in(rd, "per_sequence.csv"));
        if (c.n == 0)
            continue;
        p->rows_most = fmin(p->rows_most, c.x[c.n - 1]);
        model_curve_add(&p->rows, &c, 1, rd->arena);
    }
    return status;
}

enum { MOE_EP, MOE_TOKENS, MOE_EXPERTS, MOE_TIME };
static const struct model_record_column moe_columns[] = {
    {.name = "ep",
     .slot = MOE_EP,
     .whole = true,
     .optional = true,
     .min = 1,
     .max = 1e6},
    {.name = "tokens", .slot = MOE_TOKENS, .whole = true, .min = 0, .max = 1e9},
    {.name = "activated_experts", .slot = MOE_EXPERTS, .min = 0, .max = 1e6},
    {.name = "time_us", .slot = MOE_TIME, .min = 0, .max = 1e9},
    {.name = NULL},
};

static int by_tokens_and_experts(const void *a, const void *b)
{
    const struct model_record *p = a, *q = b;

    for (int k = MOE_TOKENS; k <= MOE_EXPERTS; k++)
        if (p->v[k] != q->v[k])
            return p->v[k] > q->v[k] ? 1 : -1;
    return (p->line > q->line) - (p->line < q->line);
}

/* Rows sorted and of one rank without expert parallelism. */
static int32_t keep_one_rank(struct model_records *records)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < records->n; i++)
        if (isnan(records->rows[i].v[MOE_EP]) || records->rows[i].v[MOE_EP] == 1)
            records->rows[kept++] = records->rows[i];
    qsort(records->rows, (size_t)kept, sizeof *records->rows, by_tokens_and_experts);
    return kept;
}

static enum sp_status read_moe(struct reading *rd, struct sp_err *err)
{
    struct model_folder_moe *moe = &rd->p->moe;
    struct model_records records;
    double *x, *y;
    int32_t n;
    enum sp_status status = read_file(rd, "moe.csv", moe_columns, &records, err);

    if (status != SP_OK)
        return status;
    n = keep_one_rank(&records);
    if (n == 0)
        return sp_fail(err, SP_EINPUT, "%s: no rows with ep 1, expected some",
                       shown_in(rd, "moe.csv"));
    moe->tokens = sp_arena_array(rd->arena, (size_t)n, sizeof *moe->tokens);
    moe->curves = sp_arena_array(rd->arena, (size_t)n, sizeof *moe->curves);
    x = sp_arena_array(rd->arena, (size_t)n, sizeof *x);
    y = sp_arena_array(rd->arena, (size_t)n, sizeof *y);
    for (int32_t i = 0; i < n;
         i++) { /* sorted: a curve's points are one after the other */
        const struct model_record *r = &records.rows[i];
        struct model_curve *c;

        if (moe->n == 0 || moe->tokens[moe->n - 1] != r->v[MOE_TOKENS]) {
            moe->tokens[moe->n++] = r->v[MOE_TOKENS];
            moe->curves[moe->n - 1] = (struct model_curve){.x = x + i, .y = y + i};
        }
        c = &moe->curves[moe->n - 1];
        if (c->n > 0 && c->x[c->n - 1] == r->v[MOE_EXPERTS])
            return sp_fail(err, SP_EINPUT, "%s:%d: this place is there already",
                           shown_in(rd, "moe.csv"), r->line);
        c->x[c->n] = r->v[MOE_EXPERTS];
        c->y[c->n++] = model_ticks(r->v[MOE_TIME] * 1e-6) * rd->p->llm.layers;
    }
    return SP_OK;
}

static enum sp_status read_attention(struct reading *rd, struct sp_err *err)
{
    struct model_folder *p = rd->p;
    const char *path = in_folder(rd, "attention.csv");
    const char *shown = shown_in(rd, "attention.csv");
    enum sp_status status = tell(rd, shown, path, err);

    if (status == SP_OK)
        status = model_attention_read(path, shown, p->llm.layers, rd->arena,
                                      &p->attention, err);
    if (status != SP_OK)
        return status;
    p->decodes = model_attention_decodes(&p->attention);
    if (p->decodes == NULL || p->decodes->decodes[p->decodes->n - 1] < 1)
        return sp_fail(err, SP_EINPUT,
                       "%s: no rows with prefill_chunk 0 and decodes, expected some",
                       shown_in(rd, "attention.csv"));
    return SP_OK;
}

/* alpha_default of skew_fit.per_tp.<N>; 0 where no file says it. */
static enum sp_status read_alpha(const struct reading *rd, double *alpha,
                                 struct sp_err *err)
{
    static const char *const names[] = {"profile_meta.yaml", "meta.yaml"};
    char tp[16];

    *alpha = 0;
    snprintf(tp, sizeof tp, "%d", rd->o->tensor_parallel);
    for (int i = 0; i < 4; i++) {
        const char *path = sp_arena_printf(
            rd->scratch, "%s/%s", i < 2 ? rd->folder : rd->above, names[i % 2]);
        struct model_yaml doc;
        const struct model_yaml_node *node;
        struct sp_err why = {0};
        static const char *const keys[] = {"skew_fit", "per_tp", NULL, "alpha_default"};
        enum sp_status status;

        if (!is_there(path))
            continue;
        status =
            tell(rd,
                 sp_arena_printf(rd->scratch, "%s/%s",
                                 i < 2 ? rd->shown : rd->shown_above, names[i % 2]),
                 path, err);
        if (status == SP_OK)
            status = model_yaml_read(path, rd->scratch, &doc, err);
        if (status != SP_OK)
            return status;
        node = doc.root;
        for (int k = 0; k < 4 && node != NULL; k++)
            node = node->kind == MODEL_YAML_MAP
                       ? model_yaml_get(node, keys[k] != NULL ? keys[k] : tp)
                       : NULL;
        if (node == NULL)
            return SP_OK;
        if (node->kind != MODEL_YAML_SCALAR ||
            sp_parse_number(node->text, -1000, 1000, alpha, &why) != SP_OK)
            return model_yaml_fail(&doc, node, err, SP_EINPUT, "alpha_default: %s",
                                   why.text[0] != '\0' ? why.text
                                                       : "expected a number");
        return SP_OK;
    }
    return SP_OK;
}

static enum sp_status read_skew(struct reading *rd, struct sp_err *err)
{
    const char *path = in_folder(rd, "skew_fit.csv");
    double alpha;
    enum sp_status status = read_alpha(rd, &alpha, err);

    if (status == SP_OK)
        status = tell(rd, shown_in(rd, "skew_fit.csv"), path, err);
    if (status != SP_OK)
        return status;
    return model_skew_read(is_there(path) ? path : NULL, shown_in(rd, "skew_fit.csv"),
                           alpha, rd->arena, &rd->p->skew, err);
}

/* Two all-reduces a layer; where the link is the datasheet's, at the roofline's
 * efficiency. */
static enum sp_status set_reduce(struct reading *rd, struct sp_err *err)
{
    const struct model_folder_options *o = rd->o;
    struct model_folder *p = rd->p;
    double ranks = o->tensor_parallel, link = o->link_bytes_per_s;

    p->fixed_ticks = model_ticks(o->step_s);
    if (o->tensor_parallel <= 1)
        return SP_OK;
    if (!(link > 0) && o->gpu != NULL)
        link = o->gpu->link_bytes_per_s * model_roofline_link_frac(o->gpu);
    if (!(link > 0))
        return sp_fail(
            err, SP_EINPUT,
            "%s: %d GPUs and no bandwidth of the link between them, expected "
            "a GPU that has one or the bandwidth itself",
            o->shown, o->tensor_parallel);
    p->fixed_ticks += model_ticks(2.0 * p->llm.layers * o->all_reduce_s);
    p->reduce_token_ticks = model_ticks(2.0 * p->llm.layers * 2 * (ranks - 1) / ranks *
                                        p->llm.hidden * 2 / link);
    return SP_OK;
}

static void set_bounds(struct reading *rd)
{
    const struct model_gpu *gpu = rd->o->gpu;
    struct model_folder *p = rd->p;
    double flops;

    if (gpu == NULL)
        return;
    flops = p->llm.weight_bits == 8 && gpu->fp8_flop_per_s > 0 ? gpu->fp8_flop_per_s
                                                               : gpu->bf16_flop_per_s;
    if (!(flops > 0) || !(gpu->bytes_per_s > 0))
        return;
    p->flop_ticks = model_ticks(1 / (flops * rd->o->tensor_parallel));
    p->byte_ticks = model_ticks(1 / (gpu->bytes_per_s * rd->o->tensor_parallel));
}

static enum sp_status read_all(struct reading *rd, struct sp_err *err)
{
    enum sp_status status = find_folder(rd, err);

    if (status == SP_OK)
        status = read_dense(rd, err);
    if (status == SP_OK)
        status = read_rows(rd, err);
    if (status == SP_OK && rd->p->llm.experts > 1)
        status = read_moe(rd, err);
    if (status == SP_OK)
        status = read_attention(rd, err);
    if (status == SP_OK)
        status = read_skew(rd, err);
    if (status == SP_OK)
        status = set_reduce(rd, err);
    if (status == SP_OK)
        set_bounds(rd);
    return status;
}

enum sp_status model_folder_read(const struct model_folder_options *o,
                                 struct sp_arena *arena, struct model_folder *p,
                                 struct sp_err *err)
{
    struct reading rd = {.o = o, .p = p, .arena = arena, .scratch = sp_arena_new()};
    enum sp_status status = read_all(&rd, err);

    sp_arena_free(rd.scratch);
    return status;
}
