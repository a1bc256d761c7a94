/* A stored run, read back: the same records that were written, so that a report of it
 * has the same bytes as one made by the run.
 *
 * The database is read and never changed; one of an older version is brought up to date
 * in a copy, and what it lacks is NaN, NULL or 0.  Nothing in the file is believed: an
 * id out of range, a text for a number, money that does not add up give one error that
 * says the table and what was found there.
 */
#ifndef REPORT_DATABASE_READ_H
#define REPORT_DATABASE_READ_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "report/context.h"

struct report_stored_run {
    int64_t run;
    const char *created_at; /* "2026-11-22T10:36:25Z" */
    const char *scenario;
    uint64_t seed;
    int32_t n_runs, n_policies;
    bool partial;
};

/* The runs of a database, oldest first, in `arena`.
 *   SP_EINPUT  it is none of ours, is damaged, or of a newer version.
 *   SP_EIO     it can't be read. */
SP_CHECKED enum sp_status report_database_runs(const char *path, struct sp_arena *arena,
                                               struct report_stored_run **runs,
                                               int32_t *n, struct sp_err *err);

/* The run `run`, or the last one for 0; all of it lives in `arena`.
 *   SP_EINPUT  as above; or there is no such run: the message names those there are. */
SP_CHECKED enum sp_status report_database_read(const char *path, int64_t run,
                                               struct sp_arena *arena,
                                               struct report_context **context,
                                               struct sp_err *err);

#endif
