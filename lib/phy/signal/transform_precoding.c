/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/transform_precoding.h"

#include <assert.h>
#include <math.h>

bool transform_precoding_valid(unsigned m_sc)
{
    if (!m_sc || m_sc % 12 || m_sc > PHY_MAX_SC)
        return false;
    unsigned m_rb = m_sc / 12;
    for (unsigned f = 2; f <= 5; f += f == 2 ? 1 : 2)
        while (m_rb % f == 0)
            m_rb /= f;
    return m_rb == 1;
}

static void run(const phy_t *phy, dft_direction_t direction, unsigned m_sc, size_t n, const cf_t *in,
                cf_t *out, dft_work_t *work)
{
    assert(transform_precoding_valid(m_sc));
    dft_batch(dft_plan(phy, m_sc), direction, (unsigned)n, in, m_sc, out, m_sc, work);
    cf_scale(out, n * m_sc, 1 / sqrtf((float)m_sc));
}

void transform_precode(const phy_t *phy, unsigned m_sc, size_t n, const cf_t *in, cf_t *out, dft_work_t *work)
{
    run(phy, DFT_FORWARD, m_sc, n, in, out, work);
}

void transform_deprecode(const phy_t *phy, unsigned m_sc, size_t n, const cf_t *in, cf_t *out,
                         dft_work_t *work)
{
    run(phy, DFT_INVERSE, m_sc, n, in, out, work);
}
