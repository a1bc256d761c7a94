/* What was worked, the cheapest that could have done it. */
#include "sim/floor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"

/* ---- the bound ---- */

enum { PIVOTS_MAX = 10000 };

/* Chvatal's dictionary: each basic variable is rhs[i] less the sum over j of a[i][j] x
 * the j-th one that is not, the objective gain[j] x it, summed.  Variables 0..n_rows-1
 * are the y, the others the slack of suppliers. */
struct dictionary {
    int32_t n_rows, n;
    double (*a)[SIM_FLOOR_ROWS], *rhs;
    double gain[SIM_FLOOR_ROWS];
    int32_t *basic, free[SIM_FLOOR_ROWS];
};

/* Bland's rule: the first variable that gains, or SP_NO_ID. */
static int32_t entering(const struct dictionary *d)
{
    int32_t best = SP_NO_ID;

    for (int32_t j = 0; j < d->n_rows; j++)
        if (d->gain[j] > 1e-12 && (best == SP_NO_ID || d->free[j] < d->free[best]))
            best = j;
    return best;
}

/* The row that binds first; of equal ones the first variable. */
static int32_t leaving(const struct dictionary *d, int32_t j)
{
    int32_t best = SP_NO_ID;
    double least = INFINITY;

    for (int32_t i = 0; i < d->n; i++) {
        double ratio;

        if (d->a[i][j] <= 1e-12)
            continue;
        ratio = d->rhs[i] / d->a[i][j];
        if (ratio < least || (ratio <= least && d->basic[i] < d->basic[best])) {
            least = ratio;
            best = i;
        }
    }
    return best;
}

static void pivot(struct dictionary *d, int32_t row, int32_t column)
{
    double at = d->a[row][column];
    int32_t leaves = d->basic[row];

    for (int32_t j = 0; j < d->n_rows; j++)
        d->a[row][j] = (j == column ? 1 : d->a[row][j]) / at;
    d->rhs[row] /= at;
    for (int32_t i = 0; i < d->n; i++) {
        double by = d->a[i][column];

        if (i == row || by == 0)
            continue;
        for (int32_t j = 0; j < d->n_rows; j++)
            d->a[i][j] = (j == column ? 0 : d->a[i][j]) - by * d->a[row][j];
        d->rhs[i] = fmax(d->rhs[i] - by * d->rhs[row], 0);
    }
    for (int32_t j = 0; j < d->n_rows; j++)
        if (j != column)
            d->gain[j] -= d->gain[column] * d->a[row][j];
    d->gain[column] *= -d->a[row][column];
    d->basic[row] = d->free[column];
    d->free[column] = leaves;
}

static void set_up(struct dictionary *d, const double *want,
                   const struct sim_floor_supplier *of)
{
    d->a = sp_xcalloc((size_t)d->n, sizeof *d->a);
    d->rhs = sp_xcalloc((size_t)d->n, sizeof *d->rhs);
    d->basic = sp_xcalloc((size_t)d->n, sizeof *d->basic);
    for (int32_t j = 0; j < d->n_rows; j++) {
        d->gain[j] = want[j];
        d->free[j] = j;
    }
    for (int32_t i = 0; i < d->n; i++) {
        memcpy(d->a[i], of[i].has, sizeof of[i].has);
        d->rhs[i] = of[i].price;
        d->basic[i] = d->n_rows + i;
    }
}

/* The value of a point, made smaller until no supplier is overcharged: rounding may
 * have put it a little too far out. */
static double value_of(int32_t n_rows, const double *want, int32_t n,
                       const struct sim_floor_supplier *of, const double *y)
{
    double shrink = 1, value = 0;

    for (int32_t i = 0; i < n; i++) {
        double charge = 0;

        for (int32_t r = 0; r < n_rows; r++)
            charge += of[i].has[r] * y[r];
        if (charge > of[i].price)
            shrink = fmin(shrink, of[i].price / charge);
    }
    for (int32_t r = 0; r < n_rows; r++)
        value += want[r] * y[r];
    return value * shrink;
}

