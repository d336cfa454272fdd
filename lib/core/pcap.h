/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng writer for messages that never cross a socket as such, in the two forms that Wireshark decodes
 * without a dissector of ours: exported PDUs (link type 252, a dissector named by tag) and UDP datagrams
 * (link type 101, raw IP) carrying the framing that its mac_nr_udp, rlc_nr_udp and pdcp_nr_udp heuristics
 * know. One thread writes a file; it calls the system: never the slot thread. */
#ifndef VITRAN_CORE_PCAP_H
#define VITRAN_CORE_PCAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct pcap pcap_t;

/* Creates the file with its section header and two interfaces (exported PDU; raw IP). 0 or -errno. */
int pcap_create(const char *path, pcap_t **ret);
/* Flushes and closes; NULL is fine. */
void pcap_close(pcap_t *p);

/* One message for Wireshark's dissector of that name: "f1ap", "e2ap", "nr-rrc.ul.dcch", "nas-5gs". 0 or
 * -errno. */
int pcap_write_exported(pcap_t *p, int64_t utc_ns, const char *dissector, const void *bytes, size_t n);
/* One UDP datagram between 127.0.0.1 ports, `head` then `body` as its payload. 0 or -errno. */
int pcap_write_udp(pcap_t *p, int64_t utc_ns, uint16_t port, const void *head, size_t head_n,
                   const void *body, size_t body_n);
/* Packets written so far. */
uint64_t pcap_frames(const pcap_t *p);
/* Stops writing after that many packets; what comes then is counted only. 0: no limit. */
void pcap_limit(pcap_t *p, uint64_t most);
uint64_t pcap_left_out(const pcap_t *p);

#endif
