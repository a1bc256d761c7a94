/* Tables of the run, and the folder. */
#include "report/csv_out.h"

#include <inttypes.h>
#include <string.h>

#include "report/csv_out_parts.h"
#include "report/file.h"
#include "report/utc.h"

void report_csv_stat(struct report_csv *csv, struct model_stat stat)
{
    report_csv_real(csv, stat.mean);
    report_csv_real(csv, stat.half95);
}

void report_csv_times(struct report_csv *csv, const struct model_times *t)
{
    report_csv_int(csv, t->count);
    report_csv_real(csv, t->mean_s.mean);
    report_csv_real(csv, t->p50_s.mean);
    report_csv_real(csv, t->p90_s.mean);
    report_csv_real(csv, t->p99_s.mean);
    report_csv_real(csv, t->max_s.mean);
}

/* ---- tables ---- */

static void comparison(struct report_csv *csv, const struct report_context *c)
{
    const struct model_result *r = c->result;

    for (int32_t i = 0; i < r->n_comparisons; i++) {
        const struct model_comparison *k = &r->comparisons[i];

        report_csv_text(csv, r->policies[k->policy].name);
        report_csv_text(csv, r->policies[k->baseline].name);
        report_csv_text(csv, model_outcome_name(k->outcome));
        report_csv_bool(csv, k->certain);
        report_csv_stat(csv, k->usd_ratio);
        report_csv_stat(csv, k->time_ratio);
        report_csv_real(csv, k->gpu_nodes_ratio);
        report_csv_text(csv, k->verdict);
        report_csv_end(csv);
    }
}

static void inputs(struct report_csv *csv, const struct report_context *c)
{
    for (int32_t i = 0; i < c->result->n_inputs; i++) {
        const struct model_input *in = &c->result->inputs[i];

        report_csv_text(csv, in->group);
        report_csv_text(csv, in->name);
        report_csv_real(csv, in->number);
        report_csv_text(csv, in->text);
        report_csv_text(csv, in->unit);
        report_csv_text(csv, in->basis);
        report_csv_text(csv, in->source);
        report_csv_text(csv, in->date);
        report_csv_text(csv, in->used_by);
        report_csv_end(csv);
    }
}

static void assumptions(struct report_csv *csv, const struct report_context *c)
{
    for (int32_t i = 0; i < c->result->n_assumptions; i++) {
        report_csv_text(csv, c->result->assumptions[i].id);
        report_csv_text(csv, c->result->assumptions[i].text);
        report_csv_end(csv);
    }
}

static void warnings(struct report_csv *csv, const struct report_context *c)
{
    for (int32_t i = 0; i < c->result->n_warnings; i++) {
        report_csv_int(csv, i + 1);
        report_csv_text(csv, c->result->warnings[i]);
        report_csv_end(csv);
    }
}

static const struct report_csv_table run_tables[] = {
    {"comparison",
     "policy,baseline,outcome,certain," REPORT_CSV_STAT(
         "usd_ratio") "," REPORT_CSV_STAT("time_ratio") ",gpu_nodes_ratio,verdict",
     comparison},
    {"inputs", "group,name,value,text,unit,basis,source,date,used_by", inputs},
    {"assumptions", "id,text", assumptions},
    {"warnings", "number,text", warnings},
    {0},
};

static const struct report_csv_table *const lists[] = {report_csv_policy_tables,
                                                       run_tables};
enum { N_LISTS = 2, TABLES_MAX = 40 };

/* ---- what the run was ---- */

struct manifest {
    struct report_csv csv;
    struct sp_arena *arena;
};

static void say(struct manifest *m, const char *item, const char *name,
                const char *value)
{
    report_csv_text(&m->csv, item);
    report_csv_text(&m->csv, name);
    report_csv_text(&m->csv, value);
    report_csv_end(&m->csv);
}

static void say_int(struct manifest *m, const char *item, const char *name,
                    int64_t value)
{
    say(m, item, name, sp_arena_printf(m->arena, "%" PRId64, value));
}

