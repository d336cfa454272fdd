/* SPDX-License-Identifier: Apache-2.0 */
/* The CU's control plane with a UE attached, against a DU and a UE that send anything. The input is a
 * sequence of messages: an octet of kind (0: F1AP as it is; 1, 2: a DCCH message that the UE protects and
 * sends on that SRB; 3: as a PDCP PDU without protection; 4: a CCCH message of a new UE; else: time passes),
 * two of length, the message. */
#include <stdlib.h>
#include <string.h>

#include "lib/pdcp/pdcp.h"
#include "tests/unit/cu/rrc/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void ul_rrc(rig_t *r, const rig_ue_t *ue, uint8_t srb_id, const uint8_t *p, size_t n)
{
    f1ap_msg_t m = {.type = F1AP_UL_RRC};
    m.u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = ue->cu_ue_id,
                                 .du_ue_id = ue->du_ue_id,
                                 .srb_id = srb_id,
                                 .rrc_container = {p, (uint32_t)n}};
    rig_f1(r, &m);
}

static void ccch(rig_t *r, uint32_t du_ue_id, const uint8_t *p, size_t n)
{
    static const uint8_t cell_group[] = {0x5c, 0x00, 0xb0, 0x10};
    f1ap_msg_t m = {.type = F1AP_INITIAL_UL_RRC};
    m.u.initial_ul = (f1ap_initial_ul_t){.du_ue_id = du_ue_id,
                                         .cell = {{0x00, 0xf1, 0x10}, 0x66c001},
                                         .crnti = 0x4700,
                                         .rrc_container = {p, (uint32_t)n},
                                         .cell_group = {cell_group, sizeof cell_group}};
    rig_f1(r, &m);
}

static void one(rig_t *r, rig_ue_t *ue, uint8_t kind, const uint8_t *p, size_t n)
{
    switch (kind % 6) {
    case 0:
        rig_f1_bytes(r, p, n);
        break;
    case 1:
    case 2: {
        buf_t *b = buf_from(r->pool, p, (uint32_t)n);
        if (b && pdcp_tx(ue->srb[kind % 6], r->crypto, b, 0) == 0)
            ul_rrc(r, ue, kind % 6, b->data, b->len);
        buf_free(b);
        break;
    }
    case 3:
        ul_rrc(r, ue, 1, p, n);
        break;
    case 4:
        ccch(r, 70000u + kind, p, n);
        break;
    default:
        loop_advance(r->loop, INT64_C(300000000));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    rig_t *r = rig_new(NULL);
    rig_ue_t ue;
    rig_f1_setup(r);
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    while (n >= 3) {
        size_t len = (size_t)p[1] << 8 | p[2];
        uint8_t kind = p[0];
        p += 3;
        n -= 3;
        if (len > n)
            len = n;
        if (len > 2000)
            break;
        one(r, &ue, kind, p, len);
        p += len;
        n -= len;
    }
    ue_free(&ue);
    rig_free(r);
    return 0;
}
