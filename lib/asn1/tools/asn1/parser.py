# SPDX-License-Identifier: Apache-2.0
"""Recursive-descent parser for the subset of X.680-683 that 3GPP and O-RAN schemas use. It gives syntax trees
and resolves no name; resolve.py does."""

from .lexer import SchemaError, tokenize

CHAR_STRINGS = {
    "PrintableString", "VisibleString", "IA5String", "NumericString", "UTF8String", "ISO646String",
}


class Node:
    """A piece of syntax: `kind` and whatever attributes that kind has."""

    def __init__(self, kind, line=0, **attrs):
        self.kind = kind
        self.line = line
        self.__dict__.update(attrs)

    def __repr__(self):
        return f"Node({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items() if k != 'line')})"


class Module:
    def __init__(self, name, automatic):
        self.name = name
        self.automatic = automatic
        self.types = {}     # name -> Node type assignment: params, type
        self.values = {}    # name -> (type, value)
        self.classes = {}   # name -> class Node
        self.objects = {}   # name -> (class name, tokens)
        self.sets = {}      # name -> (class name, tokens)
        self.imports = {}   # name -> module name


class Parser:
    def __init__(self, text, path):
        self.path = path
        self.tokens = tokenize(text, path)
        self.at = 0

    @classmethod
    def over(cls, tokens, path):
        """A parser over tokens that another one set aside."""
        p = cls("", path)
        p.tokens = tokens + p.tokens
        return p

    # --- tokens

    @property
    def tok(self):
        return self.tokens[self.at]

    def peek(self, n=1):
        return self.tokens[min(self.at + n, len(self.tokens) - 1)]

    def fail(self, what, tok=None):
        tok = tok or self.tok
        raise SchemaError(f"{self.path}:{tok.line}: {what}, found {tok.text!r}")

    def next(self):
        tok = self.tok
        self.at += 1
        return tok

    def accept(self, *texts):
        """Takes the texts if all of them come next."""
        if all(self.peek(i).text == t and self.peek(i).kind in ("word", "punct") for i, t in enumerate(texts)):
            self.at += len(texts)
            return True
        return False

    def expect(self, text):
        if not self.accept(text):
            self.fail(f"expected {text!r}")

    def word(self, upper=None):
        tok = self.tok
        if tok.kind != "word" or (upper is not None and tok.text[0].isupper() != upper):
            self.fail("expected a name")
        return self.next().text

    def braced(self):
        """The tokens between { and the matching }, without the two."""
        self.expect("{")
        start, depth = self.at, 1
        while depth:
            tok = self.next()
            if tok.kind == "end":
                self.fail("unclosed {", self.tokens[start])
            depth += (tok.text == "{") - (tok.text == "}")
        return self.tokens[start:self.at - 1]

    # --- modules

    def modules(self):
        found = []
        while self.tok.kind != "end":
            found.append(self.module())
        return found

    def module(self):
        name = self.word(True)
        if self.tok.text == "{":
            self.braced()
        self.expect("DEFINITIONS")
        automatic = self.accept("AUTOMATIC", "TAGS")
        if not automatic:
            self.accept("EXPLICIT", "TAGS") or self.accept("IMPLICIT", "TAGS")
        self.accept("EXTENSIBILITY", "IMPLIED") and self.fail("EXTENSIBILITY IMPLIED is not supported")
        self.expect("::=")
        self.expect("BEGIN")
        module = Module(name, automatic)
        if self.accept("EXPORTS"):
            while not self.accept(";"):
                self.next()
        if self.accept("IMPORTS"):
            self.imports(module)
        while not self.accept("END"):
            self.assignment(module)
        return module

    def imports(self, module):
        names = []
        while not self.accept(";"):
            if self.accept("FROM"):
                origin = self.word(True)
                if self.tok.text == "{":
                    self.braced()
                module.imports.update((n, origin) for n in names)
                names = []
            elif not self.accept(","):
                names.append(self.word())
                if self.tok.text == "{":
                    self.braced()

    def assignment(self, module):
        tok = self.tok
        name = self.word()
        upper = name[0].isupper()
        if upper and self.accept("::="):
            if self.tok.text == "CLASS":
                module.classes[name] = self.class_()
            else:
                module.types[name] = Node("typeassign", tok.line, name=name, params=[], type=self.type())
        elif upper and self.tok.text == "{":
            params = self.params()
            self.expect("::=")
            module.types[name] = Node("typeassign", tok.line, name=name, params=params, type=self.type())
        elif upper:
            class_name = self.word(True)
            self.expect("::=")
            module.sets[name] = (class_name, self.braced())
        else:
            if self.tok.text.isupper() and self.peek().text == "::=" and self.peek(2).text == "{" \
                    and self.tok.text not in ("INTEGER", "BOOLEAN"):
                class_name = self.word(True)
                self.expect("::=")
                module.objects[name] = (class_name, self.braced())
                return
            type_ = self.type()
            self.expect("::=")
            module.values[name] = (type_, self.value())

    def params(self):
        """Dummy parameters: {Name} for a type, {CLASS : Name} for an object set, {INTEGER : name} for a value."""
        params = []
        self.expect("{")
        while True:
            first = self.word()
            if self.accept(":"):
                params.append((first, self.word()))
            else:
                params.append((None, first))
            if self.accept("}"):
                return params
            self.expect(",")

    # --- information object classes (X.681)

    def class_(self):
        self.expect("CLASS")
        fields = {}
        self.expect("{")
        while not self.accept("}"):
            field = self.next()
            if field.kind != "field":
                self.fail("expected a field name", field)
            f = Node("field", field.line, name=field.text, type=None, default=None, optional=False, unique=False)
            if field.text[1].islower():
                f.type = self.type()
                f.unique = self.accept("UNIQUE")
            if self.accept("OPTIONAL"):
                f.optional = True
            elif self.accept("DEFAULT"):
                f.default = self.value()
            fields[field.text] = f
            self.accept(",")
        syntax = None
        if self.accept("WITH", "SYNTAX"):
            syntax = self.syntax(self.braced())
        return Node("class", fields=fields, syntax=syntax)

    def syntax(self, tokens):
        """Nested lists: strings are literals or &fields, a list is an optional group."""
        stack = [[]]
        for tok in tokens:
            if tok.text == "[":
                stack.append([])
            elif tok.text == "]":
                group = stack.pop()
                stack[-1].append(group)
            else:
                stack[-1].append(tok.text)
        return stack[0]

    def object_(self, class_):
        """One object's settings after its syntax: {&field: type or value}. The parser stands behind {."""
        settings = {}
        self.object_syntax(class_, class_.syntax, settings)
        self.expect("}")
        return settings

    def object_syntax(self, class_, syntax, settings):
        for item in syntax:
            if isinstance(item, list):
                if self.tok.text == item[0]:
                    self.object_syntax(class_, item, settings)
            elif item.startswith("&"):
                settings[item] = self.type() if item[1].isupper() else self.value()
            else:
                self.expect(item)

    # --- types

    def type(self):
        tok = self.tok
        tag = None
        if self.tok.text == "[" and self.tok.kind == "punct":
            self.next()
            tag = []
            while not self.accept("]"):
                tag.append(self.next().text)
            self.accept("IMPLICIT") or self.accept("EXPLICIT")
        t = self.bare_type()
        t.line = tok.line
        t.tag = tag
        t.constraints = getattr(t, "constraints", [])
        while self.tok.text == "(" and self.tok.kind == "punct":
            t.constraints.append(self.constraint())
        return t

    def bare_type(self):
        tok = self.tok
        name = self.word()
        if name in ("BOOLEAN", "NULL", "REAL"):
            return Node(name)
        if name == "INTEGER":
            return Node("INTEGER", named=self.named_numbers() if self.tok.text == "{" else {})
        if name == "ENUMERATED":
            return self.enumerated()
        if name in ("SEQUENCE", "SET"):
            return self.sequence(name)
        if name == "CHOICE":
            return self.choice()
        if name == "OCTET":
            self.expect("STRING")
            return Node("OCTET STRING")
        if name == "BIT":
            self.expect("STRING")
            return Node("BIT STRING", named=self.named_numbers() if self.tok.text == "{" else {})
        if name == "OBJECT":
            self.expect("IDENTIFIER")
            return Node("OBJECT IDENTIFIER")
        if name in CHAR_STRINGS:
            return Node("chars", name="VisibleString" if name == "ISO646String" else name)
        if not name[0].isupper():
            self.fail("expected a type", tok)
        if self.tok.text == ".":
            self.next()
            field = self.next()
            if field.kind != "field":
                self.fail("expected &field", field)
            return Node("classfield", cls=name, field=field.text)
        args = None
        if self.tok.text == "{":
            args = self.args()
        return Node("ref", name=name, args=args)

    def args(self):
        """Actual parameters: ('set', tokens), ('type', node) or ('value', node)."""
        args = []
        self.expect("{")
        while True:
            if self.tok.text == "{":
                args.append(("set", self.braced()))
            elif self.tok.kind == "word" and self.tok.text[0].isupper():
                args.append(("type", self.type()))
            else:
                args.append(("value", self.value()))
            if self.accept("}"):
                return args
            self.expect(",")

    def named_numbers(self):
        named = {}
        self.expect("{")
        while not self.accept("}"):
            name = self.word(False)
            self.expect("(")
            named[name] = self.value()
            self.expect(")")
            self.accept(",")
        return named

    def enumerated(self):
        root, ext, extensible = [], [], False
        self.expect("{")
        while not self.accept("}"):
            if self.accept("..."):
                extensible = True
            else:
                name, number = self.word(False), None
                if self.accept("("):
                    number = self.value()
                    self.expect(")")
                (ext if extensible else root).append((name, number))
            if self.tok.text != "}":
                self.expect(",")
        return Node("ENUMERATED", root=root, ext=ext, extensible=extensible)

    def sequence(self, keyword):
        constraints = []
        if self.tok.text == "(":
            constraints.append(self.constraint())
        elif self.tok.text == "SIZE":
            constraints.append(Node("set", root=[[self.element()]], ext=False))
        if self.accept("OF"):
            return Node("SEQUENCE OF", elem=self.type(), constraints=constraints)
        if keyword == "SET":
            self.fail("SET is not supported")
        parts, extensible = self.components(optional=True)
        return Node("SEQUENCE", root=parts[0] + (parts[2] if len(parts) > 2 else []),
                    ext=parts[1] if len(parts) > 1 else [], extensible=extensible)

    def choice(self):
        parts, extensible = self.components(optional=False)
        return Node("CHOICE", root=parts[0], ext=parts[1] if len(parts) > 1 else [], extensible=extensible)

    def components(self, optional):
        """Lists between the extension markers; in the second one a [[ ]] group is a list."""
        parts, extensible = [[]], False
        self.expect("{")
        while not self.accept("}"):
            if self.accept("..."):
                extensible = True
                parts.append([])
                if self.accept("!"):
                    self.value()
            elif self.accept("[["):
                if self.tok.kind == "number":
                    self.next()
                    self.expect(":")
                group = []
                while not self.accept("]]"):
                    group.append(self.component(optional))
                    self.separator(group[-1], "]]")
                parts[-1].append(group)
            else:
                parts[-1].append(self.component(optional))
            last = parts[-1][-1] if parts[-1] else None
            self.separator(last, "}")
        if len(parts) > 3:
            self.fail("more than two extension markers")
        return parts, extensible

    def separator(self, last, close):
        if self.tok.text != close:
            self.expect(",")
        if self.tok.kind == "pragma" and self.tok.line == self.peek(-1).line and isinstance(last, Node):
            self.next()
            last.unsupported = True

    def component(self, optional):
        tok = self.tok
        name = self.word(False)
        c = Node("component", tok.line, name=name, type=self.type(), optional=False, default=None,
                 unsupported=False)
        if optional and self.accept("OPTIONAL"):
            c.optional = True
        elif optional and self.accept("DEFAULT"):
            c.default = self.value()
        if self.tok.kind == "pragma":
            self.next()
            c.unsupported = True
        return c

    # --- constraints: Node set {root: union of intersections of elements, ext}

    def constraint(self):
        self.expect("(")
        if self.tok.text == "{":
            tokens = self.braced()
            at = None
            if self.tok.text == "{":
                at = [t.text for t in self.braced() if t.kind == "word"]
            self.expect(")")
            return Node("table", tokens=tokens, at=at)
        if self.accept("WITH"):
            depth = 1
            while depth:
                tok = self.next()
                depth += (tok.text == "(") - (tok.text == ")")
            return Node("ignored")
        if self.accept("CONSTRAINED", "BY"):
            self.braced()
            self.expect(")")
            return Node("ignored")
        if self.accept("CONTAINING"):
            t = self.type()
            self.expect(")")
            return Node("containing", type=t)
        spec = self.constraint_body()
        self.expect(")")
        return spec

    def constraint_body(self):
        root = self.union()
        ext = False
        if self.accept(","):
            self.expect("...")
            ext = True
            if self.accept(","):
                self.union()
        return Node("set", root=root, ext=ext)

    def union(self):
        alternatives = [self.intersection()]
        while self.accept("|") or self.accept("UNION"):
            alternatives.append(self.intersection())
        return alternatives

    def intersection(self):
        elements = [self.element()]
        while self.accept("^") or self.accept("INTERSECTION"):
            elements.append(self.element())
        return elements

    def element(self):
        if self.accept("SIZE"):
            self.expect("(")
            body = self.constraint_body()
            self.expect(")")
            return Node("size", body=body)
        if self.accept("FROM"):
            self.expect("(")
            body = self.constraint_body()
            self.expect(")")
            return Node("from", body=body)
        if self.accept("("):
            body = self.union()
            self.expect(")")
            return Node("nested", body=body)
        low = self.bound("MIN")
        if self.accept("<"):
            self.fail("open ranges are not supported")
        if self.accept(".."):
            return Node("range", low=low, high=self.bound("MAX"))
        return Node("range", low=low, high=low)

    def bound(self, _edge):
        if self.accept("MIN"):
            return None
        if self.accept("MAX"):
            return None
        return self.value()

    # --- values

    def value(self):
        tok = self.next()
        if tok.kind == "number":
            return Node("real" if "." in tok.text else "int", tok.line,
                        value=float(tok.text) if "." in tok.text else int(tok.text))
        if tok.kind == "word":
            if tok.text in ("TRUE", "FALSE"):
                return Node("bool", tok.line, value=tok.text == "TRUE")
            if tok.text == "NULL":
                return Node("null", tok.line)
            return Node("name", tok.line, name=tok.text)
        if tok.kind == "string":
            return Node("string", tok.line, value=tok.text[1:-1].replace('""', '"'))
        if tok.kind in ("hex", "bin"):
            return Node(tok.kind, tok.line, value="".join(tok.text[1:-2].split()))
        if tok.text == "{":
            self.at -= 1
            return Node("braced", tok.line, tokens=self.braced())
        self.fail("expected a value", tok)
