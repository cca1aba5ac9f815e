#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which facts the self-test verifies on this kernel: shifts one after the other, and prints what notices it.

For the table of loader/verify/covered.c; takes some minutes.

usage: tests/host/shift.py SEXTANT DATABASE [TYPE.MEMBER...]   (as root)
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from shifted import name, shifted, stanza  # noqa: E402

SEXTANT, DATABASE = sys.argv[1:3]
ONLY = sys.argv[3:]
LKCCB = os.path.join(os.path.dirname(os.path.abspath(SEXTANT)), "lkccb")


def noticed(directory, facts):
    """The classes whose self-test fails."""
    text, db = os.path.join(directory, "shifted.txt"), os.path.join(directory, "shifted.db")
    with open(text, "w", encoding="ascii") as file:
        file.write(stanza("shifted", facts))
    if os.path.exists(db):
        os.unlink(db)
    subprocess.run([LKCCB, "import", "--db", db, text], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([SEXTANT, "run", "--db", db, "--kernel-override", "shifted", "--duration", "0.05",
                           "--events", "all", "--output", "/dev/null"], capture_output=True, text=True, check=False)
    return sorted(set(re.findall(r"(?:self-test of )?(\w+): (?:no event came by|.*: got )", done.stderr)))


def main():
    facts = json.loads(subprocess.run([SEXTANT, "show", "--db", DATABASE, "--json"], check=True,
                                      capture_output=True, text=True).stdout)["facts"]
    with tempfile.TemporaryDirectory() as directory:
        for i, fact in enumerate(facts):
            if fact["type"] != ".symtab" and (not ONLY or name(fact) in ONLY):
                classes = noticed(directory, facts[:i] + [shifted(fact)] + facts[i + 1:])
                print(f"{name(fact)}: {', '.join(classes) or 'not noticed'}", flush=True)


if __name__ == "__main__":
    main()
