/* The points of a sweep on their way into the database: kept for a moment, then
 * committed together. */
#ifndef CLI_SWEEP_STORE_H
#define CLI_SWEEP_STORE_H

#include "cli/progress.h"
#include "cli/sweep_setup.h"
#include "report/database_sweep.h"

struct cli_sweep_store {
    const struct cli_sweep *job;
    struct report_sweep_writer *writer;
    struct cli_progress progress;
    double began_s, last_s; /* the last commit */
    double wait_s;          /* until the next one */
    struct sp_arena *arena; /* of the points at hand */
    int32_t n, room;
    struct report_sweep_point *points;
    int64_t first, done; /* found there; there now, committed or at hand */
    bool stopped;        /* no more is taken */
    bool failed;         /* the writer did, which will tell */
    enum sp_status status;
    struct sp_err *err; /* of a point that is wrong */
};

/* From the point `first` on. */
void cli_sweep_store_begin(struct cli_sweep_store *store, const struct cli_sweep *job,
                           struct report_sweep_writer *writer, int64_t first,
                           bool quiet, struct sp_err *err);

/* The functions of a struct study_work whose `self` is a struct cli_sweep_store. */
bool cli_sweep_store_point(void *self, int64_t item, const struct study_bytes *bytes);
bool cli_sweep_store_wait(void *self);

/* Commits what is at hand, and wipes the line.  What went wrong with a point; what the
 * writer met, it tells itself. */
SP_CHECKED enum sp_status cli_sweep_store_end(struct cli_sweep_store *store);

#endif
