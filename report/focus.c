/* Columns are a table: a name and what writes the field. */
#include "report/focus.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "report/csv_text.h"
#include "report/file.h"
#include "report/focus_months.h"
#include "report/json_quote.h"
#include "report/utc.h"

#define ISSUER "stageplan (simulated)"

/* A row and all that its fields are made from. */
struct row {
    const struct model_result *r;
    const struct model_policy_result *p;
    const struct model_node_use *node;
    const struct model_cost_cell *cell;
    const struct report_month_piece *month;
    const char *account;         /* id of the policy's */
    const char *inputs, *models; /* files with fingerprints; ids of assumptions */
    struct sp_arena *arena;      /* of the row */
    int64_t uusd, list_uusd;
    double hours;      /* of the resource; NaN: of none */
    double node_hours; /* that this money buys at list price */
    bool reserved, spot, idle;
};

/* ---- what a row says ---- */

/* Paid for while nothing was done. */
static bool is_idle(enum model_part part)
{
    return part == MODEL_PART_IDLE || part == MODEL_PART_STRANDED ||
           part == MODEL_PART_UNUSED || part == MODEL_PART_ROUNDING;
}

static bool unused_commitment(const struct row *w)
{
    return w->reserved && w->idle;
}

static const char *resource_of(const struct row *w)
{
    return w->cell->resource < MODEL_RESOURCES
               ? model_resource_name((enum model_resource)w->cell->resource)
               : NULL;
}

/* Consumption is told in the resource's hours where there are any, else in those of
 * nodes. */
static bool by_resource(const struct row *w)
{
    return w->cell->resource < MODEL_RESOURCES && w->hours > 0;
}

static const char *meter_of(const struct row *w)
{
    static const char *const units[] = {[MODEL_GPU] = "GPU-Hours",
                                        [MODEL_CPU] = "vCPU-Hours",
                                        [MODEL_MEMORY] = "GiB-Hours"};

    return by_resource(w) ? units[w->cell->resource] : "Hours";
}

/* ---- fields ---- */

static void text(struct report_csv *csv, const struct row *w, const char *value)
{
    (void)w;
    report_csv_text(csv, value);
}

static void instant(struct report_csv *csv, int64_t unix_s)
{
    char buf[REPORT_UTC];

    report_csv_text(csv, report_utc_text(unix_s, buf));
}

static const char *pool_id(const struct row *w)
{
    return sp_arena_printf(w->arena, "%s/%s/%s", w->account, w->node->type,
                           w->node->option);
}

static const char *commitment_id(const struct row *w)
{
    return w->reserved ? sp_arena_printf(w->arena, "%s/commitment", pool_id(w)) : NULL;
}

static const char *commitment_status(const struct row *w)
{
    return !w->reserved ? NULL : unused_commitment(w) ? "Unused" : "Used";
}

static const char *sku_of(const struct row *w)
{
    return w->node->catalog_type != NULL ? w->node->catalog_type : w->node->type;
}

static const char *description_of(const struct row *w)
{
    const struct model_cost_cell *c = w->cell;
    const char *resource = resource_of(w);

    return sp_arena_printf(
        w->arena, "%s of %s (%s): %s%s%s%s%s", resource != NULL ? resource : "billing",
        w->node->type, w->node->option, model_part_name(c->part),
        c->workload != NULL ? ", " : "", c->workload != NULL ? c->workload : "",
        c->stage != NULL ? "/" : "", c->stage != NULL ? c->stage : "");
}

static const char *category_of(const struct row *w)
{
    return w->reserved ? "Committed" : w->spot ? "Dynamic" : "Standard";
}

/* A commitment's discount is none that was negotiated. */
static int64_t contracted_uusd(const struct row *w)
{
    return w->reserved ? w->list_uusd : w->uusd;
}

/* The price of a node-hour; where cents of rounding would be seen, the one that makes
 * the product right. */
static double unit_price(const struct row *w, double usd_per_h, int64_t uusd)
{
    double usd = (double)uusd / 1e6;

    if (!(w->node_hours > 0))
        return usd_per_h;
    if (fabs(usd_per_h * w->node_hours - usd) <= 3e-6 + 1e-12 * usd)
        return usd_per_h;
    return usd / w->node_hours;
}

static double list_price(const struct row *w)
{
    return isfinite(w->node->list_usd_per_h) ? w->node->list_usd_per_h
                                             : w->node->usd_per_h;
}

