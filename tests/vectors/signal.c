/* SPDX-License-Identifier: Apache-2.0 */
/* modulation, demodulation, low_papr, low_phy: the kernels of lib/phy/signal. */
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/low_papr.h"
#include "lib/phy/signal/modulation.h"
#include "lib/phy/signal/ofdm.h"
#include "tests/vectors/channels.h"

#include <math.h>

void vec_modulation(vec_t *v)
{
    unsigned qm = vec_qm(v, vec_str(v, "modulation"));
    vec_file_t bits = vec_file(v, "bits"), want = vec_file(v, "symbols");
    const uint8_t *packed = vec_pack(v, bits.u8, bits.n);

    /* A symbol of plain BPSK is the first one of pi/2-BPSK. */
    bool each = vec_str_is(v, "modulation", "BPSK");
    ci16_t *fixed = vec_alloc(v, want.n * sizeof *fixed);
    cf_t *symbols = vec_alloc(v, want.n * sizeof *symbols);
    if (want.n * qm != bits.n)
        vec_die(v, "%zu symbols of %zu bits", want.n, bits.n);
    for (size_t i = 0; i < want.n; i += each ? 1 : want.n) {
        const uint8_t *from = each ? vec_pack(v, bits.u8 + i, 1) : packed;
        modulate(v->phy, qm, from, each ? 1 : want.n, PHY_UNIT, fixed + i);
        modulate_cf(v->phy, qm, from, each ? 1 : want.n, 1, symbols + i);
    }
    vec_same_ci(v, "symbols, int16", fixed, PHY_UNIT, want.cf, want.n, VEC_LSB);
    vec_same_cf(v, "symbols, float", symbols, want.cf, want.n, VEC_FLOAT_TOL);
}

/* LLRs of the vectors are natural-log; the int8 ones are those times PHY_LLR_SCALE, saturated. */
void vec_demodulation(vec_t *v)
{
    vec_file_t rx = vec_file(v, "rx_symbols"), want = vec_file(v, "llr");
    unsigned qm = (unsigned)(want.n / rx.n);
    float *inv_noise = vec_alloc(v, rx.n * sizeof *inv_noise), *llr = vec_alloc(v, want.n * sizeof *llr);
    int8_t *fixed = vec_alloc(v, want.n);
    for (size_t i = 0; i < rx.n; i++)
        inv_noise[i] = (float)(1 / vec_num(v, "noise_variance_linear"));

    /* A symbol of plain BPSK is the first one of pi/2-BPSK. */
    bool each = vec_str_is(v, "modulation", "BPSK");
    for (size_t i = 0; i < rx.n; i += each ? 1 : rx.n) {
        size_t n = each ? 1 : rx.n;
        demap_float(qm, rx.cf + i, inv_noise + i, n, llr + i * qm);
        demap(v->phy, qm, rx.cf + i, inv_noise + i, n, fixed + i * qm);
    }
    for (size_t i = 0; i < want.n; i++) {
        double w = (double)want.f32[i], scaled = w * (double)PHY_LLR_SCALE;
        scaled = scaled > 127 ? 127 : scaled < -127 ? -127 : scaled;
        if (!(fabs((double)llr[i] - w) <= 1e-4 * (1 + fabs(w)))) {
            vec_fail(v, "llr, float", "bit %zu: got %g, want %g", i, (double)llr[i], w);
            return;
        }
        if (!(fabs(fixed[i] - scaled) <= 0.51)) {
            vec_fail(v, "llr, int8", "bit %zu: got %d, want %g", i, fixed[i], scaled);
            return;
        }
    }
}

void vec_low_papr(vec_t *v)
{
    /* The shift as the kernel takes it, cs / n_cs of a turn: the standard's are of 12 and less, the source's
     * of any kind. */
    double turns = vec_num(v, "cyclic_shift_alpha_rad") / (2 * M_PI);
    unsigned n_cs = 12;
    while (n_cs < 4096 && fabs(turns * n_cs - round(turns * n_cs)) > 1e-6)
        n_cs++;
    unsigned cs = (unsigned)lround((turns - floor(turns)) * n_cs);
    vec_file_t want = vec_file(v, "sequence");
    cf_t *got = vec_alloc(v, want.n * sizeof *got);
    if (want.n != (size_t)vec_int(v, "sequence_length_m_zc") ||
        low_papr_sequence((unsigned)vec_int(v, "group_number_u"),
                          (unsigned)vec_int(v, "base_sequence_number_v"), (unsigned)want.n, cs, n_cs, got))
        vec_fail(v, "sequence", "refused");
    vec_same_cf(v, "sequence", got, want.cf, want.n, VEC_FLOAT_TOL);
}

void vec_low_phy(vec_t *v)
{
    vec_file_t grid = vec_file(v, "grid"), want = vec_file(v, "waveform");
    unsigned scs_khz = (unsigned)vec_int(v, "subcarrier_spacing_khz");
    ofdm_cfg_t cfg = {.mu = (unsigned)lround(log2(scs_khz / 15.0)),
                      .n_fft = (unsigned)(vec_int(v, "sample_rate_hz") / (scs_khz * 1000)),
                      .n_sc = (unsigned)grid.shape[3],
                      .f0_hz = vec_num(v, "carrier_frequency_hz")};
    ofdm_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (ofdm_plan(v->phy, &cfg, plan, &why)) {
        vec_fail(v, "plan", "refused %s = %lld", why.field, (long long)why.value);
        return;
    }
    dft_work_t *work = vec_alloc(v, sizeof *work);
    cf_t *got = vec_alloc(v, want.n * sizeof *got), *at = got;
    for (size_t i = 0; i < grid.shape[0] * grid.shape[2]; i++)
        at += ofdm_modulate(plan, (unsigned)(i % plan->n_symbols), grid.cf + i * cfg.n_sc, at, work);
    if ((size_t)(at - got) != want.n)
        vec_fail(v, "waveform", "got %td samples, want %zu", at - got, want.n);
    vec_same_cf(v, "waveform", got, want.cf, want.n, 2e-6);
}
