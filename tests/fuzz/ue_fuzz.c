/* SPDX-License-Identifier: Apache-2.0 */
/* A whole UE under a hostile network: records of a kind, a length and bytes: DL-CCCH, DL-DCCH with and
 * without security, PCCH, MAC PDUs through a HARQ process, time. It must survive all and give every buffer
 * back. */
#include <stdlib.h>

#include "fronthaul/emulator/ue/ue_int.h"
#include "lib/rrc/sysinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define BUFS 512

static const uint8_t *block;

static const uint8_t *on_pdsch(void *ctx, const ue_sch_t *s)
{
    (void)ctx, (void)s;
    return block;
}

static void on_pusch(void *ctx, const ue_pusch_tx_t *tx)
{
    (void)ctx, (void)tx;
}

static void on_pucch(void *ctx, const ue_pucch_tx_t *tx)
{
    (void)ctx, (void)tx;
}

static void on_prach(void *ctx, const ue_prach_tx_t *tx)
{
    (void)ctx, (void)tx;
}

static uint8_t on_cqi(void *ctx, uint8_t table)
{
    (void)ctx, (void)table;
    return 7;
}

static void drop_ip(void *ctx, buf_t *b)
{
    (void)ctx;
    buf_free(b);
}

static void slots(ue_t *u, uint64_t *n, uint32_t count)
{
    ue_rx_t rx = {.sinr_db = 20};
    for (uint32_t i = 0; i < count; i++) {
        rx.abs_slot = (*n)++;
        ue_rx(u, &rx);
        ue_tx(u);
    }
}

/* Camps by hand: what SIB1 would have brought. */
static void camp(ue_t *u, const radio_cell_t *cell)
{
    uint32_t bits;
    dci_cfg_t cfg;
    if (rrc_mib_build(cell, 0, &bits) || rrc_mib_parse(bits, &u->cell.mib))
        abort();
    u->cell.radio = *cell;
    u->cell.pci = cell->pci;
    u->cell.have_mib = u->cell.have_sib1 = true;
    u->cell.coreset0 = radio_coreset(&cell->coreset0);
    radio_dci_cfg(cell, NULL, &cfg);
    if (dci_plan(&cfg, &u->cell.plan))
        abort();
}

static void connect_ue(ue_t *u)
{
    radio_lc_t lc;
    pdcp_config_t pdcp = {.srb = true, .rb_id = 1, .sn_bits = 12, .rlc_am = true};
    if (u->bearer[UE_PDCP_SRB1].pdcp)
        return;
    radio_srb_defaults(&lc, 1);
    if (!ue_bearer_add_lc(u, &lc, false))
        ue_bearer_add_srb(u, 1, &pdcp);
    u->rrc.state = UE_RRC_CONNECTED;
    u->mac.c_rnti = 0x4601;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static pool_t *pool;
    static crypto_t *crypto;
    static radio_cell_t cell;
    static uint8_t tb[UE_MAX_TB];
    ue_t *u;
    uint64_t t = 100;
    if (!pool && (pool_create(&pool, BUFS, 2048) || crypto_create(&crypto) || radio_cell_defaults(&cell, 51)))
        abort();
    ue_config_t c = {.p_max_dbm = 23, .path_loss_db = 80, .seed = 1, .nas = {.imsi = "001010000000001"}};
    c.nas.n_slices = 1;
    c.nas.slices[0] = (ue_nas_snssai_t){1, 0xffffff};
    ue_ops_t ops = {.deliver_ip = drop_ip};
    ue_air_t air = {
        .pdsch = on_pdsch, .pusch = on_pusch, .pucch = on_pucch, .prach = on_prach, .cqi = on_cqi};
    if (ue_create(&c, &ops, &air, pool, crypto, NULL, &u))
        abort();
    slots(u, &t, 1);
    camp(u, &cell);
    u->rrc.state = UE_RRC_SETUP_REQUEST;
    u->rrc.deadline = UE_NEVER;
    u->mac.c_rnti = 0x4601;
    for (size_t at = 0; at + 2 <= n;) {
        uint8_t kind = p[at], len = p[at + 1];
        const uint8_t *bytes = p + at + 2;
        at += 2;
        if (len > n - at)
            len = (uint8_t)(n - at);
        at += len;
        switch (kind & 7) {
        case 0:
            ue_rrc_on_ccch(u, bytes, len);
            break;
        case 1:
        case 2:
            connect_ue(u);
            u->rrc.security = kind & 1;
            ue_rrc_on_dcch(u, 1, bytes, len);
            break;
        case 3:
            ue_rrc_on_paging(u, bytes, len);
            break;
        case 4:
            if (u->mac.ra.state != UE_RA_IDLE) {
                u->mac.ra.state = UE_RA_WINDOW;
                ue_ra_on_rar(u, bytes, len);
            }
            break;
        case 5: {
            connect_ue(u);
            ue_assignment_t a = {.sch = {.rnti = u->mac.c_rnti,
                                         .harq_id = kind >> 4,
                                         .n_prb = 1,
                                         .qm = 2,
                                         .rate_x10 = 1200,
                                         .re_per_prb = 132,
                                         .tb_bytes = len},
                                 .ndi = kind >> 3 & 1,
                                 .ack_slot = u->t + 4};
            memcpy(tb, bytes, len);
            block = tb;
            ue_dl_assignment(u, &a);
            break;
        }
        default:
            slots(u, &t, len);
        }
    }
    slots(u, &t, 2);
    ue_destroy(u);
    if (pool_free_count(pool) != BUFS)
        abort();
    return 0;
}
