/* The scenario, flattened.  What has its default value and means "nothing" is left out.
 */
#include "model/inputs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/dist.h"
#include "model/inputs_parts.h"
#include "model/serving.h"
#include "model/words.h"

enum { DIST_BYTES = 96 };
static const double gib = 1024.0 * 1024 * 1024;

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_input(const struct model_input *a, const struct model_input *b)
{
    return strcmp(a->name, b->name) == 0 && same_number(a->number, b->number) &&
           same_text(a->text, b->text) && strcmp(a->group, b->group) == 0 &&
           same_text(a->unit, b->unit) && same_text(a->basis, b->basis) &&
           same_text(a->source, b->source) && same_text(a->date, b->date);
}

static void share(struct model_input_list *l, struct model_list_row *row)
{
    row->n_policies++;
    row->input.used_by =
        sp_arena_printf(l->arena, "%s, %s", row->input.used_by, l->policy);
}

static void add(struct model_input_list *l, const char *name, double number,
                const char *text, const char *unit)
{
    struct model_input input = {
        .group = l->group,
        .name = l->thing != NULL ? sp_arena_printf(l->arena, "%s: %s", l->thing, name)
                                 : name,
        .number = number,
        .text = text,
        .unit = unit,
        .basis = l->basis,
        .source = l->source,
        .date = l->date != NULL ? l->date : "",
        .used_by = l->policy != NULL ? l->policy : "all policies",
    };

    for (int32_t i = 0; i < l->n && l->policy != NULL; i++)
        if (same_input(&l->rows[i].input, &input)) {
            share(l, &l->rows[i]);
            return;
        }
    if (l->n == l->room) {
        int32_t want = l->room > 0 ? 2 * l->room : 64;

        l->rows = sp_arena_grow(l->arena, l->rows, (size_t)l->n, (size_t)want,
                                sizeof *l->rows);
        l->room = want;
    }
    l->rows[l->n++] = (struct model_list_row){.input = input, .n_policies = 1};
}

void model_list_number(struct model_input_list *l, const char *name, double value,
                       const char *unit)
{
    add(l, name, value, NULL, unit);
}

void model_list_text(struct model_input_list *l, const char *name, const char *text)
{
    add(l, name, NAN, text, "");
}

void model_list_dist(struct model_input_list *l, const char *name,
                     const struct model_dist *d, const char *unit)
{
    if (d->kind == MODEL_DIST_CONSTANT)
        add(l, name, d->a, NULL, unit);
    else
        add(l, name, NAN,
            model_dist_words(d, sp_arena_alloc(l->arena, DIST_BYTES), DIST_BYTES),
            unit);
}

static bool is_zero(const struct model_dist *d)
{
    return d->kind == MODEL_DIST_CONSTANT && d->a == 0;
}

static double s_of(int64_t ns)
{
    return sp_s_from_ns(ns);
}

void model_list_amounts(struct model_input_list *l, const struct model_amounts *a)
{
    if (a->mcpu > 0)
        model_list_number(l, "cpu", (double)a->mcpu / 1000, "CPUs");
    if (a->mgpu > 0)
        model_list_number(l, "gpu", (double)a->mgpu / 1000, "GPUs");
    if (a->memory_bytes > 0)
        model_list_number(l, "memory", (double)a->memory_bytes / gib, "GiB");
}

/* ---- fleet ---- */

static void add_bought(struct model_input_list *l, const struct model_node_type *t)
{
    if (t->fixed) {
        model_list_number(l, "count", t->count, "nodes");
        return;
    }
    model_list_number(l, "min", t->min, "nodes");
    model_list_number(l, "max", t->max, "nodes");
    model_list_number(l, "idle timeout", s_of(t->idle_timeout_ns), "s");
    model_list_dist(l, "boot", &t->boot_s, "s");
}

