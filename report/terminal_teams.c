/* What a shared fleet did: nodes bought and lost, GPUs that stood free and why, and
 * whose the bill is. */
#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "report/bill.h"
#include "report/format.h"
#include "report/terminal_jobs.h"
#include "report/top.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const char *number(struct report_page *page, double v)
{
    return report_page_figure(page, report_format_number, v);
}

static const char *usd(struct report_page *page, int64_t uusd)
{
    return report_page_figure(page, report_format_usd, sp_usd_from_uusd(uusd));
}

/* ---- capacity ---- */

static const char *add_nodes(struct report_page *page, const char *text, int64_t n,
                             const char *what)
{
    if (n == 0)
        return text;
    return sp_arena_printf(page->arena, "%s%s%" PRId64 " %s", text,
                           text[0] == '\0' ? "" : ", ", n, what);
}

static void print_losses(struct report_page *page, const struct model_policy_result *p)
{
    const char *text = add_nodes(page, "", p->nodes_taken_back, "taken back");

    text = add_nodes(page, text, p->nodes_failed, "failed");
    text = add_nodes(page, text, p->launches_refused, "requested in vain");
    if (text[0] != '\0')
        report_page_wrap(page, 2, "nodes: ", text, REPORT_PLAIN);
}

static void print_bought(struct report_page *page, const struct model_policy_result *p)
{
    for (int32_t i = 0; i < p->n_bought; i++) {
        const struct model_bought *b = &p->bought[i];

        report_page_wrap(page, 2, "",
                         sp_arena_printf(page->arena, "bought %" PRId64 " %s: %s",
                                         b->nodes, report_page_name(page, b->type, 30),
                                         b->reason != NULL ? b->reason : "-"),
                         REPORT_PLAIN);
    }
}

static const char *add_free(struct report_page *page, const char *text, double gpus,
                            const char *why)
{
    if (!(gpus > 0))
        return text;
    return sp_arena_printf(page->arena, "%s%s%s %s", text, text[0] == '\0' ? "" : ", ",
                           number(page, gpus), why);
}

static void print_fragmentation(struct report_page *page,
                                const struct model_policy_result *p)
{
    const struct model_fragmentation *f = &p->fragmentation;
    const char *text = add_free(page, "", f->unwanted, "while nothing waits");

    if (f->samples == 0 || isnan(f->free_gpus))
        return;
    text = add_free(page, text, f->usable,
                    "that a waiting member would fit (not its turn, its quota, or no room for all "
                    "of its gang)");
    text = add_free(
        page, text, f->by_shape,
        "fragmented (too few on the node, or on one that nobody waiting may use)");
    text = add_free(page, text, f->by_cpu, "for want of CPUs beside them");
    text = add_free(page, text, f->by_memory, "for want of memory beside them");
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "free GPUs of ready nodes, mean of %" PRId32 " looks: %s%s%s",
            f->samples, number(page, f->free_gpus), text[0] == '\0' ? "" : ": ", text),
        REPORT_PLAIN);
}

void report_terminal_capacity(struct report_page *page,
                              const struct model_policy_result *p)
{
    print_losses(page, p);
    if (!report_is_shared(p))
        return;
    print_bought(page, p);
    if (p->peak_gpus_demand > 0)
        report_page_wrap(page, 2, "",
                         sp_arena_printf(page->arena,
                                         "most GPUs asked for at a time, placed and "
                                         "waiting: %s",
                                         number(page, p->peak_gpus_demand)),
                         REPORT_PLAIN);
    print_fragmentation(page, p);
}

/* ---- teams ---- */

static const struct report_column team_columns[] = {
    {"team", 15, REPORT_LEFT},      {"USD allocated", 13, REPORT_RIGHT},
    {"USD busy", 12, REPORT_RIGHT}, {"GPU-h", 8, REPORT_RIGHT},
    {"busy", 7, REPORT_RIGHT},      {"borrowed", 8, REPORT_RIGHT},
    {"peak GPUs", 9, REPORT_RIGHT},
};
enum { TEAM_COLUMNS = COUNT(team_columns) };

static const char *narrow(struct report_page *page, double v)
{
    return report_format_number_in(v, 8, sp_arena_alloc(page->arena, REPORT_FIGURE));
}

