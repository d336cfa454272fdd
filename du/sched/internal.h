/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of du/sched share; nobody else includes it. Members are marked with the thread that writes
 * them. */
#ifndef VITRAN_DU_SCHED_INTERNAL_H
#define VITRAN_DU_SCHED_INTERNAL_H

#include "du/sched/control.h"
#include "lib/core/ring.h"
#include "plugins/host/host.h"

#define BATCHES 16u         /* batches of sets under way */
#define MAX_FEEDBACK 512u   /* of one slot input */
#define PROBATION_SLOTS 64u /* the instance before stays warm so long */
#define MAX_FAILURES 8u     /* in a row: out of service; 1 in probation */
#define ANSWER_SLOTS 32u    /* for a plugin to answer a batch */

typedef struct { /* one activated plugin; made and destroyed on the control thread */
    plugin_t *plugin;
    const vtn_scheduler_t *api;
    vtn_plugin_t *self;
    params_t *params; /* [control] */
    bool activated;
    uint32_t failures;            /* [slot] in a row */
    uint64_t since_slot;          /* [slot] */
    uint16_t told[SCHED_MAX_UES]; /* [slot] generation it knows of each UE; 0: none */
} instance_t;

typedef struct {
    uint32_t n;
    bool used; /* [control] */
    vtn_set_t sets[SCHED_MAX_SETS];
} batch_t;

typedef struct {              /* control -> slot */
    sched_result_kind_t kind; /* SWAPPED: swap to `to`; SET: hand over batch */
    uint32_t batch;           /* SWAPPED: UE values for the successor's first slot, BATCHES: none */
    uint64_t ticket;
    uint64_t call_ns;
    instance_t *to;
} command_t;

typedef struct { /* slot -> control */
    sched_result_t r;
    instance_t *running; /* SWAPPED, FAILED: what runs now */
    instance_t *retired; /* to be destroyed; NULL: none */
    uint32_t batch;      /* SET: which */
    bool only_retire;    /* nothing to report */
} event_t;

/* One direction's tables */
typedef struct {
    sched_ues_t cols; /* the MAC's pointers */
    vtn_ues_t view;   /* the same memory, as the plugin sees it */
    uint16_t *bits_per_re_x256;
    uint32_t *avg_rate_kbps;
    double *rate;        /* bytes a slot */
    uint64_t *rate_slot; /* when it was brought up to date */
    uint32_t *active_in; /* run number in which the UE was in `active` */
    uint32_t *granted_in[SCHED_MAX_OPTIONS];
    uint64_t rbg_starts[PRB_WORDS]; /* bit set: an RBG may begin at this PRB; the end of the BWP counts */
    uint16_t n_prb;
    uint8_t rbg_size, rbg_offset;
} side_t;

struct sched {
    sched_config_t cfg;
    uint8_t tdd_kind[80];
    plugin_services_t services;
    void *memory; /* all columns */
    side_t side[2];
    uint16_t *generation; /* [max_ues] 0: free index; counters of the last use below */
    uint16_t *last_generation;
    uint16_t *rnti;
    uint8_t *cce; /* [slots in frame][max_ues][5][8] */
    uint32_t slots_per_frame, n_cce;
    double decay[64]; /* (1 - 1 / window) to the power of the index */
    double alpha;

    /* slot thread */
    instance_t *running, *previous; /* previous: warm, in probation; or NULL */
    instance_t *built_in;           /* always there; also runs as `running` */
    uint64_t now_slot;
    uint32_t run; /* number of the call, never 0 */
    uint32_t n_events, n_feedback;
    vtn_ue_event_t *events; /* [2 x max_ues + 16] */
    bool resync;            /* the event list ran full, or the plugin is another: tell by comparison */
    vtn_feedback_t feedback[MAX_FEEDBACK];
    vtn_grant_t raw[2 * SCHED_MAX_GRANTS + 1];
    sched_grant_t held[SCHED_MAX_GRANTS];
    uint32_t n_held;
    vtn_direction_t dir[2];
    bool pending; /* a batch is with the plugin, or about to be */
    bool deliver; /* it goes (again) into the next call */
    command_t pending_set;
    uint64_t pending_since; /* run in which it was first given */
    uint64_t pending_start_ns;
    uint64_t edge_ns; /* start of the slot that took a command */
    command_t swap;   /* to: taken, its first slot not over; NULL: none */
    uint64_t swap_edge_ns;
    sched_counters_t counters;

    /* between threads */
    ring_t commands, events_out;

    /* control thread */
    instance_t *shown; /* what control knows to be running */
    bool swap_under_way;
    uint32_t batches_under_way, revision;
    uint64_t next_ticket;
    batch_t batches[BATCHES];
};

/* check.c: 0 and *ret, or the VTN_REFUSED_* reason. free_prbs and free_cces are what is left; on success they
 * shrink. */
uint32_t grant_check(sched_t *s, const sched_slot_t *in, const vtn_grant_t *g,
                     uint64_t free_prbs[2][SCHED_MAX_OPTIONS][PRB_WORDS], uint64_t free_cces[PDCCH_CCE_WORDS],
                     sched_grant_t *ret);

/* control.c */
int instance_create(sched_t *s, plugin_t *plugin, const instance_t *carry_from, instance_t **ret,
                    char err[SCHED_ERR]);
void instance_destroy(instance_t *);
uint64_t monotonic_ns(void);

extern const vtn_plugin_entry_t sched_builtin_entry; /* plugins/sched/rr/rr.c, linked in */

#endif
