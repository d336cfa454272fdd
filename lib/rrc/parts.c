/* SPDX-License-Identifier: Apache-2.0 */
/* See parts.h. */
#include "lib/rrc/parts.h"

#include "lib/mac/alloc.h"

int wire_encode(rrc_wire_t *w, const asn1_type_t *type, const void *v, uint8_t *buf, size_t cap,
                size_t *ret_n)
{
    asn1_error_t err;
    size_t n;
    if (w->error)
        return w->error;
    int r = asn1_encode(type, ASN1_UPER, v, buf, cap, &n, &err);
    if (r == -ENOBUFS)
        wire_fail(w, -ENOBUFS, "the message does not fit into the buffer");
    else if (r)
        wire_fail(w, -ERANGE, err.path);
    else
        *ret_n = n;
    return w->error;
}

void wire_decode(rrc_wire_t *w, const asn1_type_t *type, const uint8_t *bytes, size_t n, void *ret)
{
    asn1_error_t err;
    int r = asn1_decode(type, ASN1_UPER, bytes, n, w->arena, ret, &err);
    if (r == -ENOMEM)
        wire_fail(w, -ENOMEM, "the scratch arena is full");
    else if (r)
        wire_fail(w, -EBADMSG, err.path);
}

uint64_t part_bits(asn1_bits_t b)
{
    uint64_t v = 0;
    for (uint32_t i = 0; i < b.n_bits && i < 64; i++)
        v = v << 1 | (b.p[i >> 3] >> (7 - (i & 7)) & 1);
    return v;
}

asn1_bits_t part_to_bits(rrc_wire_t *w, uint64_t value, uint32_t n_bits)
{
    uint8_t *p = wire_new(w, (n_bits + 7) / 8, 1);
    for (uint32_t i = 0; i < n_bits; i++)
        if (value >> (n_bits - 1 - i) & 1)
            p[i >> 3] |= (uint8_t)(0x80 >> (i & 7));
    return (asn1_bits_t){p, n_bits};
}

void part_carrier(const radio_cell_t *c, rrc_SCS_SpecificCarrier_t *to)
{
    to->offsetToCarrier = 0;
    to->subcarrierSpacing = c->mu;
    to->carrierBandwidth = c->n_prb;
}

/* nrofCandidates of each aggregation level. */
static const uint32_t candidates[] = {0, 1, 2, 3, 4, 5, 6, 8};

void part_search_space(rrc_wire_t *w, const radio_search_space_t *s, rrc_SearchSpace_t *to)
{
    static const uint8_t first_symbol[2] = {0x80, 0};
    to->searchSpaceId = s->id;
    to->has.controlResourceSetId = 1;
    to->controlResourceSetId = s->coreset_id;
    WIRE_NEW(w, to->monitoringSlotPeriodicityAndOffset);
    to->monitoringSlotPeriodicityAndOffset->choice =
        rrc_SearchSpace_monitoringSlotPeriodicityAndOffset_choice_sl1;
    to->has.monitoringSymbolsWithinSlot = 1;
    to->monitoringSymbolsWithinSlot = (asn1_bits_t){first_symbol, 14};
    WIRE_NEW(w, to->nrofCandidates);
    to->nrofCandidates->aggregationLevel1 = WIRE_INDEX(w, candidates, s->n_candidates[0], "nrofCandidates");
    to->nrofCandidates->aggregationLevel2 = WIRE_INDEX(w, candidates, s->n_candidates[1], "nrofCandidates");
    to->nrofCandidates->aggregationLevel4 = WIRE_INDEX(w, candidates, s->n_candidates[2], "nrofCandidates");
    to->nrofCandidates->aggregationLevel8 = WIRE_INDEX(w, candidates, s->n_candidates[3], "nrofCandidates");
    to->nrofCandidates->aggregationLevel16 = WIRE_INDEX(w, candidates, s->n_candidates[4], "nrofCandidates");
    WIRE_NEW(w, to->searchSpaceType);
    if (s->ue_specific) {
        to->searchSpaceType->choice = rrc_SearchSpace_searchSpaceType_choice_ue_Specific;
        WIRE_NEW(w, to->searchSpaceType->u.ue_Specific);
        to->searchSpaceType->u.ue_Specific->dci_Formats =
            rrc_SearchSpace_searchSpaceType_ue_Specific_dci_Formats_formats0_1_And_1_1;
    } else {
        to->searchSpaceType->choice = rrc_SearchSpace_searchSpaceType_choice_common;
        WIRE_NEW(w, to->searchSpaceType->u.common);
        WIRE_NEW(w, to->searchSpaceType->u.common->dci_Format0_0_AndFormat1_0);
    }
}

