/* Recorded demand, recorded availability and lists of nodes, on paper and as JSON. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "traces/job_info_print.h"

enum { BARS = 64 };

static void print_head(const char *label, const char *path, const char *form,
                       uint64_t xxh64, FILE *out)
{
    trace_label(label, out);
    trace_print_name(path, out);
    fputc('\n', out);
    trace_label("format", out);
    fprintf(out, "%s\n", form);
    trace_label("xxh64", out);
    fprintf(out, "%016" PRIx64 "\n", xxh64);
}

static void json_head(const char *kind, const char *path, const char *form,
                      uint64_t xxh64, FILE *out)
{
    fprintf(out, "{\n  \"kind\": \"%s\",\n  \"file\": ", kind);
    trace_put_string(path, out);
    fprintf(out, ",\n  \"format\": \"%s\",\n  \"xxh64\": \"%016" PRIx64 "\"", form,
            xxh64);
}

/* ---- demand ---- */

void trace_demand_print(const struct trace_demand_file *file, const char *path,
                        uint64_t xxh64, struct trace_info_style style, FILE *out)
{
    char a[TRACE_NUMBER], b[TRACE_NUMBER];

    print_head("demand", path, "GPUs used and waited for by teams", xxh64, out);
    trace_label("rows", out);
    fprintf(out, "%s in %s, %" PRId32 " teams\n", trace_grouped(file->rows, a),
            trace_duration(file->demand->length_ns, b), file->teams.n);
    trace_demand_print_table(file->demand, &file->teams, "GPUs", style, out);
}

void trace_demand_print_json(const struct trace_demand_file *file, const char *path,
                             uint64_t xxh64, FILE *out)
{
    json_head("demand", path, "demand", xxh64, out);
    trace_put_integer(",\n  \"rows\": ", file->rows, out);
    trace_demand_print_table_json(file->demand, &file->teams, "GPUs", out);
    fputs("\n}\n", out);
}

/* ---- availability ---- */

/* Mean nodes in each of BARS equal parts. */
static void print_bars(const struct model_availability *a,
                       struct trace_info_style style, FILE *out)
{
    double bars[BARS] = {0}, width_ns = (double)a->length_ns / BARS;
    char text[TRACE_NUMBER];

    for (int32_t i = 0; i < a->n; i++) {
        double from = (double)a->at_ns[i] / width_ns;
        double to = (double)(i + 1 < a->n ? a->at_ns[i + 1] : a->length_ns) / width_ns;

        for (int b = (int)from; b < BARS && b < to; b++)
            bars[b] += a->nodes[i] * (fmin(to, b + 1) - fmax(from, b));
    }
    fputc('\n', out);
    trace_print_bars(bars, BARS, style, out);
    fprintf(out, "\nnodes over time, %s a column\n",
            sp_format_duration(width_ns * 1e-9, text, TRACE_NUMBER));
}

static const char *hours(double s, char buf[TRACE_NUMBER])
{
    if (!isfinite(s))
        return "-";
    return sp_format_duration(s, buf, TRACE_NUMBER);
}

void trace_availability_print(const struct model_availability *a, uint64_t xxh64,
                              struct trace_info_style style, FILE *out)
{
    struct model_availability_facts f = model_availability_facts(a);
    char b[4][TRACE_NUMBER], form[64];

    snprintf(form, sizeof form, "recorded availability, %s", a->form);
    print_head("nodes", a->path, form, xxh64, out);
    trace_label("length", out);
    fprintf(out, "%s, then from the start again\n", trace_duration(a->length_ns, b[0]));
    trace_label("there", out);
    fprintf(out, "any %.1f %% of the time, all %" PRId32 " %.1f %%, mean %s\n",
            100 * f.any_frac, a->most, 100 * f.most_frac,
            trace_figure(f.mean_nodes, b[0]));
    trace_label("up", out);
    fprintf(out, "%" PRId32 " times, mean %s, median %s\n", f.up_runs,
            hours(f.up_mean_s, b[0]), hours(f.up_median_s, b[1]));
    trace_label("down", out);
    fprintf(out, "%" PRId32 " times, mean %s\n", f.down_runs,
            hours(f.down_mean_s, b[0]));
    trace_label("lost", out);
    fprintf(out, "%s nodes in all\n", trace_grouped(f.losses, b[0]));
    if (style.chart)
        print_bars(a, style, out);
}

