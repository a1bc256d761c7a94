/* exports_check focus|metrics|timeline FILE: whether the file keeps its format's rules;
 * of FOCUS rows the sums by account, too.  For the tests that drive the program. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/csv.h"
#include "tests/focus_check.h"
#include "tests/openmetrics_check.h"
#include "tests/trace_json_check.h"

static const char *check(struct sp_arena *arena, const char *kind, const char *text)
{
    struct focus_sums sums;
    struct trace_json_counts c;
    const char *broken;

    if (strcmp(kind, "metrics") == 0)
        return openmetrics_check(arena, text);
    if (strcmp(kind, "timeline") == 0) {
        broken = trace_json_check(arena, text, &c);
        printf("slices %" PRId64 " flows %" PRId64 " counters %" PRId64
               " processes %" PRId64 "\n",
               c.slices, c.flows, c.counters, c.processes);
        return broken;
    }
    broken = focus_check(arena, text, &sums);
    for (int i = 0; broken == NULL && i < sums.n; i++)
        printf("%s %" PRId64 ".%06" PRId64 "\n", sums.of[i].name,
               sums.of[i].uusd / 1000000, sums.of[i].uusd % 1000000);
    return broken;
}

int main(int argc, char **argv)
{
    struct sp_arena *arena = sp_arena_new();
    struct sp_err err = {0};
    const char *broken = NULL;
    char *text;

    if (argc != 3)
        return 2;
    if (model_text_load(argv[2], 1024, arena, &text, &err) != SP_OK)
        broken = err.text;
    else
        broken = check(arena, argv[1], text);
    if (broken != NULL)
        printf("%s: %s\n", argv[2], broken);
    sp_arena_free(arena);
    return broken != NULL;
}
