/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin may be written in C++: the headers are clean there, too, and an entry can be defined. */
#include "vitran/plugin.h"

static const void *get_factory(const char *, uint32_t)
{
    return nullptr;
}

const vtn_plugin_entry_t vitran_plugin_entry = {sizeof(vtn_plugin_entry_t), VTN_ABI_MAJOR, VTN_ABI_MINOR, 0, nullptr,
                                                nullptr, get_factory};
