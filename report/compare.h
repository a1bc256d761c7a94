/* The block that puts the policies side by side: a row for each figure, a column for
 * each policy, as many blocks as the width asks for. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/page.h"

void report_compare_print(struct report_page *page, const struct model_result *result);

#endif
