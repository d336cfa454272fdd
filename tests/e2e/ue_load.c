/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/e2e/ue_load.h"

#include "fronthaul/emulator/ue/ue_int.h"

void ue_load_fill(ue_t *u, uint8_t lcid, uint32_t bytes)
{
    static const uint8_t sdu[1400];
    ue_lc_t *lc = ue_mac_lc(u, lcid);
    for (uint32_t had = lc ? ue_lc_bytes(u, lc) : bytes; had < bytes; had += sizeof sdu) {
        buf_t *b = buf_from(u->pool, sdu, sizeof sdu);
        if (!b || rlc_push_sdu(lc->rlc, b)) {
            buf_free(b);
            return;
        }
    }
}

uint64_t ue_load_received(ue_t *u, uint8_t lcid)
{
    ue_lc_t *lc = ue_mac_lc(u, lcid);
    return lc ? rlc_counters(lc->rlc)->rx_sdu_bytes : 0;
}