void part_parse_search_space(rrc_wire_t *w, const rrc_SearchSpace_t *from, radio_search_space_t *to)
{
    to->id = (uint8_t)from->searchSpaceId;
    if (!from->has.controlResourceSetId || !from->nrofCandidates || !from->searchSpaceType) {
        wire_fail(w, -ENOTSUP, "SearchSpace: a change of one that is there");
        return;
    }
    to->coreset_id = (uint8_t)from->controlResourceSetId;
    if (!from->monitoringSlotPeriodicityAndOffset ||
        from->monitoringSlotPeriodicityAndOffset->choice !=
            rrc_SearchSpace_monitoringSlotPeriodicityAndOffset_choice_sl1 ||
        !from->has.monitoringSymbolsWithinSlot || part_bits(from->monitoringSymbolsWithinSlot) != 0x2000)
        wire_fail(w, -ENOTSUP, "SearchSpace: other than every slot's first symbol");
    to->n_candidates[0] = (uint8_t)WIRE_NUMBER(w, candidates, from->nrofCandidates->aggregationLevel1, "");
    to->n_candidates[1] = (uint8_t)WIRE_NUMBER(w, candidates, from->nrofCandidates->aggregationLevel2, "");
    to->n_candidates[2] = (uint8_t)WIRE_NUMBER(w, candidates, from->nrofCandidates->aggregationLevel4, "");
    to->n_candidates[3] = (uint8_t)WIRE_NUMBER(w, candidates, from->nrofCandidates->aggregationLevel8, "");
    to->n_candidates[4] = (uint8_t)WIRE_NUMBER(w, candidates, from->nrofCandidates->aggregationLevel16, "");
    to->ue_specific = from->searchSpaceType->choice == rrc_SearchSpace_searchSpaceType_choice_ue_Specific;
    if (to->ue_specific && from->searchSpaceType->u.ue_Specific->dci_Formats !=
                               rrc_SearchSpace_searchSpaceType_ue_Specific_dci_Formats_formats0_1_And_1_1)
        wire_fail(w, -ENOTSUP, "SearchSpace: UE-specific with formats 0_0 and 1_0");
}

/* ---- time-domain allocation, TS 38.214 5.1.2.1 and 6.1.2.1 ---- */

void part_pdsch_tdra(rrc_wire_t *w, const radio_tdra_t *rows, uint32_t n,
                     rrc_PDSCH_TimeDomainResourceAllocationList_t *to)
{
    WIRE_LIST(w, *to, n);
    for (uint32_t i = 0; i < n; i++) {
        rrc_PDSCH_TimeDomainResourceAllocation_t *t = &to->p[i];
        t->has.k0 = rows[i].k != 0; /* absent: 0 */
        t->k0 = rows[i].k;
        t->mappingType = rows[i].mapping_type;
        t->startSymbolAndLength = sliv_encode(rows[i].start_symbol, rows[i].n_symbols);
    }
}

void part_pusch_tdra(rrc_wire_t *w, const radio_tdra_t *rows, uint32_t n,
                     rrc_PUSCH_TimeDomainResourceAllocationList_t *to)
{
    WIRE_LIST(w, *to, n);
    for (uint32_t i = 0; i < n; i++) {
        rrc_PUSCH_TimeDomainResourceAllocation_t *t = &to->p[i];
        t->has.k2 = 1;
        t->k2 = rows[i].k;
        t->mappingType = rows[i].mapping_type;
        t->startSymbolAndLength = sliv_encode(rows[i].start_symbol, rows[i].n_symbols);
    }
}

static void parse_row(rrc_wire_t *w, uint8_t k, uint8_t mapping, uint8_t sliv, radio_tdra_t *to)
{
    *to = (radio_tdra_t){.k = k, .mapping_type = mapping};
    if (!sliv_decode(sliv, &to->start_symbol, &to->n_symbols))
        wire_fail(w, -EBADMSG, "startSymbolAndLength: not within a slot");
}

uint8_t part_parse_pdsch_tdra(rrc_wire_t *w, const rrc_PDSCH_TimeDomainResourceAllocationList_t *from,
                              radio_tdra_t *to)
{
    for (uint32_t i = 0; i < from->n && i < RADIO_MAX_TDRA; i++)
        parse_row(w, from->p[i].has.k0 ? (uint8_t)from->p[i].k0 : 0, (uint8_t)from->p[i].mappingType,
                  (uint8_t)from->p[i].startSymbolAndLength, &to[i]);
    return (uint8_t)(from->n < RADIO_MAX_TDRA ? from->n : RADIO_MAX_TDRA);
}

uint8_t part_parse_pusch_tdra(rrc_wire_t *w, const rrc_PUSCH_TimeDomainResourceAllocationList_t *from,
                              radio_tdra_t *to, uint8_t mu)
{
    /* k2 absent: 1 at 15 and 30 kHz, 2 at 60, 3 at 120 kHz */
    const uint8_t absent = mu < 2 ? 1 : mu;
    for (uint32_t i = 0; i < from->n && i < RADIO_MAX_TDRA; i++)
        parse_row(w, from->p[i].has.k2 ? (uint8_t)from->p[i].k2 : absent, (uint8_t)from->p[i].mappingType,
                  (uint8_t)from->p[i].startSymbolAndLength, &to[i]);
    return (uint8_t)(from->n < RADIO_MAX_TDRA ? from->n : RADIO_MAX_TDRA);
}
