#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""pyflakes about each Python file: two functions of one name, names that nobody defines or uses; one test a file.

usage: tests/cli/python.py
"""
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def is_python(path):
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return path.endswith(".py") or file.readline().startswith(b"#!/usr/bin/python3")


def files():
    found = [os.path.relpath(path, ROOT) for folder in ("scripts", "tests")
             for path in glob.glob(f"{ROOT}/{folder}/**", recursive=True) if is_python(path)]
    if not found:
        raise FileNotFoundError("scripts, tests")
    return sorted(found)


def complaints(path):
    """Lines; an import that says "noqa: F401" is there for whoever runs the file."""
    done = subprocess.run(["pyflakes3", path], cwd=ROOT, capture_output=True, text=True, check=False)
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        lines = file.read().splitlines()
    return [said for said in (done.stdout + done.stderr).splitlines()
            if not ("imported but unused" in said and "F401" in lines[int(re.match(r"[^:]+:(\d+):", said)[1]) - 1])]


class Python(unittest.TestCase):
    def test_the_second_of_two_methods_with_one_name(self):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write("class A:\n    def f(self):\n        pass\n\n    def f(self, x):\n        pass\n")
            file.flush()
            self.assertIn("redefinition", "".join(complaints(file.name)))


def add(path):
    def test(self):
        self.assertEqual(complaints(path), [])
    setattr(Python, f"test_{path}", test)


for name in files():
    add(name)

if __name__ == "__main__":
    tap.main()
