/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/dft.h"
#include "lib/phy/signal/transform_precoding.h"
#include "tests/unit/lib/phy/signal/signal_check.h"

#include <complex.h>
#include <fftw3.h>
#include <math.h>

static dft_work_t work;
static cf_t in[DFT_MAX + 16], out[DFT_MAX + 16], back[DFT_MAX + 16];
static double complex root[DFT_MAX];

static bool smooth(unsigned n)
{
    static const unsigned f[] = {2, 3, 5};
    for (unsigned i = 0; i < 3; i++)
        while (n % f[i] == 0)
            n /= f[i];
    return n == 1;
}

static bool power_or_three_times(unsigned n)
{
    n = n % 3 ? n : n / 3;
    return (n & (n - 1)) == 0;
}

static void test_sizes(void)
{
    for (unsigned n = 1; n <= DFT_MAX; n++) {
        bool want = (smooth(n) && (n <= 4096 || power_or_three_times(n))) || n == 139 || n == 571 ||
                    n == 839 || n == 1151;
        EACH_PHY(phy)
        {
            CU_ASSERT_EQUAL(dft_plan(phy, n) != NULL, want);
            if (want)
                CU_ASSERT_EQUAL(dft_size(dft_plan(phy, n)), n);
        }
    }
    CU_ASSERT_PTR_NULL(dft_plan(phys[0], 0));
    CU_ASSERT_PTR_NULL(dft_plan(phys[0], DFT_MAX + 1));
}

/* Each size, a few outputs by the definition in double, and the way back. */
static void test_definition(void)
{
    uint64_t seed = 7;
    EACH_PHY(phy)
    for (unsigned n = 1; n <= DFT_MAX; n++) {
        const dft_plan_t *plan = dft_plan(phy, n);
        if (!plan)
            continue;
        double power = 0;
        for (unsigned i = 0; i < n; i++) {
            root[i] = cexp(-2 * M_PI * I * i / n);
            in[i] = (cf_t){random_float(&seed), random_float(&seed)};
            power += in[i].re * in[i].re + in[i].im * in[i].im;
        }
        for (int direction = DFT_FORWARD; direction <= DFT_INVERSE; direction++) {
            memset(out, 0x55, sizeof out);
            dft(plan, (dft_direction_t)direction, in, out, &work);
            double worst = 0;
            for (unsigned c = 0; c < 6; c++) {
                unsigned k = c == 0 ? 0 : c == 1 ? n - 1 : (unsigned)(random64(&seed) % n);
                double complex sum = 0;
                for (unsigned i = 0; i < n; i++) {
                    double complex w = root[(uint64_t)i * k % n];
                    sum += (in[i].re + I * in[i].im) * (direction == DFT_FORWARD ? w : conj(w));
                }
                worst = fmax(worst, cabs(out[k].re + I * out[k].im - sum));
            }
            CU_ASSERT(worst < 2e-6 * sqrt(power));
            cf_t untouched;
            memset(&untouched, 0x55, sizeof untouched);
            CU_ASSERT_EQUAL(memcmp(&out[n], &untouched, sizeof untouched), 0);
            /* and back, in place */
            dft(plan, direction == DFT_FORWARD ? DFT_INVERSE : DFT_FORWARD, out, out, &work);
            double error = 0;
            for (unsigned i = 0; i < n; i++)
                error += pow(out[i].re / n - in[i].re, 2) + pow(out[i].im / n - in[i].im, 2);
            CU_ASSERT(error < 1e-12 * power);
        }
    }
}

