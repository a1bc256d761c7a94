/* What it costs to hand an item through a queue to a thread that sleeps. */
#ifndef CALIBRATE_HOP_H
#define CALIBRATE_HOP_H

#include "base/status.h"

struct cal_hop {
    double push_s; /* how long the giver is in its push */
    double hop_s;  /* from the push's beginning until the pop has returned */
};

/* Medians over `n` hops, each to a thread that has gone to sleep.  A few milliseconds.
 *   SP_EIO  a thread can't be started. */
SP_CHECKED enum sp_status cal_hop_measure(int n, struct cal_hop *hop,
                                          struct sp_err *err);

#endif
