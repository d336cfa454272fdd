/* SPDX-License-Identifier: Apache-2.0 */
/* PRACH of any configuration and any samples: the plan refuses or what is found lies in its range. */
#include "lib/phy/ctrl/prach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static ci16_t samples[2 * 12 * 840];

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static phy_t *phy;
    static prach_work_t *work;
    if (!phy) {
        if (phy_create(PHY_ISA_BEST, &phy))
            abort();
        work = aligned_alloc(64, (prach_work_size() + 63) / 64 * 64);
    }
    uint8_t b[16] = {0};
    memcpy(b, p, n < sizeof b ? n : sizeof b);
    prach_cfg_t c = {.format = b[0],
                     .mu = b[1],
                     .root_sequence = (uint16_t)(b[2] << 8 | b[3]),
                     .zero_correlation_zone = b[4],
                     .restricted_set = b[5],
                     .ul_mu = b[6],
                     .n_rx = b[7] & 1 ? 2 : 1,
                     .preamble_mask = b[8],
                     .p_false_alarm = b[9] / 256.0f,
                     .max_offset_hz = 10.0f * b[10]};
    prach_plan_t plan;
    if (prach_plan(&c, &plan, NULL))
        return 0;
    prach_detector_t *d;
    if (prach_detector_create(phy, &plan, &d, NULL))
        return 0;
    memset(samples, 0, sizeof samples);
    if (b[11] & 1 && plan.n_preambles) {
        cf_t y[PRACH_MAX_L_RA];
        prach_sequence(&plan, b[12] % plan.n_preambles, y);
        for (unsigned k = 0; k < plan.l_ra; k++)
            samples[k] = (ci16_t){(int16_t)(y[k].re * 4000), (int16_t)(y[k].im * 4000)};
    }
    for (size_t i = sizeof b; i < n; i++)
        ((uint8_t *)samples)[(i * 131) % sizeof samples] ^= p[i];
    prach_result_t r;
    prach_detect(d, samples, 12 * 840, 840, work, &r);
    if (r.n_found > PRACH_MAX_PREAMBLES || !isfinite(r.rssi_dbfs) || !isfinite(r.noise_dbfs))
        abort();
    for (unsigned i = 0; i < r.n_found; i++)
        if (r.found[i].preamble > 63 || r.found[i].timing_advance > 3846 || !isfinite(r.found[i].snr_db) ||
            !isfinite(r.found[i].delay_ns))
            abort();
    prach_detector_destroy(d);
    return 0;
}
