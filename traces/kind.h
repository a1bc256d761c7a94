/* What a file records, told by its first lines. */
#ifndef TRACES_KIND_H
#define TRACES_KIND_H

#include "base/status.h"

enum trace_kind {
    TRACE_KIND_REQUESTS, /* what no other is: its reader says what is wrong */
    TRACE_KIND_JOBS,
    TRACE_KIND_AVAILABILITY,
    TRACE_KIND_NODES,
    TRACE_KIND_DEMAND,
};

/* `format` is a format's name, or "auto" or NULL; a name goes before what the file
 * looks like, "csv" being the name of two.  What can't be read twice (a pipe) is taken
 * for requests. SP_EIO     it can't be read. SP_EINPUT  damaged data. */
SP_CHECKED enum sp_status trace_kind_of(const char *path, const char *format,
                                        enum trace_kind *kind, struct sp_err *err);

#endif
