# SPDX-License-Identifier: Apache-2.0
"""Resolves the names of parsed modules and folds constraints, parameters and object sets into model.T."""

import copy

from .lexer import SchemaError
from .model import M, T, c_name, split_identifier
from .parser import Parser

_ASCII = "".join(map(chr, range(32, 127)))
CHARSETS = {
    "VisibleString": _ASCII,
    "PrintableString": " '()+,-./0123456789:=?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "NumericString": " 0123456789",
    "IA5String": "".join(map(chr, range(128))),
}
INF = float("inf")


class Resolver:
    def __init__(self, modules, path):
        self.path = path
        self.modules = {m.name: m for m in modules}
        self.memo = {}      # (module, type name, arguments) -> T
        self.types = []     # all T that need C, in order of completion
        self.taken = {}     # C name -> T
        self.sets = {}      # (module, set name) -> objects
        for module in modules:
            for assign in module.types.values():
                if not assign.params:
                    self.taken.setdefault(c_name(assign.name), None)

    def fail(self, node, what):
        raise SchemaError(f"{self.path}:{getattr(node, 'line', 0)}: {what}")

    def run(self):
        for module in self.modules.values():
            for assign in module.types.values():
                if not assign.params:
                    self.named(module, assign)
        return self.types

    # --- names

    def find(self, module, table, name, node=None):
        """(module, thing) for a name in one of a module's tables, by its imports, or anywhere in the file."""
        origin = self.modules.get(module.imports.get(name, module.name))
        for m in [module] + ([origin] if origin else []) + list(self.modules.values()):
            if name in getattr(m, table):
                return m, getattr(m, table)[name]
        self.fail(node, f"{name} is not defined")

    def claim(self, wanted, t):
        """A C name that nothing else has."""
        name = wanted
        while name in self.taken and self.taken[name] is not t and not (
                self.taken[name] is None and t.named and c_name(t.name) == name):
            name += "_"
        self.taken[name] = t
        return name

    def finish(self, t, hint):
        """Gives a type that needs C its name, before its contents are resolved."""
        if t.c is None:
            t.c = self.claim(c_name(hint), t)
        if t.name is None:
            t.name = hint
        self.types.append(t)

    def named(self, module, assign):
        key = (module.name, assign.name, ())
        if key in self.memo:
            return self.memo[key]
        t = self.memo[key] = T("pending", assign.name)
        t.named = True
        self.fill(t, assign.type, {}, module, assign.name)
        return t

    # --- values

    def number(self, node, env, module):
        if node is None:
            return None
        if node.kind in ("int", "real", "bool"):
            return node.value
        if node.kind == "name":
            if node.name in env:
                return env[node.name][1]
            m, (_, value) = self.find(module, "values", node.name, node)
            return self.number(value, {}, m)
        self.fail(node, "expected a number")

    def default(self, t, node, env, module):
        """The Python value of a DEFAULT, or None where the type is constructed (it is then simply optional)."""
        t = t.base
        if t.kind == "enum":
            return (t.root + t.more).index(node.name)
        if t.kind in ("int", "bool", "real"):
            if node.kind == "name" and node.name in getattr(t, "numbers", {}):
                return t.numbers[node.name]
            return self.number(node, env, module)
        if t.kind == "bits":
            bits = node.value if node.kind == "bin" else \
                "".join(f"{int(d, 16):04b}" for d in node.value) if node.kind == "hex" else ""
            padded = bits + "0" * (-len(bits) % 8)
            return bytes(int(padded[i:i + 8], 2) for i in range(0, len(padded), 8)), len(bits)
        if t.kind == "octets" and node.kind == "hex":
            return bytes.fromhex(node.value)
        if t.kind in ("chars", "octets") and node.kind == "string":
            return node.value.encode()
        return None

    # --- types

    def anonymous(self, ast, env, module, hint, in_container=False):
        """A type where it is used: a reference gives what it names, anything else a new T."""
        if ast.kind == "ref" and not ast.constraints:
            t = self.reference(ast, env, module, hint)
        else:
            t = T("pending")
            self.fill(t, ast, env, module, hint)
        row = t.base
        if row.kind == "row" and row.c is None and not in_container:
            # Only now is it known that the object set is used one object at a time.
            name = c_name(row.c_hint)
            row.c = self.claim(name + "_single" if name in self.taken else name, row)
            row.name = row.name or row.c_hint
            self.types.append(row)
        return t

    def reference(self, ast, env, module, hint):
        if ast.name in env and env[ast.name][0] == "type":
            return env[ast.name][1]
        m, assign = self.find(module, "types", ast.name, ast)
        if not assign.params:
            return self.named(m, assign)
        return self.instance(m, assign, ast, env, module, hint)

    def instance(self, m, assign, ast, env, module, hint):
        """A parameterized type with its actual parameters (X.683)."""
        if not ast.args or len(ast.args) != len(assign.params):
            self.fail(ast, f"{assign.name} takes {len(assign.params)} parameters")
        inner, key, names = {}, [], []
        for (governor, dummy), (kind, arg) in zip(assign.params, ast.args):
            if kind == "set":
                arg_set = self.set_reference(arg, env, module, hint)
                inner[dummy] = ("set", arg_set)
                key.append(arg_set[0])
                names.append(arg_set[0])
            elif kind == "type" and governor is None:
                t = self.anonymous(arg, env, module, hint)
                inner[dummy] = ("type", t)
                key.append(id(t))
                names.append(t.c or t.name or hint)
            elif kind == "type":
                self.fail(ast, "a type stands where an object set or a value is expected")
            else:
                inner[dummy] = ("value", self.number(arg, env, module))
                key.append(inner[dummy][1])
        key = (m.name, assign.name, tuple(key))
        if key not in self.memo:
            t = self.memo[key] = T("pending")
            # What is made of an object set alone is called after the set.
            sets_only = all(v[0] == "set" for v in inner.values())
            self.fill(t, assign.type, inner, m, names[0] if sets_only else "-".join([assign.name] + names))
        return self.memo[key]

    def fill(self, t, ast, env, module, hint):
        """Makes t what ast says. `hint` is its name if it turns out to need one."""
        if ast.tag is not None:
            self.fail(ast, "explicit tags are not supported: modules are AUTOMATIC TAGS")
        kind = ast.kind
        if kind == "ref":
            self.fill_reference(t, ast, env, module, hint)
        elif kind == "classfield":
            self.fill_classfield(t, ast, env, module)
        elif kind in ("SEQUENCE", "CHOICE", "SEQUENCE OF"):
            {"SEQUENCE": self.fill_sequence, "CHOICE": self.fill_choice,
             "SEQUENCE OF": self.fill_sequence_of}[kind](t, ast, env, module, hint)
        elif kind == "ENUMERATED":
            self.fill_enumerated(t, ast, env, module, hint)
        else:
            t.kind = {"BOOLEAN": "bool", "NULL": "null", "REAL": "real", "INTEGER": "int", "BIT STRING": "bits",
                      "OCTET STRING": "octets", "OBJECT IDENTIFIER": "oid", "chars": "chars"}[kind]
            if t.kind in ("bits", "octets", "chars"):
                t.lb = 0
            if kind == "INTEGER":
                t.numbers = {n: self.number(v, env, module) for n, v in ast.named.items()}
            if kind == "chars" and ast.name == "UTF8String":
                t.kind, t.utf8 = "octets", True
            elif kind == "chars":
                t.charset = ast.name
        if kind not in ("SEQUENCE OF",):
            for c in ast.constraints:
                self.constrain(t, c, env, module, hint)
        if t.named and (t.simple or t.kind == "alias"):
            if t.kind != "enum":
                self.finish(t, t.name)

    def fill_reference(self, t, ast, env, module, hint):
        target = self.reference(ast, env, module, hint)
        if target.simple and target.kind != "enum":
            name, named = t.name, t.named
            t.__dict__.update(copy.copy(target.base).__dict__)
            t.name, t.named, t.c = name, named, None
        else:
            t.kind, t.target = "alias", target

    def fill_classfield(self, t, ast, env, module):
        m, cls = self.find(module, "classes", ast.cls, ast)
        field = cls.fields[ast.field]
        if field.type is None:
            t.kind = "open"
        else:
            self.fill(t, field.type, {}, m, ast.field[1:])

    def fill_enumerated(self, t, ast, env, module, hint):
        t.kind, t.ext = "enum", ast.extensible

        def numbered(items, taken):
            out, free = [], 0
            for name, number in items:
                if number is not None:
                    taken.add(self.number(number, env, module))
            for name, number in items:
                if number is None:
                    while free in taken:
                        free += 1
                    taken.add(free)
                    out.append((free, name))
                else:
                    out.append((self.number(number, env, module), name))
            return sorted(out)

        taken = set()
        t.root = [name for _, name in numbered(ast.root, taken)]
        t.more = [name for _, name in numbered(ast.ext, taken)]
        self.finish(t, hint)

    def component(self, c, env, module, hint):
        m = M(c.name, None)
        m.optional, m.unsupported = c.optional, c.unsupported
        if c.unsupported:
            m.type = T("null")
            return m
        m.type = self.anonymous(c.type, env, module, f"{hint}-{c.name}")
        if m.type.base.kind == "pending":
            self.fail(c, f"{c.name} contains itself")
        if c.default is not None:
            m.default = self.default(m.type, c.default, env, module)
            m.optional = True
        return m

    def fill_sequence(self, t, ast, env, module, hint):
        if not self.table_row(t, ast, env, module, hint):
            t.kind, t.ext = "seq", ast.extensible
            self.finish_late(t, hint)
            t.members = [self.component(c, env, module, t.c_hint) for c in ast.root]
            t.n_root = len(t.members)
            for item in ast.ext:
                group = item if isinstance(item, list) else [item]
                t.additions.append((len(t.members), len(group), isinstance(item, list)))
                for c in group:
                    m = self.component(c, env, module, t.c_hint)
                    m.addition = True
                    t.members.append(m)
            self.types.append(t)

    def finish_late(self, t, hint):
        """Like finish, but the type comes after those it contains."""
        t.c = self.claim(c_name(hint), t)
        t.name = t.name or hint
        t.c_hint = hint

    def fill_choice(self, t, ast, env, module, hint):
        t.kind, t.ext = "choice", ast.extensible
        self.finish_late(t, hint)
        t.members = [self.component(c, env, module, hint) for c in ast.root]
        t.n_root = len(t.members)
        for item in ast.ext:
            for c in item if isinstance(item, list) else [item]:
                t.members.append(self.component(c, env, module, hint))
        self.types.append(t)

    def fill_sequence_of(self, t, ast, env, module, hint):
        t.kind = "seqof"
        t.lb = 0
        if ast.elem.kind == "ref" and ast.elem.name.endswith("Field") and ast.elem.args:
            row = self.anonymous(ast.elem, env, module, hint, in_container=True).base
            if row.kind == "row":
                t.kind = "ies"
                t.members, t.key_type, t.crit_type = row.members, row.key_type, row.crit_type
        for c in ast.constraints:
            self.constrain(t, c, env, module, hint)
        self.finish_late(t, hint)
        if t.kind == "seqof":
            t.elem = self.anonymous(ast.elem, env, module, f"{hint}-item")
        self.types.append(t)

    # --- information objects

    def set_reference(self, tokens, env, module, hint):
        """(name, tokens, env, module) of an object set that is given as an actual parameter."""
        if len(tokens) == 1 and tokens[0].kind == "word" and tokens[0].text[0].isupper():
            name = tokens[0].text
            if name in env:
                return env[name][1]
            m, (_, set_tokens) = self.find(module, "sets", name, tokens[0])
            return (name, set_tokens, {}, m)
        return (hint, tokens, env, module)

    def objects(self, cls, tokens, env, module):
        """All objects of a set: [{&field: ...}] with the module in which each is written."""
        p = Parser.over(tokens, self.path)
        found = []
        while p.tok.kind != "end":
            if p.tok.text in ("|", ",", "..."):
                p.next()
            elif p.tok.text == "{":
                p.next()
                found.append((p.object_(cls), module))
            elif p.tok.text[0].isupper():
                name, set_tokens, set_env, m = self.set_reference([p.next()], env, module, "")
                found += self.objects(cls, set_tokens, set_env, m)
            else:
                m, (_, object_tokens) = self.find(module, "objects", p.tok.text, p.tok)
                p.next()
                inner = Parser.over(object_tokens, self.path)
                settings = {}
                inner.object_syntax(cls, cls.syntax, settings)
                found.append((settings, m))
        return found

    def table_row(self, t, ast, env, module, hint):
        """SEQUENCE {key, criticality, open type} bound to an object set by table constraints (X.682 10)?"""
        if len(ast.root) != 3 or ast.extensible or any(c.type.kind != "classfield" for c in ast.root):
            return False
        key, crit, value = ast.root
        tables = [next((x for x in c.type.constraints if x.kind == "table"), None) for c in ast.root]
        if not all(tables) or any(x.at != [key.name] for x in tables[1:]):
            return False
        cm, cls = self.find(module, "classes", key.type.cls, ast)
        bare = [copy.copy(c.type) for c in (key, crit)]
        for b in bare:
            b.constraints = []
        key_type, crit_type = (self.anonymous(b, env, module, hint) for b in bare)
        k = key_type.base
        if k.kind != "int" or k.lb != 0 or not k.ub or k.ub >= 1 << 32 or k.ext or crit_type.base.kind != "enum":
            return False
        t.kind, t.key_type, t.crit_type = "row", key_type, crit_type
        t.key_name, t.crit_name, t.value_name = key.name, crit.name, value.name
        t.stored_key = "&presence" not in cls.fields
        name, tokens, set_env, set_module = self.set_reference(tables[0].tokens, env, module, hint)
        t.c_hint = hint
        if t.stored_key:
            self.finish_late(t, hint)
        for settings, m in self.objects(cls, tokens, set_env, set_module):
            if value.type.field not in settings:
                continue
            self.row_member(t, cls, settings, m, key, crit, value, hint)
        if t.stored_key:
            self.types.append(t)
        return True

    def row_member(self, t, cls, settings, module, key, crit, value, hint):
        id_node = settings[key.type.field]
        ast = settings[value.type.field]
        if t.stored_key or id_node.kind != "name":
            name = ast.name if ast.kind == "ref" else f"id{self.number(id_node, {}, module)}"
        else:
            name = split_identifier(id_node.name)
        m = M(name, self.anonymous(ast, {}, module, f"{hint}-{name}"))
        m.key = self.number(id_node, {}, module)
        crit_value = settings.get(crit.type.field) or cls.fields[crit.type.field].default
        m.crit = t.crit_type.base.root.index(crit_value.name)
        presence = settings.get("&presence") or (cls.fields["&presence"].default if not t.stored_key else None)
        m.optional = presence is None or presence.name != "mandatory"
        if any(o.key == m.key or o.c == m.c for o in t.members):
            self.fail(id_node, f"{name} stands twice in {hint}")
        t.members.append(m)

    # --- constraints

    def constrain(self, t, c, env, module, hint):
        if c.kind in ("ignored", "table"):
            return
        if c.kind == "containing":
            t.contains = self.anonymous(c.type, env, module, hint)
            return
        target = t.base
        if target.kind == "int":
            low, high = self.range(c.root, env, module, target)
            t.lb = low if t.lb is None else t.lb if low is None else max(low, t.lb)
            t.ub = high if t.ub is None else t.ub if high is None else min(high, t.ub)
            t.ext = c.ext
        elif target.utf8:
            pass    # its constraints are not PER-visible, X.691 10.3.10
        elif target.kind in ("bits", "octets", "chars", "seqof", "ies"):
            self.constrain_size(t, c, env, module)
        # Others (a subset of an ENUMERATED, of a CHOICE) do not change the encoding.

    def range(self, union, env, module, target):
        """(low, high) that a union of ranges spans; None for no bound."""
        lows, highs = [], []
        for intersection in union:
            low, high = -INF, INF
            for e in intersection:
                if e.kind == "nested":
                    l, h = self.range(e.body, env, module, target)
                elif e.kind == "range":
                    l, h = (self.named_number(x, env, module, target) for x in (e.low, e.high))
                else:
                    self.fail(e, "this constraint is not supported here")
                low = max(low, -INF if l is None else l)
                high = min(high, INF if h is None else h)
            lows.append(low)
            highs.append(high)
        low, high = min(lows), max(highs)
        return (None if low == -INF else low), (None if high == INF else high)

    def named_number(self, node, env, module, target):
        if node is not None and node.kind == "name" and node.name in getattr(target, "numbers", {}):
            return target.numbers[node.name]
        return self.number(node, env, module)

    def constrain_size(self, t, c, env, module):
        for element in [e for intersection in c.root for e in intersection]:
            if element.kind == "size":
                low, high = self.range(element.body.root, env, module, t)
                t.lb = max(t.lb or 0, low or 0)
                t.ub = high if t.ub is None else t.ub if high is None else min(t.ub, high)
                t.ext = c.ext or element.body.ext
            elif element.kind == "from" and t.kind == "chars":
                t.alphabet = self.alphabet(element.body.root, CHARSETS[t.charset])
            elif element.kind == "nested":
                self.fail(element, "nested size constraints are not supported")

    def alphabet(self, union, charset):
        chars = set()
        for (e,) in union:
            if e.low.value == e.high.value:
                chars |= set(e.low.value)
            else:
                chars |= {ch for ch in charset if e.low.value <= ch <= e.high.value}
        return "".join(sorted(chars & set(charset)))