static void add_rates(struct model_input_list *l, const struct model_node_type *t)
{
    if (t->nic_bytes_per_s > 0)
        model_list_number(l, "network", t->nic_bytes_per_s, "bytes/s");
    if (t->store_bytes >= 0)
        model_list_number(l, "object store", (double)t->store_bytes / gib, "GiB");
    if (t->spill_bytes_per_s > 0)
        model_list_number(l, "spill disk", t->spill_bytes_per_s, "bytes/s");
    if (t->cpu_speed != 1)
        model_list_number(l, "cpu speed", t->cpu_speed, "relative");
}

static void add_price(struct model_input_list *l, const struct model_node_type *t)
{
    const char *usual = l->source;

    if (!t->has_price)
        return;
    l->basis = model_basis_name(t->price_basis);
    l->source = t->price_source;
    l->date = t->price_date;
    model_list_number(l, "price", sp_usd_from_uusd(t->uusd_per_h), MODEL_PRICE_UNIT);
    l->source = usual;
    l->date = NULL;
}

static void add_type(struct model_input_list *l, const struct model_node_type *t)
{
    const char *usual = l->source;

    l->group = "fleet";
    l->thing = t->name;
    l->basis = model_basis_name(t->catalog_type != NULL ? MODEL_BASIS_DATASHEET
                                                        : MODEL_BASIS_ASSUMED);
    if (t->catalog_type != NULL)
        l->source = sp_arena_printf(l->arena, "catalog type %s", t->catalog_type);
    model_list_amounts(l, &t->has);
    l->source = usual;
    add_price(l, t);
    l->basis = model_basis_name(MODEL_BASIS_ASSUMED);
    model_list_text(l, "option", t->option);
    if (t->billing == MODEL_BILLING_HOUR)
        model_list_text(l, "billing", "whole hours");
    else
        model_list_number(l, "billing by the second, minimum",
                          s_of(t->billing_minimum_ns), "s");
    add_bought(l, t);
    add_rates(l, t);
    model_list_add_loss(l, t);
}

/* ---- workloads ---- */

static void add_source(struct model_input_list *l, const struct model_source *s)
{
    static const char *const kinds[] = {
        [MODEL_SOURCE_FIXED] = "fixed set", [MODEL_SOURCE_CONSTANT] = "constant rate",
        [MODEL_SOURCE_POISSON] = "Poisson", [MODEL_SOURCE_GAMMA] = "gamma",
        [MODEL_SOURCE_DIURNAL] = "diurnal", [MODEL_SOURCE_CLOSED] = "closed loop",
        [MODEL_SOURCE_TRACE] = "trace",
    };

    l->thing = "source";
    model_list_text(l, "kind", kinds[s->kind]);
    if (s->items >= 0)
        model_list_number(l, "items", (double)s->items, "items");
    if (s->for_ns >= 0 && s->kind != MODEL_SOURCE_FIXED)
        model_list_number(l, "for", s_of(s->for_ns), "s");
    if (s->rate_per_s > 0)
        model_list_number(l, "rate", s->rate_per_s, "items/s");
    if (s->rate_per_s > 0 && s->trace_scale > 0 && s->trace_scale != 1)
        model_list_number(l, "rate's scale, in it already", s->trace_scale, "");
    if (s->kind == MODEL_SOURCE_GAMMA)
        model_list_number(l, "cv", s->cv, "");
    if (s->kind == MODEL_SOURCE_CLOSED) {
        model_list_number(l, "population", s->population, "customers");
        model_list_dist(l, "think", &s->think_s, "s");
    }
    if (s->kind == MODEL_SOURCE_TRACE) {
        l->basis = model_basis_name(MODEL_BASIS_TRACE);
        model_list_text(l, "trace", s->trace_path);
        model_list_number(l, "scale", s->trace_scale, "");
    }
    if (!is_zero(&s->bytes))
        model_list_dist(l, "bytes", &s->bytes, "bytes");
}

