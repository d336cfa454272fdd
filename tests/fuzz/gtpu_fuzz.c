/* SPDX-License-Identifier: Apache-2.0 */
/* GTP-U headers of any bytes: what decodes must encode again, to something that decodes to the same. */
#include <stddef.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>

#include "lib/gtpu/gtpu.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    gtpu_header_t h, again;
    uint32_t teid, addr;
    uint8_t out[512];
    if (gtpu_decode(p, n, &h) != 0)
        return 0;
    if ((size_t)h.header_bytes + h.payload_bytes > n)
        abort();
    if (h.type == GTPU_ERROR_INDICATION)
        gtpu_error_indication_decode(p + h.header_bytes, h.payload_bytes, &teid, &addr);
    if (h.has_nru && h.nru.type == NRU_ASSISTANCE)
        return 0; /* read, never written */
    int size = gtpu_encode(&h, h.payload_bytes, out, sizeof out);
    if (size == -EINVAL)
        return 0; /* a payload that only fitted because our header is shorter by what was skipped */
    if (size < 0 || gtpu_decode(out, (size_t)size, &again) == 0) {
        if (size < 0 || h.payload_bytes != 0)
            abort(); /* the length must run past what we gave */
    }
    memset(out + size, 0, sizeof out - (size_t)size);
    if (h.payload_bytes > sizeof out - (size_t)size)
        return 0;
    if (gtpu_decode(out, (size_t)size + h.payload_bytes, &again) != 0 || again.teid != h.teid ||
        again.payload_bytes != h.payload_bytes || memcmp(&again.nru, &h.nru, sizeof h.nru) != 0 ||
        memcmp(&again.pdu_session, &h.pdu_session, sizeof h.pdu_session) != 0)
        abort();
    return 0;
}
