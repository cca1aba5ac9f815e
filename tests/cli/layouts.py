#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""True layouts as debug data: each kernel in offsets/kernels/ becomes C structs of exactly that
layout, compiled as DWARF 2, 4 and 5; what lkccb reads from them must be that kernel again.

usage: tests/cli/layouts.py LKCCB
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from truth import c_source, comparable, kernels  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])


class Layouts(unittest.TestCase):
    def check(self, release, lines, dwarf):
        with tempfile.TemporaryDirectory() as directory:
            source = os.path.join(directory, "kernel.c")
            binary = os.path.join(directory, "vmlinux")
            database = os.path.join(directory, "x.db")
            with open(source, "w", encoding="ascii") as file:
                file.write(c_source(lines))
            subprocess.run(["cc", f"-gdwarf-{dwarf}", "-gstrict-dwarf", "-nostdlib", "-static",
                            source, "-o", binary], check=True)
            subprocess.run([LKCCB, "add", "--db", database, "--release", release, binary],
                           check=True, stdout=subprocess.DEVNULL)
            text = subprocess.run([LKCCB, "export", "--db", database], check=True,
                                  capture_output=True, text=True).stdout
        found = [x for x in text.splitlines() if x.startswith("member\t")]
        self.assertEqual(comparable(found, lines), lines)


def add_tests():
    for release, lines in kernels():
        for dwarf in (2, 4, 5):
            name = f"test_{re.sub(r'[^0-9a-z]', '_', release)}_as_dwarf_{dwarf}"
            setattr(Layouts, name,
                    lambda self, r=release, m=lines, d=dwarf: self.check(r, m, d))


add_tests()
if __name__ == "__main__":
    tap.main()
