/* SPDX-License-Identifier: Apache-2.0 */
/* The polar decoder, DCI and PBCH decoding on any configuration that the plan lets pass and any LLRs. All
 * variants of the decoder must agree, and a decoded path, encoded again, must cost what its place among the
 * paths says. */
#include <stdlib.h>
#include <string.h>

#include "lib/phy/polar/dci_code.h"
#include "lib/phy/polar/list.h"
#include "lib/phy/polar/pbch_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int8_t llr[1 << 16]; /* e is a 16-bit number here */

/* The input's bytes over and over; none: zeros. -128 is no LLR. */
static void fill(const uint8_t *p, size_t n, size_t want)
{
    for (size_t i = 0; i < want; i++) {
        llr[i] = n ? (int8_t)p[i % n] : 0;
        if (llr[i] == -128)
            llr[i] = -127;
    }
}

static void decode(const phy_t *phy, const polar_plan_t *plan)
{
    static polar_work_t work, other;
    uint8_t bits[POLAR_MAX_K / 8 + 1], coded[(1 << 16) / 8];
    unsigned paths = polar_decode(phy, plan, llr, &work);
    if (paths < 1 || paths > POLAR_LIST)
        abort();
    for (unsigned i = 0; i < paths; i++) {
        polar_path(phy, plan, &work, i, bits);
        polar_encode(phy, plan, bits, coded);
    }
    memcpy(other.root, work.root, sizeof other.root);
    for (phy_isa_t isa = PHY_ISA_GENERIC; isa <= phy->isa; isa++) {
        polar_ops(isa)->run(plan, &other);
        if (memcmp(other.metric, work.metric, sizeof work.metric) ||
            memcmp(other.sums + plan->n, work.sums + plan->n, plan->n))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static phy_t *phy;
    static polar_plan_t plan;
    static dci_code_plan_t dci;
    static polar_work_t work;
    if (n < 7)
        return 0;
    if (!phy && phy_create(PHY_ISA_BEST, &phy) < 0)
        return 0;
    unsigned k = p[1] | p[2] << 8, e = p[3] | p[4] << 8;
    const uint16_t rntis[] = {(uint16_t)(p[5] | p[6] << 8), 0xffff};
    switch (p[0] % 3) {
    case 0: {
        polar_cfg_t cfg = {.k = (uint16_t)k, .e = e, .n_max = p[5], .i_il = p[6] & 1, .i_bil = p[6] >> 1 & 1};
        if (polar_plan(&cfg, &plan, NULL) < 0)
            return 0;
        fill(p + 7, n - 7, e);
        decode(phy, &plan);
        break;
    }
    case 1: {
        dci_code_cfg_t cfg = {.a_bits = (uint16_t)k, .e_bits = (uint16_t)e};
        uint8_t payload[DCI_CODE_MAX_BITS / 8 + 1];
        uint16_t rnti;
        if (dci_code_plan(&cfg, &dci, NULL) < 0)
            return 0;
        fill(p + 7, n - 7, e);
        if (dci_code_decode(phy, &dci, llr, rntis, 2, &work, payload) > 1)
            abort();
        dci_code_decode_any(phy, &dci, llr, &work, payload, &rnti);
        break;
    }
    default: {
        pbch_payload_t found = {.cell_id = (uint16_t)k, .l_max = p[3], .ssb_index = p[4]};
        if (pbch_check(&found, NULL) < 0)
            return 0;
        fill(p + 7, n - 7, PBCH_E_BITS);
        if (pbch_decode(phy, llr, &work, &found) && found.sfn > 1023)
            abort();
    }
    }
    return 0;
}
