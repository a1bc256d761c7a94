/* Names and values of a sweep in words. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/sweep_parts.h"
#include "report/text.h"

static const char *clean(struct sp_arena *arena, const char *text, int columns)
{
    return report_text_fit(arena, report_text_clean(arena, text, REPORT_TEXT_LINE),
                           columns, "...");
}

const char *report_sweep_figure_name(const struct report_sweep *s,
                                     struct model_figure_of of, struct sp_arena *arena)
{
    const char *comma = of.figure->unit[0] != '\0' ? ", " : "";

    if (of.workload == SP_NO_ID || s->sweep.n_workloads == 1)
        return sp_arena_printf(arena, "%s%s%s", of.figure->help, comma,
                               of.figure->unit);
    return sp_arena_printf(arena, "%s: %s%s%s",
                           clean(arena, s->sweep.workloads[of.workload], 40),
                           of.figure->help, comma, of.figure->unit);
}

/* A figure without a unit is a share. */
const char *report_sweep_value(struct model_figure_of of, double value,
                               struct sp_arena *arena)
{
    char text[REPORT_FIGURE];
    const char *unit = of.figure->unit;

    if (strcmp(unit, "s") == 0 && value < 0) /* a difference */
        return sp_arena_printf(arena, "-%s", report_sweep_value(of, -value, arena));
    if (strcmp(unit, "s") == 0)
        report_format_seconds(value, text);
    else if (strncmp(unit, "USD", 3) == 0)
        report_format_usd(value, text);
    else if (unit[0] == '\0')
        report_format_percent(value, text);
    else
        report_format_number(value, text);
    return sp_arena_strdup(arena, text);
}

const char *report_sweep_stat(struct model_figure_of of, struct model_stat stat,
                              struct sp_arena *arena)
{
    if (isnan(stat.half95) || strcmp(report_sweep_value(of, stat.half95, arena),
                                     report_sweep_value(of, 0, arena)) == 0)
        return report_sweep_value(of, stat.mean, arena);
    return sp_arena_printf(arena, "%s +- %s", report_sweep_value(of, stat.mean, arena),
                           report_sweep_value(of, stat.half95, arena));
}

/* The end of a path tells axes apart unless two of them end alike. */
const char *report_sweep_axis_name(const struct report_sweep *s, int32_t axis,
                                   struct sp_arena *arena)
{
    const char *path = s->sweep.axes[axis].path, *dot = strrchr(path, '.');
    const char *end = dot != NULL && dot[1] != '\0' ? dot + 1 : path;

    for (int32_t a = 0; a < s->sweep.n_axes; a++) {
        const char *other = s->sweep.axes[a].path, *other_dot = strrchr(other, '.');

        if (a != axis && strcmp(end, other_dot != NULL ? other_dot + 1 : other) == 0)
            end = path;
    }
    return clean(arena, end, 60);
}

const char *report_sweep_point_text(const struct report_sweep *s, int64_t point,
                                    struct sp_arena *arena)
{
    const char *text = "";

    for (int32_t a = 0; a < s->sweep.n_axes; a++) {
        const char *value = s->texts[point * s->sweep.n_axes + a];

        if (value == NULL)
            continue;
        text = sp_arena_printf(arena, "%s%s%s=%s", text, text[0] != '\0' ? " " : "",
                               report_sweep_axis_name(s, a, arena),
                               clean(arena, value, 40));
    }
    return text[0] != '\0' ? text : "as it is";
}

/* ---- figures that count ---- */

static const char *const of_run[] = {"usd", "time_s", NULL};
/* Of those of a kind the first; the SLO and then one more. */
static const char *const of_workload[] = {"slo_attained", "ttft_p99_s", "queue_p90_s",
                                          "latency_p99_s"};

/* Whether it has values, and was added; false in *had where they can't be had. */
static bool add(const struct report_sweep *s, const char *name, int32_t workload,
                struct sp_arena *arena, struct report_sweep_figure *list, int32_t *n,
                bool *had)
{
    *had = *had && report_sweep_figure_if_any(s, model_figure_named(name, workload),
                                              arena, &list[*n]);
    if (!*had || list[*n].stats == NULL)
        return false;
    (*n)++;
    return true;
}

struct report_sweep_figure *report_sweep_main_figures(const struct report_sweep *s,
                                                      struct sp_arena *arena,
                                                      int32_t *n)
{
    const size_t kinds = sizeof of_workload / sizeof of_workload[0];
    struct report_sweep_figure *list =
        sp_arena_array(arena, 3 + kinds * (size_t)s->sweep.n_workloads, sizeof *list);
    bool had = true;

    *n = 0;
    for (int i = 0; of_run[i] != NULL; i++)
        add(s, of_run[i], SP_NO_ID, arena, list, n, &had);
    for (int32_t w = 0; w < s->sweep.n_workloads; w++)
        for (size_t k = 0; k < kinds; k++)
            if (add(s, of_workload[k], w, arena, list, n, &had) && k >= 1)
                break;
    return had ? list : NULL;
}
