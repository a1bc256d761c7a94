/* Bump allocation in chunks.  Large blocks are lone chunks; very large ones are mapped,
 * so that growing moves pages, not bytes, and what is not touched costs nothing. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/status.h"

enum {
    CHUNK_BYTES = 64 * 1024,
    ALIGN = 64,
    LARGE_BYTES = 16 * 1024,
    MAPPED_BYTES = 256 * 1024,
    HUGE_BYTES = 4 * 1024 * 1024,
};

struct chunk {
    struct chunk *prev, *next;
    size_t used, size; /* bytes of payload */
    bool mapped;
};

struct sp_arena {
    struct chunk *all;     /* every chunk, newest first */
    struct chunk *current; /* the one small blocks come from */
};

static noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "stageplan: out of memory: %zu bytes were asked for\n", size);
    exit(1);
}

void *sp_xcalloc(size_t count, size_t size)
{
    void *p = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

    if (p == NULL)
        out_of_memory(count * size);
    return p;
}

void *sp_xrealloc(void *old, size_t size)
{
    void *p = realloc(old, size > 0 ? size : 1);

    if (p == NULL)
        out_of_memory(size);
    return p;
}

static size_t header_bytes(void)
{
    return (sizeof(struct chunk) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static void chunk_link(struct sp_arena *arena, struct chunk *c)
{
    c->next = NULL;
    c->prev = arena->all;
    if (arena->all != NULL)
        arena->all->next = c;
    arena->all = c;
}

static void chunk_unlink(struct sp_arena *arena, struct chunk *c)
{
    if (c->next != NULL)
        c->next->prev = c->prev;
    else
        arena->all = c->prev;
    if (c->prev != NULL)
        c->prev->next = c->next;
}

static size_t chunk_bytes(size_t payload)
{
    return (header_bytes() + payload + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static void *get_pages(size_t bytes)
{
    void *p =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
#ifdef MADV_HUGEPAGE /* a wish: rows are looked up at random */
    if (bytes >= HUGE_BYTES)
        (void)madvise(p, bytes, MADV_HUGEPAGE);
#endif
    return p;
}

static struct chunk *chunk_new(struct sp_arena *arena, size_t size)
{
    bool mapped = size >= MAPPED_BYTES;
    size_t total;
    struct chunk *c;

    if (size > SIZE_MAX / 2)
        out_of_memory(size);
    total = chunk_bytes(size);
    c = mapped ? get_pages(total) : aligned_alloc(ALIGN, total);
    if (c == NULL)
        out_of_memory(size);
    *c = (struct chunk){.size = total - header_bytes(), .mapped = mapped};
    chunk_link(arena, c);
    return c;
}

static void chunk_free(struct chunk *c)
{
    if (c->mapped)
        munmap(c, header_bytes() + c->size);
    else
        free(c);
}

static void *chunk_payload(struct chunk *c)
{
    return (char *)c + header_bytes();
}

struct sp_arena *sp_arena_new(void)
{
    return sp_xcalloc(1, sizeof(struct sp_arena));
}

void sp_arena_free(struct sp_arena *arena)
{
    struct chunk *prev;

    if (arena == NULL)
        return;
    for (struct chunk *c = arena->all; c != NULL; c = prev) {
        prev = c->prev;
        chunk_free(c);
    }
    free(arena);
}

void sp_arena_adopt(struct sp_arena *arena, struct sp_arena *from)
{
    struct chunk *oldest;

    if (from == NULL)
        return;
    if (from->all != NULL) {
        for (oldest = from->all; oldest->prev != NULL; oldest = oldest->prev)
            continue;
        oldest->prev = arena->all;
        if (arena->all != NULL)
            arena->all->next = oldest;
        arena->all = from->all;
    }
    free(from);
}

static void *alloc_small(struct sp_arena *arena, size_t size)
{
    size_t step = (size > 0 ? size + 15 : 16) & ~(size_t)15;

    if (arena->current == NULL || arena->current->size - arena->current->used < step)
        arena->current = chunk_new(arena, CHUNK_BYTES);
    arena->current->used += step;
    return memset((char *)chunk_payload(arena->current) + arena->current->used - step,
                  0, step);
}

void *sp_arena_alloc(struct sp_arena *arena, size_t size)
{
    struct chunk *lone;

    if (size < LARGE_BYTES)
        return alloc_small(arena, size);
    lone = chunk_new(arena, size);
    lone->used = lone->size;
    if (!lone->mapped) /* fresh pages are zeroed, and need not be touched yet */
        memset(chunk_payload(lone), 0, lone->size);
    return chunk_payload(lone);
}

static size_t product(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        out_of_memory(SIZE_MAX);
    return count * size;
}

void *sp_arena_array(struct sp_arena *arena, size_t count, size_t size)
{
    return sp_arena_alloc(arena, product(count, size));
}

static struct chunk *chunk_of(void *payload)
{
    return (struct chunk *)(void *)((char *)payload - header_bytes());
}

/* mremap(), but for the thread sanitizer, which does not see it: it would take the next
 * to be given the pages that were left for a rival of the one who left them. */
static void *move_pages(void *old, size_t old_bytes, size_t bytes)
{
#ifdef __SANITIZE_THREAD__
    void *moved =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (moved == MAP_FAILED)
        return moved;
    memcpy(moved, old, old_bytes < bytes ? old_bytes : bytes);
    munmap(old, old_bytes);
    return moved;
#else
    return mremap(old, old_bytes, bytes, MREMAP_MAYMOVE);
#endif
}

/* The same pages at a place with room for more; fresh pages come zeroed. */
static void *grow_mapped(struct sp_arena *arena, struct chunk *c, size_t bytes)
{
    size_t total = chunk_bytes(bytes);
    void *moved;

    chunk_unlink(arena, c);
    moved = move_pages(c, header_bytes() + c->size, total);
    if (moved == MAP_FAILED)
        out_of_memory(bytes);
    c = moved;
    c->size = c->used = total - header_bytes();
    chunk_link(arena, c);
    return chunk_payload(c);
}

void sp_arena_give_back(struct sp_arena *arena, void *old, size_t count, size_t size)
{
    if (old == NULL || product(count, size) < LARGE_BYTES)
        return;
    chunk_unlink(arena, chunk_of(old));
    chunk_free(chunk_of(old));
}

void *sp_arena_grow(struct sp_arena *arena, void *old, size_t count, size_t want,
                    size_t size)
{
    size_t old_bytes = product(count, size), bytes = product(want, size);
    char *grown;

    sp_assert(want >= count);
    if (old != NULL && old_bytes >= LARGE_BYTES && chunk_of(old)->mapped)
        return grow_mapped(arena, chunk_of(old), bytes);
    grown = sp_arena_alloc(arena, bytes);
    if (old_bytes > 0)
        memcpy(grown, old, old_bytes);
    sp_arena_give_back(arena, old, count, size);
    return grown;
}

void *sp_arena_more(struct sp_arena *arena, void *rows, int32_t n, int32_t *room,
                    size_t size)
{
    enum { FIRST_ROWS = 16 };

    if (n < *room)
        return rows;
    *room = *room == 0 ? FIRST_ROWS : 2 * *room;
    return sp_arena_grow(arena, rows, (size_t)n, (size_t)*room, size);
}

char *sp_arena_strdup(struct sp_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(sp_arena_alloc(arena, size), text, size);
}

char *sp_arena_printf(struct sp_arena *arena, const char *fmt, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    sp_assert(n >= 0);
    text = sp_arena_alloc(arena, (size_t)n + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    return text;
}
