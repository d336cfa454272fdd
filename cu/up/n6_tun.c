/* SPDX-License-Identifier: Apache-2.0 */
#include "cu/up/n6.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define IPV4_HEADER 20u

static void set_addr(struct ifreq *r, uint32_t ipv4_be)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = ipv4_be};
    memcpy(&r->ifr_addr, &a, sizeof a);
}

static int configure(const char *name, uint32_t ipv4_be, uint8_t prefix, uint32_t mtu)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;
    struct ifreq q;
    if (s < 0)
        return -errno;
    memset(&q, 0, sizeof q);
    strncpy(q.ifr_name, name, IFNAMSIZ - 1);
    q.ifr_mtu = (int)mtu;
    r = ioctl(s, SIOCSIFMTU, &q);
    if (r == 0 && ipv4_be) {
        set_addr(&q, ipv4_be);
        r = ioctl(s, SIOCSIFADDR, &q);
        if (r == 0) {
            set_addr(&q, htonl(prefix == 0 ? 0 : UINT32_MAX << (32 - prefix)));
            r = ioctl(s, SIOCSIFNETMASK, &q);
        }
    }
    if (r == 0)
        r = ioctl(s, SIOCGIFFLAGS, &q);
    if (r == 0) {
        q.ifr_flags |= IFF_UP | IFF_RUNNING;
        r = ioctl(s, SIOCSIFFLAGS, &q);
    }
    r = r == 0 ? 0 : -errno;
    close(s);
    return r;
}

int n6_open_tun(n6_t *n, const char *name, uint32_t ipv4_be, uint8_t prefix, uint32_t mtu)
{
    struct ifreq q;
    if (prefix > 32 || strlen(name) >= IFNAMSIZ)
        return -EINVAL;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), r;
    if (fd < 0)
        return -errno;
    memset(&q, 0, sizeof q);
    strncpy(q.ifr_name, name, IFNAMSIZ - 1);
    q.ifr_flags = IFF_TUN | IFF_NO_PI;
    r = ioctl(fd, TUNSETIFF, &q) == 0 ? configure(name, ipv4_be, prefix, mtu) : -errno;
    if (r != 0) {
        close(fd);
        return r;
    }
    *n = (n6_t){fd, true};
    return 0;
}

void n6_close(n6_t *n)
{
    if (n->own && n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

int n6_receive(n6_t *n, buf_t *b, n6_key_t *ret)
{
    ssize_t got = read(n->fd, b->data, buf_tailroom(b));
    if (got < 0)
        return -errno;
    if (got == 0) /* the other end of a test's socket is gone */
        return -EAGAIN;
    b->len = (uint32_t)got;
    if (b->len < IPV4_HEADER || b->data[0] >> 4 != 4)
        return -EPROTONOSUPPORT;
    memcpy(&ret->ue_ipv4_be, b->data + 16, 4);
    return 0;
}

int n6_send(n6_t *n, const buf_t *b)
{
    ssize_t done = write(n->fd, b->data, b->len);
    return done == (ssize_t)b->len ? 0 : done < 0 ? -errno : -EIO;
}

int n6_source(const buf_t *b, uint32_t *ret_ipv4_be)
{
    if (b->len < IPV4_HEADER || b->data[0] >> 4 != 4)
        return -EPROTONOSUPPORT;
    memcpy(ret_ipv4_be, b->data + 12, 4);
    return 0;
}
