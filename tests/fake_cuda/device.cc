#include "tests/fake_cuda/device.h"

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <map>

#include "tests/fake_cuda/behaviour.h"

/* What the device can do: round figures, not those of any product. */
static const double flop_per_ns = 20e3, half_flop_per_ns = 160e3, bytes_per_ns = 2e3;
static const double link_bytes_per_ns = 25, pageable_bytes_per_ns = 10;
static const double launch_ns = 2500, copy_ns = 1500, event_ns = 100;
static const double clock_ghz = 1.5, units = 32, gate_look_ns = 10;

static std::map<uintptr_t, size_t> device_memory, pinned_memory;
static std::vector<struct fake_stream *> streams; /* oldest first */
static size_t used_bytes;
static double host_ns, device_ns, busy_ns;
static unsigned op_count;
static int sticky;

int fake_sticky(void)
{
    return sticky;
}

void fake_host_call(double ns)
{
    host_ns += ns;
}

/* ---- memory ---- */

void *fake_alloc(size_t bytes)
{
    void *memory;

    if (fake_word("oom") != NULL ||
        (double)(used_bytes + bytes) > fake_number("memory", 256 << 20))
        return NULL;
    memory = malloc(bytes);
    if (memory == NULL)
        return NULL;
    if (bytes <= 1 << 20)
        memset(memory, 0xff, bytes); /* NaN: what is read unwritten shows */
    device_memory[(uintptr_t)memory] = bytes;
    used_bytes += bytes;
    return memory;
}

void *fake_pinned_alloc(size_t bytes)
{
    void *memory = malloc(bytes);

    if (memory != NULL)
        pinned_memory[(uintptr_t)memory] = bytes;
    return memory;
}

bool fake_release(void *memory, bool pinned)
{
    std::map<uintptr_t, size_t> &all = pinned ? pinned_memory : device_memory;
    std::map<uintptr_t, size_t>::iterator found = all.find((uintptr_t)memory);

    if (found == all.end())
        return false;
    fake_drain(NULL);
    if (!pinned)
        used_bytes -= found->second;
    all.erase(found);
    free(memory);
    return true;
}

bool fake_owns(const void *p, size_t bytes, bool pinned)
{
    const std::map<uintptr_t, size_t> &all = pinned ? pinned_memory : device_memory;
    std::map<uintptr_t, size_t>::const_iterator next = all.upper_bound((uintptr_t)p);
    size_t before;

    if (next == all.begin())
        return false;
    --next;
    before = (uintptr_t)p - next->first;
    return before <= next->second && bytes <= next->second - before;
}

/* ---- what operations cost ---- */

static bool is_slow(void)
{
    return fake_word("slow-clock") != NULL &&
           busy_ns >= fake_number("slow-clock", 0) * 1e6;
}

/* -1..1, from the number of the operation. */
static double noise(void)
{
    uint64_t z = ++op_count * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)(z >> 11) * 0x1p-52 - 1;
}

static void arg_pointers(const struct fake_op *op, void **args)
{
    for (int i = 0; i < op->kernel->n_args; i++)
        args[i] = const_cast<unsigned char *>(op->args[i].data());
}

static struct fake_work work_of(const struct fake_op *op)
{
    void *args[FAKE_ARGS_MAX];

    arg_pointers(op, args);
    return op->kernel->work(args);
}

static void cost_launch(struct fake_op *op)
{
    struct fake_work w = work_of(op);
    double speed = is_slow() ? 0.7 : 1;
    double blocks =
        (double)op->grid.blocks[0] * op->grid.blocks[1] * op->grid.blocks[2];
    double part = std::min(1.0, blocks / units);
    double compute =
        (w.flop / flop_per_ns + w.half_flop / half_flop_per_ns) / part / speed;
    double memory = w.bytes / bytes_per_ns / std::min(1.0, 2 * part);
    double all = std::max(compute, memory) + w.cycles / clock_ghz / speed;

    op->left_ns = launch_ns + all;
    op->need[FAKE_ARITHMETIC] = part * (compute + w.cycles / clock_ghz) / op->left_ns;
    op->need[FAKE_MEMORY] = memory * std::min(1.0, 2 * part) / op->left_ns;
}

