/* SPDX-License-Identifier: Apache-2.0 */
/* MAC PDUs and DCI bits of a peer: every subPDU lies inside the input, every control element's parser takes
 * what it is given, every DCI of the right size unpacks to values that pack to the same bits again. First
 * byte: what to do. */
#include <stdlib.h>
#include <string.h>

#include "lib/mac/bsr.h"
#include "lib/mac/dci.h"
#include "lib/mac/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void walk(mac_dir_t dir, const uint8_t *p, uint32_t n)
{
    mac_iter_t it = mac_iter(dir, p, n);
    mac_subpdu_t s;
    while (mac_next(&it, &s) == 1) {
        mac_bsr_t b;
        uint8_t x, y;
        uint16_t rnti;
        if (s.p < p || s.p + s.n > p + n)
            abort();
        if (dir == MAC_UL && mac_parse_bsr(s.lcid, s.p, s.n, &b) == 0) {
            uint8_t again[16];
            mac_build_t out = mac_build(again, sizeof again);
            if (b.n > 8 || !mac_build_bsr(&out, &b))
                abort();
            for (uint32_t i = 0; i < b.n; i++)
                (void)bsr_long_bytes(b.index[i]);
        }
        (void)mac_parse_phr(s.p, s.n, &x, &y);
        (void)mac_parse_c_rnti(s.p, s.n, &rnti);
        (void)mac_parse_ta(s.p, s.n, &x, &y);
    }
}

static void rar(const uint8_t *p, uint32_t n)
{
    uint32_t at = 0, steps = 0;
    mac_rar_t r;
    while (mac_rar_next(p, n, &at, &r) == 1)
        if (++steps > n)
            abort();
}

static void dci(const uint8_t *p, uint32_t n)
{
    static const dci_cfg_t cfg = {.n_prb_coreset0 = 48,
                                  .n_prb_initial_dl = 51,
                                  .n_prb_initial_ul = 51,
                                  .n_prb_dl = 51,
                                  .n_prb_ul = 51,
                                  .uss_fallback = 1,
                                  .ra_type_dl = 1,
                                  .ra_type_ul = 1,
                                  .dai_dynamic = 1,
                                  .csi_request_bits = 2};
    dci_plan_t plan;
    dci_bits_t in = {0}, out;
    dci_1_1_t d11;
    dci_0_1_t d01;
    dci_1_0_t d10;
    dci_0_0_t d00;
    if (n < 1 || dci_plan(&cfg, &plan) < 0)
        return;
    in.n_bits = p[0] & 127;
    memcpy(in.bytes, p + 1, n - 1 < (in.n_bits + 7u) / 8 ? n - 1 : (in.n_bits + 7u) / 8);
    if (in.n_bits & 7)
        in.bytes[in.n_bits / 8] &= (uint8_t)(0xff00 >> (in.n_bits & 7));
    if (dci_unpack_1_1(&plan, &in, &d11) == 0) {
        dci_pack_1_1(&plan, &d11, &out);
        if (memcmp(&in, &out, sizeof in) != 0)
            abort();
    }
    if (dci_unpack_1_0(&plan, DCI_USS, &in, &d10) == 0) {
        dci_pack_1_0(&plan, DCI_USS, &d10, &out);
        if (memcmp(&in, &out, sizeof in) != 0)
            abort();
    }
    (void)dci_unpack_0_1(&plan, &in, &d01); /* padding bits are not kept */
    (void)dci_unpack_0_0(&plan, DCI_USS, &in, &d00);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1 || n > 65536)
        return 0;
    switch (data[0] & 3) {
    case 0:
    case 1:
        walk((mac_dir_t)(data[0] & 1), data + 1, (uint32_t)n - 1);
        break;
    case 2:
        rar(data + 1, (uint32_t)n - 1);
        break;
    default:
        dci(data + 1, (uint32_t)n - 1);
        break;
    }
    return 0;
}
