/* Reading a profile: what its parts share.  For model/profile_*.c only.
 *
 * `what` names the value in messages; a failure is SP_EINPUT at its place.
 */
#ifndef MODEL_PROFILE_PARTS_H
#define MODEL_PROFILE_PARTS_H

#include <stddef.h>

#include "model/keys.h"
#include "model/profile.h"

#define MODEL_PROFILE_KEY      "stageplan_profile" /* first key of the file: its version */
#define MODEL_PROFILE_LAST_KEY "complete"          /* last: a file cut short lacks it */

/* Words of the file by the values of their enumerators; NULL-ended. */
extern const char *const model_profile_calls[];
extern const char *const model_profile_bounds[];
extern const char *const model_profile_scalings[];
extern const char *const model_profile_modes[];

/* Rows of a table of keys: a number that is 0 where it is not told, a value that a
 * function reads and that must be there. */
#define MODEL_PROFILE_NUMBER(key, type, field, least, most, text)                      \
    {                                                                                  \
        .name = (key), .kind = MODEL_KEY_NUMBER, .offset = offsetof(type, field),      \
        .min = (least), .max = (most), .unless = "0", .help = (text)                   \
    }
#define MODEL_PROFILE_READ(key, function, text)                                        \
    {                                                                                  \
        .name = (key), .kind = MODEL_KEY_READ, .read = (function), .required = true,   \
        .help = (text)                                                                 \
    }

struct model_range {
    double min, max;
    bool infinite; /* ".inf" and, where min is negative, "-.inf" are fine, too */
};

SP_CHECKED enum sp_status
model_profile_number(struct model_reader *r, const struct model_yaml_node *node,
                     const char *what, const struct model_range *range, double *value);

/* A list of exactly n numbers. */
SP_CHECKED enum sp_status model_profile_numbers(struct model_reader *r,
                                                const struct model_yaml_node *node,
                                                const char *what, int32_t n,
                                                const struct model_range *range,
                                                double *values);

/* A symmetric, positive semi-definite matrix of n rows, each `stride` apart. */
SP_CHECKED enum sp_status model_profile_covariance(struct model_reader *r,
                                                   const struct model_yaml_node *node,
                                                   int32_t n, int32_t stride,
                                                   double *values);

/* A map of names and texts. */
SP_CHECKED enum sp_status model_profile_facts(struct model_reader *r,
                                              const struct model_yaml_node *node,
                                              const char *what, int32_t *n,
                                              struct model_fact **facts);

/* One of a NULL-ended list of words, by its place. */
SP_CHECKED enum sp_status model_profile_word(struct model_reader *r,
                                             const struct model_yaml_node *node,
                                             const char *what, const char *const *words,
                                             int32_t *place);

/* A list of at least `least` and at most `most` elements, of the profile's own kind. */
SP_CHECKED enum sp_status model_profile_list(struct model_reader *r,
                                             const struct model_yaml_node *node,
                                             const char *what, int32_t least,
                                             int32_t most);

/* A map that is an element of a list: what it lacks is told at its own place, not at
 * the list's key. */
SP_CHECKED enum sp_status
model_profile_element(struct model_reader *r, const struct model_yaml_node *node,
                      const char *what, const struct model_key *keys, void *record);

/* Members of a kernel, the record. */
enum sp_status model_profile_read_fits(struct model_reader *r,
                                       const struct model_yaml_node *node,
                                       void *record);
enum sp_status model_profile_read_features(struct model_reader *r,
                                           const struct model_yaml_node *node,
                                           void *record);
enum sp_status model_profile_read_scaling(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          void *record);

/* One kernel, on one of the profile's devices. */
SP_CHECKED enum sp_status model_profile_read_kernel(struct model_reader *r,
                                                    const struct model_yaml_node *node,
                                                    const struct model_profile *profile,
                                                    struct model_kernel *kernel);

#endif
