/* How fast a trace is read, against counting its newlines, against fgets + sscanf and,
 * for JSON lines, against a JSON library.
 *
 * CPU time, the best of five passes over a file in page cache; every parser must come
 * to the same checksum over all fields.  Ratios hold on any machine, seconds on none.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/input.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/units.h"
#include "traces/arrivals.h"
#include "traces/reader.h"
#include "traces/row.h"

enum { TEXT_BYTES = 56 * 1000 * 1000, PASSES = 5 };

/* What is in a file. */
enum form { SECONDS, DATES, JSON };

struct sum {
    int64_t rows;
    uint64_t check;
};

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void add(struct sum *sum, int64_t time_ns, uint32_t a, uint32_t b)
{
    sum->rows++;
    sum->check = sum->check * 31 + (uint64_t)time_ns + ((uint64_t)a << 20) + b;
}

/* ---- the two files ---- */

/* As Mooncake's: 16 blocks of 512 tokens on the mean. */
static void write_json(FILE *f, int64_t us, unsigned a, unsigned b)
{
    unsigned blocks = a % 32, tokens = blocks * 512;

    fprintf(f,
            "{\"timestamp\": %" PRId64 ", \"input_length\": %u, "
            "\"output_length\": %u, \"hash_ids\": [",
            us / 1000, tokens, b);
    for (unsigned i = 0; i < blocks; i++)
        fprintf(f, "%s%u", i > 0 ? ", " : "", a * 37 + i);
    fputs("]}\n", f);
}

static void write_row(FILE *f, enum form form, int64_t us, unsigned a, unsigned b)
{
    int64_t s = us / 1000000, day = s / 86400;

    if (form == JSON)
        write_json(f, us, a, b);
    else if (form == DATES)
        fprintf(f, "2024-05-%02d %02d:%02d:%02d.%06d+00:00,%u,%u\n", 10 + (int)day,
                (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60),
                (int)(us % 1000000), a, b);
    else
        fprintf(f, "%" PRId64 ".%06d,%u,%u\n", s, (int)(us % 1000000), a, b);
}

/* Lengths spread over the powers of two, as those of prompts and answers are. */
static unsigned some_size(struct sp_rng *rng, int bits)
{
    return 1 + (unsigned)(sp_rng_next(rng) >> 32) %
                   (1u << (4 + sp_rng_next(rng) % (uint64_t)bits));
}

static void write_trace(const char *path, enum form form)
{
    struct sp_rng rng = sp_rng_from_key(1);
    FILE *f = fopen(path, "wb");
    int64_t us = 0;

    sp_assert(f != NULL);
    fputs(form == DATES     ? "TIMESTAMP,ContextTokens,GeneratedTokens\n"
          : form == SECONDS ? "arrival_s,prompt_tokens,output_tokens\n"
                            : "",
          f);
    while (ftell(f) < TEXT_BYTES) {
        write_row(f, form, us, some_size(&rng, 9), some_size(&rng, 6));
        us += (int64_t)(sp_rng_exponential(&rng) * 20000);
    }
    sp_assert(fclose(f) == 0);
}

/* ---- the ways to read one ---- */

/* What wc -l does: read blocks, find newlines. */
static struct sum count_newlines(const char *path, enum form form)
{
    enum { BLOCK = 256 * 1024 };
    char *block = sp_xcalloc(BLOCK, 1);
    int fd = open(path, O_RDONLY);
    struct sum sum = {0};
    ssize_t n;

