/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that CellGroupConfig's enumerations stand for, in their order; spare values are left off.
 * TS 38.331 6.3.2. Internal to lib/rrc: the builder and the parser read the same tables. */
#ifndef VITRAN_RRC_CELL_GROUP_TABLES_H
#define VITRAN_RRC_CELL_GROUP_TABLES_H

#include "lib/rrc/wire.h"

static const uint32_t poll_retransmit_ms[] = {
    5,   10,  15,  20,  25,  30,  35,  40,  45,   50,   55,   60,  65,  70,  75,  80,
    85,  90,  95,  100, 105, 110, 115, 120, 125,  130,  135,  140, 145, 150, 155, 160,
    165, 170, 175, 180, 185, 190, 195, 200, 205,  210,  215,  220, 225, 230, 235, 240,
    245, 250, 300, 350, 400, 450, 500, 800, 1000, 2000, 4000, 1,   2,   3,   4};
static const uint32_t poll_pdu[] = {4,     8,     16,    32,    64,    128,   256,   512,
                                    1024,  2048,  4096,  6144,  8192,  12288, 16384, 20480,
                                    24576, 28672, 32768, 40960, 49152, 57344, 65536, WIRE_INFINITY};
static const uint32_t poll_bytes[] = {
    1000,     2000,     5000,     8000,     10000,    15000,    25000,    50000,        75000,
    100000,   125000,   250000,   375000,   500000,   750000,   1000000,  1250000,      1500000,
    2000000,  3000000,  4000000,  4500000,  5000000,  5500000,  6000000,  6500000,      7000000,
    7500000,  8000000,  9000000,  10000000, 11000000, 12000000, 13000000, 14000000,     15000000,
    16000000, 17000000, 18000000, 20000000, 25000000, 30000000, 40000000, WIRE_INFINITY};
static const uint32_t reassembly_ms[] = {0,   5,   10,  15,  20,  25,  30,  35,  40, 45,  50,
                                         55,  60,  65,  70,  75,  80,  85,  90,  95, 100, 110,
                                         120, 130, 140, 150, 160, 170, 180, 190, 200};
static const uint32_t status_prohibit_ms[] = {
    0,   5,   10,  15,  20,  25,  30,  35,  40,  45,   50,   55,   60,   65,  70,  75,
    80,  85,  90,  95,  100, 105, 110, 115, 120, 125,  130,  135,  140,  145, 150, 155,
    160, 165, 170, 175, 180, 185, 190, 195, 200, 205,  210,  215,  220,  225, 230, 235,
    240, 245, 250, 300, 350, 400, 450, 500, 800, 1000, 1200, 1600, 2000, 2400};
static const uint32_t pbr_kbytes_s[] = {0,    8,    16,   32,   64,    128,   256,   512,
                                        1024, 2048, 4096, 8192, 16384, 32768, 65536, WIRE_INFINITY};
static const uint32_t bucket_ms[] = {5, 10, 20, 50, 100, 150, 300, 500, 1000};
static const uint32_t bsr_periodic_ms[] = {1,  5,   10,  16,  20,  32,   40,   64,
                                           80, 128, 160, 320, 640, 1280, 2560, WIRE_INFINITY};
static const uint32_t bsr_retx_ms[] = {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240};
static const uint32_t phr_periodic_ms[] = {10, 20, 50, 100, 200, 500, 1000, WIRE_INFINITY};
static const uint32_t phr_prohibit_ms[] = {0, 10, 20, 50, 100, 200, 500, 1000};
static const uint32_t sr_prohibit_ms[] = {1, 2, 4, 8, 16, 32, 64, 128};
static const uint32_t sr_trans_max[] = {4, 8, 16, 32, 64};
static const uint32_t max_retx[] = {1, 2, 3, 4, 6, 8, 16, 32};
static const uint32_t n_harq[] = {2, 4, 6, 10, 12, 16};
static const uint32_t drx_inactivity_ms[] = {0,  1,  2,  3,   4,   5,   6,   8,   10,   20,   30,  40,
                                             50, 60, 80, 100, 200, 300, 500, 750, 1280, 1920, 2560};

/* milliSeconds of drx-onDurationTimer; drx-LongCycleStartOffset's alternatives. */
static const uint32_t drx_on_ms[] = {1,  2,  3,   4,   5,   6,   8,   10,  20,  30,   40,   50,
                                     60, 80, 100, 200, 300, 400, 500, 600, 800, 1000, 1200, 1600};
static const uint32_t drx_cycle_ms[] = {10,  20,  32,  40,  60,   64,   70,   80,   128,  160,
                                        256, 320, 512, 640, 1024, 1280, 2048, 2560, 5120, 10240};
/* Periods of SchedulingRequestResourceConfig (alternatives sl1 on, behind sym2 and sym6or7), of a CSI report
 * and of a CSI-RS, slots. */
static const uint32_t sr_period[] = {1, 2, 4, 5, 8, 10, 16, 20, 40, 80, 160, 320, 640};
static const uint32_t report_period[] = {4, 5, 8, 10, 16, 20, 40, 80, 160, 320};
static const uint32_t rs_period[] = {4, 5, 8, 10, 16, 20, 32, 40, 64, 80, 160, 320, 640};
enum { SR_PERIOD_FIRST = WIRE_FIRST + 2 };

#endif
