/* SPDX-License-Identifier: Apache-2.0 */
/* Polar and small block coding per variant of the kernels, one thread: plan, encode and decode (CRC included)
 * of DCI, PBCH and UCI. Messages follow each other through 12 different words in noise that the code just
 * stands (most words decode, some do not). */
#include "lib/phy/polar/dci_code.h"
#include "lib/phy/polar/pbch_code.h"
#include "lib/phy/polar/uci_code.h"
#include "tests/bench/bench.h"
#include "tests/unit/lib/phy/polar/common.h"

#define N_SAMPLES 501
#define N_WORDS 12
#define REPEAT 2

static double samples[N_SAMPLES];
static uint8_t message[N_WORDS][256];
static uint8_t coded[N_WORDS][2048];
static int8_t llr[N_WORDS][POLAR_MAX_E];
static polar_work_t work;
static uint64_t seed = 88172645463325252u;

/* `call` runs once for each word w. */
#define MEASURE(name, params, call)                                                                          \
    do {                                                                                                     \
        for (unsigned s_ = 0; s_ < N_SAMPLES; s_++) {                                                        \
            double t_ = bench_now_ns();                                                                      \
            for (unsigned r_ = 0; r_ < REPEAT; r_++)                                                         \
                for (unsigned w = 0; w < N_WORDS; w++) {                                                     \
                    call;                                                                                    \
                }                                                                                            \
            samples[s_] = (bench_now_ns() - t_) / (REPEAT * N_WORDS) / 1000;                                 \
        }                                                                                                    \
        bench_print(name, params, "us", samples, N_SAMPLES);                                                 \
    } while (0)

static void noise(unsigned e, double sigma)
{
    for (unsigned w = 0; w < N_WORDS; w++)
        noisy_llrs(&seed, coded[w], e, sigma, llr[w]);
}

static void bench_dci(const phy_t *phy, unsigned e, double sigma)
{
    static dci_code_plan_t plan;
    const dci_code_cfg_t cfg = {.a_bits = 40, .e_bits = (uint16_t)e};
    const uint16_t rnti = 0x4601;
    char params[128];
    uint8_t payload[32];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"k\":64,\"e\":%u", phy_isa_name(phy->isa), e);
    MEASURE("dci_plan", params, dci_code_plan(&cfg, &plan, NULL));
    MEASURE("dci_encode", params, dci_code_encode(phy, &plan, message[w], rnti, coded[w]));
    noise(e, sigma);
    MEASURE("dci_decode", params, dci_code_decode(phy, &plan, llr[w], &rnti, 1, &work, payload));
}

static void bench_pbch(const phy_t *phy)
{
    pbch_payload_t p = {.cell_id = 1, .l_max = 8, .sfn = 77};
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"k\":56,\"e\":864", phy_isa_name(phy->isa));
    MEASURE("pbch_encode", params, pbch_encode(phy, &p, coded[w]));
    noise(PBCH_E_BITS, 2.0);
    MEASURE("pbch_decode", params, pbch_decode(phy, llr[w], &work, &p));
}

static void bench_uci(const phy_t *phy, unsigned a, unsigned e, double sigma)
{
    static uci_plan_t plan;
    const uci_cfg_t cfg = {.a_bits = (uint16_t)a, .e_bits = e, .qm = 2};
    uint8_t bits[UCI_MAX_BYTES];
    uci_result_t result;
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"a\":%u,\"e\":%u", phy_isa_name(phy->isa), a, e);
    MEASURE("uci_plan", params, uci_plan(&cfg, &plan, NULL));
    MEASURE("uci_encode", params, uci_encode(phy, &plan, message[w], coded[w]));
    noise(e, sigma);
    MEASURE("uci_decode", params, uci_decode(phy, &plan, llr[w], &work, bits, &result));
}

int main(void)
{
    for (unsigned w = 0; w < N_WORDS; w++)
        random_bytes(&seed, message[w], sizeof message[w]);
    for (phy_isa_t isa = PHY_ISA_GENERIC; isa <= phy_isa_detect(); isa++) {
        phy_t *phy;
        if (phy_create(isa, &phy) < 0)
            return 1;
        bench_dci(phy, 108, 0.6);
        bench_dci(phy, 216, 0.9);
        bench_dci(phy, 432, 1.3);
        bench_dci(phy, 864, 1.9);
        bench_dci(phy, 1728, 2.6);
        bench_pbch(phy);
        bench_uci(phy, 2, 48, 1.0);
        bench_uci(phy, 10, 64, 0.9);
        bench_uci(phy, 11, 32, 0.8);
        bench_uci(phy, 15, 64, 0.9);
        bench_uci(phy, 50, 200, 0.9);
        bench_uci(phy, 400, 1000, 0.8);
        phy_destroy(phy);
    }
    return 0;
}