    while ((n = read(fd, block, BLOCK)) > 0)
        for (const char *p = block, *end = block + n;
             (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
            sum.rows++;
    sum.rows -= form != JSON; /* the header */
    close(fd);
    free(block);
    return sum;
}

static int64_t naive_time(const char *line, enum form form, unsigned *a, unsigned *b)
{
    int day, hour, minute, second;
    int64_t s;
    int us;

    if (form == SECONDS) {
        sp_assert(sscanf(line, "%" SCNd64 ".%d,%u,%u", &s, &us, a, b) == 4);
        return (s * 1000000 + us) * 1000;
    }
    sp_assert(sscanf(line, "2024-05-%d %d:%d:%d.%d+00:00,%u,%u", &day, &hour, &minute,
                     &second, &us, a, b) == 7);
    s = (((day - 10) * 24 + hour) * 60 + minute) * 60 + second;
    return (s * 1000000 + us) * 1000;
}

static struct sum scan_lines(const char *path, enum form form)
{
    FILE *f = fopen(path, "rb");
    struct sum sum = {0};
    char line[256];
    unsigned a, b;

    sp_assert(f != NULL && fgets(line, sizeof line, f) != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        int64_t time_ns = naive_time(line, form, &a, &b);

        add(&sum, time_ns, a, b);
    }
    fclose(f);
    return sum;
}

static struct sum read_rows(const char *path, enum form form)
{
    struct trace_reader *reader;
    struct trace_row row;
    struct sum sum = {0};
    enum sp_status status;

    (void)form;
    sp_assert(trace_reader_open(path, "auto", &reader, NULL) == SP_OK);
    while (trace_reader_next(reader, &row, &status, NULL))
        add(&sum, row.time_ns, row.size[0], row.size[1]);
    sp_assert(status == SP_OK);
    trace_reader_close(reader);
    return sum;
}

static struct sum pull_arrivals(const char *path, enum form form)
{
    static const char *const names[] = {"prompt_tokens", "output_tokens"};
    struct trace_request request = {.path = path,
                                    .n_sizes = 2,
                                    .size_names = names,
                                    .scale = 1,
                                    .items = -1,
                                    .for_ns = -1};
    struct model_arrivals arrivals;
    struct model_arrival a;
    struct sum sum = {0};
    enum sp_status status;

    (void)form;
    sp_assert(trace_open(&request, &arrivals, NULL) == SP_OK);
    while (arrivals.next(arrivals.self, &a, &status, NULL))
        add(&sum, a.time_ns, a.size[0], a.size[1]);
    sp_assert(status == SP_OK);
    arrivals.close(arrivals.self);
    return sum;
}

/* Line by line through jansson. */
static struct sum read_by_library(const char *path, enum form form)
{
    struct trace_layout layout;
    struct trace_row_state state = {.zone = TRACE_ZONE_NONE};
    struct sp_input *in;
    struct trace_row row = {0};
    struct sum sum = {0};
    const char *p, *end;

    (void)form;
    sp_assert(trace_format_mooncake.columns("", 0, &layout, NULL) == SP_OK);
    sp_assert(sp_input_open(path, &in, NULL) == SP_OK);
    for (;;) {
        sp_assert(sp_input_lines(in, &p, &end, NULL) == SP_OK);
        if (p == end)
            break;
        for (; p != end; add(&sum, row.time_ns, row.size[0], row.size[1])) {
            p = trace_row_read_json_odd(&layout, &state, p, end, &row, NULL);
            sp_assert(p != NULL);
        }
    }
    trace_hashes_fini(&state.hashes);
    sp_input_close(in);
    return sum;
}

enum { ANY = 1u << SECONDS | 1u << DATES | 1u << JSON };

static const struct way {
    const char *name;
    struct sum (*read)(const char *path, enum form form);
    bool parses;
    unsigned forms; /* bit of the form */
} ways[] = {
    {"newlines only (wc -l)", count_newlines, false, ANY},
    {"rows (trace_reader_next)", read_rows, true, ANY},
    {"arrivals (trace_open)", pull_arrivals, true, ANY},
    {"fgets + sscanf", scan_lines, true, 1u << SECONDS | 1u << DATES},
    {"JSON library (jansson)", read_by_library, true, 1u << JSON},
};
enum { N_WAYS = sizeof ways / sizeof ways[0] };

static double best_of(const struct way *way, const char *path, enum form form,
                      struct sum *sum)
{
    double best = 1e9;

    for (int pass = 0; pass < PASSES; pass++) {
        double start = cpu_s(), took;

        *sum = way->read(path, form);
        took = cpu_s() - start;
        best = took < best ? took : best;
    }
    return best;
}

static void compare(const char *title, const char *path, enum form form)
{
    struct sum first = {0};
    double base_s = 0;
    off_t size;
    int fd;

    write_trace(path, form);
    fd = open(path, O_RDONLY);
    size = lseek(fd, 0, SEEK_END);
    close(fd);
    printf("%s, %.0f MB\n%-26s %9s %10s %9s %12s\n", title, (double)size / 1e6, "",
           "MB/s", "M rows/s", "ns/row", "x wc -l time");
    for (int i = 0; i < N_WAYS; i++) {
        struct sum sum;
        double s;

        if ((ways[i].forms & 1u << form) == 0)
            continue;
        s = best_of(&ways[i], path, form, &sum);

        base_s = i == 0 ? s : base_s;
        if (ways[i].parses && first.rows == 0)
            first = sum;
        sp_assert(!ways[i].parses ||
                  (sum.rows == first.rows && sum.check == first.check));
        printf("%-26s %9.0f %10.2f %9.1f %12.2f\n", ways[i].name,
               (double)size / s / 1e6, (double)sum.rows / s / 1e6,
               s / (double)sum.rows * 1e9, s / base_s);
    }
}

int main(void)
{
    const char *folder = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/stageplan-bench-XXXXXX", folder);
    fd = mkstemp(path);
    sp_assert(fd >= 0);
    close(fd);
    compare("trace, seconds with micros", path, SECONDS);
    compare("trace, dates with zone", path, DATES);
    compare("trace, JSON lines with hash ids", path, JSON);
    unlink(path);
    return 0;
}
