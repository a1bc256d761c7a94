/* Files that are compiled in, as they stand in report/. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

extern const char report_page_css[]; /* report/page.css */
extern const char report_page_js[];  /* report/page.js */

#endif
