/* SPDX-License-Identifier: Apache-2.0 */
/* CSI-RS against table 7.4.1.5.3-1 as the standard prints it: a UE that measures other REs reports nonsense.
 */
#include "lib/phy/dl/csi_rs.h"
#include "tests/unit/lib/phy/dl/model.h"

/* (k, l) of each CDM group in order: k0..k5 by number, + 2 or 4 or 8; l0, l0 + 1, l1, l1 + 1 as a, A, b, B.
 */
static const struct {
    unsigned ports;
    csi_rs_cdm_t cdm;
    const char *where;
} table[19] = {[1] = {1, CSI_RS_NO_CDM, "0a 0+4a 0+8a"},
               [2] = {1, CSI_RS_NO_CDM, "0a"},
               [3] = {2, CSI_RS_FD_CDM2, "0a"},
               [4] = {4, CSI_RS_FD_CDM2, "0a 0+2a"},
               [5] = {4, CSI_RS_FD_CDM2, "0a 0A"},
               [6] = {8, CSI_RS_FD_CDM2, "0a 1a 2a 3a"},
               [7] = {8, CSI_RS_FD_CDM2, "0a 1a 0A 1A"},
               [8] = {8, CSI_RS_CDM4, "0a 1a"},
               [9] = {12, CSI_RS_FD_CDM2, "0a 1a 2a 3a 4a 5a"},
               [10] = {12, CSI_RS_CDM4, "0a 1a 2a"},
               [11] = {16, CSI_RS_FD_CDM2, "0a 1a 2a 3a 0A 1A 2A 3A"},
               [12] = {16, CSI_RS_CDM4, "0a 1a 2a 3a"},
               [13] = {24, CSI_RS_FD_CDM2, "0a 1a 2a 0A 1A 2A 0b 1b 2b 0B 1B 2B"},
               [14] = {24, CSI_RS_CDM4, "0a 1a 2a 0b 1b 2b"},
               [15] = {24, CSI_RS_CDM8, "0a 1a 2a"},
               [16] = {32, CSI_RS_FD_CDM2, "0a 1a 2a 3a 0A 1A 2A 3A 0b 1b 2b 3b 0B 1B 2B 3B"},
               [17] = {32, CSI_RS_CDM4, "0a 1a 2a 3a 0b 1b 2b 3b"},
               [18] = {32, CSI_RS_CDM8, "0a 1a 2a 3a"}};
/* Tables 7.4.1.5.3-2 to -5: w_f(0) w_f(1), w_t(0).. of each sequence */
static const char *const covers[4][8] = {
    {"+ +"},
    {"++ +", "+- +"},
    {"++ ++", "+- ++", "++ +-", "+- +-"},
    {"++ ++++", "+- ++++", "++ +-+-", "+- +-+-", "++ ++--", "+- ++--", "++ +--+", "+- +--+"}};

static unsigned bits_of(unsigned row)
{
    return row == 1 ? 4 : row == 2 ? 12 : row == 4 ? 3 : 6;
}

static unsigned n_k(unsigned row)
{
    unsigned n = 0;
    for (const char *p = table[row].where; *p; p++)
        if ((p == table[row].where || p[-1] == ' ') && (unsigned)(*p - '0') + 1 > n)
            n = (unsigned)(*p - '0') + 1;
    return n;
}

/* 7.4.1.5.3: REs of every port. */
static void model(const csi_rs_cfg_t *c, pair_t *p, bool *occupied)
{
    unsigned k[6], n = 0, scale = c->row <= 2 ? 1 : c->row == 4 ? 4 : 2, j = 0;
    for (unsigned i = 0; i < bits_of(c->row); i++)
        if (c->freq_domain >> i & 1)
            k[n++] = scale * i;
    double rho = c->density == CSI_RS_DENSITY_3 ? 3 : c->density == CSI_RS_DENSITY_1 ? 1 : 0.5;
    unsigned ports = table[c->row].ports, group_size = 1u << table[c->row].cdm;
    double alpha = ports == 1 ? rho : 2 * rho;
    for (const char *at = table[c->row].where; *at; j++) {
        unsigned k_bar = k[*at++ - '0'];
        if (*at == '+') {
            k_bar += (unsigned)(at[1] - '0');
            at += 2;
        }
        unsigned l_bar =
            (*at == 'a' || *at == 'A' ? c->symbol_l0 : c->symbol_l1) + (*at == 'A' || *at == 'B');
        at += at[1] == ' ' ? 2 : 1;
        for (unsigned s = 0; s < group_size; s++) {
            const char *cover = covers[table[c->row].cdm][s], *w_t = strchr(cover, ' ') + 1;
            unsigned port = (c->row == 1 ? 0 : j) * group_size + s;
            for (unsigned lp = 0; w_t[lp]; lp++)
                for (unsigned kp = 0; cover[kp] != ' '; kp++) {
                    unsigned l = l_bar + lp;
                    static uint8_t bits[2 * 3 * 400];
                    uint64_t id = c->n_id;
                    model_gold(
                        (uint32_t)((((14ull * c->slot + l + 1) * (2 * id + 1) << 10) + id) % (1ull << 31)),
                        sizeof bits, bits);
                    for (unsigned crb = c->start_rb; crb < (unsigned)c->start_rb + c->n_rbs; crb++) {
                        if ((c->density == CSI_RS_DENSITY_HALF_EVEN && crb % 2) ||
                            (c->density == CSI_RS_DENSITY_HALF_ODD && !(crb % 2)))
                            continue;
                        unsigned m = (unsigned)(floor(crb * alpha) + kp + floor(k_bar * rho / 12));
                        cd r = pow(10, c->power_db / 20.0) * model_qpsk(bits[2 * m], bits[2 * m + 1]);
                        unsigned sc = 12 * (crb - c->carrier_start) + k_bar + kp;
                        occupied[l * p->grid.n_sc + sc] = true;
                        if (!c->zero_power)
                            *want_at(p, c->first_antenna + port, l, sc) =
                                r * (cover[kp] == '+' ? 1 : -1) * (w_t[lp] == '+' ? 1 : -1);
                    }
                }
        }
    }
}

