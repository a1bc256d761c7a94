/* The canaries' loops, in assembly for x86-64 and aarch64. */
#include "calibrate/canary.h"

#include <stddef.h>

#include "base/status.h"

/* Sixteen multiplies and thirty-two adds a time round; with the counter's two
 * instructions they stay inside the buffers that feed a core. */
#define TWICE(x) x x
#define FOUR(x)  TWICE(x) TWICE(x)
#define EIGHT(x) FOUR(x) FOUR(x)

#if defined(__x86_64__)

#define CODE "x86-64.1"

/* uint64_t cal_loop_chain(uint64_t x, uint64_t k, int64_t rounds) */
__asm__(".pushsection .text\n"
        ".p2align 6\n"
        ".globl cal_loop_chain\n"
        ".hidden cal_loop_chain\n"
        ".type cal_loop_chain, @function\n"
        "cal_loop_chain:\n"
        "  movq %rdi, %rax\n"
        "  .p2align 6\n"
        "1:\n"                                            /**/
        EIGHT("  imulq %rsi, %rax\n  imulq %rsi, %rax\n") /**/
        "  decq %rdx\n"
        "  jnz 1b\n"
        "  ret\n"
        ".size cal_loop_chain, . - cal_loop_chain\n"
        ".popsection\n");

/* uint64_t cal_loop_adds(uint64_t k, int64_t rounds) */
__asm__(".pushsection .text\n"
        ".p2align 6\n"
        ".globl cal_loop_adds\n"
        ".hidden cal_loop_adds\n"
        ".type cal_loop_adds, @function\n"
        "cal_loop_adds:\n"
        "  xorl %eax, %eax\n"
        "  xorl %ecx, %ecx\n"
        "  xorl %edx, %edx\n"
        "  xorl %r8d, %r8d\n"
        "  xorl %r9d, %r9d\n"
        "  xorl %r10d, %r10d\n"
        "  xorl %r11d, %r11d\n"
        "  pushq %rbx\n"
        "  xorl %ebx, %ebx\n"
        "  .p2align 6\n"
        "1:\n" /**/
        FOUR("  addq %rdi, %rax\n"
             "  addq %rdi, %rcx\n"
             "  addq %rdi, %rdx\n"
             "  addq %rdi, %r8\n"
             "  addq %rdi, %r9\n"
             "  addq %rdi, %r10\n"
             "  addq %rdi, %r11\n"
             "  addq %rdi, %rbx\n") /**/
        "  decq %rsi\n"
        "  jnz 1b\n"
        "  addq %rcx, %rax\n"
        "  addq %rdx, %rax\n"
        "  addq %r8, %rax\n"
        "  addq %r9, %rax\n"
        "  addq %r10, %rax\n"
        "  addq %r11, %rax\n"
        "  addq %rbx, %rax\n"
        "  popq %rbx\n"
        "  ret\n"
        ".size cal_loop_adds, . - cal_loop_adds\n"
        ".popsection\n");

#elif defined(__aarch64__)

#define CODE "aarch64.1"

__asm__(".pushsection .text\n"
        ".p2align 6\n"
        ".globl cal_loop_chain\n"
        ".hidden cal_loop_chain\n"
        ".type cal_loop_chain, %function\n"
        "cal_loop_chain:\n"
        "  .p2align 6\n"
        "1:\n"                                        /**/
        EIGHT("  mul x0, x0, x1\n  mul x0, x0, x1\n") /**/
        "  subs x2, x2, #1\n"
        "  b.ne 1b\n"
        "  ret\n"
        ".size cal_loop_chain, . - cal_loop_chain\n"
        ".popsection\n");

__asm__(".pushsection .text\n"
        ".p2align 6\n"
        ".globl cal_loop_adds\n"
        ".hidden cal_loop_adds\n"
        ".type cal_loop_adds, %function\n"
        "cal_loop_adds:\n"
        "  mov x2, #0\n"
        "  mov x3, #0\n"
        "  mov x4, #0\n"
        "  mov x5, #0\n"
        "  mov x6, #0\n"
        "  mov x7, #0\n"
        "  mov x8, #0\n"
        "  mov x9, #0\n"
        "  .p2align 6\n"
        "1:\n" /**/
        FOUR("  add x2, x2, x0\n"
             "  add x3, x3, x0\n"
             "  add x4, x4, x0\n"
             "  add x5, x5, x0\n"
             "  add x6, x6, x0\n"
             "  add x7, x7, x0\n"
             "  add x8, x8, x0\n"
             "  add x9, x9, x0\n") /**/
        "  subs x1, x1, #1\n"
        "  b.ne 1b\n"
        "  add x2, x2, x3\n"
        "  add x4, x4, x5\n"
        "  add x6, x6, x7\n"
        "  add x8, x8, x9\n"
        "  add x2, x2, x4\n"
        "  add x6, x6, x8\n"
        "  add x0, x2, x6\n"
        "  ret\n"
        ".size cal_loop_adds, . - cal_loop_adds\n"
        ".popsection\n");

#endif

#ifdef CODE

uint64_t cal_loop_chain(uint64_t x, uint64_t k, int64_t rounds);
uint64_t cal_loop_adds(uint64_t k, int64_t rounds);

bool cal_canary_has(void)
{
    return true;
}

const char *cal_canary_code(void)
{
    return CODE;
}

uint64_t cal_canary_chain(uint64_t x, uint64_t k, int64_t rounds)
{
    sp_assert(rounds >= 1);
    return cal_loop_chain(x, k, rounds);
}

uint64_t cal_canary_adds(uint64_t k, int64_t rounds)
{
    sp_assert(rounds >= 1);
    return cal_loop_adds(k, rounds);
}

#else

bool cal_canary_has(void)
{
    return false;
}

const char *cal_canary_code(void)
{
    return "none";
}

uint64_t cal_canary_chain(uint64_t x, uint64_t k, int64_t rounds)
{
    (void)x, (void)k, (void)rounds;
    return 0;
}

uint64_t cal_canary_adds(uint64_t k, int64_t rounds)
{
    (void)k, (void)rounds;
    return 0;
}

#endif
