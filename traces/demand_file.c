/* Recorded demand of teams, as changes from row to row. */
#include "traces/demand_file.h"

#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "base/units.h"
#include "model/csv.h"

enum { FILE_MIB_MAX = 256, ROWS_PER_ARENA = 1000 };

#define GPUS_MAX INT64_C(1000000)

enum use { USE_GPUS, USE_NOTHING };

static const struct {
    const char *ending;
    enum use use;
} endings[] = {
    /* the longer ones first */
    {"_run_gpus", USE_GPUS},     {"_pend_gpus", USE_GPUS}, {"_run_jobs", USE_NOTHING},
    {"_pend_jobs", USE_NOTHING}, {"_gpus", USE_GPUS},
};
enum { N_ENDINGS = sizeof endings / sizeof endings[0] };

static const struct {
    const char *name;
    int64_t ns;
} clocks[] = {{"minute", 60 * SP_NS_PER_S}, {"second", SP_NS_PER_S}};
enum { N_CLOCKS = sizeof clocks / sizeof clocks[0] };

struct reader {
    const char *path;
    struct sp_names *teams;
    int32_t n_fields;
    int32_t *team;                        /* of each field; SP_NO_ID: passed over */
    int64_t tick_ns, first, last, before; /* times of rows, in ticks */
    int64_t rows;
    int64_t *mgpu, *held_mgpu; /* of each team: in this row; in the one before */
    struct trace_demand *demand;
};

static enum sp_status refuse(const struct reader *r,
                             const struct model_csv_field *field, const char *expected,
                             struct sp_err *err)
{
    char quoted[80];

    return sp_fail(err, SP_EINPUT, "%s:%d:%d: found %s, expected %s", r->path,
                   field->line, field->column,
                   sp_text_quote(field->text, quoted, sizeof quoted), expected);
}

/* ---- the header ---- */

/* Which ending a column's name has behind at least one byte; N_ENDINGS: none. */
static int ending_of(const char *name)
{
    size_t size = strlen(name);

    for (int i = 0; i < N_ENDINGS; i++) {
        size_t tail = strlen(endings[i].ending);

        if (size > tail && strcmp(name + size - tail, endings[i].ending) == 0)
            return i;
    }
    return N_ENDINGS;
}

static int64_t tick_of(const char *name)
{
    for (int i = 0; i < N_CLOCKS; i++)
        if (strcmp(name, clocks[i].name) == 0)
            return clocks[i].ns;
    return 0;
}

static bool is_header(const struct model_csv_field *fields, int32_t n)
{
    return n >= 2 && tick_of(fields[0].text) > 0 &&
           ending_of(fields[1].text) < N_ENDINGS;
}

static enum sp_status read_header(struct reader *r, struct sp_arena *arena,
                                  const struct model_csv_field *fields, int32_t n,
                                  struct sp_err *err)
{
    if (!is_header(fields, n))
        return sp_fail(err, SP_EINPUT,
                       "%s:1: not a table of demand, expected columns such as "
                       "minute,TEAM_run_gpus,TEAM_pend_gpus",
                       r->path);
    r->tick_ns = tick_of(fields[0].text);
    r->n_fields = n;
    r->team = sp_arena_array(arena, (size_t)n, sizeof *r->team);
    for (int32_t i = 1; i < n; i++) {
        int e = ending_of(fields[i].text);
        size_t size;

        if (e == N_ENDINGS)
            return refuse(r, &fields[i],
                          "a team's name with _gpus, _run_gpus or _pend_gpus", err);
        size = strlen(fields[i].text) - strlen(endings[e].ending);
        r->team[i] = SP_NO_ID;
        if (endings[e].use == USE_NOTHING)
            continue;
        r->team[i] = sp_names_add(r->teams, fields[i].text, size, MODEL_JOB_TEAMS_MAX);
        if (r->team[i] == SP_NO_ID)
            return refuse(r, &fields[i], "at most 1000 teams", err);
    }
    r->mgpu = sp_arena_array(arena, MODEL_JOB_TEAMS_MAX, sizeof *r->mgpu);
    r->held_mgpu = sp_arena_array(arena, MODEL_JOB_TEAMS_MAX, sizeof *r->held_mgpu);
    return SP_OK;
}

/* ---- rows ---- */

static enum sp_status read_whole(const struct reader *r,
                                 const struct model_csv_field *field, int64_t most,
                                 const char *expected, int64_t *value,
                                 struct sp_err *err)
{
    if (sp_parse_count(field->text, 0, most, value, NULL) != SP_OK)
        return refuse(r, field, expected, err);
    return SP_OK;
}

