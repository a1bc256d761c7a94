/* Kinds of jobs from text, jobs from kinds. */
#include "traces/job_generate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/gsl.h"
#include "base/text.h"
#include "base/units.h"
#include "traces/job_format.h"

struct trace_job_recipe {
    struct trace_job_context ctx; /* of names */
    unsigned has;
    int32_t n;
    struct trace_job_made kinds[TRACE_JOB_KINDS_MAX];
};

struct trace_job_recipe *trace_job_recipe_new(struct sp_arena *arena)
{
    struct trace_job_recipe *r = sp_arena_alloc(arena, sizeof *r);

    r->ctx.arena = arena;
    r->ctx.teams = sp_names_new(arena);
    r->ctx.models = sp_names_new(arena);
    sp_names_add(r->ctx.teams, "-", 1, 1);
    return r;
}

/* ---- a kind from text ---- */

typedef enum sp_status read_key(struct trace_job_recipe *r, const char *text,
                                struct trace_job_made *made, struct sp_err *err);

static enum sp_status read_share(struct trace_job_recipe *r, const char *text,
                                 struct trace_job_made *made, struct sp_err *err)
{
    (void)r;
    return sp_parse_number(text, 1e-9, 1e9, &made->share, err);
}

static enum sp_status read_gpu(struct trace_job_recipe *r, const char *text,
                               struct trace_job_made *made, struct sp_err *err)
{
    int64_t *mgpu = &made->job.needs.mgpu;
    enum sp_status status = sp_parse_thousandths(text, mgpu, err);

    (void)r;
    if (status == SP_OK && *mgpu > 1000 && *mgpu % 1000 != 0)
        return sp_fail(err, SP_EINPUT,
                       "found %.3f, expected a share of one GPU or a whole number",
                       (double)*mgpu / 1000);
    return status;
}

static enum sp_status read_cpu(struct trace_job_recipe *r, const char *text,
                               struct trace_job_made *made, struct sp_err *err)
{
    (void)r;
    return sp_parse_thousandths(text, &made->job.needs.mcpu, err);
}

static enum sp_status read_memory(struct trace_job_recipe *r, const char *text,
                                  struct trace_job_made *made, struct sp_err *err)
{
    (void)r;
    return sp_parse_bytes(text, &made->job.needs.memory_bytes, err);
}

static enum sp_status read_members(struct trace_job_recipe *r, const char *text,
                                   struct trace_job_made *made, struct sp_err *err)
{
    int64_t n = 0;
    enum sp_status status = sp_parse_count(text, 0, MODEL_JOB_MEMBERS_MAX, &n, err);

    (void)r;
    made->job.members = (int32_t)n;
    return status;
}

static enum sp_status read_ns(const char *text, int64_t *ns, struct sp_err *err)
{
    double s = 0;
    enum sp_status status = sp_parse_duration_s(text, &s, err);

    *ns = sp_ns_from_s(s);
    return status;
}

/* What follows "lognormal:", a mean and a coefficient of variation. */
static enum sp_status read_lognormal(const char *text, struct model_dist *dist,
                                     struct sp_err *err)
{
    const char *comma = strchr(text, ',');
    double mean_s = 0, cv = 0;
    char mean[64];

    if (comma == NULL || (size_t)(comma - text) >= sizeof mean)
        return sp_fail(err, SP_EINPUT, "found no such law, expected lognormal:MEAN,CV");
    snprintf(mean, sizeof mean, "%.*s", (int)(comma - text), text);
    if (sp_parse_duration_s(mean, &mean_s, err) != SP_OK ||
        sp_parse_number(comma + 1, 0.01, 100, &cv, err) != SP_OK)
        return SP_EINPUT;
    if (!(mean_s > 0))
        return sp_fail(err, SP_EINPUT, "found a mean of 0, expected more");
    *dist = model_dist_lognormal(mean_s, cv);
    return SP_OK;
}

static enum sp_status read_duration(struct trace_job_recipe *r, const char *text,
                                    struct trace_job_made *made, struct sp_err *err)
{
    static const char exponential[] = "exponential:", lognormal[] = "lognormal:";
    struct model_dist *d = &made->duration_s;

    (void)r;
    made->forever = strcmp(text, "never") == 0;
    if (made->forever)
        return SP_OK;
    if (strncmp(text, lognormal, strlen(lognormal)) == 0)
        return read_lognormal(text + strlen(lognormal), d, err);
    d->kind = MODEL_DIST_CONSTANT;
    if (strncmp(text, exponential, strlen(exponential)) == 0) {
        d->kind = MODEL_DIST_EXPONENTIAL;
        text += strlen(exponential);
    }
    return sp_parse_duration_s(text, &d->a, err);
}

