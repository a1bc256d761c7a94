/* Names and the numbers that stand for them: the first name met is 0, the next new one
 * 1.  Names are bytes, not text; looking one up takes a hash and about one comparison.
 *
 * Memory comes from the arena and goes when it goes.  One thread.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct sp_names;

struct sp_names *sp_names_new(struct sp_arena *arena);

/* The number of a name, which is added (copied) where it is new: then the number is
 * what sp_names_count() was.  SP_NO_ID, with nothing added, for a new name where
 * `most` are there. */
int32_t sp_names_add(struct sp_names *names, const char *name, size_t size,
                     int32_t most);

/* The number of a name, or SP_NO_ID. */
int32_t sp_names_find(const struct sp_names *names, const char *name, size_t size);

int32_t sp_names_count(const struct sp_names *names);

/* The copies, with a NUL behind each, in order of their numbers; good until the next
 * name is added (the names themselves as long as the arena). */
const char *const *sp_names_all(const struct sp_names *names);

#endif