double sim_floor_bound(int32_t n_rows, const double *want, int32_t n,
                       const struct sim_floor_supplier *of)
{
    struct dictionary d = {.n_rows = n_rows, .n = n};
    double y[SIM_FLOOR_ROWS] = {0}, value;
    int32_t column, row;

    sp_assert(n_rows >= 1 && n_rows <= SIM_FLOOR_ROWS && n > 0);
    set_up(&d, want, of);
    for (int32_t i = 0; i < PIVOTS_MAX && (column = entering(&d)) != SP_NO_ID; i++) {
        row = leaving(&d, column);
        if (row == SP_NO_ID)
            break; /* nobody supplies it */
        pivot(&d, row, column);
    }
    for (int32_t i = 0; i < n; i++)
        if (d.basic[i] < n_rows)
            y[d.basic[i]] = d.rhs[i];
    value = value_of(n_rows, want, n, of, y);
    free(d.a);
    free(d.rhs);
    free(d.basic);
    return value;
}

/* ---- who supplies ---- */

/* Rows: CPU-hours, GiB-hours, GPU-hours, and those on a GPU model where serving ran. */
enum { ROW_CPU, ROW_MEMORY, ROW_GPU, ROW_MODELS };

struct problem {
    int32_t n_rows, n;
    double want[SIM_FLOOR_ROWS];
    const char *model[SIM_FLOOR_ROWS]; /* of rows from ROW_MODELS on */
    struct sim_floor_supplier *of;
    double fastest; /* cpu_speed */
    bool known;     /* all have prices */
    bool unlimited; /* memory is not, somewhere */
};

static bool same_model(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The row of a GPU model; that of all GPUs where there is no room for one more. */
static int32_t row_of(struct problem *pb, const char *model)
{
    for (int32_t r = ROW_MODELS; r < pb->n_rows; r++)
        if (same_model(pb->model[r], model))
            return r;
    if (pb->n_rows == SIM_FLOOR_ROWS)
        return ROW_GPU;
    pb->model[pb->n_rows] = model;
    return pb->n_rows++;
}

static void add_supplier(struct problem *pb, const struct model_node_type *type)
{
    struct sim_floor_supplier s = {.price = (double)type->uusd_per_h / 1e6};

    if ((type->fixed ? type->count : type->max) == 0)
        return;
    s.has[ROW_CPU] = (double)type->has.mcpu / 1000;
    s.has[ROW_GPU] = (double)type->has.mgpu / 1000;
    if (type->has.memory_bytes > 0)
        s.has[ROW_MEMORY] = (double)type->has.memory_bytes / 0x1p30;
    for (int32_t r = ROW_MODELS; r < pb->n_rows; r++)
        if (same_model(pb->model[r], type->gpu_model))
            s.has[r] = s.has[ROW_GPU];
    pb->unlimited = pb->unlimited || type->has.memory_bytes <= 0;
    pb->known = pb->known && type->has_price;
    pb->fastest = fmax(pb->fastest, type->cpu_speed);
    for (int32_t i = 0; i < pb->n; i++)
        if (memcmp(&pb->of[i], &s, sizeof s) == 0)
            return;
    pb->of[pb->n++] = s;
}

/* Of all policies: what one may buy, another one might have. */
static void add_suppliers(struct problem *pb, const struct model_scenario *sc)
{
    size_t room = 1;

    for (int32_t i = 0; i < sc->n_policies; i++)
        room += (size_t)sc->policies[i].n_types;
    pb->of = sp_xcalloc(room, sizeof *pb->of);
    pb->known = true;
    for (int32_t i = 0; i < sc->n_policies; i++)
        for (int32_t t = 0; t < sc->policies[i].n_types; t++)
            add_supplier(pb, &sc->policies[i].types[t]);
}

/* ---- what was worked ---- */

static int32_t plan_of(const struct model_policy *policy, const char *workload)
{
    int32_t w = 0;

    while (strcmp(policy->plans[w].workload, workload) != 0)
        w++;
    return w;
}

static bool takes_gpus(const struct model_plan *plan, const char *stage)
{
    for (int32_t s = 0; s < plan->n_stages; s++)
        if (strcmp(plan->stages[s].name, stage) == 0)
            return plan->stages[s].slot_needs.mgpu > 0;
    return true;
}

/* The rows of GPU models have to be there before suppliers are. */
static void name_models(struct problem *pb, const struct model_policy *policy,
                        const struct model_policy_result *p)
{
    pb->n_rows = ROW_MODELS;
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &p->cost.cells[i];

        if (c->part == MODEL_PART_WORK && c->resource == MODEL_GPU && c->hours > 0 &&
            policy->plans[plan_of(policy, c->workload)].kind == MODEL_KIND_SERVING)
            row_of(pb, policy->types[c->node].gpu_model);
    }
}

