/* Samples between two canaries. */
#include "calibrate/block.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/median.h"
#include "base/units.h"

#define BLOCK_NS  INT64_C(12000000)
#define MOST_NS   INT64_C(96000000) /* while too few samples are clean */
#define SAMPLE_NS INT64_C(100000)
#define LONG_NS   INT64_C(1000000)   /* of which reading the counters is 0.3 % */
#define JUMP_NS   (30 * SP_NS_PER_S) /* no call of ours takes so long */

enum {
    SAMPLES_LEAST = 5, /* the dropped one among them, however long they take */
    TRIALS = 4,
    CALLS_MOST = 1000000
};

void cal_samples_fini(struct cal_samples *samples)
{
    free(samples->rows);
    *samples = (struct cal_samples){0};
}

void cal_samples_keep(struct cal_samples *samples, struct cal_sample sample)
{
    if (samples->n == samples->room) {
        samples->room = samples->room == 0 ? 64 : 2 * samples->room;
        samples->rows =
            sp_xrealloc(samples->rows, (size_t)samples->room * sizeof *samples->rows);
    }
    samples->rows[samples->n++] = sample;
}

static void run_calls(struct cal_load *load, int32_t item)
{
    for (int64_t i = 0; i < load->calls; i++)
        load->kernel->run(load->state, item + i * load->stride);
}

/* ---- how many calls make a sample ---- */

/* The shortest of some trials of one call of the first input, or -1. */
static int64_t trial_ns(const struct cal_world *w, const struct cal_load *load)
{
    int64_t best_ns = -1;

    for (int i = 0; i < TRIALS; i++) {
        int64_t from_ns = w->now_ns(w->self), took_ns;

        for (int64_t k = 0; k < load->calls; k++)
            load->kernel->run(load->state, k * load->stride);
        took_ns = w->now_ns(w->self) - from_ns;
        if (took_ns > 0 && (best_ns < 0 || took_ns < best_ns))
            best_ns = took_ns;
    }
    return best_ns;
}

bool cal_load_init(const struct cal_world *w, const struct cal_kernel *kernel,
                   struct cal_state *state, struct cal_load *load)
{
    int32_t items = kernel->items != NULL ? kernel->items(state) : 1;
    int64_t took_ns;

    *load = (struct cal_load){.kernel = kernel,
                              .state = state,
                              .items = items > 0 ? items : 1,
                              .stride = items > 0 ? items : 1,
                              .calls = 1};
    for (;;) {
        took_ns = trial_ns(w, load);
        if (took_ns >= SAMPLE_NS / 2 || load->calls >= CALLS_MOST)
            break;
        /* nearer in steps: the first readings are of the clock's own cost */
        load->calls *= took_ns > 0 && SAMPLE_NS / took_ns < 8 ? 2 : 8;
    }
    if (took_ns <= 0)
        return false;
    if (took_ns < SAMPLE_NS)
        load->calls += load->calls * (SAMPLE_NS - took_ns) / took_ns;
    if (load->calls > CALLS_MOST)
        load->calls = CALLS_MOST;
    load->is_long = kernel->threads <= 1 && load->calls == 1 && took_ns > LONG_NS;
    return true;
}

/* ---- a sample ---- */

struct taken {
    double call_s; /* of a call, by the wall clock */
    double cpu_s;  /* of a call, by the thread's; NaN where it is not known */
    bool clean, clock_bad;
};

static bool undisturbed(const struct cal_load *load, const struct cal_mark *from,
                        const struct cal_mark *to)
{
    /* threads that hand work to each other wait by their nature */
    bool waited = load->kernel->threads <= 1 && to->wait_ns != from->wait_ns;

    return !waited && to->switches == from->switches;
}

static struct taken take(const struct cal_world *w, struct cal_load *load, int32_t item)
{
    struct cal_mark from = w->mark(w->self), to;
    int64_t start_ns = w->now_ns(w->self), wall_ns;
    double calls = (double)load->calls;
    struct taken t = {.cpu_s = (double)NAN};

    run_calls(load, item);
    wall_ns = w->now_ns(w->self) - start_ns;
    to = w->mark(w->self);
    t.clock_bad = wall_ns <= 0 || wall_ns > JUMP_NS;
    t.call_s = sp_s_from_ns(wall_ns) / calls;
    t.clean = !t.clock_bad && undisturbed(load, &from, &to);
    if (to.cpu_ns > from.cpu_ns)
        t.cpu_s = sp_s_from_ns(to.cpu_ns - from.cpu_ns) / calls;
    return t;
}

/* ---- a block ---- */