static enum sp_status read_estimate(struct trace_job_recipe *r, const char *text,
                                    struct trace_job_made *made, struct sp_err *err)
{
    (void)r;
    return sp_parse_number(text, 0, 1e6, &made->estimate, err);
}

static enum sp_status read_deadline(struct trace_job_recipe *r, const char *text,
                                    struct trace_job_made *made, struct sp_err *err)
{
    (void)r;
    return read_ns(text, &made->job.deadline_ns, err);
}

static enum sp_status read_checkpoint(struct trace_job_recipe *r, const char *text,
                                      struct trace_job_made *made, struct sp_err *err)
{
    (void)r;
    return read_ns(text, &made->job.checkpoint_ns, err);
}

static enum sp_status read_priority(struct trace_job_recipe *r, const char *text,
                                    struct trace_job_made *made, struct sp_err *err)
{
    enum { MOST = 1000000000 };
    int64_t n = 0;
    bool negative = *text == '-';
    enum sp_status status = sp_parse_count(text + negative, 0, MOST, &n, err);

    (void)r;
    made->job.priority = (int32_t)(negative ? -n : n);
    return status;
}

static struct trace_job_cell cell_of(const char *column, const char *text)
{
    return (struct trace_job_cell){
        .column = column, .text = text, .size = strlen(text), .given = *text != '\0'};
}

static enum sp_status read_preemptible(struct trace_job_recipe *r, const char *text,
                                       struct trace_job_made *made, struct sp_err *err)
{
    struct trace_job_cell cell = cell_of("preemptible", text);
    enum sp_status status = trace_job_read_cell(TRACE_JOB_FLAG, &cell, err);

    (void)r;
    made->job.preemptible = (int8_t)cell.value;
    return status;
}

static enum sp_status read_team(struct trace_job_recipe *r, const char *text,
                                struct trace_job_made *made, struct sp_err *err)
{
    struct trace_job_cell cell = cell_of("team", text);

    return trace_job_set_team(&r->ctx, &cell, &made->job, err);
}

static enum sp_status read_models(struct trace_job_recipe *r, const char *text,
                                  struct trace_job_made *made, struct sp_err *err)
{
    struct trace_job_cell cell = cell_of("gpu_models", text);

    return trace_job_set_models(&r->ctx, &cell, &made->job, err);
}

static const struct {
    const char *name;
    unsigned has;
    read_key *read;
} keys[] = {
    {"share", 0, read_share},
    {"gpu", TRACE_JOB_HAS_GPU, read_gpu},
    {"cpu", TRACE_JOB_HAS_CPU, read_cpu},
    {"memory", TRACE_JOB_HAS_MEMORY, read_memory},
    {"members", 0, read_members},
    {"duration", TRACE_JOB_HAS_DURATION, read_duration},
    {"estimate", TRACE_JOB_HAS_ESTIMATE, read_estimate},
    {"deadline", TRACE_JOB_HAS_DEADLINE, read_deadline},
    {"team", TRACE_JOB_HAS_TEAM, read_team},
    {"priority", TRACE_JOB_HAS_PRIORITY, read_priority},
    {"preemptible", TRACE_JOB_HAS_PREEMPTIBLE, read_preemptible},
    {"gpu_models", TRACE_JOB_HAS_MODELS, read_models},
    {"checkpoint", TRACE_JOB_HAS_CHECKPOINT, read_checkpoint},
};
enum { N_KEYS = sizeof keys / sizeof keys[0] };

static int find_key(const char *name)
{
    for (int k = 0; k < N_KEYS; k++)
        if (strcmp(keys[k].name, name) == 0)
            return k;
    return -1;
}

static enum sp_status unknown_key(const char *name, struct sp_err *err)
{
    const char *names[N_KEYS], *nearest;
    char quoted[80];

    for (int k = 0; k < N_KEYS; k++)
        names[k] = keys[k].name;
    nearest = sp_text_nearest(name, names, N_KEYS);
    return sp_fail(err, SP_EINPUT, "found %s, %s%s%s",
                   sp_text_quote(name, quoted, sizeof quoted),
                   nearest != NULL ? "did you mean '" : "expected KEY=VALUE such as ",
                   nearest != NULL ? nearest : "gpu=8", nearest != NULL ? "'?" : "");
}

/* One "key=value", which is cut at its '='; *seen gets the key's bit. */
static enum sp_status read_word(struct trace_job_recipe *r, char *word,
                                struct trace_job_made *made, unsigned *seen,
                                struct sp_err *err)
{
    char *value = strchr(word, '=');
    struct sp_err what = {0};
    int k;

    if (value != NULL)
        *value++ = '\0';
    k = find_key(word);
    if (k < 0 || value == NULL)
        return k >= 0 ? sp_fail(err, SP_EINPUT, "found '%s' without '='", word)
                      : unknown_key(word, err);
    if ((*seen & 1u << k) != 0)
        return sp_fail(err, SP_EINPUT, "found '%s' twice", word);
    *seen |= 1u << k;
    if (keys[k].read(r, value, made, &what) != SP_OK)
        return sp_fail(err, SP_EINPUT, "%s: %s", keys[k].name, what.text);
    r->has |= keys[k].has;
    return SP_OK;
}