/* Every output, against FFTW. */
static void test_fftw(void)
{
    static const unsigned sizes[] = {12,  24,  36,   60,   108,  139,  180,  300,  540,  625,  729,
                                     839, 900, 1024, 1152, 1200, 2048, 3072, 3240, 4096, 6144, 8192};
    uint64_t seed = 8;
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        unsigned n = sizes[s];
        fftwf_complex *x = fftwf_alloc_complex(n), *y = fftwf_alloc_complex(n);
        for (int direction = DFT_FORWARD; direction <= DFT_INVERSE; direction++) {
            fftwf_plan p = fftwf_plan_dft_1d(
                (int)n, x, y, direction == DFT_FORWARD ? FFTW_FORWARD : FFTW_BACKWARD, FFTW_ESTIMATE);
            for (unsigned i = 0; i < n; i++) {
                in[i] = (cf_t){random_float(&seed), random_float(&seed)};
                x[i] = in[i].re + I * in[i].im;
            }
            fftwf_execute(p);
            fftwf_destroy_plan(p);
            EACH_PHY(phy)
            {
                dft(dft_plan(phy, n), (dft_direction_t)direction, in, out, &work);
                double error = 0, power = 0;
                for (unsigned k = 0; k < n; k++) {
                    error += pow(cabs(out[k].re + I * out[k].im - y[k]), 2);
                    power += pow(cabs(y[k]), 2);
                }
                CU_ASSERT(error < 1e-12 * power);
            }
        }
        fftwf_free(x);
        fftwf_free(y);
    }
    fftwf_cleanup();
}

/* A transform of broken samples does not reach its neighbours. */
static void test_nan_stays(void)
{
    const unsigned n = 1200;
    static cf_t many[3 * 1208], result[3 * 1208];
    uint64_t seed = 9;
    for (unsigned i = 0; i < 3 * 1208; i++)
        many[i] = (cf_t){random_float(&seed), random_float(&seed)};
    EACH_PHY(phy)
    {
        const dft_plan_t *plan = dft_plan(phy, n);
        cf_t kept = many[1208 + 5];
        many[1208 + 5] = (cf_t){NAN, INFINITY};
        memset(&work, 0xff, sizeof work); /* NaN: what is left over must not matter */
        dft_batch(plan, DFT_FORWARD, 3, many, 1208, result, 1208, &work);
        CU_ASSERT(isnan(result[1208].re));
        for (unsigned b = 0; b < 3; b += 2) {
            dft(plan, DFT_FORWARD, many + b * 1208, back, &work);
            CU_ASSERT_EQUAL(memcmp(result + b * 1208, back, n * sizeof *back), 0);
            CU_ASSERT(isfinite(back[0].re));
        }
        many[1208 + 5] = kept;
    }
}

static void test_transform_precoding(void)
{
    uint64_t seed = 10;
    CU_ASSERT(!transform_precoding_valid(0));
    CU_ASSERT(!transform_precoding_valid(6));
    CU_ASSERT(!transform_precoding_valid(84));
    CU_ASSERT(!transform_precoding_valid(3276));
    CU_ASSERT(transform_precoding_valid(12));
    CU_ASSERT(transform_precoding_valid(3240));
    for (unsigned m = 12; m <= PHY_MAX_SC; m += 12) {
        if (!transform_precoding_valid(m))
            continue;
        EACH_PHY(phy)
        {
            double power_in = 0, power_out = 0, error = 0;
            for (unsigned i = 0; i < 2 * m; i++) {
                in[i] = (cf_t){random_float(&seed), random_float(&seed)};
                power_in += in[i].re * in[i].re + in[i].im * in[i].im;
            }
            transform_precode(phy, m, 2, in, out, &work);
            double complex dc = 0;
            for (unsigned i = 0; i < m; i++)
                dc += in[m + i].re + I * in[m + i].im;
            CU_ASSERT(cabs(out[m].re + I * out[m].im - dc / sqrt(m)) < 1e-4);
            for (unsigned i = 0; i < 2 * m; i++)
                power_out += out[i].re * out[i].re + out[i].im * out[i].im;
            CU_ASSERT_DOUBLE_EQUAL(power_out, power_in, 1e-4 * power_in);
            transform_deprecode(phy, m, 2, out, back, &work);
            for (unsigned i = 0; i < 2 * m; i++)
                error += pow(back[i].re - in[i].re, 2) + pow(back[i].im - in[i].im, 2);
            CU_ASSERT(error < 1e-11 * power_in);
        }
    }
}

CU_MAIN("dft", {"start", phys_create}, {"sizes", test_sizes}, {"the definition, every size", test_definition},
        {"FFTW", test_fftw}, {"NaN stays in its transform", test_nan_stays},
        {"transform precoding", test_transform_precoding}, {"end", phys_destroy})
