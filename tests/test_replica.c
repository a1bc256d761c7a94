/* What an iteration does, on timelines worked out by hand.
 *
 * The time source of all rows: a token of a prompt takes 1 ms, an iteration that
 * decodes 10 ms more, whatever its batch.  So "[4,18] A decodes, B 4" is an iteration
 * from 4 ms to 18 ms in which A decodes and 4 tokens of B's prompt are computed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "replica_rig.h"

#define N_ROWS (sizeof rows / sizeof rows[0])
#define MS     ((int64_t)1000000)
#define TICKS  (MS << MODEL_TICK_BITS)

struct ask {
    int64_t ms;
    uint32_t prompt, output, priority;
    int32_t n_hashes;
    uint64_t hashes[4];
};

struct told {
    enum rig_kind kind;
    int32_t number;
    int64_t ms;
    int32_t nth;
};

#define ASK(at, p, o, ...)                                                             \
    {                                                                                  \
        .ms = at, .prompt = p, .output = o, __VA_ARGS__                                \
    }
#define TOLD(what, n, t, ...)                                                          \
    {                                                                                  \
        .kind = what, .number = n, .ms = t, __VA_ARGS__                                \
    }

static struct row {
    const char *name;
    const char *scheduling, *order;
    int32_t seqs, budget, block; /* 0: 8, 100, 4 */
    int64_t blocks;              /* 0: not limited */
    enum model_prefix prefix;
    int64_t stored;
    bool split, overlap;
    int64_t transfer_ms, decode_blocks, lose_ms;
    struct ask asks[5];             /* prompt 0 ends */
    struct told told[9];            /* ms 0 after the first ends */
    struct sim_replica_counts want; /* 0: not looked at */
} rows[] = {
    {"a_lone_requests_times_are_the_sources",
     /* [0,5] prompt, [5,15] [15,25] decodes */
     .asks = {ASK(0, 5, 3)},
     .told = {TOLD(RIG_SCHEDULED, 0, 0), TOLD(RIG_FIRST, 0, 5), TOLD(RIG_DONE, 0, 25)},
     .want = {.iterations = 3,
              .prefill_tokens = 5,
              .decode_tokens = 2,
              .output_tokens = 3,
              .rows = 3,
              /* 1+2+3+4+5, then contexts 5 and 6, each with itself */
              .pairs = 15 + 6 + 7,
              .busy_ticks = 25 * TICKS,
              .decode_ticks = 20 * TICKS,
              .compute_ticks = 5 * TICKS,
              /* 2 blocks of 4 hold 5 tokens, 6 and 7 */
              .kv_block_ticks = 50 * TICKS}},
    {"one_token_of_output_is_the_prompts", .asks = {ASK(3, 5, 1)},
     .told = {TOLD(RIG_SCHEDULED, 0, 3), TOLD(RIG_FIRST, 0, 8), TOLD(RIG_DONE, 0, 8)},
     .want = {.iterations = 1, .output_tokens = 1}},
    {"a_prompt_longer_than_the_budget_goes_in_chunks",
     /* [0,4] [4,8] [8,10] */
     .budget = 4, .asks = {ASK(0, 10, 1)}, .told = {TOLD(RIG_FIRST, 0, 10)},
     .want = {.iterations = 3, .prefill_tokens = 10, .pairs = 55}},
    {"chunks_take_what_the_decodes_leave",
     /* [0,4] A; [4,14] A; [14,31] A, B 7; [31,44] A, B 3 */
     .budget = 8, .asks = {ASK(0, 4, 4), ASK(5, 10, 1)},
     .told = {TOLD(RIG_SCHEDULED, 1, 14), TOLD(RIG_FIRST, 1, 44), TOLD(RIG_DONE, 0, 44),
              TOLD(RIG_DONE, 1, 44)},
     .want = {.iterations = 4, .decode_ticks = 30 * TICKS}},
    {"mixed_takes_a_long_prompt_whole_as_the_only_one_and_decodes_wait",
     /* [0,4] A; [4,14] A; [14,24] B 10; [24,36] A, C 2; [36,46] A */
     .scheduling = "mixed", .budget = 8,
     .asks = {ASK(0, 4, 4), ASK(5, 10, 1), ASK(5, 2, 1)},
     .told = {TOLD(RIG_DONE, 1, 24), TOLD(RIG_SCHEDULED, 2, 24), TOLD(RIG_DONE, 2, 36),
              TOLD(RIG_DONE, 0, 46)},
     .want = {.iterations = 5}},
    {"mixed_decodes_run_where_all_of_them_fit_beside_the_prompts",
     /* [0,2] A 1, B 1; [2,12] A, B; at 12 C 6 leaves 2 of 8, [12,28] with C, A and B
      * end; D 7 at 28, alone */
     .scheduling = "mixed", .budget = 8,
     .asks = {ASK(0, 1, 3), ASK(0, 1, 3), ASK(3, 6, 1), ASK(3, 7, 1)},
     .told = {TOLD(RIG_DONE, 0, 28), TOLD(RIG_DONE, 2, 28), TOLD(RIG_DONE, 3, 35)}},
    {"mixed_decodes_wait_where_one_of_them_does_not_fit",
     /* as above, but C 7 leaves 1: [12,19] C; [19,29] A, B */
     .scheduling = "mixed", .budget = 8,
     .asks = {ASK(0, 1, 3), ASK(0, 1, 3), ASK(3, 7, 1)},
     .told = {TOLD(RIG_DONE, 2, 19), TOLD(RIG_DONE, 0, 29)},
     .want = {.decode_ticks = 20 * TICKS}},
    {"mixed_keeps_the_blocks_of_the_decodes_free",
     /* 3 blocks: at 4 A needs a second, B would need the other two.  [4,14] .. [24,34]
      * A; [34,42] B 8 */
     .scheduling = "mixed", .blocks = 3, .asks = {ASK(0, 4, 4), ASK(1, 8, 1)},
     .told = {TOLD(RIG_DONE, 0, 34), TOLD(RIG_SCHEDULED, 1, 34),
              TOLD(RIG_DONE, 1, 42)}},
    {"mixed_preempts_for_them",
     /* as out_of_blocks above: B goes at 48, [58,67] B 9 */
     .scheduling = "mixed", .blocks = 4, .asks = {ASK(0, 4, 6), ASK(0, 4, 6)},
     .told = {TOLD(RIG_DONE, 0, 58), TOLD(RIG_DONE, 1, 67)},
     .want = {.preemptions = 1, .recomputed_tokens = 8}},
    {"mixed_joins_prompts_while_their_sum_is_within_the_budget",
     /* [0,8] A 4, B 4; [8,15] C 7 */
     .scheduling = "mixed", .budget = 8,
     .asks = {ASK(0, 4, 1), ASK(0, 4, 1), ASK(0, 7, 1)},
     .told = {TOLD(RIG_DONE, 0, 8), TOLD(RIG_DONE, 1, 8), TOLD(RIG_DONE, 2, 15)}},
    {"prefill_first_stalls_decodes",
     /* [0,4] A; [4,14] A; [14,24] B 10; [24,34] A; [34,44] A */
     .scheduling = "prefill-first", .budget = 8, .asks = {ASK(0, 4, 4), ASK(5, 10, 1)},
     .told = {TOLD(RIG_SCHEDULED, 1, 14), TOLD(RIG_DONE, 1, 24), TOLD(RIG_DONE, 0, 44)},
     .want = {.iterations = 5, .decode_ticks = 30 * TICKS}},
    {"a_gap_begins_at_the_last_token_whatever_was_between",
     /* 3 blocks: [0,8] A, B; [8,18] .. to 2 blocks each would be 4: at 8 A takes the
      * third, B goes: its token at 8.  [8,18] A, [18,28], [28,38] A ends with 4 tokens;
      * [38,43] B 5 brings its second at 43, 35 after its first; [43,53] */
     .scheduling = "prefill-first", .blocks = 3, .asks = {ASK(0, 4, 4), ASK(0, 4, 3)},
     .told = {TOLD(RIG_DONE, 0, 38), TOLD(RIG_DONE, 1, 53)}},
    {"a_victim_s_gap_leaves_out_no_prompts_before_it_went",
     /* 5 blocks.  [0,8] A, B; [8,18] .. [38,48]: 8 tokens in 2 blocks each.  C comes at
      * 45: [48,52] C 4 takes the fifth and decodes: at 52 A lacks a block: C, the
      * newest, goes, A takes its block, B lacks: B goes.  [52,62] A ends with 6; B
      * [62,71] its sixth, C with it: [62,76] B 9, C 5; both end */
     .scheduling = "prefill-first", .blocks = 5,
     .asks = {ASK(0, 4, 6), ASK(0, 4, 6), ASK(45, 4, 2)},
     .told = {TOLD(RIG_DONE, 0, 62), TOLD(RIG_DONE, 1, 76), TOLD(RIG_DONE, 2, 76)},
     .want = {.preemptions = 2, .iterations = 8}},
    {"decode_first_lets_a_batch_end",
     /* [0,4] A; [4,14] [14,24] [24,34] A; [34,44] B */
     .scheduling = "decode-first", .budget = 8, .asks = {ASK(0, 4, 4), ASK(5, 10, 1)},
     .told = {TOLD(RIG_DONE, 0, 34), TOLD(RIG_SCHEDULED, 1, 34),
              TOLD(RIG_DONE, 1, 44)}},
    {"no_more_sequences_than_max_num_seqs", .seqs = 1,
     .asks = {ASK(0, 2, 2), ASK(1, 3, 1)},
     .told = {TOLD(RIG_DONE, 0, 12), TOLD(RIG_SCHEDULED, 1, 12),
              TOLD(RIG_DONE, 1, 15)}},
    {"no_more_sequences_than_the_budget_has_tokens",
     /* [0,1] A; [1,11] A; [11,12] B, although 8 sequences may run */
     .budget = 1, .asks = {ASK(0, 1, 2), ASK(0, 1, 1)},
     .told = {TOLD(RIG_DONE, 0, 11), TOLD(RIG_DONE, 1, 12)}},
    {"fcfs_goes_by_number", .seqs = 1,
     .asks = {ASK(0, 2, 1), ASK(0, 9, 1), ASK(1, 3, 1)},
     .told = {TOLD(RIG_DONE, 0, 2), TOLD(RIG_DONE, 1, 11), TOLD(RIG_DONE, 2, 14)}},
    {"shortest_prompt_goes_first", .order = "shortest-prompt", .seqs = 1,
     .asks = {ASK(0, 2, 1), ASK(0, 9, 1), ASK(1, 3, 1)},
     .told = {TOLD(RIG_DONE, 0, 2), TOLD(RIG_DONE, 2, 5), TOLD(RIG_DONE, 1, 14)}},
    {"lowest_priority_number_goes_first_then_the_number_of_arrival",
     .order = "priority", .seqs = 1,
     .asks = {ASK(0, 2, 1, .priority = 5), ASK(0, 9, 1, .priority = 0),
              ASK(1, 3, 1, .priority = 5), ASK(1, 1, 1, .priority = 1)},
     .told = {TOLD(RIG_DONE, 1, 9), TOLD(RIG_DONE, 3, 10), TOLD(RIG_DONE, 0, 12),
              TOLD(RIG_DONE, 2, 15)}},
    {"who_comes_as_an_iteration_ends_is_in_the_next",
     /* [0,4] [4,14] A; [14,26] A, B 2 */
     .asks = {ASK(0, 4, 3), ASK(14, 2, 1)},
     .told = {TOLD(RIG_SCHEDULED, 1, 14), TOLD(RIG_DONE, 1, 26),
              TOLD(RIG_DONE, 0, 26)}},
    {"who_comes_just_after_waits_for_the_end_of_the_one_in_progress",
     /* [0,4] A; [4,14] .. [84,94] A; B comes at 15, [24,36] A, B 2; .. to 96 */
     .asks = {ASK(0, 4, 10), ASK(15, 2, 1)},
     .told = {TOLD(RIG_SCHEDULED, 1, 24), TOLD(RIG_DONE, 1, 36),
              TOLD(RIG_DONE, 0, 96)}},
    {"nobody_overtakes_a_prompt_that_does_not_fit",
     /* A has 2 of 4 blocks, then 3: B needs 3, C 1 and waits behind B.  [0,8] A;
      * [8,18] .. [38,48] A; [48,64] B 12, C 4 */
     .blocks = 4, .asks = {ASK(0, 8, 5), ASK(0, 12, 1), ASK(0, 4, 1)},
     .told = {TOLD(RIG_DONE, 0, 48), TOLD(RIG_SCHEDULED, 1, 48),
              TOLD(RIG_SCHEDULED, 2, 48), TOLD(RIG_DONE, 2, 64)}},
    {"out_of_blocks_the_newest_is_preempted_and_computed_again",
     /* [0,8] A 4, B 4; [8,18] .. [38,48]: both have 5 tokens and 8 in 2 blocks each.
      * A needs a third: B goes.  [48,58] A; [58,67] B 9 */
     .blocks = 4, .asks = {ASK(0, 4, 6), ASK(0, 4, 6)},
     .told = {TOLD(RIG_FIRST, 1, 8), TOLD(RIG_DONE, 0, 58), TOLD(RIG_DONE, 1, 67)},
     .want = {.preemptions = 1,
              .prefill_tokens = 17,
              .recomputed_tokens = 8,
              .decode_tokens = 9,
              .output_tokens = 12,
              /* 2 blocks, then 4, then A's 3, then B's 3 */
              .kv_block_ticks = (2 * 8 + 4 * 40 + 3 * 10 + 3 * 9) * TICKS}},
    {"a_preempted_one_finds_its_own_blocks_again",
     /* as above; A took the second of B's two blocks: B computes 5.  [58,63] B 5 */
     .blocks = 4, .prefix = MODEL_PREFIX_GPU, .asks = {ASK(0, 4, 6), ASK(0, 4, 6)},
     .told = {TOLD(RIG_DONE, 0, 58), TOLD(RIG_DONE, 1, 63)},
     .want = {.preemptions = 1, .prefill_tokens = 13, .recomputed_tokens = 4}},
    {"with_priorities_the_last_of_them_is_preempted_if_it_is_the_oldest",
     /* [0,4] A; [4,18] A, B 4; [18,28] [28,38] [38,48]: A has 8 tokens in 2 blocks, B
      * 7 in 2.  A needs a third and goes.  B [48,58] .. [78,88]; [88,97] A 9;
      * [97,107] [107,117] A */
     .order = "priority", .blocks = 4,
     .asks = {ASK(0, 4, 8, .priority = 1), ASK(1, 4, 8, .priority = 0)},
     .told = {TOLD(RIG_DONE, 1, 88), TOLD(RIG_DONE, 0, 117)},
     .want = {.preemptions = 1, .recomputed_tokens = 8}},
    {"a_victim_that_had_its_token_returns_it",
     /* [0,4] A; [4,18] A, B 4: A has 5 tokens in 2 blocks, B 4 in 1.  At 18 A takes its
      * token, B needs a second of 3 blocks, takes it; [18,28] [28,38] [38,48]: A has 8,
      * B 7; B ends with its 4th token at 48, with kv 4.  Of 3 blocks: at 18 A has its
      * token, none is left for B, and A goes, being last by priority.  B [18,28]
      * [28,38] [38,48]; A comes again with 4 + 2 tokens, [48,54], then has 3 of its 8
      * tokens; [54,64] .. to 8 at 104 */
     .order = "priority", .blocks = 3,
     .asks = {ASK(0, 4, 8, .priority = 1), ASK(1, 4, 4, .priority = 0)},
     .told = {TOLD(RIG_DONE, 1, 48), TOLD(RIG_DONE, 0, 104)},
     .want = {.preemptions = 1, .recomputed_tokens = 5, .decode_tokens = 1 + 3 + 5}},
    {"blocks_of_a_prompt_are_found_by_their_names",
     /* [0,9] A; B finds 8 tokens, [20,21]; C finds 4, as 1 must be left, [30,34] */
     .prefix = MODEL_PREFIX_GPU,
     .asks = {ASK(0, 9, 1, .n_hashes = 3, .hashes = {11, 12, 13}),
              ASK(20, 9, 1, .n_hashes = 3, .hashes = {11, 12, 14}),
              ASK(30, 8, 1, .n_hashes = 2, .hashes = {11, 12})},
     .told = {TOLD(RIG_DONE, 0, 9), TOLD(RIG_DONE, 1, 21), TOLD(RIG_DONE, 2, 34)},
     .want = {.prefix_tokens = 26,
              .prefix_found_tokens = 12,
              .prefix_blocks = 8,
              .prefix_found_blocks = 3,
              .prefill_tokens = 14}},
    {"blocks_are_found_from_the_moment_their_chunk_is_in_an_iteration",
     /* [0,10] A 9, B 1 */
     .prefix = MODEL_PREFIX_GPU,
     .asks = {ASK(0, 9, 1, .n_hashes = 2, .hashes = {11, 12}),
              ASK(0, 9, 1, .n_hashes = 2, .hashes = {11, 12})},
     .told = {TOLD(RIG_DONE, 0, 10), TOLD(RIG_DONE, 1, 10)},
     .want = {.prefix_found_tokens = 8}},
    {"found_blocks_that_nobody_holds_are_not_counted_as_free",
     /* 4 blocks.  A [0,9] leaves 2 groups and a block.  B finds 8 tokens and has 3
      * blocks, C needs 2 and waits: [20,21] B 1, [21,31] B; [31,36] C 5 */
     .blocks = 4, .prefix = MODEL_PREFIX_GPU,
     .asks = {ASK(0, 9, 1, .n_hashes = 2, .hashes = {11, 12}),
              ASK(20, 9, 2, .n_hashes = 2, .hashes = {11, 12}), ASK(20, 5, 1)},
     .told = {TOLD(RIG_DONE, 1, 31), TOLD(RIG_SCHEDULED, 2, 31),
              TOLD(RIG_DONE, 2, 36)}},
    {"found_blocks_are_not_room_for_the_rest",
     /* 4 blocks, 2 of them A's groups, which nobody holds.  C has the others: [10,15]
      * C 5, [15,25] .. [35,45].  B finds 2 blocks and lacks a third: [45,46] B 1 */
     .blocks = 4, .prefix = MODEL_PREFIX_GPU,
     .asks = {ASK(0, 8, 1, .n_hashes = 2, .hashes = {11, 12}), ASK(10, 5, 4),
              ASK(12, 9, 1, .n_hashes = 2, .hashes = {11, 12})},
     .told = {TOLD(RIG_DONE, 1, 45), TOLD(RIG_SCHEDULED, 2, 45), TOLD(RIG_DONE, 2, 46)},
     .want = {.prefix_found_tokens = 8}},
    {"a_store_finds_blocks_without_holding_them",
     /* [0,9] A, [20,21] B */
     .prefix = MODEL_PREFIX_STORE, .stored = 3,
     .asks = {ASK(0, 9, 1, .n_hashes = 3, .hashes = {11, 12, 13}),
              ASK(20, 9, 1, .n_hashes = 3, .hashes = {11, 12, 13})},
     .told = {TOLD(RIG_DONE, 0, 9), TOLD(RIG_DONE, 1, 21)},
     .want = {.prefix_found_tokens = 8, .prefix_found_blocks = 3, .prefix_blocks = 6}},
    {"a_cache_that_moves_comes_late_by_the_transfer",
     /* [0,4] A; at 9 it is there; [9,19] [19,29] */
     .split = true, .transfer_ms = 5, .asks = {ASK(0, 4, 3)},
     .told = {TOLD(RIG_PREFILLED, 0, 4), TOLD(RIG_DONE, 0, 29)}},
    {"held_blocks_hold_back_prompts",
     /* one block for prompts, one sequence each.  [0,4] A, there at 9, [9,19].  B's
      * prompt [9,13], when A's block is free; its place from 19 on, there at 24,
      * [24,34] */
     .split = true, .transfer_ms = 5, .seqs = 1, .blocks = 1, .decode_blocks = 2,
     .asks = {ASK(0, 4, 2), ASK(0, 4, 2)},
     .told = {TOLD(RIG_SCHEDULED, 1, 9), TOLD(RIG_PREFILLED, 1, 13),
              TOLD(RIG_DONE, 0, 19), TOLD(RIG_DONE, 1, 34)}},
    {"a_decode_replica_computes_again_what_it_preempts",
     /* 2 blocks to decode in.  A there at 9, but B has the other block since 8: A goes.
      * B there at 13, takes A's block, [13,23]; [23,28] A 5 */
     .split = true, .transfer_ms = 5, .budget = 4, .blocks = 100, .decode_blocks = 2,
     .asks = {ASK(0, 4, 2), ASK(0, 4, 2)},
     .told = {TOLD(RIG_PREFILLED, 0, 4), TOLD(RIG_PREFILLED, 1, 8),
              TOLD(RIG_DONE, 1, 23), TOLD(RIG_DONE, 0, 28)}},
    {"a_sequence_that_goes_after_a_newer_one_leaves_it_gone",
     /* 9 blocks to decode in; Z and Y there at 13, A at 27.  [13,23] [23,33] Z, Y;
      * [33,43] [43,53] with A.  At 53 Z takes the last block, A goes for Y's.  [53,63]
      * Z, Y, which ends.  [63,80] Z, A 7 of 17; meanwhile B (1 block) comes and 3 are
      * D's.  At 80 A wants 2: B goes, then A.  [80,90] Z, which ends; [90,107] D, A 7;
      * [107,115] A 8; [115,122] A 2, B 5 */
     .split = true, .transfer_ms = 5, .budget = 8, .blocks = 100, .decode_blocks = 9,
     .asks = {ASK(0, 4, 8), ASK(0, 4, 6), ASK(0, 14, 4), ASK(60, 4, 2), ASK(65, 12, 2)},
     .told = {TOLD(RIG_PREFILLED, 2, 22), TOLD(RIG_PREFILLED, 3, 64),
              TOLD(RIG_PREFILLED, 4, 77), TOLD(RIG_DONE, 1, 63), TOLD(RIG_DONE, 0, 90),
              TOLD(RIG_DONE, 4, 107), TOLD(RIG_DONE, 2, 122), TOLD(RIG_DONE, 3, 122)}},
    {"a_lost_replica_gives_back_what_came_out",
     /* [0,4] A, [4,14] is lost at 10: one token.  Anew [10,14], [14,24], [24,34] */
     .lose_ms = 10, .asks = {ASK(0, 4, 3)},
     .told = {TOLD(RIG_LOST, 0, 10, .nth = 0), TOLD(RIG_SCHEDULED, 0, 10, .nth = 1),
              TOLD(RIG_FIRST, 0, 14, .nth = 1), TOLD(RIG_DONE, 0, 34)},
     .want = {.iterations = 4, .output_tokens = 4}},
    {"output_that_was_kept_is_computed_again_with_the_prompt",
     /* A [0,4], done at 4; B comes at 4: [4,8], [8,18], lost at 18 with 2 tokens:
      * [18,24] B 4 + 2 brings the third */
     .lose_ms = 18, .asks = {ASK(0, 4, 1), ASK(4, 4, 3)},
     .told = {TOLD(RIG_FIRST, 1, 8), TOLD(RIG_DONE, 1, 24)},
     .want = {.recomputed_tokens = 5, .output_tokens = 4}},
};