static double contracted_price(const struct row *w)
{
    return w->reserved ? list_price(w) : w->node->usd_per_h;
}

static void details(struct report_csv *csv, const struct row *w)
{
    const struct model_amounts *has = &w->node->has;
    char cores[REPORT_CSV_NUMBER], gpus[REPORT_CSV_NUMBER], gib[REPORT_CSV_NUMBER];
    const char *memory = "", *model = "";

    if (has->memory_bytes >= 0)
        memory = sp_arena_printf(
            w->arena, ",\"MemorySize\":%s",
            report_csv_number((double)has->memory_bytes / 1073741824.0, gib));
    if (w->node->gpu_model != NULL)
        model = sp_arena_printf(w->arena, ",\"x_GpuModel\":%s",
                                report_json_quote(w->arena, w->node->gpu_model));
    report_csv_text(
        csv, sp_arena_printf(
                 w->arena, "{\"CoreCount\":%s,\"GpuCount\":%s,\"InstanceType\":%s%s%s}",
                 report_csv_number((double)has->mcpu / 1000, cores),
                 report_csv_number((double)has->mgpu / 1000, gpus),
                 report_json_quote(w->arena, sku_of(w)), memory, model));
}

static void tags(struct report_csv *csv, const struct row *w)
{
    const struct {
        const char *key, *value;
    } pairs[] = {{"scenario", w->r->name},
                 {"policy", w->p->name},
                 {"workload", w->cell->workload},
                 {"stage", w->cell->stage},
                 {"team", w->cell->team}};
    const char *json = "{";

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i].value != NULL)
            json = sp_arena_printf(w->arena, "%s%s\"%s\":%s", json, i > 0 ? "," : "",
                                   pairs[i].key,
                                   report_json_quote(w->arena, pairs[i].value));
    report_csv_text(csv, sp_arena_printf(w->arena, "%s}", json));
}

/* What a price rests on, in three words. */
static const char *basis_of(enum model_basis basis)
{
    static const char *const words[] = {[MODEL_BASIS_ASSUMED] = "assumed",
                                        [MODEL_BASIS_MEASURED] = "measured",
                                        [MODEL_BASIS_TRACE] = "measured",
                                        [MODEL_BASIS_DATASHEET] = "list",
                                        [MODEL_BASIS_LIST_PRICE] = "list"};

    return words[basis];
}

/* ---- the table ---- */

#define FIELD(name, write)                                                             \
    static void name(struct report_csv *csv, const struct row *w)                      \
    {                                                                                  \
        write;                                                                         \
    }
FIELD(billed, report_csv_usd(csv, w->uusd))
FIELD(contracted, report_csv_usd(csv, contracted_uusd(w)))
FIELD(list_cost, report_csv_usd(csv, w->list_uusd))
FIELD(account_id, text(csv, w, w->account))
FIELD(policy, text(csv, w, w->p->name))
FIELD(account_type, text(csv, w, "Simulated policy"))
FIELD(currency, text(csv, w, "USD"))
FIELD(month_end, instant(csv, w->month->month_to_s))
FIELD(month_start, instant(csv, w->month->month_from_s))
FIELD(charge_end, instant(csv, w->month->to_s))
FIELD(charge_start, instant(csv, w->month->from_s))
FIELD(nothing, text(csv, w, NULL))
FIELD(usage, text(csv, w, "Usage"))
FIELD(description, text(csv, w, description_of(w)))
FIELD(frequency, text(csv, w, "Usage-Based"))
FIELD(commit_category, text(csv, w, w->reserved ? "Usage" : NULL))
FIELD(commit_id, text(csv, w, commitment_id(w)))
FIELD(commit_name, text(csv, w, w->reserved ? w->node->type : NULL))
FIELD(commit_quantity, report_csv_real(csv, w->reserved ? w->node_hours : NAN))
FIELD(commit_status, text(csv, w, commitment_status(w)))
FIELD(commit_type, text(csv, w, w->reserved ? "Reserved nodes" : NULL))
FIELD(commit_unit, text(csv, w, w->reserved ? "Hours" : NULL))
FIELD(consumed, report_csv_real(csv, unused_commitment(w) ? NAN
                                     : by_resource(w)     ? w->hours
                                                          : w->node_hours))
