/* model/profile.h: reading what was printed gives the same records, whatever is in
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "profile_text.h"

/* ---- random profiles ---- */

struct source {
    struct sp_rng rng;
    struct sp_arena *arena;
};

static int32_t below(struct source *s, int32_t n)
{
    return (int32_t)(sp_rng_uniform(&s->rng) * n);
}

/* Of any size that the format holds, with all of its bits. */
static double wide(struct source *s, double least, double most)
{
    double u = sp_rng_uniform(&s->rng);

    if (below(s, 5) == 0)
        return least > 0 ? least : 0;
    return fmin(fmax(least, exp(-60 + 120 * u)), most);
}

static const char *text(struct source *s, size_t most)
{
    static const char *const pieces[] = {
        "a",    "\"",   "'",   "\\", "{",        "}",
        "[",    "]",    ", ",  ": ", "#",        " #",
        "- ",   "&a",   "*a",  "!t", "\xc3\xa4", "\xf0\x9f\x98\x80",
        "%",    "@",    "`",   "|",  ">",        "\xe2\x82\xac",
        "true", "null", "~",   "0",  "1e5",      ".inf",
        "<b>",  "=1+1", "\\n", "? ", "--- ",     "...",
        "name"};
    const size_t n = sizeof pieces / sizeof pieces[0];
    char *made = sp_arena_alloc(s->arena, most + 8);
    int32_t count = below(s, 12) == 0 ? 400 : 1 + below(s, 12);

    for (int32_t i = 0; i < count; i++) {
        const char *piece = pieces[below(s, (int32_t)n)];

        if (strlen(made) + strlen(piece) <= most)
            strcat(made, piece);
    }
    return made;
}

/* Texts may have lines and tabs, too, and be empty. */
static const char *prose(struct source *s)
{
    char *made = sp_arena_strdup(s->arena, text(s, 300));

    for (char *p = made; *p != '\0'; p++)
        if (*p == 'a' && below(s, 2) == 0)
            *p = below(s, 2) == 0 ? '\n' : '\t';
    return below(s, 10) == 0 ? "" : made;
}

static const char *maybe(struct source *s)
{
    return below(s, 3) == 0 ? NULL : prose(s);
}

static void facts(struct source *s, int32_t *n, struct model_fact **list)
{
    *n = below(s, 4);
    *list = sp_arena_array(s->arena, (size_t)*n, sizeof **list);
    for (int32_t i = 0; i < *n; i++) {
        (*list)[i].name = sp_arena_printf(s->arena, "%d%s", i, text(s, 90));
        (*list)[i].value = prose(s);
    }
}

/* L L' of a random triangle: a covariance, of full rank or less. */
static void covariance(struct source *s, double *cov, int32_t n, int32_t stride)
{
    double l[4][4] = {{0}};

    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j <= i; j++)
            l[i][j] = below(s, 4) == 0 ? 0 : sp_rng_uniform(&s->rng) - 0.5;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++)
            for (int32_t k = 0; k < n; k++)
                cov[i * stride + j] += l[i][k] * l[j][k];
}

static void points(struct source *s, struct model_kernel *k)
{
    double x = below(s, 3) == 0 ? 0 : wide(s, 0, 1e9);

    k->n_points = k->axis[0] == '\0' ? 1 : 1 + below(s, 6);
    k->points = sp_arena_array(s->arena, (size_t)k->n_points, sizeof *k->points);
    for (int32_t i = 0; i < k->n_points; i++) {
        k->points[i] = (struct model_profile_point){.x = x,
                                                    .s = wide(s, 1e-15, 1e9),
                                                    .sd_frac = wide(s, 0, 100),
                                                    .blocks = below(s, 1000),
                                                    .rejected = below(s, 1000),
                                                    .converged = below(s, 2) == 0,
                                                    .why = maybe(s)};
        x += wide(s, 1e-3, 1e3) * (1 + x);
    }
}

static void fits(struct source *s, struct model_kernel *k)
{
    k->n_fits = below(s, 4);
    k->fits = sp_arena_array(s->arena, (size_t)k->n_fits, sizeof *k->fits);
    for (int32_t i = 0; i < k->n_fits; i++) {
        struct model_fit *f = &k->fits[i];

        f->form = model_form_at(below(s, 4));
        for (int32_t c = 0; c < f->form->n; c++)
            f->coef[c] = wide(s, 1e-9, 1e20);
        if (strcmp(f->form->name, "roofline") == 0 && below(s, 2) == 0)
            f->coef[1] = INFINITY;
        covariance(s, &f->cov[0][0], f->form->n, MODEL_FORM_COEFS_MAX);
        f->rms_frac = wide(s, 0, 1e5);
        f->max_frac = wide(s, 0, 1e5);
        f->aicc = below(s, 4) == 0 ? INFINITY : -wide(s, 0, 1e5);
    }
}

