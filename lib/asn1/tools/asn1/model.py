# SPDX-License-Identifier: Apache-2.0
"""The compiler's intermediate form: what the encoding rules and the C mapping need of a type, all names resolved."""

import re

C_WORDS = set("""auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
asm typeof bool true false linux unix i386 has""".split())


def c_name(name):
    """An ASN.1 name as part of a C name: - becomes _."""
    return name.replace("-", "_")


def c_member(name):
    """An ASN.1 name as a C member: words that C or its compilers keep for themselves get a _ behind them."""
    name = c_name(name)
    return name + "_" if name in C_WORDS else name


SIMPLE = {"bool", "null", "int", "enum", "real", "bits", "octets", "chars", "oid", "open"}


class T:
    """A type. `kind`: one of SIMPLE, or seq, seqof, choice, ies (an IE container: one member an object),
    row (one entry of an object set: id, criticality, open type), alias (another name for a constructed type)."""

    def __init__(self, kind, name=None, c=None):
        self.kind = kind
        self.name = name        # in the schema; None for an anonymous simple type
        self.c = c              # C name behind the prefix
        self.named = False      # has its own typedef and public descriptor
        self.lb = self.ub = None  # int: value; bits, octets, chars, seqof, ies: size. None: no bound
        self.ext = False        # extensible
        self.charset = self.alphabet = None
        self.utf8 = False
        self.contains = None
        self.root, self.more = [], []   # enum: names
        self.members = []       # seq, choice, ies, row
        self.n_root = 0
        self.additions = []     # seq: (first member, count, is a group)
        self.elem = None
        self.key_type = self.crit_type = None
        self.key_name = self.crit_name = self.value_name = None
        self.stored_key = False  # row: key and criticality are members of the C struct
        self.target = None      # alias

    @property
    def base(self):
        t = self
        while t.kind == "alias":
            t = t.target
        return t

    @property
    def simple(self):
        return self.base.kind in SIMPLE


class M:
    """A component, alternative or object of a T."""

    def __init__(self, name, type_):
        self.name = name
        self.c = c_member(name)
        self.type = type_
        self.optional = False
        self.default = None     # python value: int, bool, float, (bytes, bits) or bytes
        self.addition = False   # extension addition
        self.unsupported = False
        self.key = 0
        self.crit = 0

    @property
    def mode(self):
        """How the parent struct holds it: 'value', 'has' (a value and a presence bit) or 'ptr'."""
        if not (self.optional or self.default is not None or self.addition):
            return "value"
        return "has" if self.type.simple else "ptr"


def split_identifier(name):
    return re.sub(r"^id-", "", name)