static void say_run(struct manifest *m, const struct report_context *c)
{
    const struct model_result *r = c->result;
    char made[REPORT_UTC], start[REPORT_UTC];

    say(m, "run", "stageplan version", r->version);
    say(m, "run", "made", report_utc_text(c->created_s, made));
    say(m, "run", "time 0", report_utc_text(report_utc_start(c), start));
    say(m, "run", "scenario", r->name);
    say(m, "run", "description", r->description);
    say(m, "run", "scenario file", r->path);
    say(m, "run", "seed", sp_arena_printf(m->arena, "%" PRIu64, r->seed));
    say_int(m, "run", "replications", r->n_runs);
    say(m, "run", "baseline",
        r->baseline >= 0 && r->baseline < r->n_policies ? r->policies[r->baseline].name
                                                        : NULL);
    say(m, "run", "partial", r->partial ? "true" : "false");
    say(m, "run", "policies not run", r->not_run);
    say(m, "run", "catalog", r->catalog);
    for (int32_t i = 0; i < r->n_calibrations; i++)
        say(m, "profile", r->calibrations[i].name,
            sp_arena_printf(m->arena, "%s, %s, %s", r->calibrations[i].file,
                            r->calibrations[i].machine, r->calibrations[i].date));
    for (int32_t i = 0; i < r->n_files; i++)
        say(m, "file (xxh64)", r->files[i].file,
            sp_arena_printf(m->arena, "%016" PRIx64, r->files[i].xxh64));
    for (int32_t i = 0; i < r->n_assumptions; i++)
        say(m, "assumption", r->assumptions[i].id, r->assumptions[i].text);
}

/* ---- files ---- */

struct folder {
    const char *path;
    const struct report_context *c;
    struct sp_arena *arena;
    const char *names[TABLES_MAX];
    int rows[TABLES_MAX];
    int n;
};

static enum sp_status open_in(const struct folder *f, const char *name,
                              struct report_file **file, struct sp_err *err)
{
    return report_file_open(sp_arena_printf(f->arena, "%s/%s.csv", f->path, name), file,
                            err);
}

static enum sp_status write_table(struct folder *f, const struct report_csv_table *t,
                                  struct sp_err *err)
{
    struct report_file *file;
    struct report_csv csv;
    enum sp_status s = open_in(f, t->name, &file, err);

    if (s != SP_OK)
        return s;
    report_csv_init(&csv, report_file_stream(file));
    fprintf(csv.out, "%s\n", t->columns);
    t->rows(&csv, f->c);
    sp_assert(f->n < TABLES_MAX);
    f->names[f->n] = t->name;
    f->rows[f->n++] = csv.rows;
    report_csv_fini(&csv);
    return report_file_close(file, SP_OK, err);
}

static enum sp_status write_manifest(const struct folder *f, struct sp_err *err)
{
    struct report_file *file;
    struct manifest m = {.arena = f->arena};
    enum sp_status s = open_in(f, "run", &file, err);

    if (s != SP_OK)
        return s;
    report_csv_init(&m.csv, report_file_stream(file));
    say(&m, "item", "name", "value");
    say_run(&m, f->c);
    for (int i = 0; i < f->n; i++)
        say_int(&m, "table (rows)", sp_arena_printf(f->arena, "%s.csv", f->names[i]),
                f->rows[i]);
    report_csv_fini(&m.csv);
    return report_file_close(file, SP_OK, err);
}

enum sp_status report_csv_out_write(const char *folder, const struct report_context *c,
                                    struct sp_err *err)
{
    struct folder f = {.path = folder, .c = c, .arena = sp_arena_new()};
    enum sp_status s = report_folder_make(folder, err);

    for (int l = 0; l < N_LISTS; l++)
        for (const struct report_csv_table *t = lists[l]; t->name != NULL; t++)
            if (s == SP_OK)
                s = write_table(&f, t, err);
    if (s == SP_OK)
        s = write_manifest(&f, err);
    sp_arena_free(f.arena);
    return s;
}
