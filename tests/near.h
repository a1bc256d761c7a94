/* A double near another; to be included after cmocka's headers. */
#ifndef TESTS_NEAR_H
#define TESTS_NEAR_H

#include <math.h>

#define assert_near(found, expected, by)                                               \
    assert_near_at(found, expected, by, __FILE__, __LINE__)

static inline void assert_near_at(double found, double expected, double by,
                                  const char *file, int line)
{
    if (!(fabs(found - expected) <= by)) {
        print_error("found %.17g, expected %.17g +- %g\n", found, expected, by);
        _fail(file, line);
    }
}

#endif
