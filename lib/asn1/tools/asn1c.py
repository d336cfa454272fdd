#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles one .asn file (one or more modules) to a C header and const descriptor tables for lib/asn1.

    asn1c.py SCHEMA.asn PREFIX OUT.h OUT.c

Errors name file and line. Standard library only; the same input gives the same output."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from asn1.emit import Emitter
from asn1.lexer import SchemaError
from asn1.parser import Parser
from asn1.resolve import Resolver


def main(argv):
    if len(argv) != 5:
        sys.exit(__doc__)
    schema, prefix, out_h, out_c = argv[1:]
    name = os.path.basename(schema)
    try:
        with open(schema, encoding="utf-8") as f:
            modules = Parser(f.read(), schema).modules()
        emitter = Emitter(Resolver(modules, schema).run(), prefix, name)
        texts = {out_h: emitter.header(), out_c: emitter.tables(os.path.basename(out_h))}
    except SchemaError as e:
        sys.exit(f"asn1c: {e}")
    for path, text in texts.items():
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main(sys.argv)
