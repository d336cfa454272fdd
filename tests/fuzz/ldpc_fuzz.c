/* SPDX-License-Identifier: Apache-2.0 */
/* A code block of any configuration, through the plans, with any LLRs, in two transmissions: dematch,
 * combine, decode. All variants of the machine must agree. Buffers have exactly the sizes that the headers
 * ask for. */
#include "lib/phy/ldpc/sch_rx.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    uint8_t bg, crc, iterations, qm;
    uint8_t rv[2];
    uint16_t zc, n_filler;
    uint32_t n_cb, e;
} head_t;

static phy_t *phys[PHY_N_ISA];

static void run(const phy_t *phy, const head_t *h, const uint8_t *llrs, size_t n_llrs, uint8_t *ret,
                size_t *ret_n)
{
    ldpc_dec_cfg_t dec = {.bg = h->bg, .zc = h->zc, .n_filler = h->n_filler, .crc = (ldpc_crc_t)h->crc};
    ldpc_dematch_cfg_t match = {
        .bg = h->bg, .zc = h->zc, .n_filler = h->n_filler, .n_cb = h->n_cb, .qm = h->qm, .e = h->e};
    ldpc_dec_op_t op = {.max_iterations = h->iterations % 4};
    phy_refusal_t why;
    *ret_n = 0;
    if (ldpc_dec_plan(phy, &dec, &op.code, &why) < 0)
        return;
    sch_rx_cb_t cb = {.n_soft = 0};
    int8_t *llr = NULL;
    ldpc_dec_work_t *work = aligned_alloc(64, sizeof *work);
    memset(work, 0x5a, sizeof *work);
    for (unsigned i = 0; i < 2; i++) {
        match.rv = h->rv[i];
        if (ldpc_dematch_plan(phy, &match, &op.match, &why) < 0)
            break;
        if (!llr) {
            llr = malloc(match.e);
            cb.soft = aligned_alloc(64, (match.n_cb + 63u) / 64 * 64);
            cb.bits = malloc(LDPC_MAX_K_BYTES);
            for (uint32_t n = 0; n < match.e; n++)
                llr[n] = n_llrs ? (int8_t)llrs[(n + i) % n_llrs] : 0;
        }
        op.llr = llr;
        op.harq = &cb;
        ldpc_dec_op_run(phy, &op, work);
        if (op.stats.iterations == 0 && i == 0)
            abort();
        *ret_n = (op.code.k_prime + 7u) / 8;
        memcpy(ret, cb.bits, *ret_n);
        ret[(*ret_n)++] = cb.done;
    }
    free(work);
    free(llr);
    free(cb.soft);
    free(cb.bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int isa = 0; isa <= (int)phy_isa_detect() && !phys[isa]; isa++)
        if (phy_create((phy_isa_t)isa, &phys[isa]) < 0)
            abort();
    head_t h;
    if (size < sizeof h)
        return 0;
    memcpy(&h, data, sizeof h);
    h.e = h.e > 80000 ? h.e | 1u << 30 : h.e; /* refused, or soon done */
    uint8_t first[LDPC_MAX_K_BYTES + 1], other[LDPC_MAX_K_BYTES + 1];
    size_t n_first, n_other;
    run(phys[0], &h, data + sizeof h, size - sizeof h, first, &n_first);
    for (int isa = 1; isa < PHY_N_ISA && phys[isa]; isa++) {
        run(phys[isa], &h, data + sizeof h, size - sizeof h, other, &n_other);
        if (n_first != n_other || memcmp(first, other, n_first) != 0)
            abort();
    }
    return 0;
}
