/* SPDX-License-Identifier: Apache-2.0 */
/* The core and two UEs' NAS driven through any sequence of deliveries, losses, changed messages, injected
 * ones and time: no bad access in any state, and afterwards a fresh UE still gets its session.
 *
 * Input: operations of an octet, some with operands (see run). */
#include "lib/core/clock.h"
#include "tests/unit/cu/core/rig.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rig_t rig;

typedef struct {
    const uint8_t *p;
    size_t n;
} input_t;

static uint8_t take(input_t *in)
{
    if (!in->n)
        return 0;
    in->n--;
    return *in->p++;
}

static bool only_one(rig_t *r, rig_message_t *m, void *ctx)
{
    input_t *in = ctx;
    (void)r;
    uint8_t how = take(in);
    if (how == 0xff)
        return false;
    if (how >= 0xc0 && m->n) { /* a bit turned */
        uint8_t at = take(in);
        m->pdu[at % m->n] ^= (uint8_t)(1 << (how & 7));
    } else if (how >= 0xa0 && m->n) /* cut */
        m->n = (size_t)take(in) % m->n + 1;
    return true;
}

static void run(input_t *in)
{
    uint8_t op = take(in);
    unsigned ue = op & 1;
    size_t n;
    switch (op >> 1 & 7) {
    case 0:
        rig_start(&rig, ue);
        break;
    case 1:
        rig_pump(&rig);
        break;
    case 2:
    case 3: /* a message from nowhere */
        n = take(in);
        n = n < in->n ? n : in->n;
        if (op & 4)
            rig_inject_dl(&rig, ue, in->p, n);
        else
            rig_inject_ul(&rig, ue, in->p, n);
        in->p += n;
        in->n -= n;
        break;
    case 4:
        rig_run(&rig, 1000 * (take(in) % 20));
        break;
    case 5:
        if (rig.ue[ue].connected)
            rig_radio_lost(&rig, ue);
        break;
    case 6: {
        n = take(in);
        n = n < in->n ? n : in->n;
        ngap_initial_ue_message_t im = {.ran_ue_ngap_id = 1000u + op, .nas_pdu = {in->p, (uint32_t)n}};
        core_ngap(rig.core)->initial_ue_message(core_ngap(rig.core)->ctx, &im);
        in->p += n;
        in->n -= n;
        break;
    }
    default:
        switch (take(in) % 6) {
        case 0:
            ue_nas_stop(rig.ue[ue].nas, loop_now_ns(rig.loop), op & 16);
            break;
        case 1:
            ue_nas_service_request(rig.ue[ue].nas, loop_now_ns(rig.loop), op & 16);
            break;
        case 2:
            core_deregister(rig.core, ue ? "001010000000002" : "001010000000001");
            break;
        case 3:
            core_downlink_data(rig.core, 0x0a2d0002);
            break;
        case 4:
            core_ngap(rig.core)->ng_reset(core_ngap(rig.core)->ctx, (ngap_cause_t){NGAP_CAUSE_MISC, 0});
            break;
        default:
            rig.refuse_sessions = op & 16;
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ue_nas_config_t config[RIG_UES];
    input_t in = {data, size < 1500 ? size : 1500};
    rig_defaults(&rig, config);
    rig_begin(&rig, config);
    rig.hook = only_one;
    rig.hook_ctx = &in;
    for (int i = 0; in.n && i < 200; i++)
        run(&in);
    /* whatever happened to the others */
    rig.hook = NULL;
    rig.refuse_sessions = false;
    rig_pump(&rig);
    rig_run(&rig, 120000); /* what was half done runs out */
    rig_start(&rig, 3);
    rig_pump(&rig);
    if (ue_nas_state(rig.ue[3].nas) != UE_NAS_SESSION_UP)
        abort();
    rig_end(&rig);
    return 0;
}
