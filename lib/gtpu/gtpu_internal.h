/* SPDX-License-Identifier: Apache-2.0 */
/* The contents of extension headers, without length and next type. */
#ifndef VITRAN_GTPU_GTPU_INTERNAL_H
#define VITRAN_GTPU_GTPU_INTERNAL_H

#include "lib/gtpu/gtpu.h"

/* 0, -EBADMSG. Bytes behind what is known are padding or newer than us: skipped. TS 38.425 5.5.1 */
int nru_decode(const uint8_t *p, size_t n, nru_t *ret);
/* Size written, unpadded, or -ENOBUFS, -EINVAL. */
int nru_encode(const nru_t *f, uint8_t *to, size_t cap);

#endif