enum sp_status trace_job_recipe_add(struct trace_job_recipe *r, const char *text,
                                    struct sp_err *err)
{
    struct trace_job_made made = {.share = 1,
                                  .estimate = NAN,
                                  .job = {.estimate_ns = -1,
                                          .deadline_ns = -1,
                                          .members = 1,
                                          .needs = {.mcpu = -1, .memory_bytes = -1},
                                          .priority = MODEL_PRIORITY_UNSAID,
                                          .preemptible = -1,
                                          .checkpoint_ns = -1}};
    char *copy = sp_arena_strdup(r->ctx.arena, text), *rest = NULL;
    unsigned seen = 0;

    if (r->n == TRACE_JOB_KINDS_MAX)
        return sp_fail(err, SP_EINPUT, "found more than %d kinds of jobs",
                       (int)TRACE_JOB_KINDS_MAX);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest))
        if (read_word(r, word, &made, &seen, err) != SP_OK)
            return SP_EINPUT;
    if ((seen & 1u << find_key("duration")) == 0)
        return sp_fail(err, SP_EINPUT,
                       "found no duration, expected one such as duration=1h, "
                       "duration=exponential:1h, duration=lognormal:1h,2 or "
                       "duration=never");
    if ((seen & (1u << find_key("gpu") | 1u << find_key("cpu"))) == 0)
        return sp_fail(err, SP_EINPUT,
                       "found nothing that the jobs need, expected gpu=8 or cpu=4");
    r->kinds[r->n++] = made;
    return SP_OK;
}

/* ---- what is known of it ---- */

unsigned trace_job_recipe_has(const struct trace_job_recipe *r)
{
    return r->has;
}

struct model_names trace_job_recipe_teams(const struct trace_job_recipe *r)
{
    return (struct model_names){sp_names_count(r->ctx.teams),
                                sp_names_all(r->ctx.teams)};
}

struct model_names trace_job_recipe_models(const struct trace_job_recipe *r)
{
    return (struct model_names){sp_names_count(r->ctx.models),
                                sp_names_all(r->ctx.models)};
}

/* ---- jobs ---- */

static struct sp_rng stream(uint64_t seed, const char *what, int32_t kind)
{
    char name[64];

    snprintf(name, sizeof name, "trace generate %s %d", what, (int)kind);
    return sp_rng_from_key(sp_rng_stream_key(seed, 0, name));
}

struct trace_job_generator trace_job_generator_of(const struct trace_job_recipe *recipe,
                                                  const struct trace_recipe *arrivals)
{
    struct trace_job_generator g = {.recipe = recipe,
                                    .times = trace_generator_of(arrivals),
                                    .kinds = stream(arrivals->seed, "kinds", 0)};

    sp_assert(recipe->n > 0);
    for (int32_t i = 0; i < recipe->n; i++) {
        g.durations[i] = stream(arrivals->seed, "durations", i);
        g.share_sum += recipe->kinds[i].share;
    }
    return g;
}

static int32_t draw_kind(struct trace_job_generator *g)
{
    double at = sp_rng_uniform(&g->kinds) * g->share_sum;
    int32_t i = 0;

    for (; i < g->recipe->n - 1 && at >= g->recipe->kinds[i].share; i++)
        at -= g->recipe->kinds[i].share;
    return i;
}

static double draw_duration_s(const struct model_dist *d, struct sp_rng *rng)
{
    if (d->kind == MODEL_DIST_EXPONENTIAL)
        return d->a * sp_rng_exponential(rng);
    return d->kind == MODEL_DIST_LOGNORMAL ? sp_gsl_lognormal(rng, d->a, d->b) : d->a;
}

bool trace_job_generator_next(struct trace_job_generator *g, struct model_job *job)
{
    const struct trace_job_made *made;
    struct trace_row row;
    int32_t kind;

    if (!trace_generator_next(&g->times, &row))
        return false;
    kind = draw_kind(g);
    made = &g->recipe->kinds[kind];
    *job = made->job;
    job->number = g->made++;
    snprintf(g->name, sizeof g->name, "%" PRId64, g->made);
    job->name = g->name;
    job->arrival_ns = row.time_ns;
    job->duration_ns = MODEL_NEVER;
    if (made->forever)
        return true;
    job->duration_ns =
        sp_ns_from_s(draw_duration_s(&made->duration_s, &g->durations[kind]));
    if (!isnan(made->estimate))
        job->estimate_ns =
            sp_ns_from_s(sp_s_from_ns(job->duration_ns) * made->estimate);
    return true;
}