static void run(const struct row *row, int64_t span_limit, struct rig_result **result)
{
    struct rig_request requests[5] = {{0}};
    struct rig_options o = {
        .it = {.token = TICKS, .decode = 10 * TICKS},
        .pool = {.scheduling = row->scheduling ? row->scheduling : "chunked-prefill",
                 .order = row->order ? row->order : "fcfs",
                 .max_num_seqs = row->seqs ? row->seqs : 8,
                 .max_num_batched_tokens = row->budget ? row->budget : 100,
                 .block_size = row->block ? row->block : 4,
                 .kv_blocks = row->blocks ? row->blocks : INT64_MAX,
                 .prefix = row->prefix,
                 .prefix_blocks = row->stored},
        .split = row->split,
        .overlap = row->overlap,
        .transfer_ns = row->transfer_ms * MS,
        .decode_kv_blocks = row->decode_blocks ? row->decode_blocks : INT64_MAX,
        .hash_tokens = 4,
        .span_limit = span_limit,
        .lose_ns = row->lose_ms * MS,
        .requests = requests,
        .verify = true,
    };

    for (; o.n < 5 && row->asks[o.n].prompt > 0; o.n++) {
        const struct ask *a = &row->asks[o.n];

        requests[o.n] = (struct rig_request){a->ms * MS,  a->prompt,   a->output,
                                             a->priority, a->n_hashes, {0}};
        for (int i = 0; i < 4; i++)
            requests[o.n].hashes[i] = a->hashes[i];
    }
    *result = rig_run(&o);
}