FIELD(consumed_unit, text(csv, w, unused_commitment(w) ? NULL : meter_of(w)))
FIELD(contracted_unit,
      report_csv_real(csv, unit_price(w, contracted_price(w), contracted_uusd(w))))
FIELD(issuer, text(csv, w, ISSUER))
FIELD(list_unit, report_csv_real(csv, unit_price(w, list_price(w), w->list_uusd)))
FIELD(category, text(csv, w, category_of(w)))
FIELD(quantity, report_csv_real(csv, w->node_hours))
FIELD(hours_unit, text(csv, w, "Hours"))
FIELD(resource_id, text(csv, w, pool_id(w)))
FIELD(resource_name, text(csv, w, w->node->type))
FIELD(resource_type, text(csv, w, "Node pool"))
FIELD(service_category, text(csv, w, "Compute"))
FIELD(service, text(csv, w, "Compute nodes"))
FIELD(subcategory, text(csv, w, "Virtual Machines"))
FIELD(sku, text(csv, w, sku_of(w)))
FIELD(meter, text(csv, w, meter_of(w)))
FIELD(price_id, text(csv, w,
                     sp_arena_printf(w->arena, "%s/%s/%s", sku_of(w), w->node->option,
                                     meter_of(w))))
FIELD(x_assumptions, text(csv, w, w->models))
FIELD(x_basis, text(csv, w, basis_of(w->node->price_basis)))
FIELD(x_catalog, text(csv, w, w->r->catalog))
FIELD(x_inputs, text(csv, w, w->inputs))
FIELD(x_idle, report_csv_bool(csv, w->idle))
FIELD(x_part, text(csv, w, model_part_name(w->cell->part)))
FIELD(x_price_date, text(csv, w, w->node->price_date))
FIELD(x_price_source, text(csv, w, w->node->price_source))
FIELD(x_replications, report_csv_int(csv, w->r->n_runs))
FIELD(x_resource, text(csv, w, resource_of(w)))
FIELD(x_scenario, text(csv, w, w->r->name))
FIELD(x_seed, text(csv, w, sp_arena_printf(w->arena, "%" PRIu64, w->r->seed)))
FIELD(x_stage, text(csv, w, w->cell->stage))
FIELD(x_team, text(csv, w, w->cell->team))
FIELD(x_version, text(csv, w, w->r->version))
FIELD(x_workload, text(csv, w, w->cell->workload))

static const struct column {
    const char *name;
    void (*write)(struct report_csv *csv, const struct row *w);
} columns[] = {
    {"BilledCost", billed},
    {"BillingAccountId", account_id},
    {"BillingAccountName", policy},
    {"BillingAccountType", account_type},
    {"BillingCurrency", currency},
    {"BillingPeriodEnd", month_end},
    {"BillingPeriodStart", month_start},
    {"CapacityReservationId", commit_id},
    {"CapacityReservationStatus", commit_status},
    {"ChargeCategory", usage},
    {"ChargeClass", nothing},
    {"ChargeDescription", description},
    {"ChargeFrequency", frequency},
    {"ChargePeriodEnd", charge_end},
    {"ChargePeriodStart", charge_start},
    {"CommitmentDiscountCategory", commit_category},
    {"CommitmentDiscountId", commit_id},
    {"CommitmentDiscountName", commit_name},
    {"CommitmentDiscountQuantity", commit_quantity},
    {"CommitmentDiscountStatus", commit_status},
    {"CommitmentDiscountType", commit_type},
    {"CommitmentDiscountUnit", commit_unit},
    {"ConsumedQuantity", consumed},
    {"ConsumedUnit", consumed_unit},
    {"ContractedCost", contracted},
    {"ContractedUnitPrice", contracted_unit},
    {"EffectiveCost", billed},
    {"InvoiceIssuerName", issuer},
    {"ListCost", list_cost},
    {"ListUnitPrice", list_unit},
    {"PricingCategory", category},
    {"PricingQuantity", quantity},
    {"PricingUnit", hours_unit},
    {"ProviderName", issuer},
    {"PublisherName", issuer},
    {"RegionId", nothing},
    {"RegionName", nothing},
    {"ResourceId", resource_id},
    {"ResourceName", resource_name},
    {"ResourceType", resource_type},
    {"ServiceCategory", service_category},
    {"ServiceName", service},
    {"ServiceSubcategory", subcategory},
    {"SkuId", sku},
    {"SkuMeter", meter},
    {"SkuPriceDetails", details},
    {"SkuPriceId", price_id},
    {"SubAccountId", account_id},
    {"SubAccountName", policy},
    {"SubAccountType", account_type},
    {"Tags", tags},
    {"x_AssumptionIds", x_assumptions},
    {"x_Catalog", x_catalog},
    {"x_CostBasis", x_basis},
    {"x_Inputs", x_inputs},
    {"x_IsIdle", x_idle},
    {"x_Part", x_part},
    {"x_Policy", policy},
    {"x_PriceDate", x_price_date},
    {"x_PriceSource", x_price_source},
    {"x_Replications", x_replications},
    {"x_Resource", x_resource},
    {"x_Scenario", x_scenario},
    {"x_Seed", x_seed},
    {"x_Stage", x_stage},
    {"x_Team", x_team},
    {"x_Version", x_version},
    {"x_Workload", x_workload},
};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* ---- rows ---- */

