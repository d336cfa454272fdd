/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that PER is measured by, as C values: E2 setup, RIC indication with KPM format 1 and 3, RIC
 * control, F1 DL RRC transfer, UE context setup. The tshark referee reads the same ones. */
#ifndef VITRAN_TESTS_ASN1_MESSAGES_H
#define VITRAN_TESTS_ASN1_MESSAGES_H

#include "lib/asn1/asn1.h"

#define MESSAGE_MAX_BYTES 8192

/* What stands in one of the message's octet strings, encoded by itself. */
typedef struct {
    const asn1_type_t *type;
    const void *value;
    asn1_bytes_t *where;
    uint8_t bytes[MESSAGE_MAX_BYTES];
} inner_t;

typedef struct {
    const char *name;
    const asn1_type_t *type; /* the PDU */
    const void *value;
    inner_t *inner; /* [size: n_inner] */
    unsigned n_inner;
} message_t;

#define N_MESSAGES 6

/* Builds all [size: N_MESSAGES]; the values live in static storage: one user. */
const message_t *messages_build(void);

/* Encodes inner ones and PDU, all aligned PER, to out [size: MESSAGE_MAX_BYTES]; returns 0 or -errno. */
int message_encode(const message_t *m, uint8_t *out, size_t *ret_n, asn1_error_t *err);

/* Decodes what message_encode last wrote: PDU, then inner ones. The arena holds all of it. */
int message_decode(const message_t *m, const uint8_t *p, size_t n, arena_t *arena, asn1_error_t *err);

#endif
