/* Lines from the input, jobs from the format, and the checks that all formats share. */
#include "traces/job_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/path.h"
#include "base/text.h"
#include "base/units.h"
#include "traces/format.h"
#include "traces/job_format.h"
#include "traces/job_objects.h"

struct trace_job_reader {
    struct sp_input *input;
    const struct trace_job_format *format;
    struct sp_arena *arena;
    struct trace_job_context ctx;
    struct trace_job_facts facts;
    struct trace_job_objects *objects; /* of a JSON file, else NULL */
    int n; /* columns of the file: which of the format's each is, or -1 */
    int column[TRACE_JOB_COLUMNS_MAX];
    struct trace_job_cell cells[TRACE_JOB_CELLS_MAX];
    const char *text, *end; /* whole lines not yet read */
    int64_t line;
    bool ended;
    struct sp_err what; /* of the row that is broken */
};

void trace_job_reader_close(struct trace_job_reader *r)
{
    if (r == NULL)
        return;
    if (r->format != NULL && r->format->finish != NULL)
        r->format->finish(&r->ctx);
    sp_input_close(r->input);
    trace_job_objects_free(r->objects);
    sp_arena_free(r->arena);
    free(r);
}

static const char *path_of(const struct trace_job_reader *r)
{
    return sp_input_path(r->input);
}

/* ---- header ---- */

static int find_column(const struct trace_job_format *f,
                       const struct trace_job_cell *field)
{
    for (int i = 0; i < f->n_columns; i++)
        if (field->size == strlen(f->columns[i].name) &&
            memcmp(field->text, f->columns[i].name, field->size) == 0)
            return i;
    return -1;
}

static enum sp_status unknown_column(const struct trace_job_format *f,
                                     const struct trace_job_cell *field,
                                     struct sp_err *err)
{
    const char *names[TRACE_JOB_CELLS_MAX], *nearest;
    char found[TRACE_QUOTE_SIZE], name[MODEL_NAME_MAX + 1];