static void add_work(struct problem *pb, const struct model_policy *policy,
                     const struct model_cost_cell *c)
{
    const struct model_plan *plan = &policy->plans[plan_of(policy, c->workload)];
    const struct model_node_type *type = &policy->types[c->node];
    double hours = c->hours;

    if (plan->kind == MODEL_KIND_JOBS)
        return;
    if (plan->kind == MODEL_KIND_PIPELINE && !takes_gpus(plan, c->stage))
        hours *= type->cpu_speed / pb->fastest;
    switch (c->resource) {
    case MODEL_GPU:
        pb->want[ROW_GPU] += hours;
        if (plan->kind == MODEL_KIND_SERVING && row_of(pb, type->gpu_model) != ROW_GPU)
            pb->want[row_of(pb, type->gpu_model)] += hours;
        break;
    case MODEL_CPU:
        pb->want[ROW_CPU] += hours;
        break;
    default:
        pb->want[ROW_MEMORY] += pb->unlimited ? 0 : hours;
        break;
    }
}

static double work_floor_usd(const struct model_scenario *sc,
                             const struct model_policy *policy,
                             const struct model_policy_result *p)
{
    struct problem pb = {0};
    double usd = NAN;

    name_models(&pb, policy, p);
    add_suppliers(&pb, sc);
    for (int32_t i = 0; i < p->cost.n_cells; i++)
        if (p->cost.cells[i].part == MODEL_PART_WORK)
            add_work(&pb, policy, &p->cost.cells[i]);
    if (pb.known && pb.n > 0)
        usd = sim_floor_bound(pb.n_rows, pb.want, pb.n, pb.of);
    free(pb.of);
    return usd;
}

/* ---- where it is known ---- */

/* Whether a calibrated kernel's times depend on where it runs. */
static bool depends_on_node(const struct model_kernel_use *k)
{
    const struct model_kernel *first = NULL;

    if (k == NULL)
        return false;
    for (int32_t t = 0; t < k->n_types; t++) {
        if (first != NULL && k->by_type[t] != NULL && k->by_type[t] != first)
            return true;
        first = first != NULL ? first : k->by_type[t];
    }
    return k->contention;
}

static bool times_depend_on_node(const struct model_policy *policy)
{
    for (int32_t w = 0; w < policy->n_plans; w++) {
        const struct model_plan *plan = &policy->plans[w];

        for (int32_t s = 0; s < plan->n_stages; s++)
            if (depends_on_node(plan->stages[s].time.kernel))
                return true;
        for (int32_t u = 0; u < plan->n_units; u++)
            if (plan->units[u].has_fused_time &&
                depends_on_node(plan->units[u].fused_time.kernel))
                return true;
    }
    return false;
}

double sim_floor_usd(const struct model_scenario *sc, const struct model_policy *policy,
                     const struct model_policy_result *p)
{
    double usd = 0, work_usd;
    bool works = false;

    if (!p->cost.known || times_depend_on_node(policy))
        return NAN;
    for (int32_t w = 0; w < p->n_workloads; w++) {
        const struct model_jobs_result *jobs = p->workloads[w].jobs;

        works = works || jobs == NULL;
        if (jobs != NULL && isnan(jobs->floor_usd.mean))
            return NAN;
        if (jobs != NULL)
            usd = fmax(usd, jobs->floor_usd.mean);
    }
    if (!works)
        return usd;
    work_usd = work_floor_usd(sc, policy, p);
    return isnan(work_usd) || work_usd > usd ? work_usd : usd;
}
