/* The wrapper around libxlsxwriter. */
#include "report/book.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <xlsxwriter.h>

#include "report/file.h"
#include "report/text.h"

enum { SHEETS_MAX = 32, TEXT_MAX = 32000, ELEMENT_BYTES = 128, PART_ELEMENTS = 256 };

struct report_sheet {
    struct report_book *book;
    lxw_worksheet *sheet;
};

struct report_book {
    struct sp_arena *arena;
    char *path;
    struct report_file *file;
    lxw_workbook *workbook;
    lxw_format *looks[REPORT_LOOKS], *good, *bad;
    lxw_error error;   /* the first one */
    size_t room_bytes; /* that the parts take at most */
    const char *page_head, *page_foot;
    int n_sheets;
    struct report_sheet sheets[SHEETS_MAX];
};

static const struct {
    const char *numbers;
    bool bold, wrap, indent, head, edit, top;
    double size;
    uint32_t rgb; /* of the letters */
} looks[REPORT_LOOKS] = {
    [REPORT_LOOK_TEXT] = {.indent = true},
    [REPORT_LOOK_WRAP] = {.wrap = true, .indent = true},
    [REPORT_LOOK_TITLE] = {.bold = true, .size = 16, .rgb = 0x1F3864},
    [REPORT_LOOK_SECTION] = {.bold = true, .size = 12, .rgb = 0x1F3864},
    [REPORT_LOOK_HEAD] = {.head = true, .bold = true, .wrap = true, .rgb = 0xFFFFFF},
    [REPORT_LOOK_NOTE] = {.wrap = true, .indent = true, .rgb = 0x595959},
    [REPORT_LOOK_STRONG] = {.bold = true, .wrap = true, .indent = true},
    [REPORT_LOOK_NAME] = {.bold = true, .indent = true},
    [REPORT_LOOK_NUMBER] = {.numbers = "#,##0.0##"},
    [REPORT_LOOK_COUNT] = {.numbers = "#,##0"},
    [REPORT_LOOK_GENERAL] = {.numbers = "General"},
    [REPORT_LOOK_SCIENCE] = {.numbers = "0.000E+00"},
    [REPORT_LOOK_PERCENT] = {.numbers = "0.0%"},
    [REPORT_LOOK_RATIO] = {.numbers = "0.000\"x\""},
    [REPORT_LOOK_USD] = {.numbers = "#,##0.00"},
    [REPORT_LOOK_UUSD] = {.numbers = "#,##0.000000"},
    [REPORT_LOOK_SIGNED] = {.numbers = "+#,##0.00;-#,##0.00;0.00"},
    [REPORT_LOOK_TOTAL] = {.numbers = "#,##0.00", .bold = true, .top = true},
    [REPORT_LOOK_KEY] = {.numbers = "0", .rgb = 0x808080},
    [REPORT_LOOK_EDIT] = {.numbers = "#,##0.00####", .edit = true, .rgb = 0x0000C0},
    [REPORT_LOOK_EDIT_PERCENT] = {.numbers = "0.0%", .edit = true, .rgb = 0x0000C0},
    [REPORT_LOOK_CALC] = {.numbers = "#,##0.00####"},
};

static void note(struct report_book *book, lxw_error error)
{
    if (book->error == LXW_NO_ERROR)
        book->error = error;
}

/* Room for `things` cells or other elements and a text, every character of it escaped.
 */
static void take_room(struct report_book *book, int things, const char *text)
{
    book->room_bytes += (size_t)things * ELEMENT_BYTES + 6 * strlen(text);
}

static char *clean(struct report_book *book, const char *text)
{
    char *copy = report_text_clean(book->arena, text, REPORT_TEXT_CELL);
    size_t size = strlen(copy);

    take_room(book, 1, copy);

    if (size > TEXT_MAX) { /* a cell holds 32,767 characters */
        for (size = TEXT_MAX; (copy[size] & 0xC0) == 0x80; size--)
            continue;
        copy[size] = '\0';
    }
    return copy;
}

