/* Coroutines, barriers and memory of the emulated grid. */
#include "tests/fake_cuda/emulate.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined __SANITIZE_ADDRESS__
#define EMU_ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define EMU_ASAN 1
#endif
#endif
#ifdef EMU_ASAN
#include <sanitizer/common_interface_defs.h>
extern "C" const bool emu_has_asan = true;
#else
extern "C" const bool emu_has_asan = false;
#endif

enum { THREADS_MAX = 1024, STACK_BYTES = 128 << 10, SHARED_MAX = 16 };
enum { ENDED = -1, RUNNING = 0 }; /* else the line of the barrier waited at */

/* A thread of the block: its stack outlives blocks, and after the first turn only
 * _longjmp is used, which makes no system call. */
struct coroutine {
    void *stack;
    ucontext_t context;
    jmp_buf here;
    bool entered;
    int state;
};

struct shared_array {
    int line;
    void *memory;
};

struct emu_place emu_at;
struct emu_options emu_options;
unsigned char emu_barrier_lines[EMU_LINES_MAX], emu_inside_lines[EMU_LINES_MAX];

static struct coroutine coroutines[THREADS_MAX];
static struct shared_array shared[SHARED_MAX];
static int n_shared, current;
static bool in_block; /* of coroutines */
static jmp_buf scheduler;
static ucontext_t scheduler_context;
static void (*kernel)(void *const *);
static void *const *kernel_args;
static int clock_asked[2];
static char error_text[200];

/* ---- switching ---- */

static void switching_to(void **keep, const void *stack, size_t bytes)
{
#ifdef EMU_ASAN
    __sanitizer_start_switch_fiber(keep, stack, bytes);
#else
    (void)keep, (void)stack, (void)bytes;
#endif
}

static const void *scheduler_stack;
static size_t scheduler_bytes;

static void switched(void *kept, bool from_scheduler)
{
#ifdef EMU_ASAN
    const void *stack;
    size_t bytes;

    __sanitizer_finish_switch_fiber(kept, &stack, &bytes);
    if (from_scheduler) {
        scheduler_stack = stack;
        scheduler_bytes = bytes;
    }
#else
    (void)kept, (void)from_scheduler;
#endif
}

/* Back to the scheduler until the next turn. */
static void yield_turn(int state)
{
    struct coroutine *me = &coroutines[current];
    void *fake = NULL;

    me->state = state;
    if (_setjmp(me->here) == 0) {
        switching_to(&fake, scheduler_stack, scheduler_bytes);
        _longjmp(scheduler, 1);
    }
    switched(fake, true);
}

static void thread_main(void)
{
    switched(NULL, true);
    for (;;) {
        kernel(kernel_args);
        yield_turn(ENDED);
    }
}

static void make_ready(struct coroutine *c)
{
    if (c->stack == NULL) {
        c->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (c->stack == MAP_FAILED)
            abort();
    }
    getcontext(&c->context);
    c->context.uc_stack.ss_sp = c->stack;
    c->context.uc_stack.ss_size = STACK_BYTES;
    c->context.uc_link = NULL;
    makecontext(&c->context, thread_main, 0);
    c->entered = false;
}

static void take_turn(int t)
{
    struct coroutine *c = &coroutines[t];
    void *fake = NULL;

    current = t;
    c->state = RUNNING;
    if (_setjmp(scheduler) == 0) {
        switching_to(&fake, c->stack, STACK_BYTES);
        if (c->entered)
            _longjmp(c->here, 1);
        c->entered = true;
        swapcontext(&scheduler_context, &c->context);
    }
    switched(fake, false);
}

/* ---- a block ---- */

static void place_thread(int t)
{
    emu_at.thread[0] = t % emu_at.threads[0];
    emu_at.thread[1] = t / emu_at.threads[0] % emu_at.threads[1];
    emu_at.thread[2] = t / emu_at.threads[0] / emu_at.threads[1];
}