static void features(struct source *s, struct model_features *f)
{
    f->n = below(s, MODEL_FEATURES_MAX + 1);
    for (int32_t i = 0; i < f->n; i++) {
        f->names[i] = sp_arena_printf(s->arena, "%d%s", i, text(s, 90));
        f->least[i] = -wide(s, 0, 1e9);
        f->most[i] = wide(s, 0, 1e9);
    }
    if (f->n == 0)
        return;
    for (int32_t i = 0; i <= f->n; i++)
        f->coef[i] = (below(s, 2) == 0 ? -1 : 1) * wide(s, 0, 1e20);
    covariance(s, &f->cov[0][0], f->n + 1, MODEL_FEATURES_MAX + 1);
    f->r2 = sp_rng_uniform(&s->rng);
    f->cv = wide(s, 0, 100);
}

static void scaling(struct source *s, struct model_scaling *g)
{
    g->kind = (enum model_scaling_kind)below(s, 3);
    if (g->kind == MODEL_SCALING_NONE)
        return;
    g->n = 1 + below(s, 5);
    g->cores = sp_arena_array(s->arena, (size_t)g->n, sizeof *g->cores);
    g->speedup = sp_arena_array(s->arena, (size_t)g->n, sizeof *g->speedup);
    g->sd = sp_arena_array(s->arena, (size_t)g->n, sizeof *g->sd);
    for (int32_t i = 0; i < g->n; i++) {
        g->cores[i] = i == 0 ? 1 : g->cores[i - 1] + 1 + below(s, 100);
        g->speedup[i] = wide(s, 1e-3, 1e6);
        g->sd[i] = wide(s, 0, 10);
    }
    if (g->kind == MODEL_SCALING_USL) {
        g->sigma = wide(s, 0, 1);
        g->kappa = wide(s, 0, 1);
        covariance(s, &g->cov[0][0], 2, 2);
    } else {
        g->most = below(s, 2) == 0 ? INFINITY : wide(s, 1, 1e6);
        g->most_sd = wide(s, 0, 10);
    }
}

static void kernel(struct source *s, const struct model_profile *p, int32_t i)
{
    struct model_kernel *k = &p->kernels[i];

    k->name = sp_arena_printf(s->arena, "%d%s", i, text(s, 90));
    k->device_id = below(s, p->n_devices);
    k->device = p->devices[k->device_id].name;
    k->item = prose(s);
    k->axis = prose(s);
    k->calls = (enum model_calls)below(s, 2);
    k->bound = (enum model_bound)below(s, 6);
    k->basis = below(s, 2) == 0 ? MODEL_BASIS_MEASURED : MODEL_BASIS_DATASHEET;
    k->source = maybe(s);
    k->library = maybe(s);
    k->code_path = maybe(s);
    facts(s, &k->n_params, &k->params);
    k->work.flop = wide(s, 1, 1e20);
    k->work.bytes = wide(s, 1, 1e20);
    k->work.flop_fixed = wide(s, 1, 1e20);
    k->work.bytes_fixed = wide(s, 1, 1e20);
    points(s, k);
    fits(s, k);
    features(s, &k->features);
    k->item_cv = wide(s, 0, 100);
    k->sd_within = wide(s, 0, 100);
    k->sd_between = wide(s, 0, 100);
    k->sd_floor = wide(s, 0, 100);
    k->sd_frac = wide(s, 0, 100);
    scaling(s, &k->scaling);
    k->converged = below(s, 2) == 0;
    k->why = maybe(s);
}

static struct model_profile *random_profile(struct source *s)
{
    static const char *const modes[] = {"full", "quick", "import"};
    struct model_profile *p = sp_arena_alloc(s->arena, sizeof *p);

