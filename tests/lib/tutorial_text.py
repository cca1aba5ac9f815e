#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Takes docs/tutorial.md apart: its files, its changes of Sextant's sources, its commands with their output.

usage: tests/lib/tutorial_text.py DIRECTORY

Writes the files to DIRECTORY; those with a path to DIRECTORY/tree, the changes to DIRECTORY/changes.diff.

A block of the tutorial is a file if the line above it is its name, as in "`count.c`:". A block "diff" is a change. A
block "console" has commands behind "$ ", or "# " where they need root, each with the lines that it prints.
"""
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
STEPS = range(1, 6)  # those that are programs of their own; the next one changes Sextant


def text():
    with open(f"{ROOT}/docs/tutorial.md", encoding="utf-8") as file:
        return file.read()


def files():
    """{name: contents}"""
    found = re.findall(r"^`([^`\n]+)`:\n\n```[a-z]+\n(.*?\n)```$", text(), re.M | re.S)
    return dict(found)


def changes():
    """One diff, for patch -p0."""
    return "".join(re.findall(r"^```diff\n(.*?\n)```$", text(), re.M | re.S))


def commands(step):
    """[(is_root, command, [line, ...]), ...] of a step."""
    section = re.search(rf"^## {step}\. .*?(?=^## |\Z)", text(), re.M | re.S)[0]
    found = []
    for line in "".join(re.findall(r"^```console\n(.*?\n)```$", section, re.M | re.S)).splitlines():
        if line.startswith(("$ ", "# ")):
            found.append((line[0] == "#", line[2:], []))
        else:
            found[-1][2].append(line)
    return found


def write(directory):
    for name, contents in files().items():
        path = os.path.join(directory, *(["tree"] if "/" in name else []), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(contents)
        os.chmod(path, 0o755 if contents.startswith("#!") else 0o644)
    with open(os.path.join(directory, "changes.diff"), "w", encoding="utf-8") as file:
        file.write(changes())


def unlike(lines, printed):
    """Lines of the tutorial that a run did not print. Words that begin with a digit may differ."""
    def form(line):
        return re.sub(r"(?<!\S)\d\S*", "N", line)
    seen = {form(line) for line in printed.splitlines()}
    return [line for line in lines if form(line) not in seen]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stdout if sys.argv[1:] == ["--help"] else sys.stderr)
        sys.exit(0 if sys.argv[1:] == ["--help"] else 2)
    write(sys.argv[1])
