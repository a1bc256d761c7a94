/* What the rows of the comparison share.  Internal to report/compare*.c. */
#ifndef REPORT_COMPARE_PARTS_H
#define REPORT_COMPARE_PARTS_H

#include "report/page.h"

enum { REPORT_COMPARE_LABEL = 18 };

struct report_compare {
    struct report_page *page;
    const struct model_result *r;
    int32_t from, to; /* policies of this block */
    int width;        /* columns of each policy, with the blank before */
};

/* Policies of a block, each of which takes at least so many columns, and the columns it
 * then gets: the same for all blocks of a page where they have the room. */
int32_t report_compare_in_block(const struct report_page *page,
                                const struct model_result *r, int32_t least);
int report_compare_width(const struct report_page *page, int32_t in_block);

/* "12.5 +-0.3" where there is a half width and it fits. */
const char *report_compare_stat(const struct report_compare *c, struct model_stat stat,
                                char *(*format)(double v, char *buf));

void report_compare_label(const struct report_compare *c, const char *label);
void report_compare_value(const struct report_compare *c, const char *value,
                          enum report_style style);

/* Whether some policy's figures of this workload are those of serving. */
bool report_compare_is_serving(const struct model_result *r, int32_t workload);

/* The same for jobs. */
bool report_compare_is_jobs(const struct model_result *r, int32_t workload);

/* The rows of a jobs workload; with `named` they are set in below its name. */
void report_compare_jobs(const struct report_compare *c, int32_t workload, bool named);

/* The rows of a serving workload; with `named` they are set in below its name. */
void report_compare_serving(const struct report_compare *c, int32_t workload,
                            bool named);

/* What the rows mean, once below all blocks; nothing where nothing serves. */
void report_compare_serving_words(struct report_page *page,
                                  const struct model_result *r);

#endif