static lxw_format *make_look(struct report_book *book, int i)
{
    lxw_format *f = workbook_add_format(book->workbook);

    format_set_font_name(f, "Calibri");
    format_set_font_size(f, looks[i].size > 0 ? looks[i].size : 10);
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    if (looks[i].rgb != 0)
        format_set_font_color(f, looks[i].rgb);
    if (looks[i].numbers != NULL)
        format_set_num_format(f, looks[i].numbers);
    if (looks[i].bold)
        format_set_bold(f);
    if (looks[i].wrap)
        format_set_text_wrap(f);
    if (looks[i].indent)
        format_set_indent(f, 1);
    if (looks[i].head) {
        format_set_bg_color(f, 0x1F3864);
        format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
        format_set_align(f, LXW_ALIGN_CENTER);
    }
    if (looks[i].top)
        format_set_top(f, LXW_BORDER_THIN);
    if (looks[i].edit) {
        format_set_bg_color(f, 0xFFF2CC);
        format_set_border(f, LXW_BORDER_THIN);
        format_set_border_color(f, 0xBF9000);
    }
    return f;
}

static lxw_format *flag_look(struct report_book *book, uint32_t letters,
                             uint32_t ground)
{
    lxw_format *f = workbook_add_format(book->workbook);

    format_set_bold(f);
    format_set_font_color(f, letters);
    format_set_bg_color(f, ground);
    return f;
}

static char *folder_of(struct report_book *book, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return sp_arena_strdup(book->arena, ".");
    return sp_arena_printf(book->arena, "%.*s", (int)(slash - path) + 1, path);
}

/* Text for the head or foot of a page, where "&" begins a code and 255 characters are
 * all; at most `most` bytes. */
static const char *page_text(struct report_book *book, const char *text, int most)
{
    const char *in = report_text_fit(
        book->arena, report_text_clean(book->arena, text, REPORT_TEXT_LINE), 60, "...");
    char *out = sp_arena_alloc(book->arena, 2 * strlen(in) + 1), *p = out;

    for (; *in != '\0'; in++) {
        if (p - out >= most && ((unsigned char)*in & 0xC0) != 0x80)
            break;
        if (*in == '&')
            *p++ = '&';
        *p++ = *in;
    }
    *p = '\0';
    return out;
}

static void start(struct report_book *book, const struct report_book_head *head)
{
    const char *temp = report_file_path(book->file);
    time_t created = (time_t)(head->created_s > 0 ? head->created_s : 1);
    lxw_workbook_options options = {.tmpdir = folder_of(book, temp)};
    lxw_doc_properties properties = {
        .title = report_text_clean(book->arena, head->title, REPORT_TEXT_LINE),
        .subject = report_text_clean(book->arena, head->subject, REPORT_TEXT_LINE),
        .category = sp_arena_strdup(book->arena, "capacity plan"),
        .keywords = sp_arena_strdup(book->arena, "capacity, cost, simulation"),
        .comments = sp_arena_strdup(book->arena, "Made by stageplan"),
        .created = created};
    char day[32];
    struct tm utc;

    gmtime_r(&created, &utc);
    strftime(day, sizeof day, "%Y-%m-%d", &utc);
    book->workbook = workbook_new_opt(temp, &options);
    sp_assert(book->workbook != NULL);
    take_room(book, 8, head->title);
    note(book, workbook_set_properties(book->workbook, &properties));
    for (int i = 0; i < REPORT_LOOKS; i++)
        book->looks[i] = make_look(book, i);
    book->good = flag_look(book, 0x006100, 0xC6EFCE);
    book->bad = flag_look(book, 0x9C0006, 0xFFC7CE);
    book->page_head =
        sp_arena_printf(book->arena, "&L%s&R&A", page_text(book, head->title, 180));
    book->page_foot = sp_arena_printf(book->arena, "&L%s, %s&RPage &P of &N",
                                      page_text(book, head->subject, 150), day);
}

enum sp_status report_book_open(const char *path, const struct report_book_head *head,
                                struct report_book **book, struct sp_err *err)
{
    struct report_file *file = NULL;
    struct report_book *b;
    struct stat st;
    enum sp_status status;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return sp_fail(err, SP_EIO, "%s: is no regular file: a workbook can't go there",
                       path);
    status = report_file_open(path, &file, err);
    if (status != SP_OK)
        return status;
    b = sp_xcalloc(1, sizeof *b);
    b->arena = sp_arena_new();
    b->path = sp_arena_strdup(b->arena, path);
    b->file = file;
    b->room_bytes = 64 * 1024; /* styles, theme and what is in every workbook */
    start(b, head);
    *book = b;
    return SP_OK;
}

/* The library writes each part to a temporary file and does not look whether that went
 * well: a full disk would leave a well-formed zip with a broken part.  So the room that
 * the parts can take is asked for beforehand, where the zip will be (it truncates the
 * file). */
static enum sp_status reserve(struct report_book *book, struct sp_err *err)
{
    int error = posix_fallocate(fileno(report_file_stream(book->file)), 0,
                                (off_t)book->room_bytes);

