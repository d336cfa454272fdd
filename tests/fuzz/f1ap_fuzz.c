/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP from the wire: whatever is understood can be written, and reads the same again; whatever is not has an
 * answer that can be written. */
#include <stdlib.h>
#include <string.h>

#include "lib/f1ap/f1ap.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static uint8_t mem[3][F1AP_ARENA_BYTES], first[F1AP_MAX_PDU], second[F1AP_MAX_PDU];

static int build(const f1ap_msg_t *m, uint8_t *mem_, uint8_t *to, size_t *ret_n)
{
    arena_t a;
    arena_init(&a, mem_, F1AP_ARENA_BYTES);
    return f1ap_build(m, &a, to, F1AP_MAX_PDU, ret_n, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    f1ap_msg_t m, again;
    f1ap_fault_t fault;
    arena_t a;
    size_t n1, n2;
    arena_init(&a, mem[0], F1AP_ARENA_BYTES);
    if (f1ap_parse(p, n, &a, &m, &fault) < 0) {
        if (fault.answer) {
            f1ap_fault_answer(&fault, &m);
            if (build(&m, mem[1], first, &n1) < 0)
                abort();
        }
        return 0;
    }
    /* Not all that can be read can be written: lists that the standard does not allow empty may come out so,
     * since items of a later release are passed over. */
    if (build(&m, mem[1], first, &n1) < 0)
        return 0;
    arena_init(&a, mem[2], F1AP_ARENA_BYTES);
    if (f1ap_parse(first, n1, &a, &again, &fault) < 0 || build(&again, mem[1], second, &n2) < 0 || n1 != n2 ||
        memcmp(first, second, n1) != 0)
        abort();
    return 0;
}
