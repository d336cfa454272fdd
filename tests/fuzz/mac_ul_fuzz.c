/* SPDX-License-Identifier: Apache-2.0 */
/* What a UE sends: bytes become the transport blocks of a connected UE (two bearers) and its UCI, through the
 * slab check of the abstract L1, MAC's demultiplexing and RLC. The cell is made once; a UE that got lost is
 * replaced. */
#include <stdlib.h>

#include "tests/unit/du/mac/fake.h"

static const uint8_t *input;
static size_t left;

static void fill(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    if (!left) {
        fake_fill_default(f, p, tb);
        return;
    }
    for (uint32_t i = 0; i < p->tb_bytes; i++) {
        tb[i] = left ? *input++ : 63;
        left -= left > 0;
    }
}

static void spoil(fake_t *f, fapi_ul_slot_t *ul)
{
    (void)f;
    for (uint32_t i = 0; i < ul->n_uci && left; i++, left--)
        ul->uci[i].harq[0] = *input++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static fake_t *f;
    static du_ue_ref_t ue;
    if (!f) {
        CU_initialize_registry();
        f = fake_create(4);
        f->fill = fill;
        f->spoil = spoil;
    }
    if (f->count[DU_EVENT_UE_CONFIGURED] == f->count[DU_EVENT_UE_REMOVED]) {
        left = 0;
        f->n_msg3 = 0;
        radio_ue_t u;
        uint32_t had = f->n_ccch;
        f->preamble = 1;
        for (uint32_t i = 0; i < 100 && f->n_ccch == had; i++)
            fake_step(f);
        if (f->n_ccch == had)
            abort();
        ue = f->last[DU_EVENT_CCCH].ue;
        u = fake_config(f, ue, true);
        uint8_t ccch[100] = {0};
        du_slot_ue_config(f->d, ue, &u);
        du_slot_srb_send(f->d, ue, 0, buf_from(f->pool, ccch, sizeof ccch), false, 0);
        fake_steps(f, 20);
    }
    input = data;
    left = n;
    f->sr_rnti = f->last[DU_EVENT_CCCH].rnti;
    for (uint32_t i = 0; i < 60 && left; i++)
        fake_step(f);
    left = 0;
    fake_steps(f, 5);
    if (f->count[DU_EVENT_UE_LOST]) {
        f->count[DU_EVENT_UE_LOST] = 0;
        du_slot_ue_remove(f->d, ue, 0);
        fake_step(f);
    }
    return 0;
}
