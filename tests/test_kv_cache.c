/* sim/kv_cache.h: rows by hand, and random sequences of operations against a pool of
 * single blocks that is scanned from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "sim/kv_cache.h"

/* ---- rows by hand ----
 *
 * A row's script, word by word, for sequences A to D and hashes a to z:
 *   A+3   A takes 3 blocks             A=x    names the next of them x
 *   A-    gives all back               A!x    tries to, and they stay its own
 *   A~    the same, will come back     A:xyz  holds the groups found
 *   Ao2   would find 2 own blocks      AO2    holds them
 *   f3 u3 p3  free, used, peak         m2xyz  2 groups of these are found
 *   r2xyz  holding these takes 2 blocks out of the free ones
 *   C     clear (and all sequences are forgotten) */
static struct row {
    const char *name;
    struct sim_kv_shape shape;
    const char *script;
} rows[] = {
    {"a_new_cache_is_free", {5, 1, true}, "f5 u0 p0 m0a r0a"},
    {"no_blocks_at_all", {0, 1, true}, "f0 A+0 u0 A- f0"},
    {"what_is_taken_is_used_and_the_peak_stays",
     {5, 1, true},
     "A+3 f2 u3 B+2 f0 u5 A- f3 u2 p5 B- f5 u0 p5"},
    {"a_named_group_is_found_held_or_free",
     {5, 1, true},
     "A+1 m0a A=a m1a u1 r0a A- m1a u0 f5 r1a"},
    {"own_blocks_are_not_found_by_others", {5, 1, true}, "A+2 A- m0a Bo0"},
    {"only_the_leading_groups_count",
     {5, 1, true},
     "A+2 A=a A=b m2ab m2abc m1acb m0cab A- m2ab r2ab r1acb r0cab"},
    {"a_group_counts_once_whatever_its_holders",
     {6, 2, true},
     "A+4 A=a A=b u4 B:ab u4 f2 r0ab A- u4 r0ab B- u0 f6 r4ab"},
    {"a_held_group_outlives_the_one_who_made_it",
     {4, 1, true},
     "A+2 A=a A=b B:a A- u1 C+3 m1ab B- C- m1ab"},
    {"a_name_that_is_there_stays_own",
     {4, 1, true},
     "A+1 A=a B+1 B!a u2 B- u1 A- m1a f4 C+3 m1a C- C+4 m0a"},
    {"a_name_that_was_lost_is_free_again",
     {2, 1, true},
     "A+1 A=a A- B+2 m0a B=a m1a B- m1a"},
    {"never_used_blocks_go_before_content", {4, 1, true}, "A+2 A=a A=b A- B+2 m2ab"},
    {"the_least_recently_released_goes_first",
     {3, 1, true},
     "A+1 A=a B+1 B=b C+1 C=c B- A- C- D+1 m0b m1a m1c D+1 m0a m1c D+1 m0c"},
    {"holding_makes_recent",
     {3, 1, true},
     "A+1 A=a A- B+1 B=b B- C:a C- D+2 m1a m0b D+1 m0a"},
    {"of_one_sequence_the_last_block_goes_first",
     {4, 1, true},
     "A+4 A=a A=b A=c A- B+1 m3abc B+1 m2abc B+1 m1abc B+1 m0abc"},
    {"unnamed_blocks_have_their_turn_too", /* B's own are older than A's group */
     {4, 1, true},
     "A+2 A=a B+2 B- A- C+2 m1a C+1 m1a C+1 m0a"},
    {"a_group_is_lost_with_its_first_block_and_the_rest_goes_next",
     {4, 2, true},
     "A+2 A=a A- B+2 B=b B- C+1 m0a m1b C+1 m1b f2 C+1 m0b"},
    {"a_preempted_sequence_finds_its_own",
     {4, 1, true},
     "A+3 A=a A~ Ao2 u0 f4 A:a AO2 u3 f1 Ao0 A- m1a"},
    {"its_last_blocks_are_taken_first",
     {4, 1, true},
     "A+4 A=a A~ Ao3 B+2 Ao1 m1a B+1 Ao0 m1a B+1 m0a"},
    {"others_do_not_find_them", {4, 1, true}, "A+2 A~ Bo0 m0a"},
    {"what_it_does_not_hold_is_nobodys",
     {4, 1, true},
     "A+3 A~ AO1 Ao0 u1 f3 B+3 u4 A~ Ao1"},
    {"holding_none_of_them_forgets_them",
     {4, 1, true},
     "A+3 A~ AO0 Ao0 A+4 u4 A~ Ao4 A- Ao0 f4"},
    {"all_taken_then_back",
     {2, 1, true},
     "A+2 A~ B+2 Ao0 B- AO0 A+2 A~ Ao2 B+1 Ao1 B~ Bo1 AO1 BO1 u2"},
    {"two_preempted_ones_keep_apart",
     {6, 1, true},
     "A+2 B+3 A~ B~ Ao2 Bo3 C+2 Ao1 Bo3 C+1 Ao0 Bo3 C+1 Bo2 BO2 AO0 u6"},
    {"clear_loses_content_and_holdings_but_not_the_peak",
     {4, 1, true},
     "A+3 A=a B:a B+1 B~ C f4 u0 p4 m0a A+4 A=b A- m1b m0a"},
    {"caching_off_finds_nothing",
     {4, 1, false},
     "A+2 A!a m0a r0a u2 A~ Ao0 f4 u0 p2 AO0 A+4 u4 A- f4"},
    {"without_hashes_only_own_blocks_are_found",
     {4, 0, true},
     "A+2 A!a A~ m0a r0a Ao2 B+3 Ao1 AO1 u4 A- B- f4"},
    {"a_group_larger_than_the_cache_never_comes", {3, 4, true}, "A+3 m0a A- f3"},
    {"no_limit_never_loses_anything",
     {INT64_MAX, 2, true},
     "A+2000000000000 A=a A=b u2000000000000 A~ Ao1999999999996 B+4000000000000 m2ab "
     "A:ab AO5 u4000000000009 Ao0 A- B- u0 p4000000000009 m2ab r4ab"},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

struct seq {
    struct sim_kv_holding h;
    uint64_t hashes[32];
};

/* Hashes of the letters in `text`. */
static int32_t letters(const char *text, uint64_t *hashes)
{
    int32_t n = 0;

    for (; text[n] != '\0' && n < 32; n++)
        hashes[n] = (uint64_t)text[n];
    return n;
}

static void sequence_word(struct sim_kv_cache *kv, struct seq *s, const char *word)
{
    const char *arg = word + 1;

    switch (word[0]) {
    case '+':
        sim_kv_take(kv, &s->h, atoll(arg));
        break;
    case '=':
        s->hashes[s->h.groups] = (uint64_t)arg[0];
        assert_true(sim_kv_name(kv, &s->h, (uint64_t)arg[0]));
        break;
    case '!':
        assert_false(sim_kv_name(kv, &s->h, (uint64_t)arg[0]));
        break;
    case ':':
        sim_kv_hold_found(kv, &s->h, s->hashes, letters(arg, s->hashes));
        break;
    case 'o':
        assert_int_equal(sim_kv_find_own(kv, &s->h), atoll(arg));
        break;
    case 'O':
        sim_kv_hold_own(kv, &s->h, atoll(arg));
        break;
    case '-':
    case '~':
        sim_kv_release(kv, &s->h, s->hashes, word[0] == '~');
        assert_true(s->h.own == 0 && s->h.groups == 0);
        break;
    default:
        fail_msg("no such word: %s", word);
    }
}

static void cache_word(struct sim_kv_cache *kv, const char *word)
{
    char *end;
    long long want = strtoll(word + 1, &end, 10);
    uint64_t hashes[32];
    int32_t n = letters(end, hashes);

    switch (word[0]) {
    case 'f':
        assert_int_equal(sim_kv_free(kv), want);
        break;
    case 'u':
        assert_int_equal(sim_kv_used(kv), want);
        break;
    case 'p':
        assert_int_equal(sim_kv_peak(kv), want);
        break;
    case 'm':
        assert_int_equal(sim_kv_match(kv, hashes, n), want);
        break;
    case 'r':
        assert_int_equal(sim_kv_match_free_blocks(kv, hashes, n), want);
        break;
    default:
        fail_msg("no such word: %s", word);
    }
}

static void does_what_the_row_says(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sim_kv_cache *kv = sim_kv_cache_new(arena, row->shape);
    struct seq seqs[4];
    char *script = sp_arena_strdup(arena, row->script), *rest = NULL;

    memset(seqs, 0, sizeof seqs);
    for (char *word = strtok_r(script, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        if (word[0] == 'C' && word[1] == '\0') {
            sim_kv_clear(kv);
            memset(seqs, 0, sizeof seqs);
        } else if (word[0] >= 'A' && word[0] <= 'D') {
            sequence_word(kv, &seqs[word[0] - 'A'], word + 1);
        } else {
            cache_word(kv, word);
        }
        sim_kv_verify(kv);
    }
    sp_arena_free(arena);
}

/* ---- the naive pool: one row a block, as vLLM has them ---- */

enum { MOST_BLOCKS = 20000, NOBODY = -1 };

struct block {
    uint64_t hash; /* 0: of no group */
    int32_t part;  /* of the group */
    int32_t seq;   /* whose own it is, or was and may find it again; else NOBODY */
    int64_t index; /* own: its place in the sequence */
    int32_t refs;
    int64_t freed; /* when it was released: 1, 2, ...; 0: never used */
};

struct naive {
    struct block blocks[MOST_BLOCKS];
    int64_t n, clock, next_index, peak;
    struct sim_kv_shape shape;
};

static void naive_clear(struct naive *v)
{
    for (int64_t i = 0; i < v->n; i++)
        v->blocks[i] = (struct block){.seq = NOBODY};
}

static int64_t naive_used(const struct naive *v)
{
    int64_t used = 0;

    for (int64_t i = 0; i < v->n; i++)
        used += v->blocks[i].refs > 0;
    return used;
}

static struct block *naive_part(struct naive *v, uint64_t hash, int32_t part)
{
    for (int64_t i = 0; i < v->n; i++)
        if (v->blocks[i].hash == hash && v->blocks[i].part == part)
            return &v->blocks[i];
    return NULL;
}

static bool naive_has(struct naive *v, uint64_t hash)
{
    return v->shape.hash_blocks > 0 && naive_part(v, hash, 0) != NULL;
}

/* The own block of `seq` that is first (last) in it and held (free). */
static struct block *naive_own(struct naive *v, int32_t seq, bool held, bool last)
{
    struct block *best = NULL;

    for (int64_t i = 0; i < v->n; i++) {
        struct block *b = &v->blocks[i];

        if (b->seq == seq && (b->refs > 0) == held && (held || b->freed > 0) &&
            (best == NULL || (last ? b->index > best->index : b->index < best->index)))
            best = b;
    }
    return best;
}

static int64_t naive_find_own(const struct naive *v, int32_t seq)
{
    int64_t n = 0;

    for (int64_t i = 0; i < v->n; i++)
        n += v->blocks[i].seq == seq && v->blocks[i].refs == 0;
    return n;
}

/* What is free of a sequence's own blocks is nobody's from now on. */
static void naive_abandon(struct naive *v, int32_t seq)
{
    for (int64_t i = 0; i < v->n; i++)
        if (v->blocks[i].seq == seq && v->blocks[i].refs == 0)
            v->blocks[i].seq = NOBODY;
}

static void naive_take_one(struct naive *v, int32_t seq)
{
    struct block *oldest = NULL;

    for (int64_t i = 0; i < v->n; i++)
        if (v->blocks[i].refs == 0 &&
            (oldest == NULL || v->blocks[i].freed < oldest->freed))
            oldest = &v->blocks[i];
    if (oldest->hash != 0) { /* a group that is not whole cannot be found */
        uint64_t hash = oldest->hash;

        for (int64_t i = 0; i < v->n; i++)
            if (v->blocks[i].hash == hash)
                v->blocks[i].hash = 0;
    }
    *oldest = (struct block){.seq = seq, .index = v->next_index++, .refs = 1};
}

static void naive_hold_found(struct naive *v, const uint64_t *hashes, int32_t groups)
{
    for (int32_t g = 0; g < groups; g++)
        for (int32_t p = 0; p < v->shape.hash_blocks; p++)
            naive_part(v, hashes[g], p)->refs++;
}

static bool naive_name(struct naive *v, int32_t seq, uint64_t hash)
{
    if (!v->shape.caching || v->shape.hash_blocks == 0 || naive_has(v, hash))
        return false;
    for (int32_t p = 0; p < v->shape.hash_blocks; p++) {
        struct block *b = naive_own(v, seq, true, false);

        b->hash = hash;
        b->part = p;
        b->seq = NOBODY;
    }
    return true;
}

static void naive_free(struct naive *v, struct block *b)
{
    if (--b->refs == 0)
        b->freed = ++v->clock;
}

static void naive_release(struct naive *v, int32_t seq, const uint64_t *hashes,
                          int32_t groups, bool again)
{
    struct block *b;

    naive_abandon(v, seq);
    while ((b = naive_own(v, seq, true, true)) != NULL)
        naive_free(v, b);
    if (!again || !v->shape.caching)
        naive_abandon(v, seq);
    for (int32_t g = groups - 1; g >= 0; g--)
        for (int32_t p = v->shape.hash_blocks - 1; p >= 0; p--)
            naive_free(v, naive_part(v, hashes[g], p));
}

static void naive_hold_own(struct naive *v, int32_t seq, int64_t blocks)
{
    for (int64_t i = 0; i < blocks; i++) {
        struct block *b = naive_own(v, seq, false, false);

        b->refs = 1;
        b->freed = 0;
    }
    naive_abandon(v, seq);
}

/* ---- random operations on both ---- */

enum {
    SEQS = 6,
    DEPTH = 4,
    BRANCHES = 2,
    HASHES = 31 /* nodes of the tree, at most */
};

struct pair_seq {
    struct sim_kv_holding h;
    uint64_t hashes[DEPTH];  /* a path of a tree: equal names, equal beginnings */
    bool running, named_out; /* a name was refused: it names no more */
};

struct pair {
    struct sim_kv_cache *kv;
    struct naive *naive;
    struct sp_rng rng;
    struct pair_seq seqs[SEQS];
};

static int64_t below(struct pair *p, int64_t n)
{
    return (int64_t)(sp_rng_uniform(&p->rng) * (double)n);
}

static void agree(const struct pair *p)
{
    struct naive *v = p->naive;
    int64_t used = naive_used(v);

    sim_kv_verify(p->kv);
    v->peak = used > v->peak ? used : v->peak;
    assert_int_equal(sim_kv_used(p->kv), used);
    assert_int_equal(sim_kv_peak(p->kv), v->peak);
    assert_int_equal(sim_kv_free(p->kv), v->shape.blocks - used);
    for (uint64_t hash = 1; hash <= HASHES; hash++)
        assert_int_equal(sim_kv_match(p->kv, &hash, 1), naive_has(v, hash));
    for (int32_t s = 0; s < SEQS; s++)
        if (!p->seqs[s].running)
            assert_int_equal(sim_kv_find_own(p->kv, &p->seqs[s].h),
                             naive_find_own(v, s));
}

static void new_path(struct pair *p, struct pair_seq *s)
{
    uint64_t node = 1;

    for (int32_t d = 0; d < DEPTH; d++) {
        s->hashes[d] = node;
        node = BRANCHES * node + (uint64_t)below(p, BRANCHES);
    }
}

static void take(struct pair *p, int32_t seq, int64_t blocks)
{
    if (blocks > sim_kv_free(p->kv))
        return;
    sim_kv_take(p->kv, &p->seqs[seq].h, blocks);
    while (blocks-- > 0)
        naive_take_one(p->naive, seq);
}

static void admit(struct pair *p, int32_t seq)
{
    struct pair_seq *s = &p->seqs[seq];
    int32_t found = 0, hold;
    int64_t out = 0, own;

    if (s->h.run == 0)
        new_path(p, s);
    while (found < DEPTH && naive_has(p->naive, s->hashes[found]))
        found++;
    assert_int_equal(sim_kv_match(p->kv, s->hashes, DEPTH), found);
    hold = below(p, 3) == 0 ? (int32_t)below(p, found + 1) : found;
    for (int32_t g = 0; g < hold; g++)
        if (naive_part(p->naive, s->hashes[g], 0)->refs == 0)
            out += p->naive->shape.hash_blocks;
    assert_int_equal(sim_kv_match_free_blocks(p->kv, s->hashes, hold), out);
    sim_kv_hold_found(p->kv, &s->h, s->hashes, hold);
    naive_hold_found(p->naive, s->hashes, hold);
    own = sim_kv_find_own(p->kv, &s->h);
    own = below(p, 3) == 0 ? below(p, own + 1) : own;
    sim_kv_hold_own(p->kv, &s->h, own);
    naive_hold_own(p->naive, seq, own);
    s->running = true;
    s->named_out = false;
    take(p, seq, below(p, 5));
}

static void name(struct pair *p, int32_t seq)
{
    struct pair_seq *s = &p->seqs[seq];
    int32_t next = s->h.groups;
    bool named;

    if (s->named_out || next == DEPTH || s->h.own < p->naive->shape.hash_blocks)
        return;
    named = sim_kv_name(p->kv, &s->h, s->hashes[next]);
    assert_true(named == naive_name(p->naive, seq, s->hashes[next]));
    s->named_out = !named;
}

static void release(struct pair *p, int32_t seq, bool again)
{
    struct pair_seq *s = &p->seqs[seq];

    naive_release(p->naive, seq, s->hashes, s->h.groups, again);
    sim_kv_release(p->kv, &s->h, s->hashes, again);
    s->running = false;
}

static void step(struct pair *p)
{
    int32_t seq = (int32_t)below(p, SEQS);
    int64_t dice = below(p, 1000);

    if (dice < 2) {
        sim_kv_clear(p->kv);
        naive_clear(p->naive);
        memset(p->seqs, 0, sizeof p->seqs);
    } else if (!p->seqs[seq].running) {
        admit(p, seq);
    } else if (dice < 350) {
        take(p, seq, below(p, 4));
    } else if (dice < 800) {
        name(p, seq);
    } else {
        release(p, seq, dice < 900);
    }
}

static struct shape_row {
    const char *name;
    struct sim_kv_shape shape;
    int32_t steps;
} shapes[] = {
    {"random_operations_one_block_a_hash", {30, 1, true}, 30000},
    {"random_operations_tight", {9, 1, true}, 30000},
    {"random_operations_three_blocks_a_hash", {40, 3, true}, 30000},
    {"random_operations_four_blocks_a_hash_tight", {17, 4, true}, 30000},
    {"random_operations_without_hashes", {20, 0, true}, 20000},
    {"random_operations_without_caching", {20, 2, false}, 20000},
    {"random_operations_without_limit", {INT64_MAX, 2, true}, 1200},
};
#define N_SHAPES (sizeof shapes / sizeof shapes[0])

static void agrees_with_single_blocks_after_every_step(void **state)
{
    const struct shape_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct pair p = {.kv = sim_kv_cache_new(arena, row->shape),
                     .naive = sp_arena_alloc(arena, sizeof(struct naive)),
                     .rng = sp_rng_from_key(7)};

    p.naive->n = row->shape.blocks > MOST_BLOCKS ? MOST_BLOCKS : row->shape.blocks;
    p.naive->shape = row->shape;
    naive_clear(p.naive);
    for (int32_t i = 0; i < row->steps; i++) {
        step(&p);
        agree(&p);
    }
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + N_SHAPES];

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = does_what_the_row_says,
                                       .initial_state = &rows[i]};
    for (size_t i = 0; i < N_SHAPES; i++)
        tests[N_ROWS + i] =
            (struct CMUnitTest){.name = shapes[i].name,
                                .test_func = agrees_with_single_blocks_after_every_step,
                                .initial_state = &shapes[i]};
    return cmocka_run_group_tests_name("kv_cache", tests, NULL, NULL);
}
