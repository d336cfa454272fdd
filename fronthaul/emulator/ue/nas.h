/* SPDX-License-Identifier: Apache-2.0 */
/* 5GS NAS of an emulated UE (TS 24.501, the UE's half of 5GMM and 5GSM, with a USIM in software:
 * TS 33.102 6.3.3, TS 33.501 6.1.3.2). It registers, authenticates the network, takes NAS security into use,
 * asks for one PDU session and answers what the network starts. It shares codec (lib/nas) and algorithms
 * (lib/crypto) with the core, never a state machine.
 *
 * Upper face: the emulated UE starts it, reads identities, keys and the session from it, and hears of events.
 * Lower face: RRC. `send_ul` gives a NAS PDU for RRCSetupComplete (the first of a connection) or
 * ULInformationTransfer (all others); ue_nas_on_dl takes dedicatedNAS-Message.
 *
 * No thread, no clock and no allocation of its own: the caller's thread drives it and gives the time (ns of
 * any clock that only moves forward; the slot clock in lockstep runs). A callback comes from within the call
 * that caused it and may call back in, ue_nas_destroy excepted. */
#ifndef VITRAN_EMULATOR_UE_NAS_H
#define VITRAN_EMULATOR_UE_NAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"

#define UE_NAS_IMSI_DIGITS 15u
#define UE_NAS_MAX_SLICES 8u

typedef struct ue_nas ue_nas_t;

typedef struct {
    uint8_t sst;
    uint32_t sd; /* 24 bits; 0xffffff: absent */
} ue_nas_snssai_t;

typedef struct {
    char imsi[UE_NAS_IMSI_DIGITS + 1]; /* "001010000000001" */
    uint8_t mnc_digits;                /* of the IMSI's MNC: 2 or 3; 0: 2 */
    uint8_t k[16], opc[16];            /* TS 35.206 */
    uint8_t sqn_ms[6];                 /* highest SQN that the USIM has accepted; zero for a new one */
    uint16_t nea_mask, nia_mask;       /* bit 0: algorithm 0, ... bit 3; nea 0: 0x0f; nia 0: 0x0e */
    uint8_t n_slices;                  /* requested NSSAI; the PDU session asks for the first */
    ue_nas_snssai_t slices[UE_NAS_MAX_SLICES];
    char dnn[64]; /* "internet"; "": the network's default */
} ue_nas_config_t;

/* What the network gave with the PDU session. */
typedef struct {
    uint8_t pdu_session_id;
    uint32_t ipv4;     /* host byte order */
    uint32_t dns_ipv4; /* 0: none given */
    uint16_t mtu;      /* 0: not given */
    uint8_t qfi;       /* of the default QoS rule */
    uint8_t five_qi;
    uint64_t ambr_dl_bps, ambr_ul_bps;
    ue_nas_snssai_t snssai;
} ue_nas_session_t;

typedef enum {
    UE_NAS_DEREGISTERED,
    UE_NAS_REGISTERING, /* authentication and security mode included */
    UE_NAS_REGISTERED,  /* no PDU session yet */
    UE_NAS_SESSION_UP,
    UE_NAS_DEREGISTERING,
    UE_NAS_FAILED, /* the network or the USIM said no, or nobody answers; ue_nas_start tries again */
} ue_nas_state_t;
extern const char *const ue_nas_state_names[];

typedef enum {
    UE_NAS_FAIL_NONE,
    UE_NAS_FAIL_REGISTRATION_REJECT,   /* cause: 5GMM cause */
    UE_NAS_FAIL_AUTHENTICATION_REJECT, /* the network refused RES* */
    UE_NAS_FAIL_NETWORK_NOT_AUTHENTIC, /* AUTN's MAC is wrong: this is not our home network */
    UE_NAS_FAIL_SECURITY_MODE,  /* an algorithm that was not offered, or replayed capabilities differ */
    UE_NAS_FAIL_SESSION_REJECT, /* cause: 5GSM cause, or 5GMM cause when it was not forwarded */
    UE_NAS_FAIL_TIMEOUT,        /* T3510 or T3580 ran out too often */
    UE_NAS_FAIL_DEREGISTERED    /* the network deregistered the UE; cause: 5GMM cause, 0 when none */
} ue_nas_fail_t;
extern const char *const ue_nas_fail_names[];

