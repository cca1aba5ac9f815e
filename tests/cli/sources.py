#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/sources.md is what the tables of sources say.

usage: tests/cli/sources.py SOURCES_PRINT
"""
import glob
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

PRINT = os.path.abspath(sys.argv[1])
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.printed = subprocess.run([PRINT], check=True, capture_output=True, text=True).stdout

    def test_the_document_is_up_to_date(self):
        with open(f"{ROOT}/docs/sources.md", encoding="utf-8") as file:
            self.assertEqual(file.read(), self.printed, "make docs")

    def test_each_fact_that_is_read_is_named_by_a_class(self):
        """By a field, a source or loader/verify/covered.c: so that 'check' counts it."""
        facts = re.findall(r"\tFACT\(([A-Z]\w+), ", self.text("offsets/catalogue.h"))
        read = self.text("probes/*.c", "probes/core/*.h")
        named = self.text("probes/abi/*.h", "loader/bpf/source_*", "loader/verify/covered.c")
        self.assertEqual([fact for fact in facts if re.search(rf"\b{fact}\b", read)
                          and not re.search(rf"\bLAYOUT_{fact}\b", named)], [])

    @staticmethod
    def text(*patterns):
        text = ""
        for pattern in patterns:
            for path in glob.glob(os.path.join(ROOT, pattern)):
                with open(path, encoding="utf-8") as file:
                    text += file.read()
        return text

    def test_each_class_has_a_source(self):
        sections = re.split(r"^## ", self.printed, flags=re.M)[1:]
        self.assertGreater(len(sections), 10)
        for section in sections:
            with self.subTest(section.split("\n")[0]):
                self.assertRegex(section, r"(?m)^\*\*\w+ \S+\*\* \(tiers? [123, ]+\)\n\n- Required: `")


if __name__ == "__main__":
    tap.main()