static int nth_turn(int i, int threads, unsigned round)
{
    switch (emu_options.order) {
    case EMU_BACKWARD:
        return threads - 1 - i;
    case EMU_SHUFFLED: /* an odd step meets every one of 2^10 places */
        return (int)(((unsigned)i * 421u + round * 157u) % 1024u);
    default:
        return i;
    }
}

/* Every thread up to its next barrier or end.  True where all did the same. */
static bool round_of_turns(int threads, unsigned round)
{
    int turns = emu_options.order == EMU_SHUFFLED ? THREADS_MAX : threads;

    for (int i = 0; i < turns; i++) {
        int t = nth_turn(i, threads, round);

        if (t >= threads)
            continue;
        place_thread(t);
        take_turn(t);
    }
    for (int t = 1; t < threads; t++)
        if (coroutines[t].state != coroutines[0].state) {
            snprintf(error_text, sizeof error_text,
                     "barriers part: thread 0 is at %d, thread %d at %d (lines; -1 is "
                     "the end)",
                     coroutines[0].state, t, coroutines[t].state);
            return false;
        }
    return true;
}

static bool run_block(int threads)
{
    unsigned round = 0;
    bool good;

    for (int t = 0; t < threads; t++)
        if (coroutines[t].stack == NULL || coroutines[t].state != ENDED)
            make_ready(&coroutines[t]);
    do
        good = round_of_turns(threads, round++);
    while (good && coroutines[0].state != ENDED);
    return good;
}

static void free_shared(void)
{
    for (int i = 0; i < n_shared; i++)
        free(shared[i].memory);
    n_shared = 0;
}

static bool run_plain(int threads)
{
    for (int i = 0; i < threads; i++) {
        place_thread(emu_options.order == EMU_BACKWARD ? threads - 1 - i : i);
        kernel(kernel_args);
    }
    return error_text[0] == '\0';
}

bool emu_run(void (*call)(void *const *), void *const *args, bool has_barriers,
             const struct emu_grid *grid)
{
    int threads = (int)(grid->threads[0] * grid->threads[1] * grid->threads[2]);
    bool good = true;

    kernel = call;
    kernel_args = args;
    error_text[0] = '\0';
    clock_asked[0] = clock_asked[1] = 0;
    for (int i = 0; i < 3; i++) {
        emu_at.threads[i] = (int)grid->threads[i];
        emu_at.blocks[i] = (int)grid->blocks[i];
    }
    for (unsigned z = 0; good && z < grid->blocks[2]; z++)
        for (unsigned y = 0; good && y < grid->blocks[1]; y++)
            for (unsigned x = 0; good && x < grid->blocks[0]; x++) {
                emu_at.block[0] = (int)x;
                emu_at.block[1] = (int)y;
                emu_at.block[2] = (int)z;
                in_block = has_barriers;
                good = has_barriers ? run_block(threads) : run_plain(threads);
                in_block = false;
                free_shared();
            }
    return good;
}

const char *emu_error(void)
{
    return error_text;
}

/* ---- what kernels call ---- */

void emu_barrier(int line)
{
    emu_barrier_lines[line] = 1;
    if (emu_options.mutant == line)
        return;
    if (!in_block) {
        snprintf(error_text, sizeof error_text,
                 "line %d: a barrier in a kernel said to have none", line);
        return;
    }
    yield_turn(line);
}

void *emu_shared(int line, size_t bytes)
{
    for (int i = 0; i < n_shared; i++)
        if (shared[i].line == line)
            return shared[i].memory;
    if (n_shared == SHARED_MAX)
        abort();
    shared[n_shared].line = line;
    shared[n_shared].memory = malloc(bytes);
    if (shared[n_shared].memory == NULL)
        abort();
    memset(shared[n_shared].memory, 0xff, bytes);
    return shared[n_shared++].memory;
}

int64_t emu_cycles(void)
{
    return emu_options.cycles[clock_asked[0]++ > 0];
}

int64_t emu_ns(void)
{
    return emu_options.ns[clock_asked[1]++ > 0];
}
