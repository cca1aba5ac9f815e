#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""sextant's command line where no root is needed: usage, databases, choosing rows.

usage: tests/cli/sextant.py SEXTANT DATABASE
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

SEXTANT, DATABASE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
OLD = "3.10.0-1160.el7.x86_64"


class Sextant(unittest.TestCase):
    def sextant(self, *arguments):
        return subprocess.run([SEXTANT, *arguments], capture_output=True, text=True, check=False)

    def one_line(self, code, words, *arguments):
        done = self.sextant(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, r"^sextant: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)

    def test_wrong_usage(self):
        for arguments in ([], ["nonsense"], ["run", "more"], ["run", "--events", "exec,nonsense"],
                          ["run", "--format", "xml"], ["run", "--duration", "0"],
                          ["run", "--duration", "1x"], ["run", "--duration", "nan"],
                          ["run", "--duration", "-1"]):
            done = self.sextant(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("sextant --help", done.stderr)

    def test_help_ends_in_examples(self):
        done = self.sextant("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("examples:", done.stdout)
        self.assertIn("exit:", done.stdout)

    def test_override_shows_that_row(self):
        done = self.sextant("show", "--db", DATABASE, "--kernel-override", OLD, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        row = json.loads(done.stdout)
        self.assertEqual(row["release"], OLD)
        facts = {(f["type"], f["member"]): f["offset"] for f in row["facts"]}
        self.assertEqual(facts["task_struct", "pids[0].pid"], 1312)

    def test_unknown_release(self):
        for command in ("run", "show"):
            self.one_line(3, ["no offsets for 1.2.3", "lkccb add"], command, "--db", DATABASE,
                          "--kernel-override", "1.2.3")

    def test_missing_database(self):
        self.one_line(1, ["/no/such.db", "make kernels.db"], "run", "--db", "/no/such.db",
                      "--kernel-override", OLD)

    def test_damaged_database(self):
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            file.write(b"this is no database, but it is long enough to be taken for one" * 20)
            file.flush()
            for command in ("run", "check", "show"):
                self.one_line(1, [file.name, "not a kernels.db"], command, "--db", file.name)

    def test_older_schema(self):
        with tempfile.NamedTemporaryFile(suffix=".db") as file, open(DATABASE, "rb") as whole:
            data = bytearray(whole.read())
            data[60:64] = bytes(4)
            file.write(data)
            file.flush()
            self.one_line(1, [file.name, "schema 0"], "show", "--db", file.name)

    def test_output_that_cannot_be_opened(self):
        self.one_line(1, ["/no/such/directory/x", "check the path"], "run", "--db", DATABASE,
                      "--kernel-override", OLD, "--output", "/no/such/directory/x")


if __name__ == "__main__":
    tap.main()
