# SPDX-License-Identifier: BSD-2-Clause
"""A database with an entry "wrong": the offsets of this kernel, but for one member."""
import json
import os
import subprocess

from sensor import DATABASE, SEXTANT, run_sextant

LKCCB = os.path.join(os.path.dirname(SEXTANT), "lkccb")


def wrong_database(directory, member, by=4):
    """by: added to the offset of that member; None: the entry lacks it."""
    shown = json.loads(run_sextant("show", "--db", DATABASE, "--json").stdout)
    text = "kernel\trelease=wrong\tmachine=x86_64\n"
    for fact in shown["facts"]:
        if fact["member"] == member and by is None:
            continue
        offset = fact["offset"] + (by if fact["member"] == member else 0)
        bits = f"\t{fact['bit_offset']}\t{fact['bit_size']}" if fact["bit_size"] else ""
        text += f"member\t{fact['type']}\t{fact['member']}\t{offset}\t{fact['size']}{bits}\n"
    path, db = os.path.join(directory, "wrong.txt"), os.path.join(directory, "wrong.db")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    subprocess.run([LKCCB, "import", "--db", db, path], check=True, stdout=subprocess.DEVNULL)
    return db