static void add_time(struct model_input_list *l, const struct model_plan *plan,
                     const struct model_time *t)
{
    l->basis = model_basis_name(t->basis);
    if (!is_zero(&t->fixed) ||
        (is_zero(&t->per_item) && t->table == NULL && t->kernel == NULL))
        model_list_dist(l, "time", &t->fixed, "s per task");
    if (!is_zero(&t->per_item))
        model_list_dist(l, "time per item", &t->per_item, "s per item");
    for (int32_t i = 0; i < plan->n_sizes && i < MODEL_SIZES_MAX; i++)
        if (t->per_size_s[i] > 0)
            model_list_number(
                l, sp_arena_printf(l->arena, "time per %s", plan->size_names[i]),
                t->per_size_s[i], "s");
    if (t->per_byte_s > 0)
        model_list_number(l, "time per byte", t->per_byte_s, "s");
    if (t->table != NULL)
        model_list_text(l, "time table", t->table->path);
    if (t->kernel != NULL)
        model_list_add_kernel(l, plan, t->kernel);
    l->basis = model_basis_name(MODEL_BASIS_ASSUMED);
}

static void add_flow(struct model_input_list *l, const struct model_stage *s)
{
    if (s->batch != 1)
        model_list_number(l, "batch", s->batch, "items");
    if (s->linger_ns >= 0)
        model_list_number(l, "linger", s_of(s->linger_ns), "s");
    if (s->gather_in != 1 || s->gather_out != 1)
        model_list_text(l, "items in : out",
                        sp_arena_printf(l->arena, "%" PRId32 " : %" PRId32,
                                        s->gather_in, s->gather_out));
    if (s->keep_frac != 1)
        model_list_number(l, "keep", s->keep_frac, "share");
    if (s->output_bytes > 0)
        model_list_number(l, "output", s->output_bytes, "bytes per item");
    if (s->output_factor > 0)
        model_list_number(l, "output factor", s->output_factor, "of the bytes in");
    if (s->gang)
        model_list_text(l, "gang", "yes");
    if (s->barrier)
        model_list_text(l, "barrier", "yes");
    if (s->buffer > 0)
        model_list_number(l, "buffer", s->buffer, "items");
    if (s->fail_frac > 0) {
        model_list_number(l, "failure rate", s->fail_frac, "share of tasks");
        model_list_number(l, "retries", s->retries_max, "");
        model_list_number(l, "retry delay", s_of(s->retry_delay_ns), "s");
    }
}

static const char *slots_text(struct model_input_list *l, const struct model_plan *plan,
                              const struct model_unit *u)
{
    const char *text = "";

    for (int32_t i = 0; i < u->n_slots; i++)
        text = sp_arena_printf(l->arena, "%s%s%s %" PRId32, text, i > 0 ? ", " : "",
                               plan->stages[u->slots[i].stage].name, u->slots[i].cap);
    return text;
}

static void add_unit(struct model_input_list *l, const struct model_plan *plan,
                     const struct model_unit *u)
{
    l->thing = sp_arena_printf(
        l->arena, "%s %s", plan->kind == MODEL_KIND_SERVING ? "pool" : "unit", u->name);
    if (plan->kind == MODEL_KIND_PIPELINE)
        model_list_text(l, "slots", slots_text(l, plan, u));
    if (u->own_needs)
        model_list_amounts(l, &u->needs);
    if (u->count_kind == MODEL_COUNT_AUTOSCALED) {
        model_list_text(l, "autoscale rule", u->autoscale.rule);
        model_list_number(l, "autoscale min", u->autoscale.min, "units");
        model_list_number(l, "autoscale max", u->autoscale.max, "units");
        model_list_number(l, "autoscale target", u->autoscale.target,
                          u->autoscale.metric);
    } else {
        model_list_number(l,
                          u->count_kind == MODEL_COUNT_SIZED ? "count, sized" : "count",
                          u->count, "units");
    }
    if (u->fused)
        model_list_text(l, "fused", "yes");
    if (u->has_fused_time)
        add_time(l, plan, &u->fused_time);
    if (!is_zero(&u->startup_s))
        model_list_dist(l, "startup", &u->startup_s, "s");
}

