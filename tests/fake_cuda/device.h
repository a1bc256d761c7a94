/* The fake driver's device: memory, streams of deferred operations, and a clock that
 * depends on nothing but what was asked for.
 *
 * An operation runs when somebody waits for it.  Operations of different streams share
 * the device: each slows down by the resource (arithmetic, memory, a direction of the
 * link) of which most is asked for.  The host's clock moves by a fixed time a call.
 */
#ifndef TESTS_FAKE_DEVICE_H
#define TESTS_FAKE_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include <deque>
#include <vector>

#include "tests/fake_cuda/kernel_table.h"

enum fake_kind { FAKE_LAUNCH, FAKE_TO_DEVICE, FAKE_TO_HOST, FAKE_SET, FAKE_EVENT };
enum { FAKE_ARITHMETIC, FAKE_MEMORY, FAKE_LINK_IN, FAKE_LINK_OUT, FAKE_RESOURCES };

struct fake_event {
    int pending; /* records that have not happened */
    bool recorded;
    double ns;
};

struct fake_op {
    enum fake_kind kind;
    double enqueued_ns;
    bool begun;
    double left_ns;              /* alone on the device */
    double need[FAKE_RESOURCES]; /* shares, at most 1 */
    const struct fake_kernel *kernel;
    struct emu_grid grid;
    std::vector<unsigned char> args[FAKE_ARGS_MAX];
    void *to;
    const void *from;
    size_t bytes;
    unsigned char value;
    struct fake_event *event;
};

struct fake_stream {
    std::deque<struct fake_op> ops;
    double ready_ns;
};

/* 700 after a kernel that touched what is not memory, 719 after one that failed:
 * sticks; 0 else. */
int fake_sticky(void);

/* The host's clock, and moving it. */
void fake_host_call(double ns);

/* Memory; NULL where there is no more. */
void *fake_alloc(size_t bytes);
void *fake_pinned_alloc(size_t bytes);
bool fake_release(void *memory, bool pinned); /* false: not allocated so */
/* Whether [p, p + bytes) lies in one allocation of the kind. */
bool fake_owns(const void *p, size_t bytes, bool pinned);

struct fake_stream *fake_stream_new(void);
bool fake_stream_known(const struct fake_stream *s);
void fake_stream_free(struct fake_stream *s);

void fake_enqueue(struct fake_stream *s, struct fake_op op);
/* Runs until the stream is empty; NULL: all are. */
void fake_drain(struct fake_stream *s);
/* Runs one operation of any stream; false where none can. */
bool fake_step(void);

#endif
