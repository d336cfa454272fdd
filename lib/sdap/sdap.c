/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sdap/sdap.h"

#include <errno.h>
#include <string.h>

/* DL: RDI RQI QFI(6). UL: D/C R QFI(6). TS 37.324 6.2.2, 6.2.3 */
#define DL_RDI 0x80
#define DL_RQI 0x40
#define UL_DATA 0x80

static bool drb_valid(uint8_t drb_id)
{
    return drb_id >= 1 && drb_id <= 32;
}

void sdap_init(sdap_t *s, bool network)
{
    memset(s, 0, sizeof *s);
    s->network = network;
}

int sdap_add_drb(sdap_t *s, uint8_t drb_id, bool header_dl, bool header_ul, bool default_drb)
{
    if (!drb_valid(drb_id))
        return -EINVAL;
    s->present[drb_id] = true;
    s->header_dl[drb_id] = header_dl;
    s->header_ul[drb_id] = header_ul;
    if (default_drb)
        s->default_drb = drb_id;
    return 0;
}

void sdap_remove_drb(sdap_t *s, uint8_t drb_id)
{
    if (!drb_valid(drb_id))
        return;
    s->present[drb_id] = false;
    for (int q = 0; q <= SDAP_QFI_MAX; q++)
        if (s->drb_of_qfi[q] == drb_id)
            s->drb_of_qfi[q] = SDAP_NO_DRB;
    if (s->default_drb == drb_id)
        s->default_drb = SDAP_NO_DRB;
}

int sdap_map(sdap_t *s, uint8_t qfi, uint8_t drb_id)
{
    if (qfi > SDAP_QFI_MAX || !drb_valid(drb_id))
        return -EINVAL;
    if (!s->present[drb_id])
        return -ENOENT;
    s->drb_of_qfi[qfi] = drb_id;
    return 0;
}

int sdap_tx(const sdap_t *s, uint8_t drb_id, const sdap_info_t *info, buf_t *sdu)
{
    if (!drb_valid(drb_id))
        return -EINVAL;
    if (!(s->network ? s->header_dl : s->header_ul)[drb_id])
        return 0;
    uint8_t *h = buf_push(sdu, 1);
    if (!h)
        return -ENOBUFS;
    if (s->network)
        *h = (uint8_t)((info->rdi ? DL_RDI : 0) | (info->rqi ? DL_RQI : 0) | (info->qfi & SDAP_QFI_MAX));
    else
        *h = (uint8_t)(UL_DATA | (info->qfi & SDAP_QFI_MAX));
    return 0;
}

int sdap_rx(sdap_t *s, uint8_t drb_id, buf_t *pdu, sdap_info_t *ret)
{
    sdap_info_t info = {0};
    if (!drb_valid(drb_id) || pdu->len == 0)
        return -EBADMSG;
    if ((s->network ? s->header_ul : s->header_dl)[drb_id]) {
        uint8_t h = pdu->data[0];
        info.qfi = h & SDAP_QFI_MAX;
        if (s->network) {
            info.end_marker = !(h & UL_DATA);
        } else {
            info.rdi = h & DL_RDI;
            info.rqi = h & DL_RQI;
            if (info.rdi && s->present[drb_id])
                s->drb_of_qfi[info.qfi] = drb_id;
        }
        if (pdu->len == 1 && !info.end_marker)
            return -EBADMSG;
        buf_pull(pdu, 1);
    }
    *ret = info;
    return 0;
}

int sdap_end_marker(uint8_t qfi, buf_t *buf)
{
    uint8_t *h = buf_put(buf, 1);
    if (!h)
        return -ENOBUFS;
    *h = qfi & SDAP_QFI_MAX; /* D/C 0 */
    return 0;
}