/* ---- serving ---- */

static void add_requests(struct model_input_list *l, const struct model_plan *plan)
{
    const struct model_serving *s = plan->serving;
    bool drawn = plan->source.kind != MODEL_SOURCE_TRACE;

    for (int32_t i = 0; drawn && i < plan->n_sizes; i++)
        model_list_dist(l, plan->size_names[i], &plan->source.size[i],
                        i < MODEL_PRIORITY ? "tokens" : "");
    l->thing = NULL;
    l->basis = model_basis_name(MODEL_BASIS_ASSUMED);
    model_list_text(l, "model", s->llm->name);
    if (s->llm->source != NULL)
        model_list_text(l, "model's shape", s->llm->source);
    if (s->slo.ttft_ns >= 0)
        model_list_number(l, "SLO: TTFT", s_of(s->slo.ttft_ns), "s");
    if (s->slo.tpot_ns >= 0)
        model_list_number(l, "SLO: TPOT", s_of(s->slo.tpot_ns), "s");
    if (s->slo.e2e_ns >= 0)
        model_list_number(l, "SLO: end to end", s_of(s->slo.e2e_ns), "s");
}

static void add_engine(struct model_input_list *l, const struct model_pool *pool)
{
    model_list_text(l, "role", model_role_words[pool->role].name);
    if (pool->gpu != NULL)
        model_list_text(l, "GPU", pool->gpu->name);
    if (pool->iteration != NULL)
        model_list_text(l, "iteration time", model_iteration_text(pool->iteration));
    model_list_text(l, "scheduling", pool->scheduling);
    model_list_text(l, "order", pool->order);
    model_list_number(l, "max_num_batched_tokens", pool->max_num_batched_tokens,
                      "tokens");
    model_list_number(l, "max_num_seqs", pool->max_num_seqs, "sequences");
    model_list_number(l, "KV block", pool->block_size, "tokens");
    if (pool->kv_blocks < INT64_MAX)
        model_list_number(l, "KV cache", (double)pool->kv_blocks, "blocks a replica");
    model_list_text(l, "KV cache from", pool->kv_text);
    model_list_text(l, "prefix caching", model_prefix_words[pool->prefix].name);
    if (pool->prefix == MODEL_PREFIX_STORE && pool->prefix_blocks < INT64_MAX)
        model_list_number(l, "prefix store", (double)pool->prefix_blocks, "blocks");
    if (pool->load_ns > 0)
        model_list_number(l, "loading the weights", s_of(pool->load_ns), "s");
    if (pool->has_failures)
        model_list_dist(l, "time until lost", &pool->failure_s, "s");
}

static void add_transfer(struct model_input_list *l, const struct model_serving *s)
{
    bool split = false;

    for (int32_t i = 0; i < s->n_pools; i++)
        split |= s->pools[i].role == MODEL_ROLE_DECODE;
    if (!split)
        return;
    model_list_text(l, "decode router", s->decode_router);
    if (s->transfer.bytes_per_s > 0)
        model_list_number(l, "KV transfer", s->transfer.bytes_per_s, "bytes/s");
    model_list_number(l, "KV transfer latency", s_of(s->transfer.latency_ns), "s");
    model_list_text(l, "KV transfer overlaps the prefill",
                    s->transfer.overlap ? "yes" : "no");
}

static void add_serving(struct model_input_list *l, const struct model_plan *plan)
{
    const struct model_serving *s = plan->serving;

    add_requests(l, plan);
    model_list_text(l, "router", s->router);
    add_transfer(l, s);
    model_list_number(l, "retries", s->retries_max, "");
    for (int32_t i = 0; i < s->n_pools; i++) {
        add_unit(l, plan, &plan->units[i]);
        model_list_amounts(l, &plan->stages[i].slot_needs);
        add_engine(l, &s->pools[i]);
    }
}