static enum sp_status take_time(struct reader *r, const struct model_csv_field *field,
                                struct sp_err *err)
{
    int64_t tick;
    enum sp_status status = read_whole(r, field, SP_NS_MAX / r->tick_ns,
                                       "a whole number, 0 or more", &tick, err);

    if (status != SP_OK)
        return status;
    if (r->rows > 0 && tick <= r->last)
        return refuse(r, field, "a time after that of the row above", err);
    if (r->rows == 0)
        r->first = tick;
    r->before = r->rows == 0 ? tick - 1 : r->last;
    r->last = tick;
    return SP_OK;
}

static enum sp_status read_row(struct reader *r, const struct model_csv_field *fields,
                               int32_t n, struct sp_err *err)
{
    int32_t n_teams = sp_names_count(r->teams);
    enum sp_status status;

    if (n != r->n_fields)
        return sp_fail(err, SP_EINPUT, "%s:%d: found %d fields, expected %d", r->path,
                       fields[0].line, n, r->n_fields);
    status = take_time(r, &fields[0], err);
    memset(r->mgpu, 0, (size_t)n_teams * sizeof *r->mgpu);
    for (int32_t i = 1; i < n && status == SP_OK; i++) {
        int64_t gpus = 0;

        if (r->team[i] == SP_NO_ID)
            continue;
        status = read_whole(r, &fields[i], GPUS_MAX,
                            "a whole number of GPUs, 0 to 1000000", &gpus, err);
        r->mgpu[r->team[i]] += 1000 * gpus;
    }
    if (status != SP_OK)
        return status;
    for (int32_t t = 0; t < n_teams; t++) {
        trace_demand_change(r->demand, t, (r->last - r->first) * r->tick_ns,
                            r->mgpu[t] - r->held_mgpu[t]);
        r->held_mgpu[t] = r->mgpu[t];
    }
    r->rows++;
    return SP_OK;
}

static enum sp_status read_rows(struct reader *r, struct model_csv *csv,
                                struct sp_arena *arena, struct sp_err *err)
{
    struct model_csv_field *fields = NULL;
    int32_t n = 0;
    enum sp_status status = model_csv_next(csv, &fields, &n, err);

    if (status == SP_OK)
        status = read_header(r, arena, fields, n, err);
    while (status == SP_OK) {
        if (r->rows % ROWS_PER_ARENA == 0) {
            sp_arena_free(csv->arena);
            csv->arena = sp_arena_new();
        }
        status = model_csv_next(csv, &fields, &n, err);
        if (status != SP_OK || n == 0)
            break;
        status = read_row(r, fields, n, err);
    }
    if (status == SP_OK && r->rows == 0)
        status = sp_fail(err, SP_EINPUT, "%s: has no rows", r->path);
    return status;
}

static struct trace_demand_file *finish(struct reader *r, struct sp_arena *arena)
{
    struct trace_demand_file *f = sp_arena_alloc(arena, sizeof *f);

    *f = (struct trace_demand_file){
        .rows = r->rows,
        .teams = {.n = sp_names_count(r->teams), .name = sp_names_all(r->teams)},
        .demand = trace_demand_end(r->demand,
                                   (2 * r->last - r->before - r->first) * r->tick_ns),
    };
    return f;
}

enum sp_status trace_demand_read(const char *path, struct sp_arena *arena,
                                 struct trace_demand_file **file, struct sp_err *err)
{
    struct sp_arena *scratch = sp_arena_new();
    struct reader r = {
        .path = path, .teams = sp_names_new(arena), .demand = trace_demand_new(arena)};
    struct model_csv csv;
    char *text;
    enum sp_status status = model_text_load(path, FILE_MIB_MAX, scratch, &text, err);

    if (status == SP_OK) {
        model_csv_init(&csv, path, text, sp_arena_new());
        status = read_rows(&r, &csv, scratch, err);
        sp_arena_free(csv.arena);
    }
    sp_arena_free(scratch);
    if (status == SP_OK)
        *file = finish(&r, arena);
    return status;
}

bool trace_demand_recognise(const char *text, size_t size)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_csv_field *fields = NULL;
    int32_t n = 0;
    bool is_table;

    model_csv_first(text, size, arena, &fields, &n);
    is_table = n > 0 && is_header(fields, n);
    sp_arena_free(arena);
    return is_table;
}
