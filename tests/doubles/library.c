/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object that is no plugin. */
int answer(void);
__attribute__((visibility("default"))) int answer(void)
{
    return 42;
}