static void add_plan(struct model_input_list *l, const struct model_plan *plan)
{
    l->group = sp_arena_printf(l->arena, "workload %s", plan->workload);
    add_source(l, &plan->source);
    if (plan->kind == MODEL_KIND_SERVING) {
        add_serving(l, plan);
        return;
    }
    if (plan->kind == MODEL_KIND_JOBS) {
        model_list_add_jobs(l, plan);
        return;
    }
    l->basis = model_basis_name(MODEL_BASIS_ASSUMED);
    for (int32_t i = 0; i < plan->n_stages; i++) {
        l->thing = sp_arena_printf(l->arena, "stage %s", plan->stages[i].name);
        model_list_amounts(l, &plan->stages[i].slot_needs);
        add_time(l, plan, &plan->stages[i].time);
        add_flow(l, &plan->stages[i]);
    }
    l->thing = NULL;
    model_list_text(l, "rule", plan->rule);
    if (plan->size_items_per_s > 0)
        model_list_number(l, "sized for", plan->size_items_per_s, "items/s");
    if (plan->size_deadline_ns > 0)
        model_list_number(l, "sized for a deadline", s_of(plan->size_deadline_ns), "s");
    if (plan->headroom_frac > 0)
        model_list_number(l, "headroom", plan->headroom_frac, "share");
    for (int32_t i = 0; i < plan->n_units; i++)
        add_unit(l, plan, &plan->units[i]);
}

/* ---- the run ---- */

static void add_run(struct model_input_list *l, uint64_t seed, int32_t n_runs)
{
    const struct model_scenario *s = l->scenario;

    l->group = "run";
    l->basis = "";
    model_list_number(l, "seed", (double)seed, "");
    model_list_number(l, "replications", n_runs, "");
    if (s->until_ns >= 0)
        model_list_number(l, "until", s_of(s->until_ns), "s");
    else
        model_list_text(l, "until", "all work is done");
    for (int32_t i = 0; i < s->n_inputs; i++)
        model_list_text(
            l, sp_arena_printf(l->arena, "input %s", s->inputs[i].file),
            sp_arena_printf(l->arena, "xxh64 %016" PRIx64, s->inputs[i].xxh64));
}

static void add_policy(struct model_input_list *l, const struct model_policy *p)
{
    l->policy = p->name;
    l->basis = model_basis_name(MODEL_BASIS_ASSUMED);
    for (int32_t i = 0; i < p->n_types; i++)
        add_type(l, &p->types[i]);
    l->group = "policy";
    l->thing = NULL;
    model_list_text(l, "placement", p->placement);
    model_list_add_sharing(l, p);
    for (int32_t i = 0; i < p->n_plans; i++)
        add_plan(l, &p->plans[i]);
}

struct model_input *model_inputs_collect(struct sp_arena *arena,
                                         const struct model_scenario *sc, uint64_t seed,
                                         int32_t n_runs, int32_t *n)
{
    struct model_input_list l = {.arena = arena, .scenario = sc};
    struct model_input *inputs;

    l.source = sc->path != NULL ? sc->path : "scenario";
    add_run(&l, seed, n_runs);
    for (int32_t i = 0; i < sc->n_policies; i++)
        add_policy(&l, &sc->policies[i]);
    inputs = sp_arena_array(arena, (size_t)l.n, sizeof *inputs);
    for (int32_t i = 0; i < l.n; i++) {
        inputs[i] = l.rows[i].input;
        if (l.rows[i].n_policies == sc->n_policies)
            inputs[i].used_by = "all policies";
    }
    *n = l.n;
    return inputs;
}

bool model_input_is_price(const struct model_input *in)
{
    return strcmp(in->unit, MODEL_PRICE_UNIT) == 0;
}
