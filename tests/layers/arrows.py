#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The source tree's layers: who includes and calls whom, against the table in arrows.mk.

usage: tests/layers/arrows.py [BUILD]   (with a build directory also the calls in its objects)
       tests/layers/arrows.py --write   (the table into docs/architecture.md, for 'make docs')
"""
import collections
import glob
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402

PRODUCT = ("offsets", "probes", "loader", "lkccb")
BUILD = sys.argv[1] if len(sys.argv) > 1 else None
DOCUMENT = "docs/architecture.md"
BEGIN, END = "<!-- begin generated: arrows -->", "<!-- end generated: arrows -->"
ONE_NAME = {"sextant"}  # the program, and the BPF object that is inside of it


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def sources(*folders):
    """Paths from the root of all C files below these folders."""
    return sorted(os.path.relpath(path, ROOT) for folder in folders
                  for path in glob.glob(f"{ROOT}/{folder}/**/*.[chS]", recursive=True))


def table_read():
    """({folder: [what it may use]}, {folder: [what it still uses]}) of arrows.mk."""
    table, exceptions = {}, {}
    for line in read("tests/layers/arrows.mk").splitlines():
        found = re.fullmatch(r"([\w/]+) (:=|\+=)([^#]*)(#.*)?", line)
        if found:
            (table if found[2] == ":=" else exceptions).setdefault(found[1], []).extend(found[3].split())
    return table, exceptions


TABLE, EXCEPTIONS = table_read()
INCLUDES = {path: re.findall(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', read(path), re.M)
            for path in sources(*PRODUCT)}


def table_text():
    return "".join(f"{folder} -> {' '.join(uses) or 'nothing'}\n" for folder, uses in TABLE.items())


def allowed(table, source, target):
    """Whether a file of the product may use another one."""
    folder, other = os.path.dirname(source), os.path.dirname(target)
    uses = table.get(folder, ())
    return folder == other or other in uses or target in uses


def arrows_against(table, pairs):
    return sorted({f"{source} -> {target}" for source, target in pairs if not allowed(table, source, target)})


def with_exceptions():
    return {folder: uses + EXCEPTIONS.get(folder, []) for folder, uses in TABLE.items()}


def include_pairs():
    return [(path, other) for path, others in INCLUDES.items() for other in others]


def cycle(edges):
    """A cycle of {node: its next ones}, as a list that ends with its first node; None: there is none."""
    done, path = set(), []

    def walk(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for other in sorted(edges.get(node, ())):
            found = walk(other)
            if found:
                return found
        path.pop()
        done.add(node)
        return None

    return next((found for found in map(walk, sorted(edges)) if found), None)


class Case(unittest.TestCase):
    maxDiff = None


class Includes(Case):
    def test_each_include_follows_an_arrow(self):
        self.assertEqual(arrows_against(with_exceptions(), include_pairs()), [])

    def test_each_include_names_a_file_by_its_path_from_the_root(self):
        wrong = [f'{path}: "{other}"' for path in sources(*PRODUCT, "tests")
                 if not path.startswith("tests/data/")  # fixtures, which tests compile by themselves
                 for other in re.findall(r'^#include "([^"]+)"', read(path), re.M)
                 if not os.path.isfile(os.path.join(ROOT, other))]
        self.assertEqual(wrong, [])

    def test_no_file_includes_itself_by_way_of_others(self):
        self.assertIsNone(cycle(INCLUDES))

    def test_no_test_uses_both_lkccb_and_the_loader(self):
        for path in sources("tests"):
            with self.subTest(path):
                sides = {other.split("/")[0] for other in re.findall(r'^#include "([^"]+)"', read(path), re.M)}
                self.assertFalse({"lkccb", "loader"} <= sides)


class Table(Case):
    def test_each_folder_has_a_line_and_each_line_a_folder(self):
        self.assertEqual(set(TABLE), {os.path.dirname(path) for path in INCLUDES})
        self.assertLessEqual(set(EXCEPTIONS), set(TABLE))

    def test_arrows_run_one_way(self):
        self.assertIsNone(cycle({folder: [use for use in uses if use in TABLE] for folder, uses in TABLE.items()}))

    def test_each_arrow_leads_to_a_folder_or_a_header(self):
        wrong = [f"{folder} -> {use}" for folder, uses in with_exceptions().items() for use in uses
                 if use not in TABLE and use not in INCLUDES]
        self.assertEqual(wrong, [])

    def test_the_loader_and_lkccb_are_apart(self):
        for folder, uses in with_exceptions().items():
            for one, other in (("loader", "lkccb"), ("lkccb", "loader"), ("offsets", "loader"), ("offsets", "lkccb"),
                               ("lkccb", "probes"), ("probes", "loader")):
                if folder.split("/")[0] == one:
                    self.assertEqual([use for use in uses if use.split("/")[0] == other], [], folder)

    def test_the_document_has_the_table(self):
        text = read(DOCUMENT)
        self.assertIn(BEGIN, text)
        shown = text.split(BEGIN)[1].split(END)[0]
        self.assertEqual(shown.strip().strip("`").strip(), table_text().strip())


class Names(Case):
    def test_no_two_files_have_one_name(self):
        """X.c and X.h of one folder are one."""
        places = collections.defaultdict(set)
        for path in INCLUDES:
            places[os.path.basename(path).split(".")[0]].add(os.path.dirname(path))
        self.assertEqual({name: sorted(where) for name, where in places.items()
                          if len(where) > 1 and name not in ONE_NAME}, {})

    def test_each_guard_is_the_path(self):
        for path in (path for path in sources(*PRODUCT, "tests") if path.endswith(".h")):
            with self.subTest(path):
                guard = re.search(r"^#.*\n#.*\n", read(path), re.M)  # before any other directive
                name = re.sub(r"\W", "_", path).upper()
                self.assertEqual(guard and guard[0], f"#ifndef {name}\n#define {name}\n")


# ---- calls, by the symbols of the objects that make has left ----


def symbols():
    """({symbol: the source that defines it}, {source: the symbols that it uses}) of the product's objects."""
    defines, uses = {}, collections.defaultdict(set)
    if not BUILD:
        return defines, uses
    for path in sources(*PRODUCT):
        found = os.path.join(BUILD, "obj", os.path.splitext(path)[0] + ".o")
        if not path.endswith((".c", ".S")) or not os.path.isfile(found):
            continue
        done = subprocess.run(["nm", "-P", found], check=True, capture_output=True, text=True)
        for name, kind in (line.split()[:2] for line in done.stdout.splitlines()):
            if kind == "U":
                uses[path].add(name)
            elif kind.isupper():
                defines[name] = path
    return defines, uses


