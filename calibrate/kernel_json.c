/* Parsing of JSON by jansson: a document of records, as metadata and requests come. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "calibrate/input_text.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

enum { N_WORDS = 2048, RECORD_MAX = 512 };

/* What a document holds, added up: known when it is written, and counted again in what
 * was parsed. */
struct tally {
    int64_t records, integers_sum, quarters_sum, letters, trues;
};

struct cal_state {
    int32_t n; /* texts */
    size_t size;
    char *text[CAL_TEXTS_MAX];
    struct tally wrote[CAL_TEXTS_MAX];
    json_t *parsed; /* of the last call */
    json_error_t error;
};

/* ---- documents ---- */

struct writer {
    const struct cal_words *words;
    struct sp_rng rng;
    struct tally tally;
};

/* A record and what it adds to the tally.  Fractions are quarters: exact. */
static int write_record(struct writer *w, char *out, struct tally *t)
{
    static const char *const quarter[] = {"0", "25", "5", "75"};
    int64_t id = (int64_t)cal_draw_below(&w->rng, 1000000);
    int64_t width = (int64_t)cal_draw_below(&w->rng, 4096);
    int64_t quarters = (int64_t)cal_draw_below(&w->rng, 4000);
    bool labelled = cal_draw_below(&w->rng, 2) != 0;
    const char *word[5];

    *t = (struct tally){.records = 1,
                        .integers_sum = id + width,
                        .quarters_sum = quarters,
                        .trues = labelled};
    for (int i = 0; i < 5; i++) {
        word[i] = cal_words_draw(w->words, &w->rng);
        t->letters += (int64_t)strlen(word[i]);
    }
    return snprintf(out, RECORD_MAX,
                    "{\"id\": %lld, \"name\": \"%s %s\", \"width\": %lld, "
                    "\"score\": %lld.%s, \"labelled\": %s, \"tags\": [\"%s\", \"%s\"], "
                    "\"from\": {\"shard\": \"%s\", \"parent\": null}}",
                    (long long)id, word[0], word[1], (long long)width,
                    (long long)(quarters / 4), quarter[quarters % 4],
                    labelled ? "true" : "false", word[2], word[3], word[4]);
}

static void tally_add(struct tally *sum, const struct tally *t)
{
    sum->records += t->records;
    sum->integers_sum += t->integers_sum;
    sum->quarters_sum += t->quarters_sum;
    sum->letters += t->letters;
    sum->trues += t->trues;
}

/* `size` bytes exactly: an array of records, and blanks where no other would fit. */
static void write_document(struct writer *w, char *text, size_t size)
{
    size_t at = 0;

    text[at++] = '[';
    for (;;) {
        char record[RECORD_MAX];
        struct tally t;
        size_t n = (size_t)write_record(w, record, &t);

        if (at + 2 + n + 1 > size)
            break;
        at += (size_t)sprintf(text + at, "%s%s", at > 1 ? ",\n" : "", record);
        tally_add(&w->tally, &t);
    }
    memset(text + at, ' ', size - at);
    text[size - 1] = ']';
}

/* ---- the kernel ---- */

static enum sp_status json_open(const struct cal_kernel *kernel, double x,
                                uint64_t seed, struct cal_state **state,
                                struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);
    struct cal_words *words = cal_words_new(N_WORDS, cal_item_key(kernel, seed, -1));

    (void)err;
    s->size = (size_t)x;
    s->n = cal_texts_of(s->size);
    for (int32_t i = 0; i < s->n; i++) {
        struct writer w = {.words = words,
                           .rng = sp_rng_from_key(cal_item_key(kernel, seed, i))};

        s->text[i] = sp_xcalloc(s->size + 1, 1);
        write_document(&w, s->text[i], s->size);
        s->wrote[i] = w.tally;
    }
    cal_words_free(words);
    *state = s;
    return SP_OK;
}

static void json_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    json_decref(s->parsed);
    for (int32_t i = 0; i < s->n; i++)
        free(s->text[i]);
    free(s);
}

static int32_t json_items(const struct cal_state *s)
{
    (void)s;
    return CAL_TEXT_ITEMS;
}

/* Parses, and frees what the call before has made: both belong to a document's cost. */
static void json_run(struct cal_state *s, int64_t call)
{
    json_decref(s->parsed);
    s->parsed = json_loadb(s->text[call % s->n], s->size, 0, &s->error);
}

/* ---- check ---- */

static void tally_value(json_t *value, struct tally *t)
{
    const char *key;
    json_t *child;
    size_t i;

    if (json_is_object(value))
        json_object_foreach(value, key, child) tally_value(child, t);
    else if (json_is_array(value))
        json_array_foreach(value, i, child) tally_value(child, t);
    else if (json_is_string(value)) {
        for (const char *c = json_string_value(value); *c != '\0'; c++)
            t->letters += *c != ' ';
    } else if (json_is_integer(value))
        t->integers_sum += json_integer_value(value);
    else if (json_is_real(value))
        t->quarters_sum += (int64_t)(4 * json_real_value(value));
    else
        t->trues += json_is_true(value);
}

static enum sp_status check_item(struct cal_state *s, int32_t i, struct sp_err *err)
{
    const struct tally *want = &s->wrote[i];
    struct tally found = {0};

    json_run(s, i);
    if (s->parsed == NULL)
        return sp_fail(err, SP_EIO, "json_parse: document %d, line %d: %s", i,
                       s->error.line, s->error.text);
    found.records = (int64_t)json_array_size(s->parsed);
    tally_value(s->parsed, &found);
    if (memcmp(&found, want, sizeof found) != 0)
        return sp_fail(err, SP_EIO,
                       "json_parse: document %d has %lld records, whole numbers adding "
                       "up to %lld, fractions to %g, %lld letters, %lld times true; "
                       "expected %lld, %lld, %g, %lld, %lld",
                       i, (long long)found.records, (long long)found.integers_sum,
                       (double)found.quarters_sum / 4, (long long)found.letters,
                       (long long)found.trues, (long long)want->records,
                       (long long)want->integers_sum, (double)want->quarters_sum / 4,
                       (long long)want->letters, (long long)want->trues);
    return SP_OK;
}

static enum sp_status json_check(struct cal_state *s, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    for (int32_t i = 0; i < s->n && status == SP_OK; i++)
        status = check_item(s, i, err);
    return status;
}

static const char *json_library(struct sp_arena *arena)
{
    return sp_arena_printf(arena, "jansson %s", jansson_version_str());
}

static uint64_t json_digest(const struct cal_state *s)
{
    char *text = json_dumps(s->parsed, JSON_COMPACT | JSON_ENCODE_ANY);
    uint64_t hash = text != NULL ? sp_hash64(text, strlen(text)) : 0;

    free(text);
    return hash;
}

/* A digit of the first record's id: still JSON, and another sum. */
static void json_damage(struct cal_state *s)
{
    char *digit = strpbrk(s->text[s->n - 1], "0123456789");

    *digit = *digit == '9' ? '1' : (char)(*digit + 1);
}

const struct cal_kernel cal_kernel_json_parse = {
    .name = "json_parse",
    .item = "one document of records, parsed into a tree and freed",
    .axis = "bytes",
    .help = "reading metadata, requests and labels",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_COMPUTE,
    .threads = 1,
    .n_points = 5,
    .x = {1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10},
    .quick = 1u << 0 | 1u << 2 | 1u << 3,
    .scaling_x = 64 << 10,
    .open = json_open,
    .close = json_close,
    .items = json_items,
    .run = json_run,
    .check = json_check,
    .library = json_library,
    .digest = json_digest,
    .damage = json_damage,
};
