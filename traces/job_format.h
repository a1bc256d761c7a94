/* Job trace formats, as descriptors in one array: what columns a file has and what a
 * row of them means as a job.  The reader, `format:`, --help and the manual go by it.
 *
 * A format is a table of columns with units, which the reader finds by the header's
 * names (or by position, where files have no header), and a function that makes a job
 * of a row's cells.  One format is JSON and reads its objects itself.
 */
#ifndef TRACES_JOB_FORMAT_H
#define TRACES_JOB_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/status.h"
#include "model/job.h"
#include "traces/jobs.h"

enum {
    TRACE_JOB_COLUMNS_MAX = 64, /* of a file */
    TRACE_JOB_CELLS_MAX = 24,   /* that a format reads */
};

enum trace_job_kind {
    TRACE_JOB_TEXT,        /* not checked: whoever uses it does */
    TRACE_JOB_S,           /* seconds, any sign, to the nearest ns */
    TRACE_JOB_S_OR_NEVER,  /* or "never": MODEL_NEVER */
    TRACE_JOB_DATE,        /* "2017-09-04 10:30:41": ns since 1970 */
    TRACE_JOB_WHOLE,       /* any sign; "8.0" is 8 */
    TRACE_JOB_THOUSANDTHS, /* "0.5": 500; finer ones are refused */
    TRACE_JOB_PERCENT,     /* "12.5": 125 thousandths, rounded up */
    TRACE_JOB_BYTES,
    TRACE_JOB_KIB, /* or -1 */
    TRACE_JOB_MIB,
    TRACE_JOB_GIB,  /* decimals: rounded up to bytes */
    TRACE_JOB_FLAG, /* true, false, 1, 0 */
};

/* What one field of a row says. */
struct trace_job_cell {
    const char *column; /* its name, for messages */
    const char *text;
    size_t size;
    bool given;    /* the file has the column, and the row something in it */
    int64_t value; /* by the column's kind */
};

struct trace_job_column {
    const char *name;
    enum trace_job_kind kind;
    int cell; /* which one it fills: two names for one cell exclude each other */
    bool required;
    unsigned gives; /* bits of enum trace_job_has */
};

/* What reading one row leaves for the next, and where it counts. */
struct trace_job_context {
    const char *folder; /* of the file; for what lies beside it */
    struct sp_arena *arena;
    struct sp_names *teams, *models;
    struct trace_job_facts *facts;
    int64_t row;                   /* of the row at hand, from 1 */
    char name[MODEL_NAME_MAX + 1]; /* of the job at hand */
    char spec[8 * MODEL_NAME_MAX]; /* the last list of GPU models, and its bits */
    size_t spec_size;
    uint64_t spec_bits;
    void *own; /* of the format, in the arena */
};

enum trace_job_verdict {
    TRACE_JOB_IS,     /* *job is filled */
    TRACE_JOB_PASSED, /* no job: counted in the facts */
    TRACE_JOB_BROKEN, /* a message without place is in *err */
};

/* The first lines of a file, neither ended; `row` is "" where there is one only. */
struct trace_job_sample {
    const char *line, *row;
    size_t line_size, row_size;
};

struct trace_job_format {
    const char *name, *help;
    char delimiter; /* ',', '\t' or ' ' (any blanks) */
    char comment;   /* lines that begin with it are passed over; 0: none */
    bool headless;  /* no header line: columns are in the table's order */
    bool objects;   /* JSON: an array of objects; no columns */
    bool strict;    /* columns that the table lacks are refused, else passed over */
    unsigned gives; /* bits of enum trace_job_has that no column stands for */
    const struct trace_job_column *columns;
    int n_columns;
    /* Whether a file looks like this; NULL: by the required columns of its header. */
    bool (*sniff)(const struct trace_job_sample *sample);
    /* What the columns there are do not say; may be NULL.  `gives` has their bits. */
    enum sp_status (*begin)(struct trace_job_context *ctx, unsigned gives,
                            struct sp_err *err);
    /* Gives back what begin() took, also where it failed; may be NULL. */
    void (*finish)(struct trace_job_context *ctx);
    /* Fills what the row says of *job, which holds the defaults, its time on the clock
     * of the file.  `cell` has TRACE_JOB_CELLS_MAX. */
    enum trace_job_verdict (*job)(struct trace_job_context *ctx,
                                  const struct trace_job_cell *cell,
                                  struct model_job *job, struct sp_err *err);
    /* With `objects`: the same of the text of one. */
    enum trace_job_verdict (*object)(struct trace_job_context *ctx, const char *text,
                                     size_t size, struct model_job *job,
                                     struct sp_err *err);
};

extern const struct trace_job_format trace_job_csv;
extern const struct trace_job_format trace_job_openb, trace_job_pai, trace_job_dlrm;
extern const struct trace_job_format trace_job_philly, trace_job_philly_csv;
extern const struct trace_job_format trace_job_swf;
extern const struct trace_job_format trace_job_helios, trace_job_tiresias;
extern const struct trace_job_format trace_job_gavel;

/* All of them, our own last; the array's length goes to *count. */
const struct trace_job_format *const *trace_job_formats(size_t *count);

/* The format called `name`.
 *   SP_EINPUT  there is none: the message lists them. */
SP_CHECKED enum sp_status trace_job_format_find(const char *name,
                                                const struct trace_job_format **format,
                                                struct sp_err *err);

/* The first that a file looks like, or NULL. */
const struct trace_job_format *
trace_job_format_sniff(const struct trace_job_sample *sample);

/* ---- for formats ---- */

/* The field that begins at `text`, without blanks and quotes around it; returns where
 * the next one begins, or NULL after the last before `end`. */
const char *trace_job_field(char delimiter, const char *text, const char *end,
                            struct trace_job_cell *field);

/* Whether the first line has a field of this text. */
bool trace_job_has_column(const struct trace_job_sample *sample, char delimiter,
                          const char *name);

/* Reads the cell's text by the kind into its value; an empty one is not given.  The
 * message has column, what was found and what was expected. */
SP_CHECKED enum sp_status trace_job_read_cell(enum trace_job_kind kind,
                                              struct trace_job_cell *cell,
                                              struct sp_err *err);

/* Fails with "column C: found '...', expected EXPECTED". */
enum sp_status trace_job_wrong(const struct trace_job_cell *cell, const char *expected,
                               struct sp_err *err);

/* The job's name is the cell's text; without one the number of its row. */
SP_CHECKED enum sp_status trace_job_set_name(struct trace_job_context *ctx,
                                             const struct trace_job_cell *cell,
                                             struct model_job *job, struct sp_err *err);

/* The team is the cell's text; nothing or "-" is that of jobs without one. */
SP_CHECKED enum sp_status trace_job_set_team(struct trace_job_context *ctx,
                                             const struct trace_job_cell *cell,
                                             struct model_job *job, struct sp_err *err);

/* It may run on the GPU models of a list "V100|T4"; nothing: on any. */
SP_CHECKED enum sp_status trace_job_set_models(struct trace_job_context *ctx,
                                               const struct trace_job_cell *cell,
                                               struct model_job *job,
                                               struct sp_err *err);

/* A row that is no job because it never ran. */
enum trace_job_verdict trace_job_never_ran(struct trace_job_context *ctx);

/* Whether all of a field is a number. */
bool trace_job_is_number(const struct trace_job_cell *field);

#define TRACE_JOB_COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