static void want_int(int64_t want, int64_t found)
{
    if (want != 0)
        assert_int_equal(found, want);
}

static void want_counts(const struct sim_replica_counts *want,
                        const struct sim_replica_counts *found)
{
    want_int(want->iterations, found->iterations);
    want_int(want->prefill_tokens, found->prefill_tokens);
    want_int(want->decode_tokens, found->decode_tokens);
    want_int(want->output_tokens, found->output_tokens);
    want_int(want->recomputed_tokens, found->recomputed_tokens);
    want_int(want->preemptions, found->preemptions);
    want_int(want->prefix_tokens, found->prefix_tokens);
    want_int(want->prefix_found_tokens, found->prefix_found_tokens);
    want_int(want->prefix_blocks, found->prefix_blocks);
    want_int(want->prefix_found_blocks, found->prefix_found_blocks);
    want_int(want->rows, found->rows);
    want_int((int64_t)want->pairs, (int64_t)found->pairs);
    /* whole milliseconds */
    want_int((int64_t)(want->busy_ticks / TICKS), (int64_t)(found->busy_ticks / TICKS));
    want_int((int64_t)(want->compute_ticks / TICKS),
             (int64_t)(found->compute_ticks / TICKS));
    want_int((int64_t)(want->decode_ticks / TICKS),
             (int64_t)(found->decode_ticks / TICKS));
    want_int((int64_t)(want->kv_block_ticks / TICKS),
             (int64_t)(found->kv_block_ticks / TICKS));
}

