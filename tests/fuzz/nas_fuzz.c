/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a 5GMM and as a 5GSM message: no bad access, and what can be read can be written and reads the
 * same. */
#include "lib/nas/nas.h"
#include "lib/nas/security.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sm(const uint8_t *p, size_t n)
{
    uint8_t one[4096], two[4096];
    size_t one_n, two_n;
    nas_sm_t sm, again;
    nas_error_t err;
    if (nas_sm_parse(p, n, &sm, &err) < 0 || nas_sm_build(&sm, one, sizeof one, &one_n) < 0)
        return;
    if (nas_sm_parse(one, one_n, &again, &err) < 0 || nas_sm_build(&again, two, sizeof two, &two_n) < 0 ||
        one_n != two_n || memcmp(one, two, one_n) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t one[4096], two[4096];
    size_t one_n, two_n;
    nas_mm_t m, again;
    nas_error_t err;
    nas_header_t h;
    if (size > 2048)
        return 0;
    check_sm(data, size);
    if (nas_header_parse(data, size, &h) == 0 && h.sht != NAS_PLAIN)
        (void)nas_mm_parse(h.inner, h.inner_n, &m, &err);
    if (nas_mm_parse(data, size, &m, &err) < 0)
        return 0;
    if (m.type == NAS_UL_NAS_TRANSPORT)
        check_sm(m.u.ul_nas_transport.container.p, m.u.ul_nas_transport.container.n);
    if (m.type == NAS_DL_NAS_TRANSPORT)
        check_sm(m.u.dl_nas_transport.container.p, m.u.dl_nas_transport.container.n);
    if (nas_mm_build(&m, one, sizeof one, &one_n) < 0)
        return 0;
    if (nas_mm_parse(one, one_n, &again, &err) < 0 || nas_mm_build(&again, two, sizeof two, &two_n) < 0 ||
        one_n != two_n || memcmp(one, two, one_n) != 0)
        abort();
    return 0;
}