static void write_row(struct report_csv *csv, const struct row *w)
{
    for (int i = 0; i < N_COLUMNS; i++)
        columns[i].write(csv, w);
    report_csv_end(csv);
}

/* Node-hours that this much money buys: by the larger of the prices, whose rounding
 * matters least. */
static double node_hours(const struct row *w)
{
    double list = list_price(w), paid = w->node->usd_per_h;

    if (list >= paid && list > 0)
        return (double)w->list_uusd / 1e6 / list;
    return paid > 0 ? (double)w->uusd / 1e6 / paid : 0;
}

static void write_cell(struct report_csv *csv, struct row *w,
                       const struct report_month_piece *months, int32_t n)
{
    const struct model_cost_cell *c = w->cell;

    w->node = &w->p->nodes[c->node];
    w->reserved =
        strcmp(w->node->option, model_option_name(MODEL_OPTION_RESERVED)) == 0;
    w->spot = strcmp(w->node->option, model_option_name(MODEL_OPTION_SPOT)) == 0;
    w->idle = is_idle(c->part);
    for (int32_t i = 0; i < n; i++) {
        w->month = &months[i];
        w->uusd = report_month_share(months, i, c->resource, c->uusd);
        w->list_uusd = report_month_share(months, i, c->resource, c->list_uusd);
        w->hours = report_month_part(months, i, c->resource, c->hours);
        w->node_hours = node_hours(w);
        if (w->uusd == 0 && w->list_uusd == 0)
            continue;
        w->arena = sp_arena_new();
        write_row(csv, w);
        sp_arena_free(w->arena);
    }
}

static void write_policy(struct report_csv *csv, struct row *w, int64_t start_s,
                         struct sp_arena *arena)
{
    struct report_month_piece *months;
    int32_t n = report_months_of(arena, w->p, start_s, &months);

    w->account = sp_arena_printf(arena, "stageplan/%s/%s", w->r->name, w->p->name);
    for (int32_t i = 0; i < w->p->cost.n_cells; i++) {
        w->cell = &w->p->cost.cells[i];
        write_cell(csv, w, months, n);
    }
}

static void write_all(FILE *out, const struct report_context *c)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r = c->result;
    struct row w = {.r = r,
                    .inputs = report_csv_inputs(arena, r),
                    .models = report_csv_assumptions(arena, r)};
    struct report_csv csv;

    report_csv_init(&csv, out);
    for (int i = 0; i < N_COLUMNS; i++)
        report_csv_text(&csv, columns[i].name);
    report_csv_end(&csv);
    for (int32_t i = 0; i < r->n_policies; i++) {
        w.p = &r->policies[i];
        write_policy(&csv, &w, report_utc_start(c), arena);
    }
    report_csv_fini(&csv);
    sp_arena_free(arena);
}

enum sp_status report_focus_write(const char *path, const struct report_context *c,
                                  struct sp_err *err)
{
    struct report_file *file;
    enum sp_status s = report_file_open(path, &file, err);

    if (s != SP_OK)
        return s;
    write_all(report_file_stream(file), c);
    return report_file_close(file, SP_OK, err);
}

const char *report_focus_missing(struct sp_arena *arena, const struct model_result *r)
{
    const char *names = NULL;

    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].cost.n_cells == 0)
            names = names == NULL
                        ? r->policies[i].name
                        : sp_arena_printf(arena, "%s, %s", names, r->policies[i].name);
    return names;
}