static csi_rs_cfg_t make(rnd_t *r, unsigned row)
{
    csi_rs_cfg_t c = {.slot = (uint16_t)pick(r, 160),
                      .carrier_start = (uint16_t)pick(r, 40),
                      .carrier_size = 52,
                      .row = (uint8_t)row,
                      .cdm = table[row].cdm,
                      .density = row == 1 ? CSI_RS_DENSITY_3 : CSI_RS_DENSITY_1,
                      .symbol_l0 = (uint8_t)pick(r, 6),
                      .symbol_l1 = (uint8_t)(8 + pick(r, 4)),
                      .n_id = (uint16_t)pick(r, 1024),
                      .power_db = (float)pick(r, 7) - 3,
                      .zero_power = pick(r, 5) == 0};
    if (row == 2 || row == 3 || row > 10)
        c.density = (csi_rs_density_t)pick(r, 3);
    unsigned skip = pick(r, 10);
    c.start_rb = (uint16_t)(c.carrier_start + skip);
    c.n_rbs = (uint16_t)(1 + pick(r, 52 - skip));
    while ((unsigned)__builtin_popcount(c.freq_domain) != n_k(row))
        c.freq_domain = (uint16_t)pick(r, 1u << bits_of(row));
    return c;
}

static void test_table(void)
{
    phy_t *phy;
    rnd_t r = {17};
    CU_ASSERT_FATAL(phy_create(PHY_ISA_BEST, &phy) == 0);
    for (unsigned row = 1; row <= 18; row++)
        for (unsigned round = 0; round < 4; round++) {
            csi_rs_cfg_t c = make(&r, row);
            csi_rs_plan_t plan;
            phy_refusal_t why = {0};
            CU_ASSERT_EQUAL_FATAL(csi_rs_plan(&c, 32, &plan, &why), 0);
            pair_t p = pair_create(32, 52);
            bool *occupied = calloc(14 * 52 * 12, sizeof *occupied);
            model(&c, &p, occupied);
            csi_rs_run(phy, &plan, &p.grid);
            CU_ASSERT(pair_worst(&p) <= 0.51);
            /* What PDSCH leaves out is what is occupied, no more and no less. */
            pdsch_reserved_t reserved[16];
            unsigned n = csi_rs_reserve(&plan, reserved), wrong = 0;
            CU_ASSERT(n >= 1 && n <= 16);
            for (unsigned l = 0; l < 14; l++)
                for (unsigned k = 0; k < 52 * 12; k++) {
                    bool in = false;
                    for (unsigned i = 0; i < n; i++)
                        in = in || ((reserved[i].symbols >> l & 1) && (reserved[i].re >> k % 12 & 1) &&
                                    (reserved[i].prb[0] >> k / 12 & 1));
                    wrong += in != occupied[l * 52 * 12 + k];
                }
            CU_ASSERT_EQUAL(wrong, 0);
            free(occupied);
            pair_destroy(&p);
        }
    phy_destroy(phy);
}

static csi_rs_cfg_t good;

#define BAD(member, bad_value)                                                                               \
    do {                                                                                                     \
        csi_rs_cfg_t c_ = good;                                                                              \
        phy_refusal_t why_ = {0};                                                                            \
        csi_rs_plan_t plan_;                                                                                 \
        c_.member = bad_value;                                                                               \
        CU_ASSERT(csi_rs_plan(&c_, 8, &plan_, &why_) < 0);                                                   \
        CU_ASSERT_STRING_EQUAL(why_.field ? why_.field : "", #member);                                       \
    } while (0)

static void test_refusals(void)
{
    csi_rs_plan_t plan;
    good = (csi_rs_cfg_t){.carrier_start = 4,
                          .carrier_size = 52,
                          .start_rb = 4,
                          .n_rbs = 52,
                          .row = 7,
                          .freq_domain = 0x9,
                          .symbol_l0 = 4,
                          .cdm = CSI_RS_FD_CDM2,
                          .density = CSI_RS_DENSITY_1};
    CU_ASSERT_EQUAL(csi_rs_plan(&good, 8, &plan, NULL), 0);
    BAD(slot, 160);
    BAD(carrier_size, 0);
    BAD(start_rb, 3);
    BAD(start_rb, 56);
    BAD(n_rbs, 0);
    BAD(n_rbs, 53);
    BAD(row, 0);
    BAD(row, 19);
    BAD(cdm, CSI_RS_CDM4);
    BAD(density, CSI_RS_DENSITY_3);
    BAD(density, CSI_RS_DENSITY_HALF_ODD);
    BAD(freq_domain, 1);
    BAD(freq_domain, 0x41);
    BAD(symbol_l0, 13);
    BAD(n_id, 1024);
    BAD(power_db, NAN);
    BAD(first_antenna, 1);
    good.row = 14;
    good.cdm = CSI_RS_CDM4;
    good.freq_domain = 7;
    good.zero_power = true; /* 24 ports, on no antenna */
    good.symbol_l1 = 8;
    CU_ASSERT_EQUAL(csi_rs_plan(&good, 0, &plan, NULL), 0);
    BAD(symbol_l1, 5);
    BAD(symbol_l1, 13);
    BAD(symbol_l1, 1);
}

CU_MAIN("csi_rs", {"every row", test_table}, {"refusals", test_refusals})
