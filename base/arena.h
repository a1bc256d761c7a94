/* Memory that is given back all at once.
 *
 * One arena per scenario and one per replication; both die whole.  Memory comes zeroed
 * and aligned for any type.  Running out ends the process with the size asked for: no
 * path carries that failure.  An arena belongs to one thread.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct sp_arena;

struct sp_arena *sp_arena_new(void);
void sp_arena_free(struct sp_arena *arena); /* NULL is fine */

/* All that `from` has lives on in `arena`; `from` itself is no more.  NULL is fine. */
void sp_arena_adopt(struct sp_arena *arena, struct sp_arena *from);

/* `size` zeroed bytes, valid until sp_arena_free().  size 0 gives a unique pointer. */
void *sp_arena_alloc(struct sp_arena *arena, size_t size);

/* `count` zeroed elements of `size` bytes; stops the process where the product
 * overflows. */
void *sp_arena_array(struct sp_arena *arena, size_t count, size_t size);

/* A grown copy of an array made by this arena: `count` elements of `size` bytes kept,
 * room for `want` (the rest zeroed).  Large arrays go back to the system at once when
 * outgrown, so doubling wastes no more than a third. */
void *sp_arena_grow(struct sp_arena *arena, void *old, size_t count, size_t want,
                    size_t size);

/* An array of `count` elements made by this arena is not needed any more.  A large one
 * goes back to the system, a small one stays until the arena goes. */
void sp_arena_give_back(struct sp_arena *arena, void *old, size_t count, size_t size);

/* Room for one more row in a slab of n rows: where n has reached *room, a copy with
 * twice the room (16 rows at first), and *room says so; else `rows` itself. */
void *sp_arena_more(struct sp_arena *arena, void *rows, int32_t n, int32_t *room,
                    size_t size);

char *sp_arena_strdup(struct sp_arena *arena, const char *text);
char *sp_arena_printf(struct sp_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* malloc that stops the process and says how much was asked for.  For what outlives or
 * lives outside an arena; give back with free(). */
void *sp_xcalloc(size_t count, size_t size);
void *sp_xrealloc(void *old, size_t size);

#endif
