/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/pdcch.h"

#include <math.h>
#include <string.h>

#include "lib/phy/dl/dl_ops.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/modulation.h"

#define DATA_RE 0xdddu /* of a REG: all but 1, 5, 9 */
#define DMRS_RE 0x222u
#define N_GROUPS 45 /* bits of frequencyDomainResources */
#define MAX_SYMBOL_PRB (16 * 6)

static bool has_group(uint64_t freq_resources, unsigned group)
{
    return freq_resources >> (N_GROUPS - 1 - group) & 1;
}

void pdcch_coreset_prbs(uint16_t carrier_start, uint16_t coreset_start, uint64_t freq_resources,
                        uint64_t ret[5])
{
    memset(ret, 0, 5 * sizeof *ret);
    for (unsigned g = 0; g < N_GROUPS; g++)
        for (unsigned i = 0; has_group(freq_resources, g) && i < 6; i++) {
            unsigned prb = (unsigned)coreset_start - carrier_start + 6 * g + i;
            if (prb < 5 * 64)
                ret[prb / 64] |= UINT64_C(1) << (prb % 64);
        }
}

static int check_coreset(const pdcch_tx_cfg_t *c, phy_refusal_t *why)
{
    if (c->slot > 159)
        return phy_refuse(why, "slot", c->slot, "0..159");
    if (c->carrier_size < 1 || c->carrier_size > PHY_MAX_PRB)
        return phy_refuse(why, "carrier_size", c->carrier_size, "1..275");
    if (c->coreset_start < c->carrier_start || c->coreset_start >= c->carrier_start + c->carrier_size)
        return phy_refuse(why, "coreset_start", c->coreset_start, "a CRB of the carrier");
    if (c->freq_resources == 0 || c->freq_resources >> N_GROUPS)
        return phy_refuse(why, "freq_resources", (int64_t)c->freq_resources, "some of 45 bits");
    unsigned last = N_GROUPS - 1 - (unsigned)__builtin_ctzll(c->freq_resources);
    if (c->coreset_start + 6 * (last + 1) > (unsigned)c->carrier_start + c->carrier_size)
        return phy_refuse(why, "freq_resources", (int64_t)c->freq_resources, "PRBs of the carrier");
    if (c->duration < 1 || c->duration > 3)
        return phy_refuse(why, "duration", c->duration, "1..3");
    if (c->start_symbol + c->duration > PHY_SYMBOLS)
        return phy_refuse(why, "start_symbol", c->start_symbol, "a CORESET within the slot");
    if (!c->interleaved)
        return 0;
    unsigned n_reg = 6u * (unsigned)__builtin_popcountll(c->freq_resources) * c->duration;
    if (c->reg_bundle != 6 && c->reg_bundle != (c->duration == 3 ? 3 : 2))
        return phy_refuse(why, "reg_bundle", c->reg_bundle, "2 or 6 (1, 2 symbols), 3 or 6 (3 symbols)");
    if (c->interleaver != 2 && c->interleaver != 3 && c->interleaver != 6)
        return phy_refuse(why, "interleaver", c->interleaver, "2, 3 or 6");
    if (n_reg % ((unsigned)c->reg_bundle * c->interleaver))
        return phy_refuse(why, "interleaver", c->interleaver, "a divisor of the CORESET's REG bundles");
    if (c->shift_index > 1007)
        return phy_refuse(why, "shift_index", c->shift_index, "0..274, or a cell's identity");
    return 0;
}

static bool power_ok(float db)
{
    return db >= -30 && db <= 15;
}

