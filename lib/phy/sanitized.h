/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a sanitizer puts its checks around every access. Kernels that unroll and inline by force then leave
 * that out: compilers need minutes for tens of thousands of checks in one function. Private to lib/phy. */
#ifndef VITRAN_PHY_SANITIZED_H
#define VITRAN_PHY_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PHY_SANITIZED 1
#elif defined(__clang__)
#define PHY_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define PHY_SANITIZED 0
#endif

/* Of a template that is to become part of each of its users. */
#if PHY_SANITIZED
#define PHY_TEMPLATE static __attribute__((noinline, unused))
#else
#define PHY_TEMPLATE static inline __attribute__((always_inline, unused))
#endif

#endif
