/* SPDX-License-Identifier: Apache-2.0 */
/* vitran/plugin.h: the ABI between the DU and an algorithm plugin.
 *
 * A plugin is a shared object with one export, `vitran_plugin_entry`. It is loaded by one DU process, for one
 * or more cells; a cell is an instance. The DU owns all protocol state; a scheduler plugin is asked each slot
 * who gets which PRBs, and what it answers is checked before use: a mistake costs the grant, never the cell.
 *
 * Versions. Same major: compatible, both ways. While the major is 0 the minor has to be equal as well:
 * nothing is promised yet. A sized struct starts with struct_size and grows at its end; read a member only if
 * VTN_HAS() says that it is there. Elements of plain arrays never grow within a major: what may grow is a new
 * column (pointer) in a sized struct, never a new member of an element.
 *
 * Symbolic threads
 *   [control] may block; one call at a time per instance
 *   [slot]    no allocation, lock, system call or I/O; bounded
 *   [any]     thread-safe and [slot]-safe
 * Instance = one cell, both directions. Instances of one plugin run concurrently on different slot threads,
 * so that a plugin has no mutable globals.
 *
 * Times: ns of CLOCK_TAI. Slots: absolute, never wrapping. PRBs count from the start of the active BWP, CCEs
 * in their CORESET, symbols in their slot. Arguments and what they point to live until the call returns,
 * unless stated. Results: 0 or -errno. */
#ifndef VITRAN_PLUGIN_H
#define VITRAN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define VTN_ABI_MAJOR 0u
#define VTN_ABI_MINOR 1u
#define VTN_HAS(p, m) ((p)->struct_size >= (size_t)((const char *)(&(p)->m + 1) - (const char *)(p)))

