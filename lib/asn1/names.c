/* SPDX-License-Identifier: Apache-2.0 */
/* What a descriptor says about itself. */
#include "lib/asn1/type.h"

const char *asn1_type_name(const asn1_type_t *type)
{
    return type->name ? type->name : "";
}

const char *asn1_value_name(const asn1_type_t *type, uint32_t value)
{
    if (type->kind == ASN1_K_ENUM)
        return value < type->n_names ? type->names[value] : NULL;
    if (type->kind == ASN1_K_CHOICE || type->kind == ASN1_K_ROW)
        return value && value <= type->n_members ? type->members[value - 1].name : NULL;
    return NULL;
}

size_t asn1_type_size(const asn1_type_t *type)
{
    return type->size;
}