    if (error != 0)
        return sp_fail(err, SP_EIO, "%s: can't be written: %s", book->path,
                       strerror(error));
    return SP_OK;
}

enum sp_status report_book_close(struct report_book *book, struct sp_err *err)
{
    enum sp_status status = reserve(book, err);

    if (status == SP_OK)
        note(book, workbook_close(book->workbook));
    else
        lxw_workbook_free(book->workbook);
    if (status == SP_OK && book->error != LXW_NO_ERROR)
        status = sp_fail(err, SP_EIO, "%s: can't be written: %s", book->path,
                         lxw_strerror(book->error));
    status = report_file_close(book->file, status, err);
    sp_arena_free(book->arena);
    free(book);
    return status;
}

struct report_sheet *report_book_sheet(struct report_book *book, const char *name,
                                       const double *widths, int n_widths,
                                       int frozen_rows)
{
    struct report_sheet *s = &book->sheets[book->n_sheets++];

    sp_assert(book->n_sheets <= SHEETS_MAX && strlen(name) <= 31);
    s->book = book;
    take_room(book, PART_ELEMENTS, name);
    s->sheet = workbook_add_worksheet(book->workbook, name);
    sp_assert(s->sheet != NULL);
    for (int i = 0; i < n_widths; i++)
        note(book, worksheet_set_column(s->sheet, (lxw_col_t)i, (lxw_col_t)i, widths[i],
                                        NULL));
    if (frozen_rows > 0) {
        worksheet_freeze_panes(s->sheet, (lxw_row_t)frozen_rows, 1);
        note(book, worksheet_repeat_rows(s->sheet, (lxw_row_t)frozen_rows - 1,
                                         (lxw_row_t)frozen_rows - 1));
    }
    worksheet_set_landscape(s->sheet);
    worksheet_set_paper(s->sheet, 9); /* A4 */
    worksheet_fit_to_pages(s->sheet, 1, 0);
    worksheet_gridlines(s->sheet, LXW_HIDE_ALL_GRIDLINES);
    worksheet_set_margins(s->sheet, 0.4, 0.4, 0.7, 0.7);
    take_room(book, 1, book->page_head);
    note(book, worksheet_set_header(s->sheet, book->page_head));
    note(book, worksheet_set_footer(s->sheet, book->page_foot));
    return s;
}

void report_sheet_text(struct report_sheet *s, int row, int column, const char *text,
                       enum report_look look)
{
    note(s->book, worksheet_write_string(s->sheet, (lxw_row_t)row, (lxw_col_t)column,
                                         clean(s->book, text), s->book->looks[look]));
}

void report_sheet_number(struct report_sheet *s, int row, int column, double value,
                         enum report_look look)
{
    if (isfinite(value))
        note(s->book,
             worksheet_write_number(s->sheet, (lxw_row_t)row, (lxw_col_t)column, value,
                                    s->book->looks[look]));
    else
        note(s->book, worksheet_write_blank(s->sheet, (lxw_row_t)row, (lxw_col_t)column,
                                            s->book->looks[look]));
}

void report_sheet_formula(struct report_sheet *s, int row, int column,
                          const char *formula, double value, const char *text,
                          enum report_look look)
{
    lxw_row_t r = (lxw_row_t)row;
    lxw_col_t c = (lxw_col_t)column;

    take_room(s->book, 1, formula);
    if (text != NULL)
        note(s->book, worksheet_write_formula_str(s->sheet, r, c, formula,
                                                  s->book->looks[look], text));
    else
        note(s->book, worksheet_write_formula_num(s->sheet, r, c, formula,
                                                  s->book->looks[look], value));
}

void report_sheet_paragraph(struct report_sheet *s, int row, int first, int last,
                            int lines, const char *text, enum report_look look)
{
    note(s->book, worksheet_merge_range(s->sheet, (lxw_row_t)row, (lxw_col_t)first,
                                        (lxw_row_t)row, (lxw_col_t)last,
                                        clean(s->book, text), s->book->looks[look]));
    report_sheet_height(s, row, lines);
}

void report_sheet_height(struct report_sheet *s, int row, double lines)
{
    note(s->book, worksheet_set_row(s->sheet, (lxw_row_t)row, 13.5 * lines, NULL));
}

