# SPDX-License-Identifier: Apache-2.0
"""Cuts ASN.1 text (X.680 clause 12) into tokens. Comments vanish, save for the pragma --#unsupported."""

import re


class SchemaError(Exception):
    """Something in a schema that cannot be compiled; the text says where."""


class Token:
    __slots__ = ("kind", "text", "line")

    def __init__(self, kind, text, line):
        self.kind = kind  # word, field, number, string, hex, bin, punct, pragma, end
        self.text = text
        self.line = line

    def __repr__(self):
        return f"{self.text!r} (line {self.line})"


_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<pragma>--\#unsupported\b(?:(?!--)[^\n])*(?:--)?)
  | (?P<comment>--(?:(?!--)[^\n])*(?:--)?)
  | (?P<block>/\*.*?\*/)
  | (?P<field>&[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)
  | (?P<word>[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)
  | (?P<number>-?[0-9]+(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?)?(?![.0-9])|-?[0-9]+(?=\.\.))
  | (?P<bin>'[01\s]*'B)
  | (?P<hex>'[0-9A-Fa-f\s]*'H)
  | (?P<string>"(?:[^"]|"")*")
  | (?P<punct>::=|\.\.\.|\.\.|\[\[|\]\]|[{}()\[\],;:|^<>@.!])
    """,
    re.X | re.S,
)


def tokenize(text, path):
    tokens = []
    at, line = 0, 1
    while at < len(text):
        m = _TOKEN.match(text, at)
        if not m:
            raise SchemaError(f"{path}:{line}: cannot read {text[at:at + 20]!r}")
        kind = m.lastgroup
        if kind not in ("space", "comment", "block"):
            tokens.append(Token(kind, m.group(), line))
        line += m.group().count("\n")
        at = m.end()
    tokens.append(Token("end", "<end of file>", line))
    return tokens
