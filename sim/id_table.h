/* A hash table from 64-bit names to row ids: open addressing with linear probing, at
 * most half full.  Looking up, putting in and removing are O(1) on average.  Nothing
 * depends on the order in which names lie in it; it has no way to list them.
 */
#ifndef SIM_ID_TABLE_H
#define SIM_ID_TABLE_H

#include <stdint.h>

#include "base/arena.h"

struct sim_id_table_slot {
    uint64_t key;
    int32_t id_1; /* id + 1; 0: empty */
};

struct sim_id_table {
    struct sim_id_table_slot *slots;
    int64_t n, room; /* names in it; slots: 0 or a power of two */
};

/* Row id of a name, or SP_NO_ID.  A zeroed table is empty. */
int32_t sim_id_table_find(const struct sim_id_table *t, uint64_t key);

/* A name that is not in the table; its slots come from the arena. */
void sim_id_table_put(struct sim_id_table *t, struct sp_arena *arena, uint64_t key,
                      int32_t id);

/* A name that is in the table. */
void sim_id_table_remove(struct sim_id_table *t, uint64_t key);

/* Empties it; the room stays.  O(room). */
void sim_id_table_clear(struct sim_id_table *t);

/* Every name can be found, and they are n; aborts if not. */
void sim_id_table_verify(const struct sim_id_table *t);

#endif