/* Green as `is_good` says, red otherwise. */
static void flag(struct report_sheet *s, int row, int column,
                 lxw_conditional_format *is_good)
{
    lxw_conditional_format is_bad = *is_good;

    is_bad.criteria = LXW_CONDITIONAL_CRITERIA_NOT_EQUAL_TO;
    is_bad.format = s->book->bad;
    note(s->book, worksheet_conditional_format_cell(s->sheet, (lxw_row_t)row,
                                                    (lxw_col_t)column, is_good));
    note(s->book, worksheet_conditional_format_cell(s->sheet, (lxw_row_t)row,
                                                    (lxw_col_t)column, &is_bad));
}

void report_sheet_flag(struct report_sheet *s, int row, int column, const char *good)
{
    char *value = sp_arena_printf(s->book->arena, "\"%s\"", good);
    lxw_conditional_format is_good = {.type = LXW_CONDITIONAL_TYPE_CELL,
                                      .criteria = LXW_CONDITIONAL_CRITERIA_EQUAL_TO,
                                      .value_string = value,
                                      .format = s->book->good};

    flag(s, row, column, &is_good);
}

void report_sheet_zero(struct report_sheet *s, int row, int column)
{
    lxw_conditional_format is_good = {.type = LXW_CONDITIONAL_TYPE_CELL,
                                      .criteria = LXW_CONDITIONAL_CRITERIA_EQUAL_TO,
                                      .value = 0,
                                      .format = s->book->good};

    flag(s, row, column, &is_good);
}

void report_sheet_allow(struct report_sheet *s, int row, int column, double least,
                        double most, const char *title, const char *text)
{
    enum { ELEMENTS = 32 }; /* of a comment: its cell, text and shape */
    lxw_data_validation rule = {
        .validate = LXW_VALIDATION_TYPE_DECIMAL,
        .criteria = LXW_VALIDATION_CRITERIA_BETWEEN,
        .minimum_number = least,
        .maximum_number = most,
        .input_title = sp_arena_strdup(s->book->arena, title),
        .input_message = sp_arena_strdup(s->book->arena, text),
        .error_title = sp_arena_strdup(s->book->arena, "Not in its range"),
        .error_message = sp_arena_printf(
            s->book->arena, "A number from %g to %g is expected.", least, most)};
    lxw_comment_options options = {.author =
                                       sp_arena_strdup(s->book->arena, "stageplan"),
                                   .width = 260,
                                   .height = 90,
                                   .color = 0xFFF2CC};

    take_room(s->book, ELEMENTS, text);
    note(s->book, worksheet_data_validation_cell(s->sheet, (lxw_row_t)row,
                                                 (lxw_col_t)column, &rule));
    note(s->book, worksheet_write_comment_opt(s->sheet, (lxw_row_t)row,
                                              (lxw_col_t)column, text, &options));
}

void report_sheet_hide(struct report_sheet *s, int column)
{
    lxw_row_col_options options = {.hidden = LXW_TRUE};

    note(s->book, worksheet_set_column_opt(s->sheet, (lxw_col_t)column,
                                           (lxw_col_t)column, 0, NULL, &options));
}

void report_sheet_share_bars(struct report_sheet *s, int first_row, int last_row,
                             int column)
{
    lxw_conditional_format bars = {.type = LXW_CONDITIONAL_DATA_BAR,
                                   .min_rule_type = LXW_CONDITIONAL_RULE_TYPE_NUMBER,
                                   .max_rule_type = LXW_CONDITIONAL_RULE_TYPE_NUMBER,
                                   .max_value = 1,
                                   .bar_color = 0x9DC3E6,
                                   .bar_solid = LXW_TRUE};

    if (last_row >= first_row)
        note(s->book, worksheet_conditional_format_range(
                          s->sheet, (lxw_row_t)first_row, (lxw_col_t)column,
                          (lxw_row_t)last_row, (lxw_col_t)column, &bars));
}

void report_sheet_filter(struct report_sheet *s, int head_row, int last_row,
                         int last_column)
{
    note(s->book, worksheet_autofilter(s->sheet, (lxw_row_t)head_row, 0,
                                       (lxw_row_t)last_row, (lxw_col_t)last_column));
}

const char *report_cell_at(struct sp_arena *arena, int row, int column)
{
    char cell[LXW_MAX_CELL_NAME_LENGTH] = {0};

    lxw_rowcol_to_cell(cell, (lxw_row_t)row, (lxw_col_t)column);
    return sp_arena_strdup(arena, cell);
}

