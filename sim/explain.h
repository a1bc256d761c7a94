/* The story of the one job that --explain names: lines with simulated time, in the
 * order in which they happened.
 */
#ifndef SIM_EXPLAIN_H
#define SIM_EXPLAIN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/result.h"
#include "model/scenario.h"

struct sim_explain;

struct sim_explain *sim_explain_new(struct sp_arena *arena);

/* Adds a line.  Does nothing with NULL, and where the line says what the last one said
 * (but for the time). */
void sim_explain_say(struct sim_explain *e, int64_t now_ns, const char *fmt, ...)
    SP_PRINTF(3, 4);

/* "1 GPU + 8 CPUs + 64 GiB", "nothing". */
const char *sim_explain_amounts(struct sp_arena *arena, const struct model_amounts *a);

struct model_explained sim_explain_lines(const struct sim_explain *e,
                                         struct sp_arena *arena);

#endif
