/* SPDX-License-Identifier: Apache-2.0 */
/* vitran/plugin.h, a draft: the ABI between the DU and an algorithm plugin.
 *
 * One export: `vitran_plugin_entry`. Same major = compatible. A sized struct starts with struct_size and grows at its
 * end; read a member only if VTN_HAS() says that it is there. Elements of plain arrays never grow within a major, so
 * what may grow is a new pointer in a sized struct (struct of arrays), never a new member of an element.
 *
 * Symbolic threads
 *   [control] may block; one call at a time per instance
 *   [slot]    no allocation, lock, system call or I/O; bounded
 *   [any]     thread-safe and [slot]-safe
 * Instance = one cell, both directions. Instances of one plugin run concurrently on different slot threads.
 * Times: ns of CLOCK_TAI. Slots: absolute, never wrapping. Arguments live until the call returns.
 * Results: 0 or -errno.
 */
#include <stddef.h>
#include <stdint.h>

#define VTN_ABI_MAJOR 1u
#define VTN_HAS(p, m) ((p)->struct_size >= (size_t)((const char *)(&(p)->m + 1) - (const char *)(p)))

#ifdef __cplusplus
extern "C" {
#endif

/* ---- tunables: declared once, validated and owned by the host, discovered by the RIC ---- */
enum { VTN_I64 = 0, VTN_F64 = 1, VTN_BOOL = 2, VTN_ENUM = 3 };
enum { VTN_SCOPE_CELL = 0, VTN_SCOPE_SLICE = 1, VTN_SCOPE_UE = 2 };

typedef union { int64_t i; double f; } vtn_value_t; /* BOOL, ENUM use .i */

typedef struct { /* static; never reuse an id */
    uint32_t struct_size;
    uint32_t id;               /* the RAN parameter ID at the RIC */
    uint32_t type, scope, flags, n_labels;
    const char *name;          /* "pf.alpha" */
    const char *unit;          /* "1", "dB", "ms", "PRB" */
    const char *help;
    const char *const *labels; /* ENUM: [n_labels] */
    vtn_value_t min, max, step, def; /* inclusive; the host rejects what does not fit, and never rounds */
} vtn_param_t;

typedef struct { uint32_t param_id, scope_key; vtn_value_t v; } vtn_set_t; /* scope_key: slice or UE index */

/* ---- what a slot looks like ---- */
typedef struct { uint64_t bits[5]; } vtn_prb_mask_t; /* 275 PRBs, bit = free */

typedef struct { /* read-only. UE arrays are [n_ues], dense: only UEs with something to do in this call */
    uint32_t struct_size, n_ues;
    const uint16_t *ue;            /* stable cell-local index */
    const uint16_t *ue_generation; /* changes when an index is given to another UE */
    const uint8_t *slice;
    const uint8_t *mcs_table, *mcs_max; /* 38.214 table; link-adapted limit */
    const uint8_t *max_layers;
    const uint16_t *cqi_x10;       /* [n_ues] */
    const uint8_t *subband_cqi;    /* [n_ues x n_subbands] or NULL */
    const uint32_t *avg_rate_kbps;
    const uint32_t *retx_tbs_bytes, *retx_n_prb; /* 0: nothing to retransmit */
    const uint8_t *harq_id;        /* process to use, new or retransmission */
    const uint64_t *cce_candidates; /* [n_ues x n_levels x n_words] start CCEs that this RNTI may use now */
    const uint8_t *mu_group;       /* from the beamformer; UEs of different groups may share PRBs */
    /* logical channels: [n_lcs], sorted by UE; lc_first is [n_ues + 1] */
    const uint32_t *lc_first;
    const uint8_t *lc_5qi, *lc_priority;
    const uint32_t *lc_queued_bytes, *lc_hol_delay_us, *lc_pdb_us, *lc_gbr_kbps;
} vtn_ues_t;

typedef struct { /* one direction, one PDCCH slot; [n_slots] data slots that k0/k2 may choose */
    uint32_t struct_size, n_slots;
    const uint8_t *k;              /* k0 or k2 of each */
    const uint8_t *symbol_start, *n_symbols;
    const vtn_prb_mask_t *free_prbs; /* after SSB, SIB, RAR, paging, CSI-RS, PRACH, PUCCH */
    const vtn_ues_t *ues;
    uint32_t max_grants, reserved;
} vtn_direction_t;

typedef struct { /* outcome of an earlier grant */
    uint64_t abs_slot;
    uint32_t bytes;
    uint16_t ue, ue_generation;
    uint8_t harq_id, dir, outcome, reserved[5]; /* outcome: ACK, NACK, DTX, or why the host refused the grant */
} vtn_feedback_t;

typedef struct { uint32_t event; uint16_t ue, ue_generation; } vtn_ue_event_t; /* ADDED, CHANGED, REMOVED */

typedef struct {
    uint32_t struct_size, flags;   /* REPLAY: state is being rebuilt, grants are ignored */
    uint64_t abs_slot, deadline_ns;
    uint16_t sfn, slot;
    uint32_t n_events, n_feedback, n_sets;
    const vtn_ue_event_t *events;  /* apply in this order: events, sets, feedback */
    const vtn_set_t *sets;         /* one control lands whole, in one slot */
    const vtn_feedback_t *feedback;
    uint64_t sets_seq;
    const vtn_direction_t *dl, *ul; /* NULL: nothing to grant in that direction */
} vtn_slot_in_t;

typedef struct {
    vtn_prb_mask_t prbs;
    uint16_t ue, ue_generation;
    uint8_t dir, slot_index, mcs, layers, harq_id, is_retx, dmrs_ports, aggregation_level;
    uint16_t first_cce, beam;
    uint32_t reserved[2];
} vtn_grant_t;

typedef struct {
    uint32_t struct_size, cap, n_grants, applied_status; /* status: 0 or errno of the last batch of sets */
    uint64_t applied_seq;          /* = sets_seq once they are in force: this is what an E2 ack stands on */
    vtn_grant_t *grants;           /* [cap] */
} vtn_slot_out_t;

/* ---- lifecycle ---- */
typedef struct vtn_plugin vtn_plugin_t; /* opaque, the plugin's own */

typedef struct { /* what a cell is; deterministic: same config, seed and inputs give the same grants */
    uint32_t struct_size, max_ues, max_lcs_per_ue, n_slices;
    uint64_t seed;
    uint16_t n_prb_dl, n_prb_ul;
    uint8_t mu, n_ports_dl, n_ports_ul, tdd_period_slots;
    const uint8_t *tdd_slot_kind;  /* [tdd_period_slots] D, S, U */
    const uint32_t *slice_sst_sd;  /* [n_slices] */
    uint32_t n_initial_sets, reserved;
    const vtn_set_t *initial_sets; /* every parameter's value at start: there is no other way in */
} vtn_cell_t;

typedef struct vtn_host { /* outlives every instance */
    uint32_t struct_size, reserved;
    void *ctx;
    const void *(*get_ext)(const struct vtn_host *, const char *id);    /* [control] */
    void (*log)(const struct vtn_host *, int32_t level, const char *);  /* [any] */
} vtn_host_t;

#define VTN_FACTORY_SCHEDULER "vitran.scheduler/1"
#define VTN_FACTORY_BEAMFORMER "vitran.beamformer/1"
typedef struct {
    uint32_t struct_size, n_params;
    const char *id, *version, *vendor, *licence; /* "org.example.sched-pf", "1.4.0", ... */
    const vtn_param_t *const *params;            /* [n_params] */
    int32_t (*create)(const vtn_host_t *, vtn_plugin_t **ret);        /* [control] */
    int32_t (*activate)(vtn_plugin_t *, const vtn_cell_t *);          /* [control] allocates all that slot will need */
    int32_t (*slot)(vtn_plugin_t *, const vtn_slot_in_t *, vtn_slot_out_t *); /* [slot & active] <0 or late: fallback */
    void (*deactivate)(vtn_plugin_t *);                               /* [control] */
    void (*destroy)(vtn_plugin_t *);                                  /* [control & !active] NULL is fine */
    const void *(*get_ext)(vtn_plugin_t *, const char *id);           /* [control] */
} vtn_scheduler_t;

#define VTN_EXT_STATE "vitran.state/1" /* hot swap; the revision is part of the id */
typedef struct {
    uint32_t struct_size, max_bytes;
    int64_t (*save)(vtn_plugin_t *, void *buf, uint32_t cap);         /* [slot] between slots; bytes written */
    int32_t (*load)(vtn_plugin_t *, const char *from_id, const char *from_version, const void *, uint32_t n);
                                                                      /* [control & !active] on the successor */
} vtn_ext_state_t;

typedef struct {
    uint32_t struct_size, abi_major, abi_minor, reserved;
    int32_t (*init)(void);         /* [control] fast, no threads, no files: scanners call it */
    void (*deinit)(void);
    const void *(*get_factory)(const char *factory_id, uint32_t i); /* NULL past the last */
} vtn_plugin_entry_t;

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const vtn_plugin_entry_t vitran_plugin_entry;

#ifdef __cplusplus
}
#endif