const char *report_cell_fixed(struct sp_arena *arena, int row, int column)
{
    char cell[LXW_MAX_CELL_NAME_LENGTH] = {0};

    lxw_rowcol_to_cell_abs(cell, (lxw_row_t)row, (lxw_col_t)column, LXW_TRUE, LXW_TRUE);
    return sp_arena_strdup(arena, cell);
}

void report_book_name(struct report_book *book, const char *name, const char *sheet,
                      int row, int column)
{
    const char *cell = report_cell_fixed(book->arena, row, column);

    note(book,
         workbook_define_name(book->workbook, name,
                              sp_arena_printf(book->arena, "='%s'!%s", sheet, cell)));
}

/* ---- charts ---- */

static const struct {
    lxw_chart_type type;
    bool filled, lying, over_time;
} kinds[REPORT_CHART_KINDS] = {
    [REPORT_CHART_AREAS] = {LXW_CHART_AREA_STACKED, true, false, true},
    [REPORT_CHART_SHARES] = {LXW_CHART_AREA_STACKED_PERCENT, true, false, true},
    [REPORT_CHART_LINES] = {LXW_CHART_LINE, false, false, true},
    [REPORT_CHART_COLUMNS] = {LXW_CHART_COLUMN, true, false, false},
    [REPORT_CHART_STACKED] = {LXW_CHART_COLUMN_STACKED, true, false, false},
    [REPORT_CHART_BARS] = {LXW_CHART_BAR, true, true, false},
    [REPORT_CHART_STACKED_BARS] = {LXW_CHART_BAR_STACKED, true, true, false},
    [REPORT_CHART_SCATTER] = {LXW_CHART_SCATTER_STRAIGHT, false, false, false},
};

static void draw_series(lxw_chart_series *series, const struct report_chart *spec,
                        const struct report_chart_series *from)
{
    lxw_chart_fill fill = {.color = from->rgb, .none = from->hidden};
    lxw_chart_line line = {.color = from->rgb,
                           .width = 1.75f,
                           .none = from->points,
                           .dash_type = from->dashed ? LXW_CHART_LINE_DASH_DASH
                                                     : LXW_CHART_LINE_DASH_SOLID};
    lxw_chart_line no_line = {.none = LXW_TRUE};

    if (kinds[spec->kind].filled) {
        chart_series_set_fill(series, &fill);
        if (from->hidden)
            chart_series_set_line(series, &no_line);
        return;
    }
    chart_series_set_line(series, &line);
    chart_series_set_marker_type(series, from->points ? LXW_CHART_MARKER_CIRCLE
                                                      : LXW_CHART_MARKER_NONE);
    if (from->points) {
        chart_series_set_marker_size(series, 6);
        chart_series_set_marker_fill(series, &fill);
        chart_series_set_marker_line(series, &no_line);
    }
}

static void add_series(lxw_chart *chart, const struct report_chart *spec,
                       const struct report_chart_series *from)
{
    bool own = spec->kind == REPORT_CHART_SCATTER;
    lxw_row_t first = (lxw_row_t)(own ? from->first_row : spec->first_row);
    lxw_row_t last = (lxw_row_t)(own ? from->last_row : spec->last_row);
    lxw_col_t x = (lxw_col_t)(own ? from->x_column : spec->x_column);
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);

    chart_series_set_categories(series, spec->data_sheet, first, x, last, x);
    chart_series_set_values(series, spec->data_sheet, first, (lxw_col_t)from->column,
                            last, (lxw_col_t)from->column);
    if (from->name != NULL)
        chart_series_set_name(series, from->name);
    else
        chart_series_set_name_range(series, spec->data_sheet, (lxw_row_t)from->name_row,
                                    (lxw_col_t)from->name_column);
    draw_series(series, spec, from);
}

/* Legend entries of series that only hold others up go. */
static void set_legend(lxw_chart *chart, const struct report_chart *spec)
{
    enum { MOST = 16 };
    int16_t gone[MOST + 1];
    int n = 0, shown = 0;

    for (int i = 0; i < spec->n_series; i++)
        if ((spec->series[i].hidden || spec->series[i].quiet) && n < MOST)
            gone[n++] = (int16_t)i;
        else
            shown++;
    gone[n] = -1;
    chart_legend_set_position(chart, shown > 1 ? LXW_CHART_LEGEND_BOTTOM
                                               : LXW_CHART_LEGEND_NONE);
    /* LibreOffice takes the wrong entries of lying charts, whose legend runs backwards;
     * theirs are blanks. */
    if (n > 0 && shown > 1 && !kinds[spec->kind].lying)
        chart_legend_delete_series(chart, gone);
}