static int check_dci(const pdcch_tx_cfg_t *c, unsigned grid_antennas, phy_refusal_t *why)
{
    unsigned level = c->aggregation_level;
    if (level != 1 && level != 2 && level != 4 && level != 8 && level != 16)
        return phy_refuse(why, "aggregation_level", level, "1, 2, 4, 8 or 16");
    unsigned n_cce = (unsigned)__builtin_popcountll(c->freq_resources) * c->duration;
    if (c->first_cce % level || c->first_cce + level > n_cce)
        return phy_refuse(why, "first_cce", c->first_cce, "a multiple of the level, inside the CORESET");
    if (!power_ok(c->power_db))
        return phy_refuse(why, "power_db", 0, "-30..15");
    if (!power_ok(c->dmrs_power_db))
        return phy_refuse(why, "dmrs_power_db", 0, "-30..15");
    if (grid_antennas < 1 || (c->precoding && (c->precoding->n_layers != 1 || c->precoding->n_ports < 1 ||
                                               c->precoding->n_ports > grid_antennas)))
        return phy_refuse(why, "precoding", grid_antennas, "one layer, ports that the grid has");
    return 0;
}

/* PRBs of the CCEs, 7.3.2.2. */
static void place(const pdcch_tx_cfg_t *c, pdcch_tx_plan_t *p)
{
    uint16_t coreset[N_GROUPS * 6]; /* PRBs, ascending */
    unsigned n = 0;
    for (unsigned g = 0; g < N_GROUPS; g++)
        for (unsigned i = 0; has_group(c->freq_resources, g) && i < 6; i++)
            coreset[n++] = (uint16_t)(c->coreset_start - c->carrier_start + 6 * g + i);
    /* A bundle of `size` REGs, numbered in time first, is size / duration PRBs. */
    unsigned size = c->interleaved ? c->reg_bundle : 6, n_bundles = n * c->duration / size;
    unsigned prbs = size / c->duration, first = c->first_cce * 6 / size;
    memset(p->prb, 0, sizeof p->prb);
    for (unsigned x = first; x < first + c->aggregation_level * 6u / size; x++) {
        unsigned bundle = x;
        if (c->interleaved) {
            unsigned columns = n_bundles / c->interleaver;
            bundle = (x % c->interleaver * columns + x / c->interleaver + c->shift_index) % n_bundles;
        }
        for (unsigned i = 0; i < prbs; i++) {
            unsigned prb = coreset[bundle * prbs + i];
            p->prb[prb / 64] |= UINT64_C(1) << (prb % 64);
        }
    }
    memcpy(p->dmrs_prb, p->prb, sizeof p->prb);
    for (unsigned i = 0; c->all_contiguous_rbs && i < n;) {
        unsigned end = i + 1; /* a stretch of adjacent PRBs: all or nothing */
        bool touched = false;
        while (end < n && coreset[end] == coreset[end - 1] + 1)
            end++;
        for (unsigned j = i; j < end; j++)
            touched = touched || (p->prb[coreset[j] / 64] >> (coreset[j] % 64) & 1);
        for (; i < end; i++)
            if (touched)
                p->dmrs_prb[coreset[i] / 64] |= UINT64_C(1) << (coreset[i] % 64);
    }
    p->n_prb = (uint16_t)(c->aggregation_level * 6 / c->duration);
}

int pdcch_tx_plan(const pdcch_tx_cfg_t *c, unsigned grid_antennas, pdcch_tx_plan_t *ret, phy_refusal_t *why)
{
    int r;
    if ((r = check_coreset(c, why)) || (r = check_dci(c, grid_antennas, why)))
        return r;
    dci_code_cfg_t code = {.a_bits = c->payload_bits, .e_bits = (uint16_t)(108 * c->aggregation_level)};
    if (dci_code_plan(&code, &ret->code, NULL) < 0)
        return phy_refuse(why, "payload_bits", c->payload_bits,
                          "12..140, and room for the CRC at this level");
    place(c, ret);
    ret->duration = c->duration;
    ret->cfg = *c;
    return 0;
}

