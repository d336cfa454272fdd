/* SPDX-License-Identifier: Apache-2.0 */
/* Building protobuf-c messages in an arena, so that a reply is thrown away whole after it was packed. Each
 * helper returns NULL, or a truncated result that packs all the same, when the arena is full. */
#ifndef VITRAN_RPC_MESSAGE_H
#define VITRAN_RPC_MESSAGE_H

#include <protobuf-c/protobuf-c.h>
#include <string.h>

#include "lib/core/arena.h"

/* A zeroed, initialized message: MESSAGE_NEW(a, vitran__ric__v1__slice, Vitran__Ric__V1__Slice). */
static inline void *message_new(arena_t *a, const ProtobufCMessageDescriptor *d)
{
    ProtobufCMessage *m = (ProtobufCMessage *)arena_alloc(a, d->sizeof_message, 16);
    if (m)
        protobuf_c_message_init(d, m);
    return m;
}
#define MESSAGE_NEW(a, name) message_new((a), &name##__descriptor)

/* A NUL-terminated copy of n bytes; "" when there is no room. */
static inline char *message_text_n(arena_t *a, const void *s, size_t n)
{
    char *p = (char *)arena_alloc(a, n + 1, 1);
    if (!p)
        return (char *)protobuf_c_empty_string;
    memcpy(p, s, n);
    return p;
}
static inline char *message_text(arena_t *a, const char *s)
{
    return s ? message_text_n(a, s, strlen(s)) : (char *)protobuf_c_empty_string;
}

/* An array of n message pointers. */
static inline void *message_list(arena_t *a, size_t n)
{
    return ARENA_ARRAY(a, void *, n);
}

#endif
