# SPDX-License-Identifier: Apache-2.0
"""Writes the C header and the const descriptor tables for resolved types. lib/asn1/README.md shows the mapping."""

from .lexer import SchemaError
from .model import c_name
from .resolve import CHARSETS

BANNER = "/* Made by lib/asn1/tools/asn1c.py from {}; change that. */\n"
STRUCTS = {"seq", "seqof", "choice", "ies", "row"}
PLAIN = {"bool": "bool", "null": "uint8_t", "real": "double", "bits": "asn1_bits_t", "octets": "asn1_bytes_t",
         "chars": "asn1_bytes_t", "oid": "asn1_oid_t", "open": "asn1_bytes_t"}
INT64_MAX = 2**63 - 1
MAX_MEMBERS = 512   # PER_MAX_MEMBERS in per.h


def is_unsigned(t):
    return t.kind == "int" and t.lb is not None and t.lb >= 0 and t.ub is not None and t.ub > INT64_MAX


def bit_width(span):
    return int(span).bit_length()


class Emitter:
    def __init__(self, types, prefix, source):
        self.types = types
        self.prefix = prefix
        self.source = source
        self.statics = {}       # descriptor text -> name, for anonymous simple types
        self.definitions = []   # of those
        self.bits_of = {}       # id(T) -> min_bits

    # --- C types

    def ident(self, t):
        """The C identifier of a type that has one, without _t."""
        while t.kind == "alias" and not t.named:
            t = t.target
        return f"{self.prefix}_{t.c}"

    def ctype(self, t):
        base = t.base
        if base.kind in STRUCTS or base.kind == "enum":
            return self.ident(t) + "_t"
        if base.kind == "int":
            return "uint64_t" if is_unsigned(base) else "int64_t"
        return PLAIN[base.kind]

    def header(self):
        guard = f"VITRAN_ASN1_{self.prefix.upper()}_H"
        out = ["/* SPDX-License-Identifier: Apache-2.0 */\n", BANNER.format(self.source),
               f"#ifndef {guard}\n#define {guard}\n\n", '#include "lib/asn1/asn1.h"\n\n']
        for t in self.types:
            if t.kind in STRUCTS:
                out.append(f"typedef struct {self.ident(t)} {self.ident(t)}_t;\n")
        out += [self.declare(t) for t in self.types if t.kind not in STRUCTS]
        out += [self.declare(t) for t in self.ordered()]
        out.append("\n")
        for t in self.types:
            if self.public(t):
                out.append(f"extern const asn1_type_t {self.ident(t)}_type;\n")
        out.append(f"\n/* All of the above, for tools that find a type by its name. */\n"
                   f"extern const asn1_type_t *const {self.prefix}_types[];\n"
                   f"extern const unsigned {self.prefix}_n_types;\n")
        out.append("\n#endif\n")
        return "".join(out)

    def ordered(self):
        """The structs, each behind those that it holds by value."""
        done, order = set(), []

        def visit(t):
            t = t.base
            if t.kind not in STRUCTS or id(t) in done:
                return
            done.add(id(t))
            if t.kind in ("seq", "ies"):
                for m in t.members:
                    if m.mode == "value":
                        visit(m.type)
            order.append(t)

        for t in self.types:
            visit(t)
        return order

    def public(self, t):
        return t.named or t.kind in ("ies", "row") or getattr(t, "public", False)

    def declare(self, t):
        name = self.ident(t)
        if t.kind == "alias":
            return f"typedef {self.ctype(t.target)} {name}_t;\n"
        if t.kind == "enum":
            values = ", ".join(f"{name}_{c_name(v)}" for v in t.root + t.more)
            return f"\ntypedef enum {{ {values} }} {name}_t;\n"
        if t.kind not in STRUCTS:
            return f"typedef {self.ctype(t)} {name}_t;\n"
        if t.kind == "seqof":
            return f"\nstruct {name} {{\n    uint32_t n;\n    {self.ctype(t.elem)} *p;\n}};\n"
        if t.kind in ("choice", "row"):
            return self.declare_choice(t, name)
        lines = []
        bits = [m for m in t.members if m.mode == "has" and not m.unsupported]
        if bits:
            lines.append("    struct {\n" + "".join(f"        uint8_t {m.c} : 1;\n" for m in bits) + "    } has;\n")
        for m in t.members:
            if not m.unsupported:
                star = "*" if m.mode == "ptr" else ""
                lines.append(f"    {self.ctype(m.type)} {star}{m.c};\n")
        if t.kind == "ies":
            lines.append("    asn1_unknown_list_t unknown;\n")
        return f"\nstruct {name} {{\n{''.join(lines) or '    uint8_t empty_;' + chr(10)}}};\n"

    def declare_choice(self, t, name):
        prefix = f"{name}_value" if t.stored_key else name
        none = "unknown" if t.kind == "row" else "NONE"
        constants = [f"{prefix}_choice_{none}"]
        constants += [f"{prefix}_choice_{c_name(m.name)} = {i + 1}" for i, m in enumerate(t.members)
                      if not m.unsupported]
        alternatives = [f"        {self.ctype(m.type)} {'' if m.type.simple else '*'}{m.c};\n" for m in t.members
                        if not m.unsupported]
        if t.kind == "row":
            alternatives.append("        asn1_unknown_t unknown;\n")
        union = "".join(alternatives) or "        uint8_t empty_;\n"
        body = f"    uint32_t choice;\n    union {{\n{union}    }} u;\n"
        if t.stored_key:
            body = (f"    {self.ctype(t.key_type)} {t.key_name};\n    {self.ctype(t.crit_type)} {t.crit_name};\n"
                    f"    struct {{\n{body}    }} {t.value_name};\n")
        return f"\nenum {{ {', '.join(constants)} }};\nstruct {name} {{\n{body}}};\n"

    # --- descriptors

    def tables(self, header_name):
        body = [self.define(t) for t in self.types]
        out = ["/* SPDX-License-Identifier: Apache-2.0 */\n", BANNER.format(self.source),
               f'#include "{header_name}"\n#include "lib/asn1/type.h"\n\n#include <stddef.h>\n\n']
        for t in self.types:
            if not self.public(t):
                out.append(f"static const asn1_type_t {self.ident(t)}_type;\n")
        every = [f"    &{self.ident(t)}_type,\n" for t in self.types if self.public(t)]
        body.append(f"const asn1_type_t *const {self.prefix}_types[] = {{\n{''.join(every)}}};\n"
                    f"const unsigned {self.prefix}_n_types = {len(every)};\n")
        return "".join(out + self.definitions + body)

    def define(self, t):
        static = "" if self.public(t) else "static "
        return f"{static}const asn1_type_t {self.ident(t)}_type = {self.descriptor(t)};\n".join(
            [self.parts(t), ""])

    def ref(self, t):
        """Address of a type's descriptor."""
        while t.kind == "alias" and not t.named:
            t = t.target
        if t.c is not None:
            return f"&{self.ident(t)}_type"
        text = self.descriptor(t)
        if text not in self.statics:
            name = self.statics[text] = f"t_{len(self.statics)}"
            self.definitions.append(f"static const asn1_type_t {name} = {text};\n")
        return "&" + self.statics[text]

    def parts(self, t):
        """The arrays that a descriptor points to."""
        if t.kind == "alias":
            return ""
        if len(t.members) > MAX_MEMBERS:
            raise SchemaError(f"{self.source}: {t.name} has more than {MAX_MEMBERS} members")
        name = self.ident(t)
        if t.kind == "enum":
            names = ", ".join(f'"{n}"' for n in t.root + t.more)
            return f"static const char *const n_{t.c}[] = {{{names}}};\n"
        out = ""
        if t.kind in ("seq", "choice", "ies", "row") and t.members:
            bit, rows = 0, []
            for m in t.members:
                rows.append("    " + self.member(t, m, name, bit))
                bit += m.mode == "has" and not m.unsupported
            out += f"static const asn1_member_t m_{t.c}[] = {{\n" + ",\n".join(rows) + "};\n"
        if t.additions:
            rows = ", ".join(
                f"{{{first}, {count}, {str(group).lower()}, "
                f"{sum(m.optional for m in t.members[first:first + count]) if group else 0}}}"
                for first, count, group in t.additions)
            out += f"static const asn1_addition_t a_{t.c}[] = {{{rows}}};\n"
        if t.kind in ("ies", "row"):
            out += f"static const asn1_type_t *const r_{t.c}[] = {{{self.ref(t.key_type)}, {self.ref(t.crit_type)}}};\n"
        return out

    def member(self, t, m, name, bit):
        if m.unsupported:
            flags = "ASN1_M_UNSUPPORTED" + (" | ASN1_M_OPTIONAL" if m.optional else "")
            return f'{{.name = "{m.name}", .flags = {flags}}}'
        one_of = t.kind in ("choice", "row")
        flags = []
        if m.optional and not one_of:
            flags.append("ASN1_M_OPTIONAL")
        fields = [f".type = {self.ref(m.type)}", f'.name = "{m.name}"']
        if (not m.type.simple) if one_of else m.mode == "ptr":
            flags.append("ASN1_M_PTR")
        if one_of:
            path = f"{t.value_name}.u" if t.stored_key else "u"
            fields.append(f".offset = offsetof(struct {name}, {path})")
        else:
            fields.append(f".offset = offsetof(struct {name}, {m.c})")
            if m.mode == "has":
                flags.append("ASN1_M_HAS")
                fields.append(f".has = {bit}")
            if m.default is not None:
                flags.append("ASN1_M_DEFAULT")
                fields.append(f".dflt = {self.default(m)}")
        if t.kind in ("ies", "row"):
            fields.append(f".key = {m.key}, .crit = {m.crit}")
        if flags:
            fields.append(f".flags = {' | '.join(flags)}")
        return "{" + ", ".join(fields) + "}"

    def default(self, m):
        t, v = m.type.base, m.default
        if t.kind == "bits":
            octets = ", ".join(map(str, v[0]))
            return f"&(const asn1_bits_t){{(const uint8_t[]){{{octets or 0}}}, {v[1]}}}"
        if t.kind in ("octets", "chars"):
            octets = ", ".join(map(str, v))
            return f"&(const asn1_bytes_t){{(const uint8_t[]){{{octets or 0}}}, {len(v)}}}"
        text = str(v).lower() if t.kind == "bool" else self.number(v)
        return f"&(const {'uint32_t' if t.kind == 'enum' else self.ctype(t)}){{{text}}}"

    def number(self, v):
        if isinstance(v, int) and v > INT64_MAX:
            return f"(int64_t)UINT64_C({v})"
        if isinstance(v, int) and v == -INT64_MAX - 1:
            return "INT64_MIN"
        return str(v)

    def descriptor(self, t):
        name = t.name
        t = t.base
        f = [f".kind = ASN1_K_{t.kind.upper()}", f".size = sizeof({self.ctype(t)})", f".min_bits = {self.min_bits(t)}"]
        if name:
            f.append(f'.name = "{name}"')
        if t.ext:
            f.append(".ext = true")
        lb, ub = t.lb, t.ub
        if t.kind in ("enum", "choice"):
            lb, ub = 0, max(len(t.root) if t.kind == "enum" else t.n_root, 1) - 1
        if lb is not None:
            f.append(f".has_lb = true, .lb = {self.number(lb)}")
        if ub is not None:
            f.append(f".has_ub = true, .ub = {self.number(ub)}")
        if lb is not None and ub is not None:
            f.append(f".width = {bit_width(ub - lb)}")
        if is_unsigned(t):
            f.append(".is_unsigned = true")
        f += getattr(self, f"describe_{t.kind}", lambda _: [])(t)
        return "{" + ", ".join(f) + "}"

    def describe_enum(self, t):
        return [f".names = n_{t.c}, .n_names = {len(t.root) + len(t.more)}"]

    def describe_seq(self, t):
        f = [f".members = m_{t.c}, .n_members = {len(t.members)}, .n_root = {t.n_root}"] if t.members else []
        f.append(f".n_opt = {sum(m.optional for m in t.members[:t.n_root])}")
        if t.additions:
            f.append(f".additions = a_{t.c}, .n_additions = {len(t.additions)}")
        if t.n_root and all(m.optional and m.default is None for m in t.members[:t.n_root]):
            f.append(".sparse = true")
            if len(t.members) <= 56 and all(m.default is None and not m.unsupported for m in t.members):
                ptrs = sum(1 << i for i, m in enumerate(t.members) if m.mode == "ptr")
                f.append(f".n_plain = {len(t.members)}, .ptrs = 0x{ptrs:x}")
        if any(m.default is not None for m in t.members[t.n_root:]):
            f.append(".ext_defaults = true")
        return f + self.has_offset(t)

    def has_offset(self, t):
        if any(m.mode == "has" and not m.unsupported for m in t.members):
            return [f".has_off = offsetof(struct {self.ident(t)}, has)"]
        return []

    def describe_choice(self, t):
        name = f"struct {self.ident(t)}"
        return [f".members = m_{t.c}, .n_members = {len(t.members)}, .n_root = {t.n_root}",
                f".has_off = offsetof({name}, choice), .extra_off = offsetof({name}, u)"]

    def describe_ies(self, t):
        f = [f".members = m_{t.c}, .n_members = {len(t.members)}"] if t.members else []
        f.append(f".n_opt = {sum(not m.optional for m in t.members)}, .row = r_{t.c}")
        f.append(f".extra_off = offsetof(struct {self.ident(t)}, unknown)")
        return f + self.has_offset(t)

    def describe_row(self, t):
        name = f"struct {self.ident(t)}"
        dot = f"{t.value_name}." if t.stored_key else ""
        f = [f".members = m_{t.c}, .n_members = {len(t.members)}"] if t.members else []
        f.append(f".row = r_{t.c}, .has_off = offsetof({name}, {dot}choice), .extra_off = offsetof({name}, {dot}u)")
        if t.stored_key:
            f.append(f".key_off = offsetof({name}, {t.key_name}), .crit_off = offsetof({name}, {t.crit_name})")
        else:
            f.append(".key_off = ASN1_NO_OFF, .crit_off = ASN1_NO_OFF")
        return f

    def describe_seqof(self, t):
        return [f".elem = {self.ref(t.elem)}"]

    def describe_bits(self, t):
        return [f".contains = {self.ref(t.contains)}"] if t.contains else []

    def describe_octets(self, t):
        return self.describe_bits(t) + ([".utf8 = true"] if t.utf8 else [])

    def describe_chars(self, t):
        alphabet = t.alphabet or CHARSETS[t.charset]
        width = bit_width(len(alphabet) - 1)
        aligned = 1 << bit_width(width - 1) if width > 1 else width
        text = "".join(ch if ch.isalnum() else f"\\{ord(ch):03o}" for ch in alphabet)
        chars = sum(1 << ord(ch) for ch in alphabet)
        return [f'.char_width = {{{aligned}, {width}}}, .alphabet = "{text}", .n_alphabet = {len(alphabet)}',
                f".chars = {{0x{chars & (1 << 64) - 1:x}, 0x{chars >> 64:x}}}"]

    # --- the fewest bits that a value takes in either rule: what a count is checked against

    def min_bits(self, t):
        t = t.base
        if id(t) not in self.bits_of:
            self.bits_of[id(t)] = 0     # for recursion
            self.bits_of[id(t)] = min(self.count_bits(t), 1 << 24)
        return self.bits_of[id(t)]

    def count_bits(self, t):
        if t.kind in ("null",):
            return 0
        if t.ext:
            return 1
        if t.kind == "bool":
            return 1
        if t.kind == "int":
            return min(bit_width(t.ub - t.lb), 8) if t.lb is not None and t.ub is not None else 16
        if t.kind == "enum":
            return bit_width(len(t.root) - 1)
        if t.kind == "choice":
            return bit_width(t.n_root - 1) + min(
                [self.min_bits(m.type) for m in t.members[:t.n_root]], default=0)
        if t.kind == "seq":
            root = t.members[:t.n_root]
            return sum(1 if m.optional else self.min_bits(m.type) for m in root)
        if t.kind == "seqof":
            return t.lb * self.min_bits(t.elem)
        if t.kind == "ies":
            return 34 * sum(not m.optional for m in t.members)
        if t.kind == "row":
            return 18
        if t.kind in ("bits", "octets"):
            return t.lb * (8 if t.kind == "octets" else 1)
        if t.kind == "chars":
            return t.lb
        return 8