static void goes_as_worked_out_by_hand(void **state)
{
    const struct row *row = *state;

    for (int64_t span_limit = 0; span_limit < 2; span_limit++) {
        struct rig_result *result;

        run(row, span_limit, &result);
        assert_int_equal(result->status, SP_OK);
        for (int i = 0; i < 9 && (i == 0 || row->told[i].ms > 0); i++) {
            const struct told *t = &row->told[i];

            if (rig_when(result, t->kind, t->number, t->nth) != t->ms * MS)
                fail_msg("told %d: %lld ns, not %lld ms", i,
                         (long long)rig_when(result, t->kind, t->number, t->nth),
                         (long long)t->ms);
        }
        want_counts(&row->want, &result->stats[0].counts);
        rig_free(result);
    }
}

/* Gaps, from the comments above: 10 and 10; 10, 20, 10; 15 and 10 across a transfer;
 * B of the preempted ones waits 19 for its last token. */
static void gaps_are_between_successive_tokens(void **state)
{
    static const struct {
        const char *row;
        int pool;
        uint64_t count;
        int64_t sum_ms, least_ms, most_ms;
    } wants[] = {
        {"a_lone_requests_times_are_the_sources", 0, 2, 20, 10, 10},
        {"prefill_first_stalls_decodes", 0, 3, 40, 10, 20},
        {"a_cache_that_moves_comes_late_by_the_transfer", 1, 2, 25, 10, 15},
        /* A 10 x 3; B 35, 10 */
        {"a_gap_begins_at_the_last_token_whatever_was_between", 0, 5, 75, 10, 35},
        /* A, B 10 x 4 each; A 14 (its last at 48), B 28, C 24 */
        {"a_victim_s_gap_leaves_out_no_prompts_before_it_went", 0, 11, 146, 10, 28},
        {"out_of_blocks_the_newest_is_preempted_and_computed_again", 0, 10,
         8 * 10 + 10 + 19, 10, 19},
    };
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t k = 0; k < sizeof wants / sizeof wants[0]; k++) {
            const struct sim_histogram *gaps;
            struct rig_result *result;

            if (strcmp(rows[i].name, wants[k].row) != 0)
                continue;
            seen++;
            run(&rows[i], 0, &result);
            gaps = &result->stats[wants[k].pool].gaps;
            assert_int_equal(gaps->count, wants[k].count);
            assert_int_equal((int64_t)gaps->sum_ns, wants[k].sum_ms * MS);
            assert_int_equal(gaps->min_ns, wants[k].least_ms * MS);
            assert_int_equal(gaps->max_ns, wants[k].most_ms * MS);
            rig_free(result);
        }
    assert_int_equal(seen, sizeof wants / sizeof wants[0]);
}