void trace_availability_print_json(const struct model_availability *a, uint64_t xxh64,
                                   FILE *out)
{
    struct model_availability_facts f = model_availability_facts(a);

    json_head("availability", a->path, a->form, xxh64, out);
    trace_put_number(",\n  \"length_s\": ", sp_s_from_ns(a->length_ns), out);
    trace_put_integer(",\n  \"steps\": ", a->n, out);
    trace_put_integer(",\n  \"most\": ", a->most, out);
    trace_put_number(",\n  \"any_frac\": ", f.any_frac, out);
    trace_put_number(",\n  \"most_frac\": ", f.most_frac, out);
    trace_put_number(",\n  \"mean_nodes\": ", f.mean_nodes, out);
    trace_put_integer(",\n  \"up_runs\": ", f.up_runs, out);
    trace_put_number(",\n  \"up_mean_s\": ", f.up_mean_s, out);
    trace_put_number(",\n  \"up_median_s\": ", f.up_median_s, out);
    trace_put_integer(",\n  \"down_runs\": ", f.down_runs, out);
    trace_put_number(",\n  \"down_mean_s\": ", f.down_mean_s, out);
    trace_put_integer(",\n  \"losses\": ", f.losses, out);
    fputs("\n}\n", out);
}

/* ---- lists of nodes ---- */

static struct model_amounts sum_of(const struct model_node_list *list)
{
    struct model_amounts sum = {0};

    for (int32_t i = 0; i < list->n_kinds; i++) {
        const struct model_listed_kind *k = &list->kinds[i];

        sum.mcpu += k->count * k->has.mcpu;
        sum.mgpu += k->count * k->has.mgpu;
    }
    return sum;
}

static void print_kind(const struct model_listed_kind *k, FILE *out)
{
    char b[4][TRACE_NUMBER];
    const char *model = k->gpu_model[0] != '\0' ? k->gpu_model : "-";

    trace_print_name(model, out);
    fprintf(out, "%*s %9s %9s %9s %11s\n",
            strlen(model) < 18 ? (int)(18 - strlen(model)) : 0, "",
            trace_grouped(k->count, b[0]),
            trace_figure((double)k->has.mgpu / 1000, b[1]),
            trace_figure((double)k->has.mcpu / 1000, b[2]),
            k->has.memory_bytes >= 0
                ? sp_format_bytes((double)k->has.memory_bytes, b[3], TRACE_NUMBER)
                : "-");
}

void trace_node_list_print(const struct model_node_list *list, const char *path,
                           uint64_t xxh64, FILE *out)
{
    enum { KINDS_SHOWN = 40 };
    struct model_amounts sum = sum_of(list);
    char a[TRACE_NUMBER], b[TRACE_NUMBER], c[TRACE_NUMBER], form[64];

    snprintf(form, sizeof form, "list of nodes, %s", list->form);
    print_head("nodes", path, form, xxh64, out);
    trace_label("sum", out);
    fprintf(out, "%s nodes, %s GPUs, %s CPUs\n", trace_grouped(list->n_nodes, a),
            trace_figure((double)sum.mgpu / 1000, b),
            trace_figure((double)sum.mcpu / 1000, c));
    fprintf(out, "\n%-18s %9s %9s %9s %11s\n", "GPU model", "nodes", "GPUs", "CPUs",
            "memory");
    for (int32_t i = 0; i < list->n_kinds && i < KINDS_SHOWN; i++)
        print_kind(&list->kinds[i], out);
    if (list->n_kinds > KINDS_SHOWN)
        fprintf(out, "and %" PRId32 " kinds more\n", list->n_kinds - KINDS_SHOWN);
}

void trace_node_list_print_json(const struct model_node_list *list, const char *path,
                                uint64_t xxh64, FILE *out)
{
    struct model_amounts sum = sum_of(list);

    json_head("nodes", path, list->form, xxh64, out);
    trace_put_integer(",\n  \"nodes\": ", list->n_nodes, out);
    trace_put_number(",\n  \"gpus\": ", (double)sum.mgpu / 1000, out);
    trace_put_number(",\n  \"cpus\": ", (double)sum.mcpu / 1000, out);
    fputs(",\n  \"kinds\": [", out);
    for (int32_t i = 0; i < list->n_kinds; i++) {
        const struct model_listed_kind *k = &list->kinds[i];

        trace_put_integer(
            i > 0 ? ",\n    { \"nodes\": " : "\n    { \"nodes\": ", k->count, out);
        fputs(", \"gpu_model\": ", out);
        trace_put_string(k->gpu_model, out);
        trace_put_number(", \"gpus\": ", (double)k->has.mgpu / 1000, out);
        trace_put_number(", \"cpus\": ", (double)k->has.mcpu / 1000, out);
        if (k->has.memory_bytes >= 0)
            trace_put_integer(", \"memory_bytes\": ", k->has.memory_bytes, out);
        else
            fputs(", \"memory_bytes\": null", out);
        fputs(" }", out);
    }
    fputs("]\n}\n", out);
}
