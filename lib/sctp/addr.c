/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses from and to text. */
#include "lib/sctp/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct sockaddr_in *v4(const struct sockaddr_storage *a)
{
    return (struct sockaddr_in *)a;
}

static struct sockaddr_in6 *v6(const struct sockaddr_storage *a)
{
    return (struct sockaddr_in6 *)a;
}

static int parse_one(const char *text, size_t n, uint16_t port, struct sockaddr_storage *ret)
{
    char s[INET6_ADDRSTRLEN];
    while (n && *text == ' ')
        text++, n--;
    while (n && text[n - 1] == ' ')
        n--;
    if (n == 0 || n >= sizeof s)
        return -EINVAL;
    memcpy(s, text, n);
    s[n] = 0;
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, s, &v4(ret)->sin_addr) == 1)
        ret->ss_family = AF_INET;
    else if (inet_pton(AF_INET6, s, &v6(ret)->sin6_addr) == 1)
        ret->ss_family = AF_INET6;
    else
        return -EINVAL;
    addr_set_port(ret, port);
    return 0;
}

int addr_parse(const char *text, uint16_t port, addr_list_t *ret)
{
    addr_list_t list = {0};
    if (!text || !*text)
        text = "0.0.0.0";
    for (;;) {
        const char *end = strchrnul(text, ',');
        if (list.n == ASSOC_MAX_ADDRS || parse_one(text, (size_t)(end - text), port, &list.a[list.n]) < 0)
            return -EINVAL;
        list.n++;
        if (!*end)
            break;
        text = end + 1;
    }
    *ret = list;
    return 0;
}

socklen_t addr_len(const struct sockaddr_storage *a)
{
    return a->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

uint16_t addr_port(const struct sockaddr_storage *a)
{
    return ntohs(a->ss_family == AF_INET ? v4(a)->sin_port : v6(a)->sin6_port);
}

void addr_set_port(struct sockaddr_storage *a, uint16_t port)
{
    if (a->ss_family == AF_INET)
        v4(a)->sin_port = htons(port);
    else
        v6(a)->sin6_port = htons(port);
}

bool addr_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family || addr_port(a) != addr_port(b))
        return false;
    if (a->ss_family == AF_INET)
        return v4(a)->sin_addr.s_addr == v4(b)->sin_addr.s_addr;
    return memcmp(&v6(a)->sin6_addr, &v6(b)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

void addr_print(const struct sockaddr_storage *a, char ret[ASSOC_ADDR_TEXT])
{
    char s[INET6_ADDRSTRLEN] = "?";
    if (a->ss_family == AF_INET)
        inet_ntop(AF_INET, &v4(a)->sin_addr, s, sizeof s);
    else if (a->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &v6(a)->sin6_addr, s, sizeof s);
    snprintf(ret, ASSOC_ADDR_TEXT, a->ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", s, addr_port(a));
}