typedef struct {
    void *ctx;
    /* An uplink NAS PDU. `initial`: it needs a connection; RRC sets one up for it if there is none. */
    void (*send_ul)(void *ctx, const uint8_t *pdu, size_t n, bool initial);
    void (*registered)(void *ctx);
    void (*session_up)(void *ctx, const ue_nas_session_t *s);
    void (*session_down)(void *ctx, uint8_t pdu_session_id);
    void (*failed)(void *ctx, ue_nas_fail_t why, uint8_t cause);
} ue_nas_cbs_t;

#define UE_NAS_COUNTERS(X)                                                                                   \
    X(rx, COUNTER_INFO, "messages", "downlink NAS messages")                                                 \
    X(tx, COUNTER_INFO, "messages", "uplink NAS messages")                                                   \
    X(rx_malformed, COUNTER_ERROR, "messages", "dropped: could not be parsed")                               \
    X(rx_integrity, COUNTER_ERROR, "messages", "dropped: wrong MAC or a repeated NAS COUNT")                 \
    X(rx_unprotected, COUNTER_WARNING, "messages", "dropped: not protected, and of a type that has to be")   \
    X(rx_unexpected, COUNTER_WARNING, "messages", "dropped: not expected in this state")                     \
    X(auth_mac_failure, COUNTER_WARNING, "challenges", "AUTN's MAC was wrong")                               \
    X(auth_sync_failure, COUNTER_WARNING, "challenges", "AUTN's SQN was not fresh")                          \
    X(retransmissions, COUNTER_WARNING, "messages", "sent again because a timer ran out")
COUNTERS_DECLARE(ue_nas, UE_NAS_COUNTERS)

/* `config` and `cbs` are copied; `log` may be NULL. 0; -EINVAL (IMSI, mnc_digits, slices), -ENOMEM. */
int ue_nas_create(const ue_nas_config_t *config, const ue_nas_cbs_t *cbs, const log_t *log, ue_nas_t **ret);
void ue_nas_destroy(ue_nas_t *n); /* NULL is fine */

/* Registers and then asks for the PDU session. -EALREADY while it is at it or registered. */
int ue_nas_start(ue_nas_t *n, int64_t now_ns);
/* Deregisters (switch-off when `off`: no answer is awaited). -EPROTO when not registered. */
int ue_nas_stop(ue_nas_t *n, int64_t now_ns, bool off);
/* A downlink NAS PDU. Whatever the bytes are, it survives them. */
void ue_nas_on_dl(ue_nas_t *n, int64_t now_ns, const uint8_t *pdu, size_t len);
/* RRC released or lost the connection (TS 24.501 5.3.1.3). A registered UE stays registered and is idle. */
void ue_nas_on_connection_released(ue_nas_t *n, int64_t now_ns);
/* A registered, idle UE has uplink data or was paged: SERVICE REQUEST. -EPROTO in other states. */
int ue_nas_service_request(ue_nas_t *n, int64_t now_ns, bool paged);
/* Runs what is due at now_ns. Call it each slot or at ue_nas_next_due_ns. */
void ue_nas_tick(ue_nas_t *n, int64_t now_ns);
/* INT64_MAX: nothing is waited for. */
int64_t ue_nas_next_due_ns(const ue_nas_t *n);

ue_nas_state_t ue_nas_state(const ue_nas_t *n);
/* False while there is no session. */
bool ue_nas_session(const ue_nas_t *n, ue_nas_session_t *ret);
/* 5G-S-TMSI, 48 bits, for RRCSetupRequest and paging; false while the UE has no 5G-GUTI. */
bool ue_nas_s_tmsi(const ue_nas_t *n, uint64_t *ret);
/* K_gNB for AS security (TS 33.501 A.9); false before NAS security is up. Read it when AS
 * SecurityModeCommand arrives. */
bool ue_nas_k_gnb(const ue_nas_t *n, uint8_t ret[32]);
/* NAS keys and algorithms for whoever writes a capture to be deciphered; false before NAS security is up. */
bool ue_nas_keys(const ue_nas_t *n, uint8_t ret_k_nas_enc[16], uint8_t ret_k_nas_int[16], uint8_t *ret_nea,
                 uint8_t *ret_nia);
const ue_nas_counters_t *ue_nas_counters(const ue_nas_t *n);

#endif