DEFINES, USES = symbols()


def call_pairs():
    """(caller, callee); what offsets/offsets.h declares and offsets/db defines is of offsets/."""
    public = set(re.findall(r"\b(\w+)\(", read("offsets/offsets.h")))
    pairs = []
    for source, names in USES.items():
        for name in sorted(names & set(DEFINES)):
            target = "offsets/offsets.c" if name in public else DEFINES[name]
            pairs.append((source, DEFINES[name] if allowed(TABLE, source, DEFINES[name]) else target))
    return pairs


class Calls(Case):
    def test_there_are_objects(self):
        built = {os.path.dirname(path) for path in USES}
        self.assertLessEqual({folder for folder in TABLE if folder.split("/")[0] != "probes"}, built)

    def test_each_call_follows_an_arrow(self):
        """Also one that a declaration of its own makes possible, without an include."""
        self.assertEqual(arrows_against(with_exceptions(), call_pairs()), [])

    def test_each_exception_is_still_needed(self):
        """Else its line in arrows.mk has to go."""
        needed = {(os.path.dirname(source), use) for source, target in include_pairs() + call_pairs()
                  if not allowed(TABLE, source, target) for use in (target, os.path.dirname(target))}
        self.assertLessEqual({(folder, use) for folder, uses in EXCEPTIONS.items() for use in uses}, needed)

    def test_no_files_call_each_other_in_a_circle(self):
        edges = collections.defaultdict(set)
        for source, target in call_pairs():
            edges[source].add(target)
        self.assertIsNone(cycle(edges))


if __name__ == "__main__":
    if BUILD == "--write":
        text = read(DOCUMENT)
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        with open(os.path.join(ROOT, DOCUMENT), "w", encoding="utf-8") as file:
            file.write(f"{head}{BEGIN}\n```\n{table_text()}```\n{END}{tail}")
        sys.exit(0)
    if not BUILD:
        del Calls
    tap.main()