static void cost_copy(struct fake_op *op)
{
    const void *host = op->kind == FAKE_TO_DEVICE ? op->from : op->to;
    bool pinned = fake_owns(host, op->bytes, true);
    double rate = pinned ? link_bytes_per_ns : pageable_bytes_per_ns;
    double moving = (double)op->bytes / rate;

    op->left_ns = copy_ns * (pinned ? 1 : 4) + moving;
    op->need[op->kind == FAKE_TO_DEVICE ? FAKE_LINK_IN : FAKE_LINK_OUT] =
        moving / op->left_ns;
}

/* Also says how much of each resource it asks for. */
static void cost(struct fake_op *op)
{
    op->begun = true;
    std::fill(op->need, op->need + FAKE_RESOURCES, 0.0);
    if (op->kind == FAKE_LAUNCH)
        cost_launch(op);
    else if (op->kind == FAKE_EVENT)
        op->left_ns = event_ns;
    else if (op->kind == FAKE_SET)
        op->left_ns = launch_ns + (double)op->bytes / bytes_per_ns;
    else
        cost_copy(op);
    if (op->kind != FAKE_EVENT)
        op->left_ns *= 1 + fake_number("noise", 0.004) * noise();
}

/* ---- running one ---- */

static bool too_much(double operations)
{
    return operations > fake_number("compute", HUGE_VAL);
}

static bool is_gate(const struct fake_op *op)
{
    return op->kind == FAKE_LAUNCH && strcmp(op->kernel->name, "gate") == 0;
}

static bool is_shut(const struct fake_op *op)
{
    const int *flag;

    if (!is_gate(op))
        return false;
    memcpy(&flag, op->args[0].data(), sizeof flag);
    return (fake_owns(flag, sizeof *flag, true) ||
            fake_owns(flag, sizeof *flag, false)) &&
           *flag == 0;
}

static bool args_are_memory(const struct fake_op *op)
{
    const void *p;

    for (int i = 0; i < op->kernel->n_args; i++)
        if (op->kernel->pointers[i]) {
            memcpy(&p, op->args[i].data(), sizeof p);
            if (!fake_owns(p, 1, false) && !fake_owns(p, 1, true))
                return false;
        }
    return true;
}

static void choose_options(const struct fake_op *op, double duration_ns)
{
    const char *order = fake_word("order");
    double ghz = clock_ghz * (is_slow() ? 0.7 : 1);
    double ns = strcmp(op->kernel->name, "clock_probe") == 0 ? duration_ns : 0;

    emu_options.order = EMU_FORWARD;
    if (order != NULL && strcmp(order, "backward") == 0)
        emu_options.order = EMU_BACKWARD;
    if (order != NULL && strcmp(order, "shuffled") == 0)
        emu_options.order = EMU_SHUFFLED;
    emu_options.mutant = (int)fake_number("mutant", 0);
    emu_options.ns[0] = (int64_t)device_ns;
    emu_options.ns[1] = emu_options.ns[0] + (int64_t)ns;
    emu_options.cycles[0] = (int64_t)(device_ns * ghz);
    emu_options.cycles[1] = emu_options.cycles[0] + (int64_t)(ns * ghz);
}

static void run_launch(const struct fake_op *op)
{
    struct fake_work w = work_of(op);
    void *args[FAKE_ARGS_MAX];

    if (!args_are_memory(op)) {
        sticky = 700;
        return;
    }
    if (too_much(w.flop + w.half_flop + w.bytes + w.cycles))
        return;
    choose_options(op, w.cycles / clock_ghz / (is_slow() ? 0.7 : 1));
    arg_pointers(op, args);
    if (!emu_run(op->kernel->call, args, op->kernel->has_barriers, &op->grid)) {
        fprintf(stderr, "fake driver: %s: %s\n", op->kernel->name, emu_error());
        sticky = 719;
    }
}

static void run(const struct fake_op *op)
{
    switch (op->kind) {
    case FAKE_LAUNCH:
        run_launch(op);
        break;
    case FAKE_TO_DEVICE:
    case FAKE_TO_HOST:
        if (!too_much((double)op->bytes))
            memcpy(op->to, op->from, op->bytes);
        if (op->kind == FAKE_TO_HOST && fake_word("garbage-data") != NULL)
            memset(op->to, 0xa5, op->bytes);
        break;
    case FAKE_SET:
        memset(op->to, op->value, op->bytes);
        break;
    case FAKE_EVENT:
        op->event->pending--;
        op->event->recorded = true;
        op->event->ns = device_ns;
        break;
    }
}

