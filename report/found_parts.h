/* What the files that print a search share.  Internal to report/found*.c. */
#ifndef REPORT_FOUND_PARTS_H
#define REPORT_FOUND_PARTS_H

#include "model/found.h"
#include "report/page.h"

#define REPORT_FOUND_ONE_RUN " (one run each: no error bar)"

/* What was searched, with which seeds: so many replications a `each`. */
void report_found_head(struct report_page *page, const struct model_found *f,
                       const char *each);

/* That it was interrupted, where it was. */
void report_found_partial(struct report_page *page, const struct model_found *f);

/* A search for the fewest nodes, whole. */
void report_found_nodes(struct report_page *page, const struct model_found *f);

#endif
