/* SPDX-License-Identifier: Apache-2.0 */
/* E2AP as it comes off an association: read, and when it cannot be, the error indication must be one that
 * encodes. */
#include <stdlib.h>

#include "lib/e2ap/e2ap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static uint8_t mem[1 << 20], out[E2AP_MAX_MESSAGE];
    arena_t arena;
    e2ap_E2AP_PDU_t pdu;
    e2ap_error_t error;
    size_t out_n;
    arena_init(&arena, mem, sizeof mem);
    e2ap_read_t r = e2ap_read(bytes, n, &arena, &pdu, &error);
    if ((r == E2AP_READ_TRANSFER_SYNTAX || r == E2AP_READ_ABSTRACT_SYNTAX) &&
        asn1_encode(&e2ap_E2AP_PDU_type, ASN1_APER, E2AP_INITIATING(ErrorIndication, &error.message), out,
                    sizeof out, &out_n, NULL) < 0)
        abort();
    return 0;
}
