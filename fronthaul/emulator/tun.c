/* SPDX-License-Identifier: Apache-2.0 */
/* See tun.h. */
#include "fronthaul/emulator/tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Enters the namespace; *ret_home gets the way back, -1 if there is nowhere to go. 0 or -errno. */
static int enter(const char *netns, int *ret_home)
{
    char path[128];
    *ret_home = -1;
    if (!netns[0])
        return 0;
    if (strchr(netns, '/') || snprintf(path, sizeof path, "/run/netns/%s", netns) >= (int)sizeof path)
        return -EINVAL;
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0)
        return -errno;
    int there = open(path, O_RDONLY | O_CLOEXEC);
    int r = there < 0 || setns(there, CLONE_NEWNET) < 0 ? -errno : 0;
    if (there >= 0)
        close(there);
    if (r) {
        close(home);
        return r;
    }
    *ret_home = home;
    return 0;
}

static void leave(int home)
{
    if (home < 0)
        return;
    (void)!setns(home, CLONE_NEWNET);
    close(home);
}

static void set_addr(struct sockaddr *to, uint32_t ipv4)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(ipv4)};
    memcpy(to, &a, sizeof a);
}

static int configure(const char *name, uint32_t ipv4, uint16_t mtu, int default_route)
{
    struct ifreq q = {0};
    struct rtentry route = {0};
    char device[IFNAMSIZ];
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return -errno;
    snprintf(q.ifr_name, sizeof q.ifr_name, "%s", name);
    q.ifr_mtu = mtu;
    int r = ioctl(s, SIOCSIFMTU, &q);
    if (!r) {
        set_addr(&q.ifr_addr, ipv4);
        r = ioctl(s, SIOCSIFADDR, &q);
    }
    if (!r) {
        set_addr(&q.ifr_netmask, UINT32_MAX);
        r = ioctl(s, SIOCSIFNETMASK, &q);
    }
    if (!r)
        r = ioctl(s, SIOCGIFFLAGS, &q);
    if (!r) {
        q.ifr_flags |= IFF_UP | IFF_RUNNING;
        r = ioctl(s, SIOCSIFFLAGS, &q);
    }
    if (!r && default_route) {
        snprintf(device, sizeof device, "%s", name);
        set_addr(&route.rt_dst, 0);
        set_addr(&route.rt_genmask, 0);
        route.rt_flags = RTF_UP;
        route.rt_dev = device;
        r = ioctl(s, SIOCADDRT, &route);
        if (r && errno == EEXIST)
            r = 0;
    }
    r = r ? -errno : 0;
    close(s);
    return r;
}

int tun_open(const char *netns, const char *name, uint32_t ipv4, uint16_t mtu)
{
    struct ifreq q = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int home, fd = -1;
    if (!name[0] || strlen(name) >= IFNAMSIZ)
        return -EINVAL;
    int r = enter(netns, &home);
    if (r)
        return r;
    fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    snprintf(q.ifr_name, sizeof q.ifr_name, "%s", name);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &q) < 0)
        r = -errno;
    else
        r = configure(name, ipv4, mtu, netns[0] != 0);
    leave(home);
    if (!r)
        return fd;
    if (fd >= 0)
        close(fd);
    return r;
}

int tun_set_address(const char *netns, const char *name, uint32_t ipv4, uint16_t mtu)
{
    int home, r = enter(netns, &home);
    if (r)
        return r;
    r = configure(name, ipv4, mtu, netns[0] != 0);
    leave(home);
    return r;
}
