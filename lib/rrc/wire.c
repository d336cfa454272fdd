/* SPDX-License-Identifier: Apache-2.0 */
/* See wire.h. */
#include "lib/rrc/wire.h"

#include <assert.h>

void wire_begin(rrc_wire_t *w)
{
    if (w->arena->size - w->arena->used < WIRE_BUILD_BYTES)
        wire_fail(w, -ENOMEM, "the scratch arena is too small");
}

void *wire_new(rrc_wire_t *w, size_t n, size_t align)
{
    void *p = arena_alloc(w->arena, n, align);
    assert(p); /* WIRE_BUILD_BYTES is too small: our own bug */
    return p;
}

int32_t wire_index(rrc_wire_t *w, const uint32_t *table, uint32_t n, uint32_t value, const char *what)
{
    for (uint32_t i = 0; i < n; i++)
        if (table[i] == value)
            return (int32_t)i;
    wire_fail(w, -ERANGE, what);
    return 0;
}

uint32_t wire_number(rrc_wire_t *w, const uint32_t *table, uint32_t n, int32_t index, const char *what)
{
    if (index >= 0 && (uint32_t)index < n)
        return table[index];
    wire_fail(w, -ENOTSUP, what);
    return table[0];
}

const uint32_t wire_ta_ms[8] = {500, 750, 1280, 1920, 2560, 5120, 10240, WIRE_INFINITY};
const uint32_t wire_t300_ms[8] = {100, 200, 300, 400, 600, 1000, 1500, 2000};
const uint32_t wire_t310_ms[9] = {0, 50, 100, 200, 500, 1000, 2000, 4000, 6000};
const uint32_t wire_t311_ms[7] = {1000, 3000, 5000, 10000, 15000, 20000, 30000};
const uint32_t wire_n310[8] = {1, 2, 3, 4, 6, 8, 10, 20};
const uint32_t wire_n311[8] = {1, 2, 3, 4, 5, 6, 8, 10};
