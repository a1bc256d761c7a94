/* The result made by hand (tests/result_fixture.h) with what exports need besides: a
 * bill in cells, nodes bought in every way, a timeline, distributions, inputs. */
#ifndef TESTS_EXPORTS_FIXTURE_H
#define TESTS_EXPORTS_FIXTURE_H

#include "report/context.h"
#include "tests/result_fixture.h"

struct fixture_exports {
    struct fixture_options options;
    uint64_t seed; /* of what is drawn: money of cells, slices */
    double run_s;  /* how long it took; 0: 200 s */
};

/* 2026-11-22T10:00:00Z */
#define FIXTURE_CREATED_S INT64_C(1795341600)

/* A report of it. */
struct report_context *fixture_exports_new(struct sp_arena *arena,
                                           const struct fixture_exports *fixture);

#endif
