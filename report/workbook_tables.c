#include "report/workbook_tables.h"

void report_place_start(struct report_place *at, const char *title,
                        const char *const *heads, int n)
{
    report_sheet_text(at->s, at->row, 0, title, REPORT_LOOK_SECTION);
    report_sheet_height(at->s, at->row++, 1.7);
    report_write_heads(at->s, at->row++, heads, n);
}

int report_place_stats(const struct report_place *at, int column, const void *record,
                       const struct report_stat_column *columns, int n)
{
    for (int i = 0; i < n; i++, column++) {
        const void *stat = (const char *)record + columns[i].at;

        report_sheet_number(at->s, at->row, column,
                            ((const struct model_stat *)stat)->mean, columns[i].look);
    }
    return column;
}

int report_place_heads(const char **heads, int n,
                       const struct report_stat_column *columns, int count)
{
    for (int i = 0; i < count; i++)
        heads[n++] = columns[i].head;
    return n;
}
