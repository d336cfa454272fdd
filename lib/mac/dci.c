/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.212 7.3.1. Each format is one list of (field, width) walked by both directions: pack and unpack
 * cannot differ. */
#include "lib/mac/dci.h"

#include <errno.h>
#include <string.h>

#include "lib/mac/alloc.h"

/* A cursor that writes or reads, so that one function describes a format for both. */
typedef struct {
    dci_bits_t *to;         /* pack */
    const dci_bits_t *from; /* unpack */
    uint32_t at;
} bits_t;

static void field(bits_t *b, uint32_t width, uint32_t *v)
{
    if (b->to) {
        for (uint32_t i = 0; i < width; i++, b->at++)
            if (b->at < 8 * DCI_MAX_BYTES && *v >> (width - 1 - i) & 1)
                b->to->bytes[b->at >> 3] |= (uint8_t)(0x80u >> (b->at & 7));
        return;
    }
    uint32_t r = 0;
    for (uint32_t i = 0; i < width; i++, b->at++)
        r = r << 1 | (b->at < 8 * DCI_MAX_BYTES ? b->from->bytes[b->at >> 3] >> (7 - (b->at & 7)) & 1u : 0);
    *v = r;
}

static void field8(bits_t *b, uint32_t width, uint8_t *v)
{
    uint32_t x = *v;
    field(b, width, &x);
    *v = (uint8_t)x;
}

static void skip(bits_t *b, uint32_t width)
{
    uint32_t zero = 0;
    field(b, width, &zero);
}

/* ---- widths ---- */

