/* SPDX-License-Identifier: Apache-2.0 */
/* GTP-U with an NR-U DL USER DATA frame: ns to put the header in front of a packet, and to read it. */
#include "lib/gtpu/gtpu.h"
#include "tests/bench/bench.h"

#define ROUNDS 4000u
#define BATCH 256u

static double encode[ROUNDS], decode[ROUNDS];

int main(void)
{
    static uint8_t out[BATCH][GTPU_HEADER_MAX + 16];
    uint64_t sum = 0;
    for (uint32_t r = 0; r < ROUNDS; r++) {
        double t0 = bench_now_ns();
        for (uint32_t i = 0; i < BATCH; i++) {
            const gtpu_header_t h = {.type = GTPU_G_PDU,
                                     .teid = i,
                                     .has_nru = true,
                                     .nru = {.type = NRU_DL_USER_DATA, .nru_sn = i}};
            if (gtpu_encode(&h, 0, out[i], GTPU_HEADER_MAX) < 0)
                return 1;
        }
        double t1 = bench_now_ns();
        for (uint32_t i = 0; i < BATCH; i++) {
            gtpu_header_t h;
            if (gtpu_decode(out[i], 20, &h) != 0)
                return 1;
            sum += h.nru.nru_sn;
        }
        double t2 = bench_now_ns();
        encode[r] = (t1 - t0) / BATCH;
        decode[r] = (t2 - t1) / BATCH;
    }
    if (sum == 0)
        return 1;
    bench_print("gtpu_nru_encode", "", "ns", encode, ROUNDS);
    bench_print("gtpu_nru_decode", "", "ns", decode, ROUNDS);
    return 0;
}