/* ---- streams ---- */

struct fake_stream *fake_stream_new(void)
{
    struct fake_stream *s = new fake_stream();

    streams.push_back(s);
    return s;
}

bool fake_stream_known(const struct fake_stream *s)
{
    return std::find(streams.begin(), streams.end(), s) != streams.end();
}

void fake_stream_free(struct fake_stream *s)
{
    fake_drain(s);
    streams.erase(std::find(streams.begin(), streams.end(), s));
    delete s;
}

void fake_enqueue(struct fake_stream *s, struct fake_op op)
{
    op.enqueued_ns = host_ns;
    op.begun = false;
    if (op.kind == FAKE_EVENT)
        op.event->pending++;
    s->ops.push_back(op);
}

static double start_ns(const struct fake_stream *s)
{
    return std::max(s->ready_ns, s->ops.front().enqueued_ns);
}

/* How much slower than alone an operation is, with those that now run beside it. */
static double slow_down(const struct fake_op *op, const double *asked)
{
    double worst = 1;

    for (int r = 0; r < FAKE_RESOURCES; r++)
        if (op->need[r] > 0)
            worst = std::max(worst, asked[r]);
    return worst;
}

/* What is under way at device_ns: those that have begun, or begin now. */
static std::vector<struct fake_stream *> under_way(double *asked, double *next_ns)
{
    std::vector<struct fake_stream *> now;

    for (struct fake_stream *s : streams) {
        if (s->ops.empty() || is_shut(&s->ops.front()))
            continue;
        if (is_gate(&s->ops.front()) && !s->ops.front().begun)
            s->ready_ns = std::max(s->ready_ns, host_ns); /* seen open only now */
        if (start_ns(s) > device_ns) {
            *next_ns = std::min(*next_ns, start_ns(s));
            continue;
        }
        if (!s->ops.front().begun)
            cost(&s->ops.front());
        for (int r = 0; r < FAKE_RESOURCES; r++)
            asked[r] += s->ops.front().need[r];
        now.push_back(s);
    }
    return now;
}

static void complete(struct fake_stream *s)
{
    struct fake_op op = s->ops.front();

    s->ops.pop_front();
    s->ready_ns = device_ns;
    run(&op);
}

/* Time on to the next beginning or end; true where an operation ended. */
static bool advance(bool *stuck)
{
    double asked[FAKE_RESOURCES] = {0}, next_ns = HUGE_VAL, span;
    std::vector<struct fake_stream *> now = under_way(asked, &next_ns);
    struct fake_stream *first = NULL;

    for (struct fake_stream *s : now) {
        double end =
            device_ns + s->ops.front().left_ns * slow_down(&s->ops.front(), asked);

        if (end <= next_ns) {
            next_ns = end;
            first = s;
        }
    }
    *stuck = next_ns == HUGE_VAL;
    if (*stuck)
        return false;
    span = next_ns - device_ns;
    for (struct fake_stream *s : now)
        s->ops.front().left_ns = std::max(
            0.0, s->ops.front().left_ns - span / slow_down(&s->ops.front(), asked));
    device_ns = next_ns;
    busy_ns += now.empty() ? 0 : span;
    if (first != NULL)
        complete(first);
    return first != NULL;
}

/* A gate that nobody opens gives up after its looks. */
static bool give_up_a_gate(void)
{
    for (struct fake_stream *s : streams)
        if (!s->ops.empty() && is_shut(&s->ops.front())) {
            int64_t looks;

            memcpy(&looks, s->ops.front().args[1].data(), sizeof looks);
            device_ns = std::max(device_ns, start_ns(s)) + (double)looks * gate_look_ns;
            s->ops.front().args[1].assign(sizeof looks,
                                          0); /* without looking so often */
            complete(s);
            return true;
        }
    return false;
}

bool fake_step(void)
{
    bool stuck = false;

    while (!stuck)
        if (advance(&stuck)) {
            host_ns = std::max(host_ns, device_ns);
            return true;
        }
    return false;
}

void fake_drain(struct fake_stream *s)
{
    for (;;) {
        bool done = true;

        for (struct fake_stream *other : streams)
            done = done && (other->ops.empty() || (s != NULL && other != s));
        if (done)
            break;
        if (!fake_step() && !give_up_a_gate())
            break;
    }
    host_ns = std::max(host_ns, device_ns);
}