    p->created = prose(s);
    p->tool = prose(s);
    p->mode = modes[below(s, 3)];
    p->campaigns = below(s, 100);
    p->seed = sp_rng_next(&s->rng);
    facts(s, &p->n_facts, &p->facts);
    p->n_devices = 1 + below(s, 3);
    p->devices = sp_arena_array(s->arena, (size_t)p->n_devices, sizeof *p->devices);
    for (int32_t i = 0; i < p->n_devices; i++) {
        struct model_profile_device *d = &p->devices[i];

        d->name = sp_arena_printf(s->arena, "%d%s", i, text(s, 90));
        d->is_gpu = below(s, 2) == 0;
        d->model = prose(s);
        d->catalog = d->is_gpu && below(s, 2) == 0 ? "L4" : NULL;
        d->cores = d->is_gpu ? 0 : 1 + below(s, 1000);
        facts(s, &d->n_facts, &d->facts);
    }
    p->n_kernels = below(s, 4);
    p->kernels = sp_arena_array(s->arena, (size_t)p->n_kernels, sizeof *p->kernels);
    for (int32_t i = 0; i < p->n_kernels; i++)
        kernel(s, p, i);
    p->n_notes = below(s, 4);
    p->notes = sp_arena_array(s->arena, (size_t)p->n_notes, sizeof *p->notes);
    for (int32_t i = 0; i < p->n_notes; i++)
        p->notes[i] = prose(s);
    return p;
}

/* ---- comparison ---- */

static void same_number(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void same_numbers(const double *a, const double *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        same_number(a[i], b[i]);
}

static void same_text(const char *a, const char *b)
{
    assert_true((a == NULL) == (b == NULL));
    if (a != NULL)
        assert_string_equal(a, b);
}

static void same_facts(const struct model_fact *a, int32_t n,
                       const struct model_fact *b, int32_t m)
{
    assert_int_equal(n, m);
    for (int32_t i = 0; i < n; i++) {
        same_text(a[i].name, b[i].name);
        same_text(a[i].value, b[i].value);
    }
}

static void same_points(const struct model_kernel *a, const struct model_kernel *b)
{
    assert_int_equal(a->n_points, b->n_points);
    for (int32_t i = 0; i < a->n_points; i++) {
        const struct model_profile_point *p = &a->points[i], *q = &b->points[i];

        same_number(p->x, q->x);
        same_number(p->s, q->s);
        same_number(p->sd_frac, q->sd_frac);
        assert_int_equal(p->blocks, q->blocks);
        assert_int_equal(p->rejected, q->rejected);
        assert_int_equal(p->converged, q->converged);
        same_text(p->why, q->why);
    }
}

static void same_fits(const struct model_kernel *a, const struct model_kernel *b)
{
    assert_int_equal(a->n_fits, b->n_fits);
    for (int32_t i = 0; i < a->n_fits; i++) {
        const struct model_fit *f = &a->fits[i], *g = &b->fits[i];

        assert_ptr_equal(f->form, g->form);
        same_numbers(f->coef, g->coef, MODEL_FORM_COEFS_MAX);
        same_numbers(&f->cov[0][0], &g->cov[0][0],
                     MODEL_FORM_COEFS_MAX * MODEL_FORM_COEFS_MAX);
        same_number(f->rms_frac, g->rms_frac);
        same_number(f->max_frac, g->max_frac);
        same_number(f->aicc, g->aicc);
    }
}

static void same_features(const struct model_features *f,
                          const struct model_features *g)
{
    assert_int_equal(f->n, g->n);
    for (int32_t i = 0; i < f->n; i++)
        same_text(f->names[i], g->names[i]);
    same_numbers(f->least, g->least, MODEL_FEATURES_MAX);
    same_numbers(f->most, g->most, MODEL_FEATURES_MAX);
    same_numbers(f->coef, g->coef, MODEL_FEATURES_MAX + 1);
    same_numbers(&f->cov[0][0], &g->cov[0][0],
                 (MODEL_FEATURES_MAX + 1) * (MODEL_FEATURES_MAX + 1));
    same_number(f->r2, g->r2);
    same_number(f->cv, g->cv);
}

static void same_scaling(const struct model_scaling *s, const struct model_scaling *t)
{
    assert_int_equal(s->kind, t->kind);
    assert_int_equal(s->n, t->n);
    for (int32_t i = 0; i < s->n; i++)
        assert_int_equal(s->cores[i], t->cores[i]);
    same_numbers(s->speedup, t->speedup, s->n);
    same_numbers(s->sd, t->sd, s->n);
    same_number(s->sigma, t->sigma);
    same_number(s->kappa, t->kappa);
    same_numbers(&s->cov[0][0], &t->cov[0][0], 4);
    same_number(s->most, t->most);
    same_number(s->most_sd, t->most_sd);
}

static void same_kernel(const struct model_kernel *a, const struct model_kernel *b)
{
    same_text(a->name, b->name);
    same_text(a->device, b->device);
    assert_int_equal(a->device_id, b->device_id);
    same_text(a->item, b->item);
    same_text(a->axis, b->axis);
    assert_int_equal(a->calls, b->calls);
    assert_int_equal(a->bound, b->bound);
    assert_int_equal(a->basis, b->basis);
    same_text(a->source, b->source);
    same_text(a->library, b->library);
    same_text(a->code_path, b->code_path);
    same_facts(a->params, a->n_params, b->params, b->n_params);
    same_number(a->work.flop, b->work.flop);
    same_number(a->work.flop_fixed, b->work.flop_fixed);
    same_number(a->work.bytes, b->work.bytes);
    same_number(a->work.bytes_fixed, b->work.bytes_fixed);
    same_points(a, b);
    same_fits(a, b);
    same_features(&a->features, &b->features);
    same_number(a->item_cv, b->item_cv);
    same_number(a->sd_within, b->sd_within);
    same_number(a->sd_between, b->sd_between);
    same_number(a->sd_floor, b->sd_floor);
    same_number(a->sd_frac, b->sd_frac);
    same_scaling(&a->scaling, &b->scaling);
    assert_int_equal(a->converged, b->converged);
    same_text(a->why, b->why);
}

static void same_profile(const struct model_profile *a, const struct model_profile *b)
{
    same_text(a->created, b->created);
    same_text(a->tool, b->tool);
    same_text(a->mode, b->mode);
    assert_int_equal(a->campaigns, b->campaigns);
    assert_true(a->seed == b->seed);
    same_facts(a->facts, a->n_facts, b->facts, b->n_facts);
    assert_int_equal(a->n_devices, b->n_devices);
    for (int32_t i = 0; i < a->n_devices; i++) {
        const struct model_profile_device *d = &a->devices[i], *e = &b->devices[i];

        same_text(d->name, e->name);
        assert_int_equal(d->is_gpu, e->is_gpu);
        same_text(d->model, e->model);
        same_text(d->catalog, e->catalog);
        assert_int_equal(d->cores, e->cores);
        same_facts(d->facts, d->n_facts, e->facts, e->n_facts);
    }
    assert_int_equal(a->n_kernels, b->n_kernels);
    for (int32_t i = 0; i < a->n_kernels; i++)
        same_kernel(&a->kernels[i], &b->kernels[i]);
    assert_int_equal(a->n_notes, b->n_notes);
    for (int32_t i = 0; i < a->n_notes; i++)
        same_text(a->notes[i], b->notes[i]);
}

/* ---- the promises ---- */

static void what_is_printed_is_read_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct sp_arena *arena = sp_arena_new();
        struct source s = {sp_rng_from_key(seed), arena};
        struct model_profile *made = random_profile(&s), *found = NULL;
        struct sp_err err = {0};
        const char *printed = profile_printed(made, arena);

        if (profile_from(printed, arena, &found, &err) != SP_OK)
            fail_msg("seed %d: %s", (int)seed, err.text);
        same_profile(made, found);
        assert_string_equal(profile_printed(found, arena), printed);
        sp_arena_free(arena);
    }
}

