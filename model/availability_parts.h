/* Inside model/availability_*.c: a recording as it is read. */
#ifndef MODEL_AVAILABILITY_PARTS_H
#define MODEL_AVAILABILITY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/availability.h"

/* Steps as they come: times never fall, of equal ones the last counts, and a step to
 * the same number is none. */
struct model_steps {
    struct sp_arena *arena;
    int64_t *at;
    int32_t *nodes;
    int32_t n, at_room, nodes_room;
};

void model_steps_add(struct model_steps *s, int64_t at, int32_t nodes);

/* A form of file. */
struct model_availability_form {
    const char *name;
    /* Whether text that begins so (text[size] can be read, and is NUL where the file
     * ends there) is meant as this form. */
    bool (*recognise)(const char *text, size_t size);
    /* Reads the whole text; times of the steps in ns from 0. */
    enum sp_status (*read)(const char *path, const char *text,
                           struct model_steps *steps, int64_t *length_ns,
                           struct sp_err *err);
};

extern const struct model_availability_form model_availability_ticks,
    model_availability_events, model_availability_samples;

#endif