#ifdef __cplusplus
#define VTN_ASSERT_SIZE(type, n) static_assert(sizeof(type) == (n), #type " crosses the ABI")
extern "C" {
#else
#define VTN_ASSERT_SIZE(type, n) _Static_assert(sizeof(type) == (n), #type " crosses the ABI")
#endif

VTN_ASSERT_SIZE(void *, 8); /* LP64 only */

/* ---- tunables: declared once, validated and owned by the host, discovered by the RIC ---- */

#define VTN_I64 0u
#define VTN_F64 1u
#define VTN_BOOL 2u
#define VTN_ENUM 3u

#define VTN_SCOPE_CELL 0u
#define VTN_SCOPE_SLICE 1u
#define VTN_SCOPE_UE 2u

typedef union {
    int64_t i; /* I64, BOOL (0 or 1), ENUM (index into labels) */
    double f;  /* F64 */
} vtn_value_t;
VTN_ASSERT_SIZE(vtn_value_t, 8);

typedef struct { /* static; an id keeps its meaning for ever and is never reused */
    uint32_t struct_size;
    uint32_t id; /* > 0; the RAN parameter ID at the RIC */
    uint32_t type;
    uint32_t scope;
    uint32_t flags; /* 0 */
    uint32_t n_labels;
    const char *name;                /* "pf.alpha": lower case letters, digits, '_' and '.' */
    const char *unit;                /* "1", "dB", "ms", "PRB", "%" */
    const char *help;                /* one sentence */
    const char *const *labels;       /* ENUM: [n_labels] */
    vtn_value_t min, max, step, def; /* min, max inclusive; a value is min + n step (step 0: any). The host
                                        refuses what does not fit, and never rounds */
} vtn_param_t;

typedef struct {
    uint32_t param_id;
    uint32_t scope_key; /* CELL: 0; SLICE: slice index; UE: VTN_UE_KEY(ue, generation) */
    vtn_value_t v;
} vtn_set_t;
VTN_ASSERT_SIZE(vtn_set_t, 16);

#define VTN_UE_KEY(ue, generation) ((uint32_t)(generation) << 16 | (uint32_t)(ue))
#define VTN_KEY_UE(key) ((uint16_t)((key)&0xffffu))

/* ---- what a slot looks like ---- */

#define VTN_MAX_PRB 275u
#define VTN_NONE 0xffu /* in the uint8_t columns that say so */

typedef struct {
    uint64_t bits[5]; /* bit i of word w: PRB 64 w + i */
} vtn_prb_mask_t;
VTN_ASSERT_SIZE(vtn_prb_mask_t, 40);

#define VTN_DL 0u
#define VTN_UL 1u

#define VTN_UE_SR 1u         /* flags, UL: asked for a grant and did not say for how much */
#define VTN_UE_SIGNALLING 2u /* flags: some of what waits is signalling (SRB) or the UE's first data */

#define VTN_ALLOC_RBG 0u        /* type 0: whole RBGs, anywhere */
#define VTN_ALLOC_CONTIGUOUS 1u /* type 1: one run of PRBs */

/* The UEs of a cell in one direction. Columns are indexed by the cell-local UE index (0 .. max_ues - 1),
 * which is stable while the UE is there; rows of UEs that are not in `active` of this call are not to be
 * relied on. The memory is the MAC's own, read-only here: nothing is copied to make it. NULL: the column is
 * not known in this direction. */
typedef struct {
    uint32_t struct_size;
    uint32_t max_ues;    /* rows */
    uint32_t lc_stride;  /* rows of a UE in the lc_ columns */
    uint32_t n_subbands; /* columns of subband_cqi */

    const uint16_t *generation;   /* changes when an index is given to another UE */
    const uint8_t *slice;         /* that the UE's grants are charged to */
    const uint8_t *flags;         /* VTN_UE_* */
    const uint32_t *queued_bytes; /* new data that waits, all logical channels, subheaders included */

    /* link */
    const uint8_t *mcs_table;         /* 1..3: 38.214 5.1.3.1 */
    const uint8_t *mcs_max;           /* link-adapted limit for new data */
    const uint8_t *max_layers;        /* 1..4 */
    const uint16_t *bits_per_re_x256; /* at mcs_max and max_layers */
    const uint16_t *max_prb;          /* what power headroom, BWP and capability allow */
    const uint8_t *alloc_type;        /* VTN_ALLOC_* */
    const uint8_t *cqi;               /* wideband, last reported; 0: out of range or not known */
    const uint8_t *subband_cqi;       /* [max_ues x n_subbands] */
    const uint8_t *ri;
    const uint16_t *pmi;
    const int16_t *sinr_db_x10; /* estimate behind mcs_max */
    const int8_t *phr_db;       /* UL: last power headroom */
    const uint16_t *beam;
    const uint8_t *mu_group;       /* UEs of different groups may share PRBs; VTN_NONE: with nobody */
    const uint32_t *avg_rate_kbps; /* what was served, exponential average over the host's window */

    /* HARQ: one grant of either kind a UE, direction and data slot */
    const uint8_t *harq_new;   /* process for new data; VTN_NONE: all busy */
    const uint8_t *harq_retx;  /* process to send again; VTN_NONE: none */
    const uint8_t *retx_round; /* 1: first retransmission */
    const uint8_t
        *retx_mcs; /* as sent: with retx_n_prb PRBs of retx_re_per_prb REs it gives the same size again */
    const uint8_t
        *retx_mcs_any; /* the row of the same modulation without a rate, for any other number of PRBs */
    const uint8_t *retx_layers;
    const uint16_t *retx_n_prb;
    const uint16_t *retx_re_per_prb;
    const uint32_t *retx_tbs_bytes;

    /* PDCCH and timing */
    const uint8_t *cce;       /* [max_ues x 5 x 8]: first CCE of the candidates of level 1 << l in this slot;
                                 VTN_NONE: no       such candidate. They depend on the RNTI and the slot */
    const uint8_t *cce_level; /* lowest level index (0..4) that the link allows */
    const uint16_t *k1_mask;  /* DL: bit k: an acknowledgement k slots after the data can be carried */
    const uint16_t *reachable_slots; /* until DRX or a measurement gap; 0xffff: no end in sight */

    /* logical channels (UL: logical channel groups), row ue * lc_stride + i, i < n_lcs[ue] */
    const uint8_t *n_lcs;
    const uint8_t *lc_id;
    const uint8_t *lc_5qi;
    const uint8_t *lc_priority; /* 1 is the highest */
    const uint8_t *lc_slice;
    const uint8_t *lc_per_exp; /* packet error rate 10^-x */
    const uint32_t *lc_queued_bytes;
    const uint32_t *lc_hol_delay_us; /* age of the oldest byte */
    const uint32_t *lc_pdb_us;       /* packet delay budget */
    const uint32_t *lc_gbr_kbps;     /* 0: not GBR */
    const uint32_t *lc_mbr_kbps;     /* 0: no limit */
} vtn_ues_t;

/* One direction of one PDCCH slot. K0 or K2 is the plugin's choice among n_slots data slots (usually one). */
typedef struct {
    uint32_t struct_size;
    uint32_t n_slots;
    const uint8_t *k;            /* [n_slots] data slot - PDCCH slot */
    const uint8_t *tda_row;      /* [n_slots] row of the time-domain table */
    const uint8_t *symbol_start; /* [n_slots] */
    const uint8_t *n_symbols;    /* [n_slots] */
    const uint16_t *re_per_prb;  /* [n_slots] REs that carry data in one PRB: 38.214 5.1.3.2 step 1 */
    const vtn_prb_mask_t
        *free_prbs; /* [n_slots] after SSB, SI, RAR, paging, CSI-RS, PRACH, PUCCH and earlier grants */
    const uint16_t *active; /* [n_active] UE indices, ascending: those with something to do in this call */
    const vtn_ues_t *ues;
    uint32_t n_active;
    uint32_t max_grants;
    uint32_t n_prb;      /* of the BWP */
    uint32_t rbg_size;   /* of VTN_ALLOC_RBG */
    uint32_t rbg_offset; /* PRBs that the first RBG lacks: BWP start mod rbg_size */
    uint32_t reserved;
} vtn_direction_t;

#define VTN_OUT_ACK 0u
#define VTN_OUT_NACK 1u
#define VTN_OUT_DTX 2u     /* no answer: the DCI was probably lost */
#define VTN_OUT_FAILED 3u  /* given up after the last retransmission */
#define VTN_OUT_REFUSED 4u /* by the host: `reason` */

/* Why a grant is refused. Values never change. */
#define VTN_REFUSED_UE 1u /* no such UE, or not in `active` */
#define VTN_REFUSED_GENERATION 2u
#define VTN_REFUSED_DIRECTION 3u /* not offered in this call */
#define VTN_REFUSED_SLOT 4u      /* slot_index */
#define VTN_REFUSED_PRB_EMPTY 5u
#define VTN_REFUSED_PRB_BUSY 6u /* not free, or taken by an earlier grant of this call */
#define VTN_REFUSED_PRB_SHAPE                                                                                \
    7u                     /* not contiguous, or not whole RBGs, as alloc_type asks; or more than max_prb */
#define VTN_REFUSED_MCS 8u /* above mcs_max, or no such row */
#define VTN_REFUSED_LAYERS 9u
#define VTN_REFUSED_HARQ 10u /* not the process offered */
#define VTN_REFUSED_TBS 11u  /* a retransmission of another size, or a block of no bytes */
#define VTN_REFUSED_CCE 12u  /* not a candidate of this UE in this slot, or below cce_level */
#define VTN_REFUSED_CCE_BUSY 13u
#define VTN_REFUSED_TWICE 14u /* second grant of the UE in that data slot */
#define VTN_REFUSED_K1 15u
#define VTN_REFUSED_CAP 16u      /* past max_grants */
#define VTN_REFUSED_RESERVED 17u /* a reserved member is not 0, or a feature that is not offered */
#define VTN_REFUSED_MAC 18u      /* resources ran out after the check (PUCCH, L1) */

typedef struct {       /* outcome of an earlier grant */
    uint64_t abs_slot; /* of its PDCCH */
    uint32_t bytes;    /* ACK: carried */
    uint16_t ue;
    uint16_t ue_generation;
    uint8_t harq_id;
    uint8_t dir;
    uint8_t outcome; /* VTN_OUT_* */
    uint8_t reason;  /* REFUSED: VTN_REFUSED_* */
    uint8_t reserved[4];
} vtn_feedback_t;
VTN_ASSERT_SIZE(vtn_feedback_t, 24);

#define VTN_UE_ADDED 0u   /* forget what the index stood for; UE parameters are back at their defaults */
#define VTN_UE_CHANGED 1u /* configuration changed: bearers, slice, capability */
#define VTN_UE_REMOVED 2u

typedef struct {
    uint32_t event;
    uint16_t ue;
    uint16_t ue_generation;
} vtn_ue_event_t;
VTN_ASSERT_SIZE(vtn_ue_event_t, 8);

#define VTN_SLOT_REPLAY 1u /* flags: state is being rebuilt; grants are ignored */

typedef struct {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t abs_slot; /* of the PDCCH */
    uint64_t deadline_ns;
    uint16_t sfn;
    uint16_t slot;
    uint32_t n_events;
    uint32_t n_sets;
    uint32_t n_feedback;
    const vtn_ue_event_t *events; /* apply in this order: events, sets, feedback */
    const vtn_set_t *sets;        /* one control lands whole, in one slot */
    const vtn_feedback_t *feedback;
    uint64_t sets_seq;         /* of these sets; grows with each batch; 0: no batch in this call */
    const vtn_direction_t *dl; /* NULL: nothing to grant in that direction */
    const vtn_direction_t *ul;
    const uint64_t
        *free_cces; /* [3]: bit i of word w: CCE 64 w + i of the UE-specific CORESET; DL and UL share it */
    uint32_t n_cces;
    uint32_t reserved;
} vtn_slot_in_t;

#define VTN_CCE_ANY 0xffffu /* first_cce: the host takes any free candidate of the level, or one above it */
#define VTN_K1_ANY 0xffu
#define VTN_LC_ANY 0xffu

typedef struct {
    vtn_prb_mask_t prbs;
    uint16_t ue;
    uint16_t ue_generation;
    uint8_t dir;
    uint8_t slot_index; /* which of the n_slots data slots */
    uint8_t mcs;        /* at most mcs_max for new data */
    uint8_t layers;
    uint8_t harq_id;
    uint8_t is_retx;
    uint8_t dmrs_ports;        /* 0: the host's choice */
    uint8_t aggregation_level; /* 1, 2, 4, 8, 16 */
    uint16_t first_cce;        /* of a candidate, or VTN_CCE_ANY */
    uint16_t beam;             /* 0: the host's choice */
    uint8_t k1;                /* DL: or VTN_K1_ANY */
    uint8_t lc_first;          /* DL: logical channel to serve before the order of priority, or VTN_LC_ANY */
    uint8_t mu_group;          /* 0 */
    uint8_t reserved[5];       /* 0 */
} vtn_grant_t;
VTN_ASSERT_SIZE(vtn_grant_t, 64);

typedef struct {
    uint32_t struct_size;
    uint32_t cap;
    uint32_t n_grants;      /* in order of importance: where two collide the first one holds */
    int32_t applied_status; /* 0 or -errno of the last batch of sets; a batch that fails changes nothing */
    uint64_t
        applied_seq;     /* = sets_seq once they are in force: this is what an E2 acknowledgement stands on */
    vtn_grant_t *grants; /* [cap], zeroed by nobody */
} vtn_slot_out_t;

/* ---- lifecycle: create, activate, slot..., deactivate, destroy ---- */

typedef struct vtn_plugin vtn_plugin_t; /* opaque, the plugin's own */

typedef struct { /* what a cell is; deterministic: same config, seed and inputs give the same grants */
    uint32_t struct_size;
    uint32_t max_ues;
    uint32_t max_lcs_per_ue;
    uint32_t n_slices;
    uint64_t seed;
    uint16_t n_prb_dl;
    uint16_t n_prb_ul;
    uint8_t mu; /* numerology */
    uint8_t n_ports_dl;
    uint8_t n_ports_ul;
    uint8_t tdd_period_slots;      /* 0: FDD */
    const uint8_t *tdd_slot_kind;  /* [tdd_period_slots] 'D', 'S', 'U' */
    const uint32_t *slice_sst_sd;  /* [n_slices] SST in the top 8 bits, SD below; SD 0xffffff: none */
    const vtn_set_t *initial_sets; /* [n_initial_sets] every CELL and SLICE parameter's value at start: there
                                      is no other way in. UE parameters start at their defaults */
    uint32_t n_initial_sets;
    uint32_t reserved;
} vtn_cell_t;

typedef struct vtn_host { /* outlives every instance */
    uint32_t struct_size;
    uint32_t reserved;
    void *ctx;
    const void *(*get_ext)(const struct vtn_host *, const char *id); /* [control] NULL: not offered */
    void (*log)(const struct vtn_host *, int32_t level,
                const char *); /* [control] level: 0 error .. 4 debug */
} vtn_host_t;

#define VTN_FACTORY_SCHEDULER "vitran.scheduler/1"
typedef struct {
    uint32_t struct_size;
    uint32_t n_params;
    const char *id;      /* "org.vitran.sched-pf" */
    const char *version; /* "1.4.0" */
    const char *vendor;
    const char *licence;                                       /* SPDX expression */
    const vtn_param_t *const *params;                          /* [n_params] */
    int32_t (*create)(const vtn_host_t *, vtn_plugin_t **ret); /* [control] */
    int32_t (*activate)(vtn_plugin_t *, const vtn_cell_t *);   /* [control] allocates all that slot needs */
    int32_t (*slot)(vtn_plugin_t *, const vtn_slot_in_t *,
                    vtn_slot_out_t *);                      /* [slot & active] <0 or late: fallback */
    void (*deactivate)(vtn_plugin_t *);                     /* [control] */
    void (*destroy)(vtn_plugin_t *);                        /* [control & !active] NULL is fine */
    const void *(*get_ext)(vtn_plugin_t *, const char *id); /* [control] NULL: not offered */
} vtn_scheduler_t;

/* ---- extensions: the revision is part of the id ---- */

/* Host: the transport block size, to the bit what the check uses. */
#define VTN_EXT_TBS "vitran.tbs/1"
typedef struct {
    uint32_t struct_size;
    uint32_t reserved;
    uint32_t (*tbs_bytes)(uint8_t mcs_table, uint8_t mcs, uint16_t re_per_prb, uint16_t n_prb,
                          uint8_t layers); /* [any] 0: no such row */
} vtn_ext_tbs_t;

/* Plugin: hand over what was learnt to a successor. */
#define VTN_EXT_STATE "vitran.state/1"
typedef struct {
    uint32_t struct_size;
    uint32_t max_bytes;
    int64_t (*save)(vtn_plugin_t *, void *buf,
                    uint32_t cap); /* [slot] between slots; bytes written or -errno */
    int32_t (*load)(vtn_plugin_t *, const char *from_id, const char *from_version, const void *,
                    uint32_t n); /* [control & !active] on the successor */
} vtn_ext_state_t;

/* ---- the export ---- */

typedef struct {
    uint32_t struct_size;
    uint32_t abi_major; /* VTN_ABI_MAJOR that it was built with */
    uint32_t abi_minor;
    uint32_t reserved;
    int32_t (*init)(void); /* [control] fast, no threads, no files: scanners call it. NULL: nothing to do */
    void (*deinit)(void);
    const void *(*get_factory)(const char *factory_id, uint32_t i); /* [control] NULL past the last */
} vtn_plugin_entry_t;

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const vtn_plugin_entry_t vitran_plugin_entry;

#ifdef __cplusplus
}
#endif

#endif
