/* The prepared kernels of a profile: made by iteration_profile_read.c, asked by
 * iteration_profile.c. */
#ifndef MODEL_ITERATION_PROFILE_H
#define MODEL_ITERATION_PROFILE_H

#include "model/iteration_kernels.h"

struct model_folder_moe {
    int32_t n;
    double *tokens;             /* rising */
    struct model_curve *curves; /* ticks by experts met */
};

struct model_folder {
    const char *shown;
    struct model_llm llm;
    struct model_curve tokens; /* ticks of all kernels over tokens, of all layers */
    struct model_curve rows;   /* of the head and the sampler */
    double tokens_most, rows_most;
    struct model_folder_moe moe; /* n 0: none */
    struct model_attention attention;
    const struct model_attention_batch *decodes;
    struct model_skew *skew;
    double fixed_ticks, reduce_token_ticks; /* step and all-reduces */
    double flop_ticks, byte_ticks;          /* at the datasheet's rates; 0: not known */
    enum model_beyond beyond;
};

/* Reads the folder into *p, whose `shown`, `llm` and `beyond` are set. */
SP_CHECKED enum sp_status model_folder_read(const struct model_folder_options *o,
                                            struct sp_arena *arena,
                                            struct model_folder *p, struct sp_err *err);

#endif
