/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* pcapng, draft-ietf-opsawg-pcapng: section header block, interface description blocks, enhanced packet
 * blocks. */
enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
enum { LINK_RAW_IP = 101, LINK_EXPORTED_PDU = 252 };
enum { IF_EXPORTED, IF_IP };
/* Tags in front of an exported PDU, Wireshark's exported_pdu.h: type and length of 2 bytes each, big endian.
 */
enum { TAG_END = 0, TAG_DISSECTOR = 12 };

#define PACKET_MAX (256u * 1024)

struct pcap {
    FILE *f;
    uint64_t frames, most, left_out;
};

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static int write_interface(FILE *f, uint16_t link)
{
    /* if_tsresol (9) = 9: time stamps in ns */
    struct {
        uint32_t type, total;
        uint16_t link, reserved;
        uint32_t snap_len;
        uint16_t opt, opt_len;
        uint8_t resolution, pad[3];
        uint32_t opt_end, total2;
    } b = {BLOCK_INTERFACE, sizeof b, link, 0, 0, 9, 1, 9, {0}, 0, sizeof b};
    return fwrite(&b, sizeof b, 1, f) == 1 ? 0 : -EIO;
}

int pcap_create(const char *path, pcap_t **ret)
{
    struct {
        uint32_t type, total, magic;
        uint16_t major, minor;
        uint32_t section_len[2], total2;
    } b = {BLOCK_SECTION, sizeof b, 0x1a2b3c4d, 1, 0, {UINT32_MAX, UINT32_MAX}, sizeof b};
    pcap_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->f = fopen(path, "wb");
    if (!p->f) {
        int e = -errno;
        free(p);
        return e;
    }
    if (fwrite(&b, sizeof b, 1, p->f) != 1 || write_interface(p->f, LINK_EXPORTED_PDU) < 0 ||
        write_interface(p->f, LINK_RAW_IP) < 0) {
        pcap_close(p);
        return -EIO;
    }
    *ret = p;
    return 0;
}

void pcap_close(pcap_t *p)
{
    if (!p)
        return;
    fclose(p->f);
    free(p);
}

uint64_t pcap_frames(const pcap_t *p)
{
    return p->frames;
}

void pcap_limit(pcap_t *p, uint64_t most)
{
    p->most = most;
}

uint64_t pcap_left_out(const pcap_t *p)
{
    return p->left_out;
}

/* One packet made of up to three parts. */
static int write_packet(pcap_t *p, uint32_t interface, int64_t utc_ns, const void *const part[3],
                        const size_t len[3])
{
    static const uint8_t zero[4];
    size_t n = len[0] + len[1] + len[2];
    if (n > PACKET_MAX)
        return -EMSGSIZE;
    if (p->most && p->frames >= p->most) {
        p->left_out++;
        return 0;
    }
    uint32_t pad = (uint32_t)(-n & 3), total = (uint32_t)(32 + n + pad);
    uint32_t head[7] = {BLOCK_PACKET,     total,       interface,  (uint32_t)((uint64_t)utc_ns >> 32),
                        (uint32_t)utc_ns, (uint32_t)n, (uint32_t)n};
    size_t ok = fwrite(head, sizeof head, 1, p->f);
    for (int i = 0; i < 3; i++)
        if (len[i])
            ok &= fwrite(part[i], len[i], 1, p->f);
    if (pad)
        ok &= fwrite(zero, pad, 1, p->f);
    ok &= fwrite(&total, sizeof total, 1, p->f);
    p->frames++;
    return ok ? 0 : -EIO;
}

int pcap_write_exported(pcap_t *p, int64_t utc_ns, const char *dissector, const void *bytes, size_t n)
{
    uint8_t tags[72] = {0};
    size_t name = strlen(dissector), padded = (name + 3) & ~(size_t)3;
    if (padded > sizeof tags - 8)
        return -EINVAL;
    put16(tags, TAG_DISSECTOR);
    put16(tags + 2, (uint16_t)padded);
    memcpy(tags + 4, dissector, name);
    put16(tags + 4 + padded, TAG_END);
    return write_packet(p, IF_EXPORTED, utc_ns, (const void *[3]){tags, bytes, NULL},
                        (size_t[3]){padded + 8, n, 0});
}

int pcap_write_udp(pcap_t *p, int64_t utc_ns, uint16_t port, const void *head, size_t head_n,
                   const void *body, size_t body_n)
{
    uint8_t h[28] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1};
    size_t n = head_n + body_n;
    if (n > UINT16_MAX - sizeof h)
        return -EMSGSIZE;
    put16(h + 2, (uint16_t)(n + 28));
    put16(h + 20, port);
    put16(h + 22, port);
    put16(h + 24, (uint16_t)(n + 8)); /* UDP checksum 0: none */
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)h[i] << 8 | h[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(h + 10, (uint16_t)~sum);
    return write_packet(p, IF_IP, utc_ns, (const void *[3]){h, head, body},
                        (size_t[3]){sizeof h, head_n, body_n});
}
