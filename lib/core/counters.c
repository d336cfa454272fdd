/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/counters.h"

#include <inttypes.h>

#include "lib/core/log.h"

void counters_log(const log_t *log, counter_set_t set)
{
    for (uint32_t i = 0; i < set.n; i++)
        if (set.values[i])
            log_info(log, "%s.%s: %" PRIu64 " %s", set.layer, set.desc[i].name, set.values[i],
                     set.desc[i].unit);
}
