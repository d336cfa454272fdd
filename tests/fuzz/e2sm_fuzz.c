/* SPDX-License-Identifier: Apache-2.0 */
/* What the service models decode: the first byte chooses, the rest is the message; for those of two parts the
 * second byte says how long the first is. */
#include "e2sm/kpm/kpm.h"
#include "e2sm/rc/rc.h"
#include "lib/asn1/schema/plg.asn.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static uint8_t mem[1 << 20];
    static kpm_action_t action;
    arena_t arena;
    e2sm_cell_t cell;
    uint32_t period_ms;
    kpm_report_t report;
    rc_control_t control;
    rc_outcome_t outcome;
    plg_ControlMessage_t message;
    if (n < 2)
        return 0;
    arena_init(&arena, mem, sizeof mem);
    uint32_t rest = (uint32_t)(n - 2), first = bytes[1] < rest ? bytes[1] : rest;
    asn1_bytes_t all = {bytes + 2, rest}, a = {bytes + 2, first}, b = {bytes + 2 + first, rest - first};
    switch (bytes[0]) {
    case 0:
        kpm_trigger_decode(all.p, all.n, &arena, &period_ms);
        break;
    case 1:
        kpm_action_decode(all.p, all.n, &arena, &action, &cell);
        break;
    case 2:
        kpm_report_decode(a, b, NULL, &arena, &report);
        break;
    case 3:
        rc_control_decode(a, b, &arena, &control);
        break;
    case 4:
        rc_outcome_decode(all, &arena, &outcome);
        break;
    default:
        asn1_decode(&plg_ControlMessage_type, ASN1_APER, all.p, all.n, &arena, &message, NULL);
    }
    return 0;
}
