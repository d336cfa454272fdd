/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/f1ap: one read and one write function a message, named after it, and the small types that they
 * share. Writers take what they need from the arena; readers copy into the plain struct. A reader returns 0
 * or -E2BIG (more than the plain struct holds); a writer 0 or -ENOMEM. */
#ifndef VITRAN_F1AP_CODEC_H
#define VITRAN_F1AP_CODEC_H

#include <errno.h>

#include "lib/f1ap/f1ap.h"

#define F1AP_DECLARE_(name, message, type, member)                                                           \
    int f1ap_read_##message(const f1ap_##message##_t *m, type *ret);                                         \
    int f1ap_write_##message(const type *v, arena_t *a, f1ap_##message##_t *ret);
F1AP_MESSAGES(F1AP_DECLARE_)

/* Allocates *p from the arena `a`, or leaves the writer. */
#define F1AP_NEW(p)                                                                                          \
    do {                                                                                                     \
        if (!((p) = (__typeof__(p))arena_alloc(a, sizeof *(p), _Alignof(__typeof__(*(p))))))                 \
            return -ENOMEM;                                                                                  \
    } while (0)
/* Makes room for count elements in a SEQUENCE OF. */
#define F1AP_LIST(list, count)                                                                               \
    do {                                                                                                     \
        (list)->n = (count);                                                                                 \
        (list)->p = (__typeof__((list)->p))arena_alloc(a, (size_t)(count) * sizeof *(list)->p,               \
                                                       _Alignof(__typeof__(*(list)->p)));                    \
        if (!(list)->p)                                                                                      \
            return -ENOMEM;                                                                                  \
    } while (0)
#define F1AP_TRY(call)                                                                                       \
    do {                                                                                                     \
        int r__ = (call);                                                                                    \
        if (r__ < 0)                                                                                         \
            return r__;                                                                                      \
    } while (0)

int f1ap_bytes_copy(arena_t *a, const void *bytes, uint32_t n, asn1_bytes_t *ret);
f1ap_cgi_t f1ap_cgi_read(const f1ap_NRCGI_t *c);
int f1ap_cgi_write(const f1ap_cgi_t *v, arena_t *a, f1ap_NRCGI_t *ret);
f1ap_cause_t f1ap_cause_read(const f1ap_Cause_t *c);
f1ap_Cause_t f1ap_cause_write(f1ap_cause_t cause);
f1ap_snssai_t f1ap_snssai_read(const f1ap_SNSSAI_t *s);
int f1ap_snssai_write(const f1ap_snssai_t *v, arena_t *a, f1ap_SNSSAI_t *ret);
/* -E2BIG: not a GTP tunnel over IPv4. */
int f1ap_tunnel_read(const f1ap_UPTransportLayerInformation_t *t, f1ap_tunnel_t *ret);
int f1ap_tunnel_write(const f1ap_tunnel_t *v, arena_t *a, f1ap_UPTransportLayerInformation_t *ret);
void f1ap_diagnostics_read(const f1ap_CriticalityDiagnostics_t *d, f1ap_diagnostics_t *ret);
/* *ret is NULL when v says nothing. */
int f1ap_diagnostics_write(const f1ap_diagnostics_t *v, arena_t *a, f1ap_CriticalityDiagnostics_t **ret);

#endif