void pdcch_tx_bits(const phy_t *phy, const pdcch_tx_plan_t *p, const uint8_t *dci, uint8_t *ret_coded,
                   uint8_t *ret_scrambled)
{
    const pdcch_tx_cfg_t *c = &p->cfg;
    size_t n = 108u * c->aggregation_level;
    gold_t g;
    dci_code_encode(phy, &p->code, dci, c->rnti, ret_coded);
    memcpy(ret_scrambled, ret_coded, (n + 7) / 8);
    gold_init(phy, &g, (((uint32_t)c->scrambling_rnti << 16) + c->scrambling_id) & 0x7fffffff, 0);
    gold_xor(&g, ret_scrambled, n);
}

/* One layer's values onto `re` of a stretch of PRBs. */
static void transmit(const phy_t *phy, const precoding_t *w, uint16_t re, const ci16_t *in, unsigned n_prb,
                     unsigned prb, unsigned symbol, const phy_grid_t *grid)
{
    ci16_t port[PHY_MAX_PORTS][MAX_SYMBOL_PRB * 9 + PHY_PAD_SC], *out[PHY_MAX_PORTS];
    size_t n = (size_t)n_prb * (unsigned)__builtin_popcount(re);
    for (unsigned a = 0; a < w->n_ports; a++)
        out[a] = port[a];
    phy->dl->precode(w, &in, out, n, false);
    for (unsigned a = 0; a < w->n_ports; a++)
        phy->dl->expand(re, port[a], n_prb, phy_grid_symbol(grid, a, symbol) + 12 * prb, false);
}

/* The next stretch of a set at or behind *prb, of at most MAX_SYMBOL_PRB; 0: none. */
static unsigned stretch(const uint64_t set[5], unsigned *prb)
{
    unsigned n = 0;
    while (*prb < 320 && !(set[*prb / 64] >> (*prb % 64) & 1))
        ++*prb;
    while (*prb + n < 320 && n < MAX_SYMBOL_PRB && (set[(*prb + n) / 64] >> ((*prb + n) % 64) & 1))
        n++;
    return n;
}

void pdcch_tx_run(const phy_t *phy, const pdcch_tx_plan_t *p, const uint8_t *dci, const phy_grid_t *grid)
{
    const pdcch_tx_cfg_t *c = &p->cfg;
    uint8_t coded[PDCCH_TX_MAX_BITS / 8 + 64], bits[PDCCH_TX_MAX_BITS / 8 + 64];
    ci16_t data[PDCCH_TX_MAX_BITS / 2 + PHY_PAD_SC], dmrs[MAX_SYMBOL_PRB * 3 + PHY_PAD_SC];
    precoding_t one;
    precoding_identity(1, 1, &one);
    const precoding_t *w = c->precoding ? c->precoding : &one;
    pdcch_tx_bits(phy, p, dci, coded, bits);
    modulate(phy, 2, bits, 54u * c->aggregation_level, PHY_UNIT * powf(10.0f, c->power_db / 20.0f), data);
    float amplitude = PHY_UNIT * powf(10.0f, c->dmrs_power_db / 20.0f);
    const ci16_t *in = data;
    for (unsigned s = 0; s < c->duration; s++) {
        unsigned symbol = c->start_symbol + s, n;
        for (unsigned prb = 0; (n = stretch(p->prb, &prb)); prb += n, in += 9 * (size_t)n)
            transmit(phy, w, DATA_RE, in, n, prb, symbol, grid);
        uint64_t id = c->dmrs_id;
        uint32_t c_init =
            (uint32_t)((((PHY_SYMBOLS * c->slot + symbol + 1) * (2 * id + 1) << 17) + 2 * id) & 0x7fffffff);
        for (unsigned prb = 0; (n = stretch(p->dmrs_prb, &prb)); prb += n) {
            /* from CRB 0, or from CORESET 0's lowest PRB (7.4.1.3.2) */
            unsigned reference = c->carrier_start + prb - (c->dmrs_coreset0 ? c->coreset_start : 0u);
            gold_t g;
            gold_init(phy, &g, c_init, 6 * reference);
            gold_qpsk_ci16(&g, amplitude, 3 * (size_t)n, dmrs);
            transmit(phy, w, DMRS_RE, dmrs, n, prb, symbol, grid);
        }
    }
}