static uint8_t max8(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

/* Antenna port field of 1_1 (7.3.1.2.2: tables 7.3.1.2.2-1..4) and of 0_1 (7.3.1.1.2). */
static uint8_t ports_width_dl(uint8_t type, uint8_t maxlen)
{
    return (uint8_t)(4 + (type == 2) + (maxlen == 2));
}

static uint8_t ports_width_ul(const dci_cfg_t *c)
{
    uint8_t maxlen = max8(c->dmrs_maxlen_ul, 1);
    if (c->transform_precoding)
        return (uint8_t)(maxlen == 2 ? 4 : 2);
    return (uint8_t)(3 + (c->dmrs_type_ul == 2) + (maxlen == 2));
}

static uint8_t fdra_width(uint8_t ra_type, uint16_t start, uint16_t n_prb, uint8_t config)
{
    uint8_t type0 = rbg_count(start, n_prb, rbg_size(n_prb, config)), type1 = riv_bits(n_prb);
    return (uint8_t)(ra_type == 0 ? type0 : ra_type == 1 ? type1 : max8(type0, type1) + 1);
}

/* BWP indicator: 7.3.1.1.2; n BWPs besides the initial one. */
static uint8_t bwp_width(uint8_t n)
{
    return tdra_bits((uint8_t)(n <= 3 ? n + 1 : n));
}

static void walk_1_0(bits_t *b, uint32_t fdra, dci_1_0_t *d)
{
    field(b, fdra, &d->riv);
    field8(b, 4, &d->tdra);
    field8(b, 1, &d->vrb_to_prb);
    field8(b, 5, &d->mcs);
    field8(b, 1, &d->ndi);
    field8(b, 2, &d->rv);
    field8(b, 4, &d->harq_id);
    field8(b, 2, &d->dai);
    field8(b, 2, &d->tpc);
    field8(b, 3, &d->pucch_resource);
    field8(b, 3, &d->k1);
}

static void walk_0_0(bits_t *b, uint32_t fdra, dci_0_0_t *d)
{
    field(b, fdra, &d->riv);
    field8(b, 4, &d->tdra);
    field8(b, 1, &d->freq_hopping);
    field8(b, 5, &d->mcs);
    field8(b, 1, &d->ndi);
    field8(b, 2, &d->rv);
    field8(b, 4, &d->harq_id);
    field8(b, 2, &d->tpc);
}

static void walk_1_1(bits_t *b, const dci_plan_t *p, dci_1_1_t *d)
{
    const dci_cfg_t *c = &p->cfg;
    field8(b, p->bwp_1_1, &d->bwp);
    field(b, p->fdra_1_1, &d->fdra);
    field8(b, p->tdra_1_1, &d->tdra);
    field8(b, c->ra_type_dl != 0 && c->vrb_to_prb ? 1 : 0, &d->vrb_to_prb);
    field8(b, c->prb_bundling_dynamic ? 1 : 0, &d->prb_bundling);
    field8(b, c->rate_match_bits, &d->rate_match);
    field8(b, c->zp_csi_bits, &d->zp_csi);
    field8(b, 5, &d->mcs);
    field8(b, 1, &d->ndi);
    field8(b, 2, &d->rv);
    if (c->max_codewords == 2) {
        field8(b, 5, &d->mcs2);
        field8(b, 1, &d->ndi2);
        field8(b, 2, &d->rv2);
    }
    field8(b, 4, &d->harq_id);
    field8(b, c->dai_dynamic ? 2 : 0, &d->dai);
    field8(b, 2, &d->tpc);
    field8(b, 3, &d->pucch_resource);
    field8(b, p->k1_1_1, &d->k1);
    field8(b, p->ports_1_1, &d->ports);
    field8(b, c->tci_in_dci ? 3 : 0, &d->tci);
    field8(b, 2, &d->srs_request);
    field8(b, c->cbg_dl_bits, &d->cbgti);
    field8(b, c->cbg_flush ? 1 : 0, &d->cbgfi);
    field8(b, 1, &d->dmrs_seq);
}

static void walk_0_1(bits_t *b, const dci_plan_t *p, dci_0_1_t *d)
{
    const dci_cfg_t *c = &p->cfg;
    field8(b, p->bwp_0_1, &d->bwp);
    field(b, p->fdra_0_1, &d->fdra);
    field8(b, p->tdra_0_1, &d->tdra);
    field8(b, c->ra_type_ul != 0 && c->freq_hopping_ul ? 1 : 0, &d->freq_hopping);
    field8(b, 5, &d->mcs);
    field8(b, 1, &d->ndi);
    field8(b, 2, &d->rv);
    field8(b, 4, &d->harq_id);
    field8(b, c->dai_dynamic ? 2 : 1, &d->dai); /* first DAI; the second one comes with CBGs only */
    field8(b, 2, &d->tpc);
    field8(b, c->sri_bits, &d->sri);
    field8(b, c->precoding_bits, &d->precoding);
    field8(b, p->ports_0_1, &d->ports);
    field8(b, 2, &d->srs_request);
    field8(b, c->csi_request_bits, &d->csi_request);
    field8(b, c->cbg_ul_bits, &d->cbgti);
    field8(b, c->ptrs_ul ? 2 : 0, &d->ptrs);
    field8(b, c->beta_offset_dynamic ? 2 : 0, &d->beta_offset);
    field8(b, c->transform_precoding ? 0 : 1, &d->dmrs_seq);
    field8(b, 1, &d->ulsch);
}

/* Width of a walk: packed into nowhere. */
#define MEASURE(ret, call)                                                                                   \
    do {                                                                                                     \
        dci_bits_t none = {0};                                                                               \
        bits_t b = {&none, NULL, 1};                                                                         \
        call;                                                                                                \
        (ret) = b.at;                                                                                        \
    } while (0)

static uint32_t size_1_0(uint32_t fdra)
{
    return 28 + fdra;
}

static uint32_t size_0_0(uint32_t fdra)
{
    return 20 + fdra;
}

int dci_plan(const dci_cfg_t *cfg, dci_plan_t *ret)
{
    dci_plan_t p = {.cfg = *cfg};
    if (cfg->n_prb_initial_dl == 0 || cfg->n_prb_initial_dl > PRB_MAX || cfg->n_prb_initial_ul == 0 ||
        cfg->n_prb_initial_ul > PRB_MAX || cfg->n_prb_coreset0 > PRB_MAX || cfg->n_prb_dl > PRB_MAX ||
        cfg->n_prb_ul > PRB_MAX || (cfg->n_prb_dl == 0) != (cfg->n_prb_ul == 0) || cfg->n_tdra_dl > 16 ||
        cfg->n_tdra_ul > 16 || cfg->n_k1 > 8 || cfg->n_bwps_dl > 4 || cfg->n_bwps_ul > 4 ||
        cfg->ra_type_dl > 2 || cfg->ra_type_ul > 2 || cfg->csi_request_bits > 6 || cfg->sri_bits > 4 ||
        cfg->precoding_bits > 6 || cfg->cbg_dl_bits > 8 || cfg->cbg_ul_bits > 8 || cfg->rate_match_bits > 2 ||
        cfg->zp_csi_bits > 2)
        return -EINVAL;

    /* Step 0: the fallback formats of the common spaces are of one size, the larger of 1_0 rules: a longer
     * 0_0 loses the top bits of its frequency field, a shorter one is padded with zeros. */
    p.n_prb_css_dl = cfg->n_prb_coreset0 ? cfg->n_prb_coreset0 : cfg->n_prb_initial_dl;
    p.fdra_css_dl = riv_bits(p.n_prb_css_dl);
    p.fdra_css_ul = riv_bits(cfg->n_prb_initial_ul);
    p.size_css = (uint8_t)size_1_0(p.fdra_css_dl);
    if (size_0_0(p.fdra_css_ul) > p.size_css)
        p.fdra_css_ul = (uint8_t)(p.size_css - 20);
    if (cfg->n_prb_dl == 0) {
        *ret = p;
        return 0;
    }

    /* Step 1: where they are monitored in a UE-specific space, over the active BWPs; the shorter one is
     * padded. */
    if (cfg->uss_fallback) {
        p.n_prb_uss_dl = cfg->n_prb_dl;
        p.n_prb_uss_ul = cfg->n_prb_ul;
        p.fdra_uss_dl = riv_bits(cfg->n_prb_dl);
        p.fdra_uss_ul = riv_bits(cfg->n_prb_ul);
        p.size_uss = max8((uint8_t)size_1_0(p.fdra_uss_dl), (uint8_t)size_0_0(p.fdra_uss_ul));
    }

    /* Step 2: 1_1 and 0_1; one that equals the fallback size there gets one bit more. */
    p.bwp_1_1 = bwp_width(cfg->n_bwps_dl);
    p.bwp_0_1 = bwp_width(cfg->n_bwps_ul);
    p.fdra_1_1 = fdra_width(cfg->ra_type_dl, cfg->bwp_start_dl, cfg->n_prb_dl, cfg->rbg_config_dl);
    p.fdra_0_1 = fdra_width(cfg->ra_type_ul, cfg->bwp_start_ul, cfg->n_prb_ul, cfg->rbg_config_ul);
    p.tdra_1_1 = tdra_bits(cfg->n_tdra_dl ? cfg->n_tdra_dl : 16);
    p.tdra_0_1 = tdra_bits(cfg->n_tdra_ul ? cfg->n_tdra_ul : 16);
    p.k1_1_1 = tdra_bits(cfg->n_k1 ? cfg->n_k1 : 8);
    p.ports_1_1 = ports_width_dl(cfg->dmrs_type_dl, cfg->dmrs_maxlen_dl);
    p.ports_0_1 = ports_width_ul(cfg);
    uint32_t n11, n01;
    dci_1_1_t d11 = {0};
    dci_0_1_t d01 = {0};
    MEASURE(n11, walk_1_1(&b, &p, &d11));
    MEASURE(n01, walk_0_1(&b, &p, &d01));
    n11 += n11 == p.size_uss;
    n01 += n01 == p.size_uss;
    if (n11 > 8 * DCI_MAX_BYTES || n01 > 8 * DCI_MAX_BYTES)
        return -EINVAL;

    /* Steps 3, 4: no more than four sizes, three of them with C-RNTI. Too many: the fallback formats of the
     * UE-specific space take the size of the common one, then 0_1 and 1_1 are made equal. */
    bool too_many =
        p.size_uss && p.size_uss != p.size_css && n11 != n01 && n11 != p.size_css && n01 != p.size_css;
    if (too_many) {
        n11 -= n11 - 1 == p.size_uss;
        n01 -= n01 - 1 == p.size_uss;
        p.n_prb_uss_dl = p.n_prb_css_dl;
        p.n_prb_uss_ul = cfg->n_prb_initial_ul;
        p.fdra_uss_dl = p.fdra_css_dl;
        p.fdra_uss_ul = p.fdra_css_ul;
        p.size_uss = p.size_css;
        /* sizes that now meet the fallback's would be ambiguous; they count as configured so by RRC: 7.3.1.0
         * forbids it */
        if (n11 == p.size_uss || n01 == p.size_uss)
            return -EINVAL;
    }
    p.size_1_1 = (uint8_t)n11;
    p.size_0_1 = (uint8_t)n01;
    *ret = p;
    return 0;
}

/* ---- pack, unpack ---- */

static bits_t pack_begin(dci_bits_t *ret, uint8_t n_bits)
{
    *ret = (dci_bits_t){.n_bits = n_bits};
    return (bits_t){ret, NULL, 0};
}

/* A RIV of a field that lost its top bits has to fit in what is left; the caller grants no other. */
static void identifier(bits_t *b, uint32_t dl)
{
    field(b, 1, &dl);
}

static int unpack_begin(const dci_bits_t *from, uint8_t n_bits, uint32_t dl, bits_t *ret)
{
    bits_t b = {NULL, from, 0};
    uint32_t id;
    if (from->n_bits != n_bits || n_bits == 0)
        return -EMSGSIZE;
    field(&b, 1, &id);
    if (id != dl)
        return -EBADMSG;
    *ret = b;
    return 0;
}

void dci_pack_1_0(const dci_plan_t *p, int space, const dci_1_0_t *d, dci_bits_t *ret)
{
    dci_1_0_t copy = *d;
    bits_t b = pack_begin(ret, space == DCI_USS ? p->size_uss : p->size_css);
    identifier(&b, 1);
    walk_1_0(&b, space == DCI_USS ? p->fdra_uss_dl : p->fdra_css_dl, &copy);
}

int dci_unpack_1_0(const dci_plan_t *p, int space, const dci_bits_t *from, dci_1_0_t *ret)
{
    bits_t b;
    dci_1_0_t d = {0};
    int r = unpack_begin(from, space == DCI_USS ? p->size_uss : p->size_css, 1, &b);
    if (r < 0)
        return r;
    walk_1_0(&b, space == DCI_USS ? p->fdra_uss_dl : p->fdra_css_dl, &d);
    *ret = d;
    return 0;
}

void dci_pack_0_0(const dci_plan_t *p, int space, const dci_0_0_t *d, dci_bits_t *ret)
{
    dci_0_0_t copy = *d;
    bits_t b = pack_begin(ret, space == DCI_USS ? p->size_uss : p->size_css);
    identifier(&b, 0);
    walk_0_0(&b, space == DCI_USS ? p->fdra_uss_ul : p->fdra_css_ul, &copy);
}

int dci_unpack_0_0(const dci_plan_t *p, int space, const dci_bits_t *from, dci_0_0_t *ret)
{
    bits_t b;
    dci_0_0_t d = {0};
    int r = unpack_begin(from, space == DCI_USS ? p->size_uss : p->size_css, 0, &b);
    if (r < 0)
        return r;
    walk_0_0(&b, space == DCI_USS ? p->fdra_uss_ul : p->fdra_css_ul, &d);
    *ret = d;
    return 0;
}

/* SI, RA, P: no identifier; 7.3.1.2.1. */
static void walk_si(bits_t *b, const dci_plan_t *p, dci_1_0_common_t *d)
{
    field(b, p->fdra_css_dl, &d->riv);
    field8(b, 4, &d->tdra);
    field8(b, 1, &d->vrb_to_prb);
    field8(b, 5, &d->mcs);
    field8(b, 2, &d->rv);
    field8(b, 1, &d->si_indicator);
    skip(b, 15);
}

static void walk_ra(bits_t *b, const dci_plan_t *p, dci_1_0_common_t *d)
{
    field(b, p->fdra_css_dl, &d->riv);
    field8(b, 4, &d->tdra);
    field8(b, 1, &d->vrb_to_prb);
    field8(b, 5, &d->mcs);
    field8(b, 2, &d->tb_scaling);
    skip(b, 16);
}

static void walk_p(bits_t *b, const dci_plan_t *p, dci_1_0_common_t *d)
{
    field8(b, 2, &d->short_indicator);
    field8(b, 8, &d->short_msg);
    field(b, p->fdra_css_dl, &d->riv);
    field8(b, 4, &d->tdra);
    field8(b, 1, &d->vrb_to_prb);
    field8(b, 5, &d->mcs);
    field8(b, 2, &d->tb_scaling);
    skip(b, 6);
}

#define COMMON(name)                                                                                         \
    void dci_pack_1_0_##name(const dci_plan_t *p, const dci_1_0_common_t *d, dci_bits_t *ret)                \
    {                                                                                                        \
        dci_1_0_common_t copy = *d;                                                                          \
        bits_t b = pack_begin(ret, p->size_css);                                                             \
        walk_##name(&b, p, &copy);                                                                           \
    }                                                                                                        \
    int dci_unpack_1_0_##name(const dci_plan_t *p, const dci_bits_t *from, dci_1_0_common_t *ret)            \
    {                                                                                                        \
        bits_t b = {NULL, from, 0};                                                                          \
        dci_1_0_common_t d = {0};                                                                            \
        if (from->n_bits != p->size_css)                                                                     \
            return -EMSGSIZE;                                                                                \
        walk_##name(&b, p, &d);                                                                              \
        *ret = d;                                                                                            \
        return 0;                                                                                            \
    }
COMMON(si)
COMMON(ra)
COMMON(p)

void dci_pack_1_1(const dci_plan_t *p, const dci_1_1_t *d, dci_bits_t *ret)
{
    dci_1_1_t copy = *d;
    bits_t b = pack_begin(ret, p->size_1_1);
    identifier(&b, 1);
    walk_1_1(&b, p, &copy);
}

int dci_unpack_1_1(const dci_plan_t *p, const dci_bits_t *from, dci_1_1_t *ret)
{
    bits_t b;
    dci_1_1_t d = {0};
    int r = unpack_begin(from, p->size_1_1, 1, &b);
    if (r < 0)
        return r;
    walk_1_1(&b, p, &d);
    *ret = d;
    return 0;
}

void dci_pack_0_1(const dci_plan_t *p, const dci_0_1_t *d, dci_bits_t *ret)
{
    dci_0_1_t copy = *d;
    bits_t b = pack_begin(ret, p->size_0_1);
    identifier(&b, 0);
    walk_0_1(&b, p, &copy);
}

int dci_unpack_0_1(const dci_plan_t *p, const dci_bits_t *from, dci_0_1_t *ret)
{
    bits_t b;
    dci_0_1_t d = {0};
    int r = unpack_begin(from, p->size_0_1, 0, &b);
    if (r < 0)
        return r;
    walk_0_1(&b, p, &d);
    *ret = d;
    return 0;
}
