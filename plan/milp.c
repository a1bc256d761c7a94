/* The only file that knows GLPK. */
#include "plan/milp.h"

#include <glpk.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"

/* What the solver may be wrong by, relative to the cost: its own tolerances are 1e-7 of
 * a row and 1e-9 of a reduced cost. */
static const double tolerance = 1e-6;

struct entry {
    int32_t row, column;
    double a;
};

struct bounds {
    const char *name;
    double low, high, cost;
    bool whole;
};

struct plan_milp {
    struct sp_arena *arena;
    int32_t n_columns, columns_room, n_rows, rows_room, n_entries, entries_room;
    struct bounds *columns, *rows;
    struct entry *entries;
};

struct plan_milp *plan_milp_new(struct sp_arena *arena)
{
    struct plan_milp *p = sp_arena_alloc(arena, sizeof *p);

    p->arena = arena;
    return p;
}

int32_t plan_milp_column(struct plan_milp *p, const char *name, double cost,
                         double lower, double upper, bool whole)
{
    p->columns = sp_arena_more(p->arena, p->columns, p->n_columns, &p->columns_room,
                               sizeof *p->columns);
    p->columns[p->n_columns] = (struct bounds){name, lower, upper, cost, whole};
    return p->n_columns++;
}

int32_t plan_milp_row(struct plan_milp *p, const char *name, double low, double high)
{
    p->rows =
        sp_arena_more(p->arena, p->rows, p->n_rows, &p->rows_room, sizeof *p->rows);
    p->rows[p->n_rows] = (struct bounds){name, low, high, 0, false};
    return p->n_rows++;
}

void plan_milp_set(struct plan_milp *p, int32_t row, int32_t column, double a)
{
    sp_assert(row >= 0 && row < p->n_rows && column >= 0 && column < p->n_columns);
    if (a == 0)
        return;
    p->entries = sp_arena_more(p->arena, p->entries, p->n_entries, &p->entries_room,
                               sizeof *p->entries);
    p->entries[p->n_entries++] = (struct entry){row, column, a};
}

/* ---- GLPK's own form ---- */

static int kind_of(const struct bounds *b)
{
    if (isinf(b->low))
        return isinf(b->high) ? GLP_FR : GLP_UP;
    if (isinf(b->high))
        return GLP_LO;
    return b->low < b->high ? GLP_DB : GLP_FX;
}

static double or_0(double x)
{
    return isinf(x) ? 0 : x;
}

static void load_entries(const struct plan_milp *p, glp_prob *g)
{
    size_t n = (size_t)p->n_entries + 1;
    int *rows = sp_xcalloc(n, sizeof *rows), *columns = sp_xcalloc(n, sizeof *columns);
    double *values = sp_xcalloc(n, sizeof *values);

    for (int32_t i = 0; i < p->n_entries; i++) {
        rows[i + 1] = p->entries[i].row + 1;
        columns[i + 1] = p->entries[i].column + 1;
        values[i + 1] = p->entries[i].a;
    }
    glp_load_matrix(g, p->n_entries, rows, columns, values);
    free(rows);
    free(columns);
    free(values);
}

static glp_prob *load(const struct plan_milp *p)
{
    glp_prob *g = glp_create_prob();

    glp_set_obj_dir(g, GLP_MIN);
    if (p->n_rows > 0)
        glp_add_rows(g, p->n_rows);
    if (p->n_columns > 0)
        glp_add_cols(g, p->n_columns);
    for (int32_t i = 0; i < p->n_rows; i++)
        glp_set_row_bnds(g, i + 1, kind_of(&p->rows[i]), or_0(p->rows[i].low),
                         or_0(p->rows[i].high));
    for (int32_t j = 0; j < p->n_columns; j++) {
        const struct bounds *c = &p->columns[j];

        glp_set_col_bnds(g, j + 1, kind_of(c), or_0(c->low), or_0(c->high));
        glp_set_obj_coef(g, j + 1, c->cost);
        glp_set_col_kind(g, j + 1, c->whole ? GLP_IV : GLP_CV);
    }
    load_entries(p, g);
    return g;
}

/* ---- solving ---- */

struct tree {
    int64_t nodes_max, nodes;
    double bound; /* of the tree as it was last looked at */
};

