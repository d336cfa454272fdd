/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/vrb.h"

/* Bundles of `bundle` RBs over `size` RBs whose first bundle lacks `phase` RBs. PRBs count from `origin`.
 * Bundle j goes to (j mod 2) * C + j / 2, C = floor(N / 2); the last one stays where it is. */
static void interleave(unsigned origin, unsigned size, unsigned bundle, unsigned phase, uint16_t *ret_prb)
{
    unsigned n = (size + phase + bundle - 1) / bundle, c = n / 2, vrb = 0;
    for (unsigned j = 0; j < n; j++) {
        unsigned to = j + 1 == n ? j : (j % 2) * c + j / 2;
        /* both bundles count positions from the start of a full first bundle */
        unsigned first = to == 0 ? 0 : to * bundle - phase, end = (to + 1) * bundle - phase;
        for (unsigned prb = first; prb < end && prb < size; prb++)
            ret_prb[vrb++] = (uint16_t)(origin + prb);
    }
}

unsigned vrb_to_prb(const pdsch_cfg_t *c, uint16_t ret_prb[PHY_MAX_PRB])
{
    switch (c->vrb_mapping) {
    case PDSCH_VRB_DIRECT:
        for (unsigned i = 0; i < c->bwp_size; i++)
            ret_prb[i] = (uint16_t)i;
        return c->bwp_size;
    case PDSCH_VRB_DIRECT_COMMON:
        for (unsigned i = 0; i + c->coreset_start < c->bwp_size; i++)
            ret_prb[i] = (uint16_t)(i + c->coreset_start);
        return c->bwp_size - c->coreset_start;
    case PDSCH_VRB_INTERLEAVED:
        interleave(0, c->bwp_size, c->vrb_bundle, c->bwp_start % c->vrb_bundle, ret_prb);
        return c->bwp_size;
    case PDSCH_VRB_INTERLEAVED_COMMON:
        interleave(c->coreset_start, c->n_initial_bwp, 2, (c->bwp_start + c->coreset_start) % 2, ret_prb);
        return c->n_initial_bwp;
    default: /* CORESET 0: bundles count from its own lowest PRB */
        interleave(c->coreset_start, c->n_initial_bwp, 2, 0, ret_prb);
        return c->n_initial_bwp;
    }
}