static void print_team(struct report_page *page, const struct model_team_result *t,
                       bool known)
{
    double held = t->allocated_h[MODEL_GPU].mean, busy = t->busy_h[MODEL_GPU].mean;
    const char *texts[TEAM_COLUMNS] = {
        t->name,
        known ? usd(page, t->allocated_uusd) : "-",
        known ? usd(page, t->busy_uusd) : "-",
        narrow(page, held),
        report_page_figure(page, report_format_percent, held > 0 ? busy / held : NAN),
        narrow(page, t->borrowed_gpu_h.mean),
        narrow(page, t->peak_gpus),
    };

    report_page_row(page, team_columns, TEAM_COLUMNS, texts, ' ', REPORT_PLAIN);
}

/* A line that is no team's. */
static void print_line(struct report_page *page, const char *name,
                       const char *allocated, const char *busy, enum report_style style)
{
    const char *texts[TEAM_COLUMNS] = {name, allocated, busy, "", "", "", ""};

    report_page_row(page, team_columns, TEAM_COLUMNS, texts, ' ', style);
}

static void add_team(struct model_team_result *rest, const struct model_team_result *t)
{
    rest->allocated_uusd += t->allocated_uusd;
    rest->busy_uusd += t->busy_uusd;
    rest->allocated_h[MODEL_GPU].mean += t->allocated_h[MODEL_GPU].mean;
    rest->busy_h[MODEL_GPU].mean += t->busy_h[MODEL_GPU].mean;
    rest->borrowed_gpu_h.mean += t->borrowed_gpu_h.mean;
    rest->peak_gpus = NAN; /* peaks need not be at one time */
}

/* The team without name is there although nobody may be of it. */
static bool held_something(const struct model_team_result *t)
{
    return t->allocated_uusd != 0 || t->peak_gpus > 0 ||
           t->allocated_h[MODEL_CPU].mean > 0;
}

static void print_team_rows(struct report_page *page,
                            const struct model_policy_result *p)
{
    size_t n = (size_t)p->n_teams;
    double *weights = sp_arena_array(page->arena, n, sizeof *weights);
    int32_t *ids = sp_arena_array(page->arena, n, sizeof *ids), kept, k = 0, left = 0;
    struct model_team_result rest = {0};

    for (int32_t i = 0; i < p->n_teams; i++)
        weights[i] = p->teams[i].allocated_h[MODEL_GPU].mean;
    kept = report_top_rows(weights, p->n_teams, REPORT_TOP_ROWS, ids);
    for (int32_t i = 0; i < p->n_teams; i++)
        if (k < kept && ids[k] == i) {
            if (held_something(&p->teams[i]))
                print_team(page, &p->teams[i], p->cost.known);
            k++;
        } else if (held_something(&p->teams[i])) {
            add_team(&rest, &p->teams[i]);
            left++;
        }
    if (left == 0)
        return;
    rest.name = sp_arena_printf(page->arena, "%" PRId32 " more teams", left);
    print_team(page, &rest, p->cost.known);
}

static void print_without_team(struct report_page *page,
                               const struct model_policy_result *p)
{
    const struct report_bill bill = report_bill_of(p);
    const char *unallocated = usd(page, bill.unallocated_uusd);
    const char *rounding = usd(page, bill.rounding_uusd);

    print_line(page, "idle", "", usd(page, bill.idle_uusd), REPORT_PLAIN);
    print_line(page, "unallocated", unallocated, unallocated, REPORT_PLAIN);
    print_line(page, "rounding", rounding, rounding, REPORT_PLAIN);
    print_line(page, "the bill", usd(page, bill.allocated_sum_uusd),
               usd(page, bill.busy_sum_uusd), REPORT_BOLD);
}

void report_terminal_teams(struct report_page *page,
                           const struct model_policy_result *p, bool explain)
{
    if (p->n_teams == 0)
        return;
    report_page_end_line(page);
    report_page_head(page, team_columns, TEAM_COLUMNS);
    print_team_rows(page, p);
    if (p->cost.known)
        print_without_team(page, p);
    if (explain)
        report_page_wrap(page, 2, "",
                         "USD: of the first replication, what a team's units held, and "
                         "of that what worked; both columns add up to the bill. "
                         "Borrowed: GPU-hours beyond its guarantee.",
                         REPORT_DIM);
}
