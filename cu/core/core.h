/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded 5G core: AMF, SMF, AUSF and UDM in the least that registers a UE and gives it an IPv4 PDU
 * session. It stands behind the NGAP seam (cu/ngap/ngap.h), so that a real AMF can take its place:
 * registration with 5G-AKA (TS 33.501 6.1.3.2), NAS security, PDU session establishment and release,
 * deregistration, service request (TS 24.501). Subscribers come from configuration. The user plane is not
 * here: the RAN's PDU session setup carries the UE's address and the CU's up thread routes it to N6.
 *
 * Upper face: configuration, subscriber and UE tables for status. Lower face: the two vtables of the seam.
 * One loop_t drives it: everything here is called on the loop's thread. Nothing is allocated after
 * core_create but what lies in its tables: a UE context for each RAN UE up to max_ues. */
#ifndef VITRAN_CU_CORE_CORE_H
#define VITRAN_CU_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "cu/ngap/ngap.h"
#include "lib/core/config.h"
#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

#define CORE_MAX_SUBSCRIBERS 1024u
#define CORE_MAX_SLICES 8u
#define CORE_IMSI_DIGITS 15u

typedef struct {
    int64_t sst; /* 1..255 */
    int64_t sd;  /* 24 bits; 0xffffff: absent */
} core_slice_t;

typedef struct {
    char imsi[CORE_IMSI_DIGITS + 1];
    uint8_t k[16], opc[16];
    uint8_t amf[2];                     /* authentication management field; separation bit set for 5G */
    int64_t sqn;                        /* the last SQN given out, 48 bits; the network counts on from here */
    uint32_t ipv4;                      /* static address, host byte order; 0: one of the pool */
    int64_t ambr_dl_kbps, ambr_ul_kbps; /* session AMBR and UE-AMBR */
    char dnn[64];                       /* the only one that is served to this subscriber */
    core_slice_t slices[CORE_MAX_SLICES]; /* subscribed; the first is the default */
    uint32_t n_slices;
} core_subscriber_t;

/* As in the CU's YAML under `core:`; core_config_keys describes it. */
typedef struct {
    char plmn[8]; /* "00101" or "001010": MCC and MNC digits */
    int64_t tac;
    int64_t amf_region_id, amf_set_id, amf_pointer; /* of the GUAMI */
    uint32_t pool_first, pool_last;                 /* UE addresses, host byte order, inclusive */
    uint32_t dns;                                   /* given to UEs that ask; 0: none */
    int64_t mtu;                                    /* likewise */
    int64_t nea, nia; /* preferred NAS algorithms, 0..3; a UE without them gets what it has of 2, 1, 3 */
    int64_t max_ues;
    int64_t t3513_ms, t3550_ms, t3560_ms, t3570_ms; /* 24.501 table 10.2.2 */
    core_subscriber_t subscribers[CORE_MAX_SUBSCRIBERS];
    uint32_t n_subscribers;
} core_config_t;
extern const config_key_t core_config_keys[];

/* What the tables cannot say: IMSIs twice, K twice over a static address, PLMN digits, pool order. 0; -EINVAL
 * with err->text. */
int core_config_check(const core_config_t *config, config_error_t *err);

#define CORE_COUNTERS(X)                                                                                     \
    X(rx_nas, COUNTER_INFO, "messages", "uplink NAS messages")                                               \
    X(tx_nas, COUNTER_INFO, "messages", "downlink NAS messages")                                             \
    X(rx_nas_malformed, COUNTER_ERROR, "messages",                                                           \
      "answered with 5GMM or 5GSM STATUS or dropped: not parseable")                                         \
    X(rx_nas_integrity, COUNTER_ERROR, "messages", "dropped: wrong MAC or a repeated NAS COUNT")             \
    X(rx_nas_unprotected, COUNTER_WARNING, "messages",                                                       \
      "dropped: not protected, and of a type that has to be")                                                \
    X(rx_nas_unexpected, COUNTER_WARNING, "messages", "not expected in the UE's state")                      \
    X(rx_unknown_ue, COUNTER_WARNING, "procedures", "named a UE that the core does not know")                \
    X(ue_table_full, COUNTER_ERROR, "UEs", "refused: max_ues are there")                                     \
    X(unknown_subscriber, COUNTER_WARNING, "UEs", "refused: no such subscriber")                             \
    X(auth_ok, COUNTER_INFO, "authentications", "with the right RES*")                                       \
    X(auth_wrong_res, COUNTER_WARNING, "authentications", "with a wrong RES*")                               \
    X(auth_mac_failure, COUNTER_WARNING, "authentications", "refused by the UE: MAC failure")                \
    X(auth_resync, COUNTER_WARNING, "authentications", "repeated after a valid AUTS")                        \
    X(auth_bad_auts, COUNTER_WARNING, "authentications", "ended by an AUTS that does not verify")            \
    X(registrations, COUNTER_INFO, "UEs", "registered")                                                      \
    X(registrations_rejected, COUNTER_WARNING, "UEs", "REGISTRATION REJECT")                                 \
    X(deregistrations, COUNTER_INFO, "UEs", "deregistered by either side")                                   \
    X(sessions, COUNTER_INFO, "PDU sessions", "established")                                                 \
    X(sessions_rejected, COUNTER_WARNING, "PDU sessions", "rejected")                                        \
    X(pool_empty, COUNTER_ERROR, "PDU sessions", "rejected: no address left")                                \
    X(retransmissions, COUNTER_WARNING, "messages", "sent again because T3550, T3560, T3570 ran out")        \
    X(pagings, COUNTER_INFO, "messages", "PAGING, repetitions included")                                     \
    X(gave_up, COUNTER_WARNING, "procedures", "ended after the last retransmission")
COUNTERS_DECLARE(core, CORE_COUNTERS)

typedef struct core core_t;

/* `config` must outlive the core; `ran` is copied. 0; -EINVAL (core_config_check), -ENOMEM. */
int core_create(loop_t *loop, const core_config_t *config, const ngap_ran_t *ran, const log_t *log,
                core_t **ret);
void core_destroy(core_t *c); /* NULL is fine; tells the RAN nothing */

/* The core's half of the seam; good while the core lives. */
const ngap_core_t *core_ngap(core_t *c);
const core_counters_t *core_counters(const core_t *c);

/* Hears each NAS message that goes or comes ciphered, in the clear: for captures, since no dissector
 * deciphers 5G NAS. A NULL tap: nobody does. */
typedef void (*core_tap_t)(void *ctx, const ngap_ue_ids_t *ue, bool uplink, const uint8_t *plain, size_t n);
void core_set_tap(core_t *c, core_tap_t tap, void *ctx);

/* Deregisters the subscriber from the network's side. -ENOENT: no such IMSI is registered. */
int core_deregister(core_t *c, const char *imsi);

/* A packet for this address came from N6. Its UE is paged if it is idle, and again while it does not answer
 * (T3513). 0: it is being paged; -EISCONN: it is connected; -ENOENT: nobody has the address. */
int core_downlink_data(core_t *c, uint32_t ipv4);

/* One line of the UE table. */
typedef struct {
    char imsi[CORE_IMSI_DIGITS + 1];
    ngap_ue_ids_t ids;
    const char *state; /* of the 5GMM machine */
    uint32_t tmsi_5g;  /* 0: none */
    uint8_t nea, nia;
    uint8_t pdu_session_id; /* 0: none */
    uint32_t ipv4;
    ngap_snssai_t snssai;
} core_ue_status_t;

/* Fills up to `cap`; returns how many there are. */
uint32_t core_ues(const core_t *c, core_ue_status_t *ret, uint32_t cap);

#endif
