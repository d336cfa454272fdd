/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator over memory that the caller owns: decoders put what they build here and the caller resets
 * it, so that nothing is freed field by field. Not thread-safe: one arena has one user at a time. Never calls
 * the system; usable on the slot thread. */
#ifndef VITRAN_CORE_ARENA_H
#define VITRAN_CORE_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint8_t *base;
    size_t size; /* bytes at base */
    size_t used; /* bytes handed out, padding included */
} arena_t;

/* Takes `size` bytes at `mem`; the memory must outlive the arena. */
static inline void arena_init(arena_t *a, void *mem, size_t size)
{
    a->base = (uint8_t *)mem;
    a->size = size;
    a->used = 0;
}

/* `n` bytes aligned to `align` (a power of two), zeroed; NULL when the arena is full. */
static inline void *arena_alloc(arena_t *a, size_t n, size_t align)
{
    uintptr_t p = ((uintptr_t)a->base + a->used + align - 1) & ~((uintptr_t)align - 1);
    size_t start = p - (uintptr_t)a->base;
    if (start > a->size || n > a->size - start)
        return NULL;
    a->used = start + n;
    return n ? memset((void *)p, 0, n) : (void *)p;
}

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type), _Alignof(type)))

/* Array of n elements; NULL when full or when the size overflows. */
#define ARENA_ARRAY(a, type, n)                                                                              \
    ((type *)((size_t)(n) > (a)->size / sizeof(type)                                                         \
                  ? NULL                                                                                     \
                  : arena_alloc((a), (size_t)(n) * sizeof(type), _Alignof(type))))

/* Frees all that was handed out. */
static inline void arena_reset(arena_t *a)
{
    a->used = 0;
}

#endif
