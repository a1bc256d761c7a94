/* CSV that people and programs read: RFC 4180, UTF-8, LF, dot decimals.
 *
 * A text is cleaned (report/text.h, no line breaks) and kept from being taken for a
 * formula: where its first character that is no blank is one of = + - @ (or their
 * full-width forms), an apostrophe stands before it.  A figure that is not known is an
 * empty field.  Errors stick to the stream and are told when the file is closed.
 */
#ifndef REPORT_CSV_TEXT_H
#define REPORT_CSV_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "model/result.h"

struct report_csv {
    FILE *out;
    int fields; /* of this row so far */
    int rows;
    struct sp_arena *scratch; /* of some rows' texts */
};

void report_csv_init(struct report_csv *csv, FILE *out);
void report_csv_fini(struct report_csv *csv);

/* The next field.  NULL and NaN: empty. */
void report_csv_text(struct report_csv *csv, const char *text);
void report_csv_int(struct report_csv *csv, int64_t value);
void report_csv_real(struct report_csv *csv, double value); /* reads back the same */
void report_csv_usd(struct report_csv *csv, int64_t uusd);  /* "12.345678", exact */
void report_csv_bool(struct report_csv *csv, int value);    /* "true", "false" */
void report_csv_empty(struct report_csv *csv);
void report_csv_end(struct report_csv *csv); /* of the row */

enum { REPORT_CSV_NUMBER = 32 };
/* The shortest digits that read back as `value`, which is finite; into buf, returned.
 */
char *report_csv_number(double value, char buf[static REPORT_CSV_NUMBER]);

/* The files that were read with their fingerprints, "scenario.yaml 0123456789abcdef;
 * ...", and the assumptions' ids with blanks between them, in `arena`. */
const char *report_csv_inputs(struct sp_arena *arena, const struct model_result *r);
const char *report_csv_assumptions(struct sp_arena *arena,
                                   const struct model_result *r);

#endif
