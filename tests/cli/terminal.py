#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Names of hostile origin in what the programs print: one line each, and nothing that steers a terminal.

usage: tests/cli/terminal.py LKCCB SEXTANT
"""
import os
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, deb, kernel  # noqa: E402

LKCCB, SEXTANT = (os.path.abspath(path) for path in sys.argv[1:3])

# Clears the screen, goes on in a line of its own, turns the rest around, ends the line for some readers.
HOSTILE = "x\x1b[2J\nlkccb: all is well\u202egpj.\u0085\u2028\x9b2J\x7f"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class Terminal(Workspace):
    def setUp(self):
        super().setUp()
        self.db = self.path("x.db")

    def run_one(self, *command, code=None, lines=1):
        """What it prints, all of it; so many lines on standard error."""
        done = subprocess.run(command, capture_output=True, check=False)
        said, shown = done.stderr.decode("utf-8"), done.stdout.decode("utf-8")  # no other bytes
        for text in (said, shown):
            self.assertIsNone(STEERS.search(text), text)
            self.assertEqual(len(text.splitlines()), text.count("\n"), text)
        self.assertEqual(said.count("\n"), lines, said)
        if code is not None:
            self.assertEqual(done.returncode, code, said)
        self.assertNotRegex(said + shown, r"(?m)^lkccb: all is well")
        return shown + said

    def lkccb(self, command, *arguments, db=None, **options):
        return self.run_one(LKCCB, command, "--db", db or self.db, *arguments, **options)

    def hostile_path(self, data=b"no package"):
        with open(self.path("plain"), "wb") as file:
            file.write(data)
        os.rename(self.path("plain"), self.path(HOSTILE))
        return self.path(HOSTILE)

    def test_names_of_files_that_cannot_be_read(self):
        for command in ("add", "import", "merge"):
            said = self.lkccb(command, self.path(HOSTILE), code=1)
            self.assertIn(r"x\x1b[2J\x0alkccb: all is well\xe2\x80\xaegpj.\xc2\x85\xe2\x80\xa8", said)
            self.lkccb(command, self.hostile_path(), code=1)
        for command in (("list",), ("show", "x"), ("verify",), ("verify-signature", "--key", self.path(HOSTILE))):
            self.lkccb(*command, db=self.hostile_path(), code=1)
        self.run_one(LKCCB, "add", "--db", self.db, self.directory.name.encode() + b"/\xff\x9b2J", code=1)

    def test_names_of_files_that_can(self):
        vmlinux = kernel(self.path("vmlinux"))
        with open(vmlinux, "rb") as file:
            path = self.hostile_path(file.read())
        self.assertIn("added", self.lkccb("add", path, code=0, lines=0))
        self.assertIn("added", self.lkccb("add", "--again", "--json", path, db=self.path("y.db"), code=0, lines=0))
        with open(vmlinux, "rb") as file:
            package = deb(file.read(), "gz")
        self.lkccb("add", self.hostile_path(package), code=0, lines=0)
        self.assertIn("known", self.lkccb("add", self.path(HOSTILE), code=0, lines=0))
        text = self.run_one(LKCCB, "export", "--db", self.db, lines=0)
        os.unlink(self.path(HOSTILE))
        self.lkccb("import", self.hostile_path(text.encode()), db=self.path(HOSTILE + ".db"), code=0, lines=0)
        for command in ("list", "export", "verify"):
            self.lkccb(command, db=self.path(HOSTILE + ".db"), code=0, lines=0)
        self.lkccb("merge", self.path(HOSTILE + ".db"), db=self.path(HOSTILE + ".2"), lines=0)
        self.lkccb("slim", "--release", "9.8.7-test", self.path(HOSTILE + ".3"), code=0, lines=0)
        self.run_one(LKCCB, "keygen", self.path(HOSTILE + ".key"), code=0, lines=0)
        self.lkccb("sign", "--key", self.path(HOSTILE + ".key"), db=self.path(HOSTILE + ".db"), code=0, lines=0)
        self.lkccb("verify-signature", "--key", self.path(HOSTILE + ".key.pub"), db=self.path(HOSTILE + ".db"),
                   code=0, lines=0)

    def test_units_that_disagree(self):
        """Their names are whatever the package's builder says."""
        for n, members in enumerate(("int pid;", "long flags; int pid;")):
            source = self.path(f"{n}-{HOSTILE}.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write(f"struct task_struct {{ int a; {members} }} t{n};\n")
            subprocess.run(["cc", "-g", "-c", source, "-o", self.path(f"{n}.o")], check=True)
        kernel(self.path("vmlinux"))
        subprocess.run(["cc", "-nostdlib", "-static", "-g", "-Wl,--build-id=0xabcd", "-Wl,-e,0", self.path("0.o"),
                        self.path("1.o"), "-o", self.path("two")], check=True)
        said = self.lkccb("add", "--all-units", "--release", "x", "--machine", "x86_64", self.path("two"), code=1)
        self.assertIn("differ in", said)
        self.assertIn(r"\x1b[2J", said)

    def test_a_database_of_somebody_else(self):
        self.lkccb("add", kernel(self.path("vmlinux")), code=0, lines=0)
        for column, value in (("release", HOSTILE), ("version", HOSTILE), ("version", "\u202e"),
                              ("version", "\x9b2J"), ("release", "\u2028")):
            with open(self.db, "rb") as file, open(self.path("bad.db"), "wb") as bad:
                bad.write(file.read())
            connection = sqlite3.connect(self.path("bad.db"))
            connection.execute(f"UPDATE kernel SET {column} = ?", (value,))
            connection.commit()
            connection.close()
            for command in (("list",), ("list", "--json"), ("export",), ("verify",), ("show", value),
                            ("diff", value, value), ("merge", self.db)):
                self.lkccb(*command, db=self.path("bad.db"), code=1)
            self.lkccb("merge", self.path("bad.db"), db=self.path("to.db"), code=1)

    def test_words_on_the_command_line(self):
        self.run_one(LKCCB, HOSTILE, code=2)
        self.run_one(SEXTANT, HOSTILE, code=2)
        self.run_one(SEXTANT, "run", "--events", HOSTILE, code=2)
        for program in (LKCCB, SEXTANT):
            self.assertIn(r"wrong option: --x\x1b[2J", self.run_one(program, "show", f"--{HOSTILE}", code=2))
            for option in ("-\u0085", "-\x1bv", "--db"):
                self.assertIn("wrong option: -", self.run_one(program, option, code=2))
        for path in (self.path(HOSTILE), self.hostile_path()):
            self.run_one(SEXTANT, "show", "--kernel-override", HOSTILE, "--db", path)
        inventory = self.path("inventory")
        with open(inventory, "w", encoding="utf-8") as file:
            file.write("1\x1b[2J\u202e\u2028,x86_64\n")
        self.lkccb("add", kernel(self.path("vmlinux")), code=0, lines=0)
        self.lkccb("coverage", "--inventory", inventory)


if __name__ == "__main__":
    tap.main()