static void use(struct cal_block *b, double call_s, double calls)
{
    b->clean++;
    b->clean_s += call_s * calls;
    if (call_s < b->best_s)
        b->best_s = call_s;
}

/* What a block has taken: clean samples go to the caller's, the others' CPU times wait
 * in case there are too few. */
struct catch
{
    struct cal_samples *clean, others;
    int32_t number;
    bool warm; /* the sample before was clean, so caches are ours */
};

static void sort_in(struct catch *c, const struct cal_load *load, struct cal_block *b,
                    int32_t item, const struct taken *t)
{
    struct cal_sample sample = {.item = item, .block = c->number};

    b->taken++;
    b->sum_s += t->call_s;
    if (t->clean && c->warm) {
        sample.s = t->call_s;
        cal_samples_keep(c->clean, sample);
        use(b, sample.s, (double)load->calls);
    } else if (load->is_long && t->cpu_s > 0) {
        sample.s = t->clean ? t->call_s : t->cpu_s;
        cal_samples_keep(&c->others, sample);
    }
    c->warm = t->clean;
}

/* 12 ms, and longer while too few samples are clean: on a busy machine that may be one
 * turn on the CPU. */
static bool time_is_over(int64_t ran_ns, const struct cal_block *b)
{
    return ran_ns >= (b->clean < CAL_CLEAN_LEAST ? MOST_NS : BLOCK_NS);
}

/* Samples until the time is over; false where the clock went wrong. */
static bool take_samples(const struct cal_world *w, struct cal_load *load,
                         struct catch *c, struct cal_block *b)
{
    int64_t began_ns = w->now_ns(w->self);

    for (int i = 0;
         i < SAMPLES_LEAST || !time_is_over(w->now_ns(w->self) - began_ns, b); i++) {
        int32_t item = load->next_item;
        struct taken t = take(w, load, item);

        load->next_item = (item + 1) % load->items;
        if (t.clock_bad)
            return false;
        if (i > 0)
            sort_in(c, load, b, item, &t);
        else
            c->warm = t.clean;
    }
    return true;
}

/* Too few calls stayed undisturbed: those that did not are taken by their CPU time. */
static void fall_back(struct catch *c, const struct cal_load *load, struct cal_block *b)
{
    for (int32_t i = 0; i < c->others.n && b->clean + c->others.n >= CAL_CLEAN_LEAST;
         i++) {
        cal_samples_keep(c->clean, c->others.rows[i]);
        b->by_cpu++;
        use(b, c->others.rows[i].s, (double)load->calls);
    }
}

static enum cal_block_end end_of(const struct cal_block *b,
                                 const struct cal_reference *reference)
{
    if (!cal_reference_good(reference, b->before) ||
        !cal_reference_good(reference, b->after))
        return CAL_BLOCK_BY_CANARY;
    return b->clean >= CAL_CLEAN_LEAST ? CAL_BLOCK_COUNTS : CAL_BLOCK_BY_SCHEDULER;
}

struct cal_block cal_block_run(const struct cal_world *w,
                               const struct cal_reference *reference,
                               struct cal_load *load, int32_t number,
                               struct cal_samples *samples)
{
    struct cal_block b = {.best_s = (double)INFINITY};
    struct catch c = {.clean = samples, .number = number};
    int32_t kept = samples->n;
    int64_t began_ns = w->now_ns(w->self);
    bool clock_good;

    b.before = w->canary(w->self);
    clock_good = take_samples(w, load, &c, &b);
    b.after = w->canary(w->self);
    if (b.clean < CAL_CLEAN_LEAST)
        fall_back(&c, load, &b);
    b.end = clock_good ? end_of(&b, reference) : CAL_BLOCK_BY_CLOCK;
    /* a clock that leapt does not know how long it took */
    b.span_s = sp_s_from_ns(clock_good ? w->now_ns(w->self) - began_ns : BLOCK_NS);
    if (b.end != CAL_BLOCK_COUNTS)
        samples->n = kept;
    cal_samples_fini(&c.others);
    return b;
}

void cal_together_run(const struct cal_world *w, struct cal_together *job, int32_t i)
{
    struct cal_samples samples = {0};
    double *values;

    job->blocks[i] = cal_block_run(w, job->reference, &job->loads[i], 0, &samples);
    job->median_s[i] = (double)NAN;
    if (samples.n > 0) {
        values = sp_xcalloc((size_t)samples.n, sizeof *values);
        for (int32_t k = 0; k < samples.n; k++)
            values[k] = samples.rows[k].s;
        job->median_s[i] = sp_median(values, samples.n);
        free(values);
    }
    cal_samples_fini(&samples);
}
