/* SPDX-License-Identifier: Apache-2.0 */
/* What every kernel of the physical layer shares: sample types, the resource grid, the choice of SIMD
 * variant, refusals that name a field. lib/phy is stateless: kernels work on memory that the caller gives
 * them, phy_t is made once at start and read by any number of threads afterwards. The DU's L1 and the
 * emulated UEs use the same kernels.
 *
 * Conventions, here and in every folder below:
 *  - bits are packed, first bit is bit 7 of byte 0, unless a name says `_unpacked` (one bit a byte);
 *  - an LLR is int8_t, positive means bit 0, saturated to -127..127 (never -128), 0 is "not known";
 *  - grids hold int16 I/Q; a unit-power symbol has magnitude PHY_UNIT, so that full scale (0 dBFS, |re| or
 * |im| of 32767) is 18.06 dB above it: room for 4 layers on one antenna, 256QAM peaks and DMRS boosts;
 *  - receivers compute in float (cf_t); subcarrier 0 is the lowest of the carrier;
 *  - a channel has `X_plan` (checks a configuration, refuses with the field's name, computes what does not
 * depend on data) and functions that run a plan; nothing below X_plan fails on sizes. */
#ifndef VITRAN_PHY_PHY_H
#define VITRAN_PHY_PHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PHY_MAX_PRB 275
#define PHY_MAX_SC (PHY_MAX_PRB * 12)
#define PHY_SYMBOLS 14 /* of a slot, normal cyclic prefix */
#define PHY_MAX_LAYERS 4
#define PHY_MAX_PORTS 8 /* of one transmission to several users, and of received antennas */
#define PHY_UNIT 4096   /* grid amplitude of a unit-power symbol: -18.06 dBFS */
#define PHY_LLR_SCALE                                                                                        \
    6.0f              /* int8 units in a natural-log LLR of 1: +-127 stands for +-21. At 8 saturation costs  \
                         the LDPC decoder block errors, at 4 rounding does */
#define PHY_ALIGN 64  /* bytes, of every buffer that a kernel reads or writes in bulk */
#define PHY_PAD_SC 16 /* samples that a kernel may read and write behind the end of a symbol */
#define PHY_GRID_STRIDE                                                                                      \
    3328 /* REs from one symbol to the next in a grid of any width: PHY_MAX_SC + padding */

typedef struct {
    int16_t re, im;
} ci16_t;

typedef struct {
    float re, im;
} cf_t;

/* A slot's resource grid of one carrier: re[(antenna * n_symbols + symbol) * stride + subcarrier]. 64-byte
 * aligned symbols. The memory is the owner's; a view may begin at any antenna. */
typedef struct {
    ci16_t *re;
    uint16_t n_sc;     /* subcarriers in use, 12 x PRBs */
    uint8_t n_ant;     /* antennas (or ports, or layers of a category B radio) */
    uint8_t n_symbols; /* 14 */
    uint32_t stride;   /* REs between symbols, a multiple of 16 */
} phy_grid_t;

static inline ci16_t *phy_grid_symbol(const phy_grid_t *g, unsigned ant, unsigned symbol)
{
    return g->re + ((size_t)ant * g->n_symbols + symbol) * g->stride;
}

/* Why a configuration was refused. Strings are constants. */
typedef struct {
    const char *field;    /* as the configuration's struct spells it */
    const char *expected; /* "1..4", "a multiple of 6" */
    int64_t value;        /* what it was */
} phy_refusal_t;

/* Fills `ret` when it is not NULL; returns -EINVAL. */
int phy_refuse(phy_refusal_t *ret, const char *field, int64_t value, const char *expected);

/* Variants of a kernel. AVX2 stands for AVX2, FMA, F16C, BMI2 and PCLMULQDQ; AVX512 for Ice Lake's and
 * Zen 4's set: F, BW, VL, DQ, CD, VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ, GFNI, VAES, VPCLMULQDQ. A kernel
 * without a variant of its own for a level uses the next lower one. */
typedef enum { PHY_ISA_GENERIC, PHY_ISA_AVX2, PHY_ISA_AVX512 } phy_isa_t;
#define PHY_ISA_BEST PHY_ISA_AVX512
#define PHY_N_ISA 3

/* [any thread] The best level of this CPU and kernel (CPUID and XCR0). */
phy_isa_t phy_isa_detect(void);
const char *phy_isa_name(phy_isa_t isa); /* "generic", "avx2", "avx512" */

/* What was chosen and computed at start; read-only afterwards. Each folder owns the members of its name. */
typedef struct phy {
    phy_isa_t isa;
    const struct ldpc_dec_ops *ldpc_dec;         /* ldpc/decode.h */
    const struct ldpc_dematch_ops *ldpc_dematch; /* ldpc/dematch.h */
    struct graph_tables *graphs;                 /* ldpc/graph.h */
    struct crc_tables *crc;                      /* ldpc/crc.h */
    struct ldpc_encoder *encoder;                /* ldpc/encode.h */
    const struct rate_match_ops *rate_match;     /* ldpc/rate_match.h */
    const struct chest_ops *chest;               /* pusch/chest.h */
    struct chest_windows *chest_windows;         /* same */
    const struct eq_ops *equalize;               /* pusch/equalize.h */
    struct gold_tables *gold;                    /* signal/gold.h */
    struct modulation_tables *modulation;        /* signal/modulation.h */
    const struct demap_ops *demap;               /* signal/demap.h */
    struct dft_tables *dft;                      /* signal/dft.h */
    const struct dl_ops *dl;                     /* dl/dl_ops.h */
    const struct polar_ops *polar;               /* polar/polar.h */
} phy_t;

/* Makes the tables and chooses the kernels: the best of the CPU, but none above max_isa (tests and benches
 * force lower ones). 0 or -ENOMEM. Control thread. */
int phy_create(phy_isa_t max_isa, phy_t **ret);
/* NULL is fine. */
void phy_destroy(phy_t *phy);

#endif
