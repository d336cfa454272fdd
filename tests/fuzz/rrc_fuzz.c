/* SPDX-License-Identifier: Apache-2.0 */
/* A UE's parsers of what the network configures: SIB1 (byte 0 even) and CellGroupConfig (odd). What parses
 * must build again, and parse to the same: else DU and UE would disagree about it. */
#include <stdlib.h>
#include <string.h>

#include "lib/rrc/cell_group.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static uint8_t mem[RRC_SCRATCH_BYTES];

static arena_t *scratch(void)
{
    static arena_t a;
    arena_init(&a, mem, sizeof mem);
    return &a;
}

static void sib1(const uint8_t *p, size_t n, const radio_cell_t *demo)
{
    radio_cell_t a, b;
    uint8_t out[RRC_SIB1_BYTES];
    size_t len;
    rrc_why_t why;
    uint32_t bits;
    rrc_mib_t mib;
    if (rrc_mib_build(demo, 0, &bits) || rrc_mib_parse(bits, &mib))
        abort();
    if (rrc_sib1_parse(p, n, 1, &mib, scratch(), &a, &why))
        return;
    if (rrc_sib1_build(&a, scratch(), out, sizeof out, &len, &why))
        return; /* it may use what radio_cell_t holds and our builder never sends */
    if (rrc_sib1_parse(out, len, 1, &mib, scratch(), &b, &why) || a.n_prb != b.n_prb ||
        a.nr_cell_id != b.nr_cell_id || memcmp(a.ul_tdra, b.ul_tdra, sizeof a.ul_tdra))
        abort();
}

static void cell_group(const uint8_t *p, size_t n, const radio_cell_t *demo)
{
    rrc_cell_group_t a, b;
    uint8_t out[4096];
    size_t len;
    rrc_why_t why;
    if (rrc_cell_group_parse(p, n, demo, scratch(), &a, &why))
        return;
    if (a.ue.n_lc > RADIO_MAX_LC || a.ue.n_res > RADIO_MAX_PUCCH_RES || a.ue.n_k1 > RADIO_MAX_K1)
        abort();
    if (rrc_cell_group_build(&a, demo, scratch(), out, sizeof out, &len, &why))
        return;
    if (rrc_cell_group_parse(out, len, demo, scratch(), &b, &why) || a.present != b.present ||
        a.ue.n_lc != b.ue.n_lc)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static radio_cell_t demo;
    if (!demo.n_prb && radio_cell_defaults(&demo, 51))
        abort();
    if (n < 1)
        return 0;
    if (p[0] & 1)
        cell_group(p + 1, n - 1, &demo);
    else
        sib1(p + 1, n - 1, &demo);
    return 0;
}
