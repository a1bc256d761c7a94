/* Learning the merges of byte-pair encoding from a vocabulary. */
#ifndef CALIBRATE_BPE_LEARN_H
#define CALIBRATE_BPE_LEARN_H

#include <stdint.h>

#include "calibrate/input_text.h"

struct cal_bpe_pair {
    int32_t left, right; /* tokens; see calibrate/bpe.h */
};

/* Up to `most` merges by falling frequency (see cal_bpe_new()); returns how many: fewer
 * where every word has become one token. */
int32_t cal_bpe_learn(const struct cal_words *words, int32_t most,
                      struct cal_bpe_pair *merges);

#endif