/* Stops the tree by a count, which is the same on any machine. */
static void watch(glp_tree *t, void *self)
{
    struct tree *tree = self;
    int best;

    if (glp_ios_reason(t) != GLP_ISELECT)
        return;
    best = glp_ios_best_node(t);
    if (best != 0)
        tree->bound = glp_ios_node_bound(t, best);
    if (++tree->nodes > tree->nodes_max)
        glp_ios_terminate(t);
}

static double less(double bound)
{
    return bound - tolerance * fmax(1e-9, fabs(bound));
}

/* The linear relaxation: its duals, and its optimum in *cost. */
static enum plan_milp_end relax(const struct plan_milp *p, glp_prob *g, double *duals,
                                double *cost)
{
    glp_smcp how;
    int status;

    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    glp_adv_basis(g, 0);
    status = glp_simplex(g, &how) == 0 ? glp_get_status(g) : GLP_UNDEF;
    if (status == GLP_NOFEAS)
        return PLAN_MILP_INFEASIBLE;
    if (status != GLP_OPT)
        return PLAN_MILP_STOPPED;
    for (int32_t i = 0; i < p->n_rows; i++)
        duals[i] = glp_get_row_dual(g, i + 1);
    *cost = glp_get_obj_val(g);
    return PLAN_MILP_OPTIMAL;
}

/* No x within its limits costs less, whatever the rows say. */
static double least_cost(const struct plan_milp *p)
{
    double least = 0;

    for (int32_t j = 0; j < p->n_columns; j++) {
        const struct bounds *c = &p->columns[j];

        if (c->cost != 0)
            least += c->cost * (c->cost > 0 ? c->low : c->high);
    }
    return least;
}

/* x as it was found, whole ones whole; what it costs then. */
static double take(const struct plan_milp *p, glp_prob *g, bool whole, double *x)
{
    double cost = 0;

    for (int32_t j = 0; j < p->n_columns; j++) {
        double v = whole ? glp_mip_col_val(g, j + 1) : glp_get_col_prim(g, j + 1);

        x[j] = p->columns[j].whole ? round(v) : v;
        cost += x[j] * p->columns[j].cost;
    }
    return cost;
}

static bool any_whole(const struct plan_milp *p)
{
    for (int32_t j = 0; j < p->n_columns; j++)
        if (p->columns[j].whole)
            return true;
    return false;
}

static void branch(const struct plan_milp *p, glp_prob *g, int64_t nodes_max,
                   struct plan_milp_answer *answer)
{
    struct tree tree = {.nodes_max = nodes_max, .bound = answer->bound};
    glp_iocp how;
    int status;

    glp_init_iocp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.cb_func = watch;
    how.cb_info = &tree;
    how.bt_tech = GLP_BT_BLB;
    how.gmi_cuts = how.mir_cuts = GLP_ON;
    glp_intopt(g, &how);
    status = glp_mip_status(g);
    if (status == GLP_OPT || status == GLP_FEAS)
        answer->cost = take(p, g, true, answer->x);
    if (status == GLP_NOFEAS) {
        answer->end = PLAN_MILP_INFEASIBLE;
        answer->bound = INFINITY;
        return;
    }
    answer->end = status == GLP_OPT ? PLAN_MILP_OPTIMAL : PLAN_MILP_STOPPED;
    answer->bound =
        fmax(answer->bound, less(status == GLP_OPT ? glp_mip_obj_val(g) : tree.bound));
}

struct plan_milp_answer plan_milp_solve(struct plan_milp *p, int64_t nodes_max,
                                        struct sp_arena *arena)
{
    struct plan_milp_answer answer = {
        .end = PLAN_MILP_INFEASIBLE, .cost = INFINITY, .bound = INFINITY};
    glp_prob *g;
    double cost;

    glp_term_out(GLP_OFF);
    g = load(p);
    answer.x = sp_arena_array(arena, (size_t)p->n_columns + 1, sizeof *answer.x);
    answer.duals = sp_arena_array(arena, (size_t)p->n_rows + 1, sizeof *answer.duals);
    answer.end = relax(p, g, answer.duals, &cost);
    if (answer.end == PLAN_MILP_STOPPED)
        answer.bound = least_cost(p);
    if (answer.end == PLAN_MILP_OPTIMAL) {
        answer.bound = less(cost);
        if (any_whole(p))
            branch(p, g, nodes_max, &answer);
        else
            answer.cost = take(p, g, false, answer.x);
    }
    glp_delete_prob(g);
    glp_free_env();
    return answer;
}