    for (int i = 0; i < f->n_columns; i++)
        names[i] = f->columns[i].name;
    snprintf(name, sizeof name, "%.*s",
             (int)(field->size < sizeof name ? field->size : sizeof name - 1),
             field->text);
    nearest = sp_text_nearest(name, names, (size_t)f->n_columns);
    return sp_fail(err, SP_EINPUT, "unknown column '%s'%s%s%s",
                   trace_quote(field->text, field->size, found),
                   nearest != NULL ? ", did you mean '" : ", see docs/traces.md",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

/* Gives a column of the format its place, column r->n of the file; `k` -1: none. */
static enum sp_status place_column(struct trace_job_reader *r, int k,
                                   struct sp_err *err)
{
    const struct trace_job_column *c;

    if (r->n == TRACE_JOB_COLUMNS_MAX)
        return sp_fail(err, SP_EINPUT, "found more than %d columns, expected fewer",
                       (int)TRACE_JOB_COLUMNS_MAX);
    r->column[r->n++] = k;
    if (k < 0)
        return SP_OK;
    c = &r->format->columns[k];
    if (r->cells[c->cell].column != NULL &&
        strcmp(r->cells[c->cell].column, c->name) == 0)
        return sp_fail(err, SP_EINPUT, "column '%s' is there twice", c->name);
    if (r->cells[c->cell].column != NULL)
        return sp_fail(err, SP_EINPUT, "found both '%s' and '%s', expected one of them",
                       r->cells[c->cell].column, c->name);
    r->cells[c->cell].column = c->name;
    r->facts.has |= c->gives;
    return SP_OK;
}

static enum sp_status check_required(const struct trace_job_reader *r,
                                     const struct trace_job_sample *sample,
                                     struct sp_err *err)
{
    char found[TRACE_QUOTE_SIZE];

    for (int i = 0; i < r->format->n_columns; i++)
        if (r->format->columns[i].required &&
            r->cells[r->format->columns[i].cell].column == NULL)
            return sp_fail(err, SP_EINPUT,
                           "no column '%s' for a trace of format %s: found the header "
                           "'%s'",
                           r->format->columns[i].name, r->format->name,
                           trace_quote(sample->line, sample->line_size, found));
    return SP_OK;
}

static enum sp_status read_header(struct trace_job_reader *r,
                                  const struct trace_job_sample *sample,
                                  struct sp_err *err)
{
    const struct trace_job_format *f = r->format;
    const char *p = sample->line, *end = p + sample->line_size;
    struct trace_job_cell field = {0};
    enum sp_status status;

    r->facts.has = f->gives;
    for (int i = 0; f->headless && i < f->n_columns; i++) {
        status = place_column(r, i, err);
        if (status != SP_OK)
            return status;
    }
    while (p != NULL && !f->headless) {
        int k;

        p = trace_job_field(f->delimiter, p, end, &field);
        k = find_column(f, &field);
        status = SP_OK;
        if (k < 0 && f->strict && sample->line_size > 0)
            status = unknown_column(f, &field, err);
        if (status == SP_OK)
            status = place_column(r, k, err);
        if (status != SP_OK)
            return status;
    }
    status = f->headless ? SP_OK : check_required(r, sample, err);
    if (status == SP_OK && f->begin != NULL)
        status = f->begin(&r->ctx, r->facts.has, err);
    return status;
}

/* ---- opening ---- */

static size_t without_cr(const char *text, const char *end)
{
    return (size_t)(end - text) - (end > text && end[-1] == '\r');
}

static void skip_bom(struct trace_job_reader *r)
{
    if (r->end - r->text >= 3 && memcmp(r->text, "\xef\xbb\xbf", 3) == 0)
        r->text += 3;
}

static struct trace_job_sample sample_of(const struct trace_job_reader *r)
{
    struct trace_job_sample s = {.line = r->text, .row = ""};
    const char *line_end = memchr(r->text, '\n', (size_t)(r->end - r->text));

    s.line_size = without_cr(r->text, line_end);
    if (line_end + 1 < r->end) {
        s.row = line_end + 1;
        s.row_size = without_cr(s.row, memchr(s.row, '\n', (size_t)(r->end - s.row)));
    }
    return s;
}

enum sp_status trace_job_reader_sniff(const char *path, bool *are_jobs,
                                      struct sp_err *err)
{
    struct trace_job_reader r = {0};
    enum sp_status status = sp_input_open(path, &r.input, err);
    struct trace_job_sample sample;

    if (status == SP_OK)
        status = sp_input_lines(r.input, &r.text, &r.end, err);
    if (status == SP_OK) {
        skip_bom(&r);
        *are_jobs = false;
        if (r.text != r.end) {
            sample = sample_of(&r);
            *are_jobs = trace_job_format_sniff(&sample) != NULL;
        }
    }
    sp_input_close(r.input);
    return status;
}

/* The format asked for, or the one that the first lines look like. */
static enum sp_status choose_format(struct trace_job_reader *r, const char *name,
                                    const struct trace_job_sample *sample,
                                    struct sp_err *err)
{
    if (name != NULL && strcmp(name, "auto") != 0)
        return trace_job_format_find(name, &r->format, err);
    r->format = trace_job_format_sniff(sample);
    if (r->format == NULL)
        r->format = &trace_job_csv; /* whose message says what is missing */
    return SP_OK;
}

static enum sp_status begin(struct trace_job_reader *r, const char *format,
                            struct sp_err *err)
{
    enum sp_status status = sp_input_lines(r->input, &r->text, &r->end, err);
    struct trace_job_sample sample;
    struct sp_err what = {0};

    if (status != SP_OK)
        return status;
    skip_bom(r);
    if (r->text == r->end)
        return sp_fail(err, SP_EINPUT,
                       "%s: the file is empty, expected a trace of jobs", path_of(r));
    sample = sample_of(r);
    status = choose_format(r, format, &sample, err);
    if (status != SP_OK)
        return status;
    r->facts.format = r->format->name;
    status = read_header(r, &sample, &what);
    if (status != SP_OK)
        return sp_fail(err, status, "%s:1: %s", path_of(r), what.text);
    if (r->format->objects)
        r->objects = trace_job_objects_new(r->input, r->text, r->end);
    else if (!r->format->headless) {
        r->text += sample.line_size + (r->text[sample.line_size] == '\r') + 1;
        r->line = 1;
    }
    return SP_OK;
}

enum sp_status trace_job_reader_open(const char *path, const char *format,
                                     struct trace_job_reader **reader,
                                     struct sp_err *err)
{
    struct trace_job_reader *r = sp_xcalloc(1, sizeof *r);
    enum sp_status status = sp_input_open(path, &r->input, err);

    if (status == SP_OK) {
        r->arena = sp_arena_new();
        r->ctx = (struct trace_job_context){.folder = sp_path_folder(r->arena, path),
                                            .arena = r->arena,
                                            .teams = sp_names_new(r->arena),
                                            .models = sp_names_new(r->arena),
                                            .facts = &r->facts};
        sp_names_add(r->ctx.teams, "-", 1, 1);
        status = begin(r, format, err);
    }
    if (status != SP_OK) {
        trace_job_reader_close(r);
        return status;
    }
    *reader = r;
    return SP_OK;
}

/* ---- rows ---- */

static enum sp_status wrong_count(const struct trace_job_reader *r, const char *text,
                                  const char *end, struct sp_err *err)
{
    struct trace_job_cell field;
    int n = 0;

    if (text == end)
        return sp_fail(err, SP_EINPUT, "found an empty line, expected %d columns",
                       r->n);
    for (const char *p = text; p != NULL && n < INT32_MAX; n++)
        p = trace_job_field(r->format->delimiter, p, end, &field);
    return sp_fail(err, SP_EINPUT, "found %d column%s, expected %d", n,
                   n == 1 ? "" : "s", r->n);
}

/* Fills the cells from the line [text, end). */
static enum sp_status read_cells(struct trace_job_reader *r, const char *text,
                                 const char *end, struct sp_err *err)
{
    const struct trace_job_format *f = r->format;
    const char *p = text;

    for (int i = 0; i < r->n; i++) {
        struct trace_job_cell skipped, *cell = &skipped;
        const struct trace_job_column *c = NULL;

        if (p == NULL || text == end)
            return wrong_count(r, text, end, err);
        if (r->column[i] >= 0) {
            c = &f->columns[r->column[i]];
            cell = &r->cells[c->cell];
        }
        p = trace_job_field(f->delimiter, p, end, cell);
        cell->value = 0;
        if (c != NULL && trace_job_read_cell(c->kind, cell, err) != SP_OK)
            return SP_EINPUT;
    }
    return p == NULL ? SP_OK : wrong_count(r, text, end, err);
}

static void set_defaults(struct model_job *job)
{
    *job = (struct model_job){.name = "",
                              .estimate_ns = -1,
                              .deadline_ns = -1,
                              .members = 1,
                              .needs = {.mcpu = -1, .memory_bytes = -1},
                              .priority = MODEL_PRIORITY_UNSAID,
                              .preemptible = -1,
                              .checkpoint_ns = -1};
}

/* What no job may be, whatever its format. */
static enum sp_status check_job(const struct model_job *job, struct sp_err *err)
{
    const int64_t memory_most = INT64_C(1) << 62;
    int64_t members = job->members > 0 ? job->members : 1;

    if (job->arrival_ns < 0)
        return sp_fail(err, SP_EINPUT, "found an arrival at %.9g s, expected 0 or more",
                       sp_s_from_ns(job->arrival_ns));
    if (job->duration_ns < 0 ||
        (job->duration_ns > SP_NS_MAX && job->duration_ns != MODEL_NEVER))
        return sp_fail(err, SP_EINPUT,
                       "found a duration of %.9g s, expected 0 or more, at most 100 "
                       "years",
                       sp_s_from_ns(job->duration_ns));
    if (job->needs.mgpu > 1000 && job->needs.mgpu % 1000 != 0)
        return sp_fail(err, SP_EINPUT,
                       "found %.3f GPUs, expected a share of one GPU or a whole number",
                       (double)job->needs.mgpu / 1000);
    if (job->needs.memory_bytes > memory_most / members)
        return sp_fail(err, SP_EINPUT,
                       "found %" PRId64 " members of %" PRId64
                       " bytes each, expected at most 2^62 bytes in all",
                       members, job->needs.memory_bytes);
    return SP_OK;
}

static bool is_passed_over(const struct trace_job_format *f, const char *text,
                           const char *end)
{
    if (f->comment == '\0')
        return false;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    return text == end || *text == f->comment;
}

/* The next line without its end; false where there are no more, or on a failure. */
static bool next_line(struct trace_job_reader *r, const char **text, const char **end,
                      enum sp_status *status, struct sp_err *err)
{
    const char *newline;

    if (r->text == r->end) {
        *status = sp_input_lines(r->input, &r->text, &r->end, err);
        if (*status != SP_OK || r->text == r->end)
            return false;
    }
    newline = memchr(r->text, '\n', (size_t)(r->end - r->text));
    *text = r->text;
    *end = r->text + without_cr(r->text, newline);
    r->text = newline + 1;
    r->line++;
    return true;
}

/* One row's verdict; *any false: there was none. */
static enum trace_job_verdict read_row(struct trace_job_reader *r,
                                       struct model_job *job, bool *any,
                                       enum sp_status *status, struct sp_err *err)
{
    const char *text = NULL, *end = NULL;

    set_defaults(job);
    if (r->objects != NULL) {
        size_t size = 0;

        *any = trace_job_objects_next(r->objects, &text, &size, &r->line, status, err);
        if (!*any)
            return TRACE_JOB_PASSED;
        r->ctx.row++;
        return r->format->object(&r->ctx, text, size, job, &r->what);
    }
    do
        *any = next_line(r, &text, &end, status, err);
    while (*any && is_passed_over(r->format, text, end));
    if (!*any)
        return TRACE_JOB_PASSED;
    r->ctx.row++;
    if (read_cells(r, text, end, &r->what) != SP_OK)
        return TRACE_JOB_BROKEN;
    return r->format->job(&r->ctx, r->cells, job, &r->what);
}

bool trace_job_reader_next(struct trace_job_reader *r, struct model_job *job,
                           enum sp_status *status, struct sp_err *err)
{
    enum trace_job_verdict verdict = TRACE_JOB_PASSED;
    bool any = true;

    *status = SP_OK;
    while (verdict == TRACE_JOB_PASSED && !r->ended) {
        verdict = read_row(r, job, &any, status, err);
        r->ended = !any;
    }
    if (verdict == TRACE_JOB_PASSED)
        return false;
    if (verdict == TRACE_JOB_BROKEN || check_job(job, &r->what) != SP_OK) {
        r->ended = true;
        *status = sp_fail(err, SP_EINPUT, "%s:%" PRId64 ": %s", path_of(r), r->line,
                          r->what.text);
        return false;
    }
    job->line = r->line;
    job->number = r->facts.rows++;
    return true;
}

/* ---- what there was ---- */

struct trace_job_facts trace_job_reader_facts(const struct trace_job_reader *r)
{
    struct trace_job_facts facts = r->facts;

    facts.compression = sp_input_compression(r->input);
    facts.stored_bytes = sp_input_stored_bytes(r->input);
    facts.text_bytes = sp_input_text_bytes(r->input);
    return facts;
}

static struct model_names names_of(const struct sp_names *names)
{
    return (struct model_names){.n = sp_names_count(names),
                                .name = sp_names_all(names)};
}

struct model_names trace_job_reader_teams(const struct trace_job_reader *r)
{
    return names_of(r->ctx.teams);
}

struct model_names trace_job_reader_models(const struct trace_job_reader *r)
{
    return names_of(r->ctx.models);
}
