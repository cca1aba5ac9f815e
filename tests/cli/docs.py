#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the documentation points to is there: links, headings, files. One test a page.

usage: tests/cli/docs.py
"""
import glob
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
# A file of a folder of ours, in backquotes: `loader/agent/request.h`. Names with * or CAPITALS stand for several.
PATH = re.compile(r"`((?:probes|loader|offsets|lkccb|scripts|tests)/[a-z0-9_./{},-]+)`")


def pages():
    return sorted(glob.glob("*.md", root_dir=ROOT) + glob.glob("docs/**/*.md", root_dir=ROOT, recursive=True))


def headings(text):
    """The anchors that a page has: those of its headings, as web pages make them of Markdown."""
    text = re.sub(r"(?ms)^```.*?^```", "", text)
    return [re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", text)] \
        + re.findall(r'<a (?:id|name)="([^"]+)"', text)


def is_there(path):
    """{a,b} in it stands for either."""
    several = re.search(r"\{([^}]*)\}", path)
    if several:
        return all(is_there(path.replace(several[0], one)) for one in several[1].split(","))
    return any(os.path.exists(os.path.join(ROOT, path + end)) for end in ("", ".c", ".h", ".bpf.h"))


def broken(page, root=ROOT):
    """What the page names and is not there."""
    with open(os.path.join(root, page), encoding="utf-8") as file:
        text = file.read()
    found = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"(?ms)^```.*?^```", "", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(root, os.path.dirname(page), name)) if name else os.path.join(root, page)
        if not os.path.exists(path):
            found.append(target)
        elif anchor:
            with open(path, encoding="utf-8") as file:
                found += [] if anchor in headings(file.read()) else [target]
    made = re.findall(r"(?m)^`([^`]+)`:\n\n```", text)  # what a page asks its reader to write
    return found + [path for path in PATH.findall(text) if not is_there(path) and path not in made]


class Docs(unittest.TestCase):
    def test_what_is_not_there_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "a.md"), "w", encoding="utf-8") as file:
                file.write("# A `heading`, here\n[x](#a-heading-here) [y](#none) [z](b.md) `loader/none.c` `loader/util/log.h`\n")
            self.assertEqual(broken("a.md", directory), ["#none", "b.md", "loader/none.c"])


def add(page):
    def test(self):
        self.assertEqual(broken(page), [])
    setattr(Docs, f"test_{page}", test)


for name in pages():
    add(name)

if __name__ == "__main__":
    tap.main()
