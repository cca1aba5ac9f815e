# SPDX-License-Identifier: BSD-2-Clause
"""Databases of wrong facts: the next member of the size, the next enumerator or parameter, a larger struct."""
import os
import subprocess


def shifted(fact):
    if fact["type"].startswith("enum ") or fact["type"].endswith("()"):
        return {**fact, "offset": fact["offset"] + 1}
    if fact["member"] == "sizeof":
        return {**fact, "size": fact["size"] + 8}
    return {**fact, "offset": fact["offset"] + (4 if 0 < fact["size"] < 8 else 8)}


def name(fact):
    return f"{fact['type']}.{fact['member']}"


def is_in(fact, shown):
    """Is that one of the facts of a report, "task_struct.start_boottime|real_start_time"?"""
    return any(fact["type"] == kind and fact["member"] in members.split("|")
               for kind, members in (text.split(".", 1) for text in shown))


def stanza(release, facts, **keys):
    """An entry, as lkccb import reads it."""
    words = {"release": release, "machine": "x86_64", "source": "dwarf", **keys}
    lines = ["kernel\t" + "\t".join(f"{key}={value}" for key, value in words.items())]
    for fact in facts:
        bits = f"\t{fact['bit_offset']}\t{fact['bit_size']}" if fact["bit_size"] else ""
        lines.append(f"member\t{fact['type']}\t{fact['member']}\t{fact['offset']}\t{fact['size']}{bits}")
    return "\n".join(lines) + "\n\n"


RIGHT = "5.0.0-right"


def database_of_each(lkccb, facts, chosen, directory):
    """Has an entry RIGHT, and one for each chosen fact, which is wrong there.

    Returns the path and {release: the wrong fact}."""
    text, database = f"{directory}/each.txt", f"{directory}/each.db"
    wrong = {f"9.0.{i}": fact for i, fact in enumerate(chosen)}
    with open(text, "w", encoding="utf-8") as file:
        file.write(stanza(RIGHT, facts))
        for release, fact in wrong.items():
            file.write(stanza(release, [shifted(f) if f is fact else f for f in facts]))
    if os.path.exists(database):
        os.unlink(database)
    subprocess.run([lkccb, "import", "--db", database, text], check=True, stdout=subprocess.DEVNULL)
    return database, wrong


def not_noticed(report, verified, wrong):
    """Names of facts that are said to be verified, and pass when they are wrong."""
    passed = {layout["release"] for layout in report["layouts"] if layout["verdict"] == "passes"}
    return [name(fact) for release, fact in wrong.items() if release in passed and is_in(fact, verified)]