/* The library gives the axes of lying charts by where they lie, not by what is on them.
 */
static lxw_chart_axis *category_axis(lxw_chart *chart, const struct report_chart *spec)
{
    return kinds[spec->kind].lying ? chart->y_axis : chart->x_axis;
}

static lxw_chart_axis *value_axis(lxw_chart *chart, const struct report_chart *spec)
{
    return kinds[spec->kind].lying ? chart->x_axis : chart->y_axis;
}

static void set_scales(lxw_chart *chart, const struct report_chart *spec)
{
    enum { LABELS = 6 };
    uint16_t step = (uint16_t)((spec->last_row - spec->first_row) / LABELS + 1);
    lxw_chart_axis *x = category_axis(chart, spec), *y = value_axis(chart, spec);

    if (spec->log_x)
        chart_axis_set_log_base(x, 10);
    if (spec->log_y)
        chart_axis_set_log_base(y, 10);
    if (spec->y_most > 0)
        chart_axis_set_max(y, spec->y_most);
    if (spec->kind == REPORT_CHART_COLUMNS)
        chart_axis_set_min(y, 0);
    if (kinds[spec->kind].lying) {
        chart_axis_set_reverse(x);
        chart_axis_set_crossing_max(x);
    }
    if (!kinds[spec->kind].over_time)
        return;
    chart_axis_set_interval_unit(x, step);
    chart_axis_set_interval_tick(x, step);
    chart_axis_set_position(x, LXW_CHART_AXIS_POSITION_ON_TICK);
    chart_axis_set_num_format(x, "0.##");
}

static void set_axes(lxw_chart *chart, const struct report_chart *spec)
{
    lxw_chart_font small = {.size = 9};
    lxw_chart_line grid = {.color = 0xD9D9D9, .width = 0.5f};
    lxw_chart_axis *x = category_axis(chart, spec), *y = value_axis(chart, spec);

    chart_axis_set_name(x, spec->x_title);
    chart_axis_set_name(y, spec->y_title);
    chart_axis_set_name_font(x, &small);
    chart_axis_set_name_font(y, &small);
    chart_axis_set_num_font(x, &small);
    chart_axis_set_num_font(y, &small);
    chart_axis_set_num_format(y, spec->y_format != NULL ? spec->y_format : "General");
    chart_axis_major_gridlines_set_visible(y, LXW_TRUE);
    chart_axis_major_gridlines_set_line(y, &grid);
    if (kinds[spec->kind].lying)
        chart_axis_major_gridlines_set_visible(x, LXW_FALSE);
    chart_axis_set_label_position(x, LXW_CHART_AXIS_LABEL_POSITION_LOW);
    set_scales(chart, spec);
}

static int points_of(const struct report_chart *spec)
{
    int n = 0;

    for (int i = 0; i < spec->n_series; i++)
        n += spec->kind == REPORT_CHART_SCATTER
                 ? spec->series[i].last_row - spec->series[i].first_row + 1
                 : spec->last_row - spec->first_row + 1;
    return n;
}

void report_sheet_chart(struct report_sheet *s, int row, int column,
                        const struct report_chart *spec)
{
    struct report_book *book = s->book;
    lxw_chart *chart =
        workbook_add_chart(book->workbook, (uint8_t)kinds[spec->kind].type);
    char *title = report_text_fit(
        book->arena, report_text_clean(book->arena, spec->title, REPORT_TEXT_LINE), 90,
        "...");
    lxw_chart_font title_font = {.size = 12, .bold = LXW_TRUE, .color = 0x1F3864};
    lxw_chart_options options = {.x_scale = spec->width / 480.0,
                                 .y_scale = spec->height / 288.0,
                                 .description = title};

    take_room(book, PART_ELEMENTS * (1 + spec->n_series / 8) + 2 * points_of(spec),
              spec->title);
    for (int i = 0; i < spec->n_series; i++)
        add_series(chart, spec, &spec->series[i]);
    chart_title_set_name(chart, title);
    chart_title_set_name_font(chart, &title_font);
    set_axes(chart, spec);
    set_legend(chart, spec);
    if (spec->kind == REPORT_CHART_BARS || spec->kind == REPORT_CHART_STACKED_BARS)
        chart_set_series_overlap(chart, 100);
    if (kinds[spec->kind].filled && !kinds[spec->kind].over_time)
        chart_set_series_gap(chart, 40);
    note(book, worksheet_insert_chart_opt(s->sheet, (lxw_row_t)row, (lxw_col_t)column,
                                          chart, &options));
}