/* What a driver says of itself may be anything. */
static void what_cannot_be_shown_becomes_a_question_mark(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile_device device = {
        .name = "gpu0", .is_gpu = true, .model = "a\x01\xff\x1b[31m\xe2\x80\xaez"};
    struct model_profile made = {.mode = "full", .n_devices = 1, .devices = &device};
    struct model_profile *found = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(profile_from(profile_printed(&made, arena), arena, &found, &err),
                     SP_OK);
    assert_string_equal(found->devices[0].model, "a???[31m???z");
    sp_arena_free(arena);
}

static void what_is_too_long_is_cut_at_a_character(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_profile_device device = {.name = "cpu", .cores = 1};
    struct model_profile made = {.mode = "full", .n_devices = 1, .devices = &device};
    struct model_profile *found = NULL;
    char *model = sp_arena_alloc(arena, 5000);
    struct sp_err err = {0};

    (void)state;
    strcpy(model, "x");
    while (strlen(model) < 4000) /* two bytes each: 2000 falls inside one */
        strcat(model, "\xc3\xa4");
    device.model = model;
    assert_int_equal(profile_from(profile_printed(&made, arena), arena, &found, &err),
                     SP_OK);
    assert_int_equal(strlen(found->devices[0].model), MODEL_PROFILE_TEXT_MAX - 1);
    assert_memory_equal(found->devices[0].model, model, MODEL_PROFILE_TEXT_MAX - 1);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_read_the_same),
        cmocka_unit_test(what_cannot_be_shown_becomes_a_question_mark),
        cmocka_unit_test(what_is_too_long_is_cut_at_a_character),
    };

    return cmocka_run_group_tests_name("profile_print", tests, NULL, NULL);
}