static void what_the_source_does_not_know_stops_the_run_when_it_is_met(void **state)
{
    const struct rig_request request = {.prompt = 4, .output = 9};
    struct rig_options o = {
        .it = {.token = TICKS, .decode = 10 * TICKS, .fails_past = 6},
        .pool = {.scheduling = "chunked-prefill",
                 .order = "fcfs",
                 .max_num_seqs = 8,
                 .max_num_batched_tokens = 100,
                 .block_size = 4,
                 .kv_blocks = INT64_MAX},
        .n = 1,
        .requests = &request,
    };
    struct rig_result *result = rig_run(&o);

    (void)state; /* contexts 4, 5 and 6 are known: 4 tokens come out, until 34 ms */
    assert_int_equal(result->status, SP_EINPUT);
    assert_string_equal(result->err.text, "past what is known");
    assert_int_equal(result->stats[0].counts.output_tokens, 4);
    assert_int_equal(result->end_ns, 34 * MS);
    rig_free(result);
}

static void fits_means_all_but_the_last_token(void **state)
{
    static const struct {
        enum model_role role;
        uint32_t prompt, output;
        bool fits;
    } cases[] = {
        {MODEL_ROLE_BOTH, 9, 4, true}, /* 12 tokens, 3 blocks of 4 */
        {MODEL_ROLE_BOTH, 9, 5, false},     {MODEL_ROLE_DECODE, 9, 4, true},
        {MODEL_ROLE_DECODE, 9, 5, false},   {MODEL_ROLE_PREFILL, 12, 1000, true},
        {MODEL_ROLE_PREFILL, 13, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct model_pool pool = {
            .role = cases[i].role, .block_size = 4, .kv_blocks = 3};

        assert_int_equal(sim_replica_fits(&pool, cases[i].prompt, cases[i].output),
                         cases[i].fits);
    }
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 3] = {
        cmocka_unit_test(gaps_are_between_successive_tokens),
        cmocka_unit_test(what_the_source_does_not_know_stops_the_run_when_it_is_met),
        cmocka_unit_test(fits_means_all_but_the_last_token),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 3] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = goes_as_worked_out_by_hand,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("replica", tests, NULL, NULL);
}
