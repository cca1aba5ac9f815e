#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each header compiles alone, and so does each file of probes/; one test a file.

A header that compiles alone includes what it uses. The files of probes/ are
built as one unit (build/sextant.bpf.c), which would hide a missing include.

usage: tests/cli/alone.py
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
CC, CLANG = os.environ.get("CC", "cc"), os.environ.get("CLANG", "clang")
MACHINE = subprocess.run([CC, "-dumpmachine"], capture_output=True, text=True,
                         check=True).stdout.strip()
COMMON = ["-fsyntax-only", "-I.", "-Wall", "-Wextra", "-Werror"]
USER = [CC, "-std=gnu11", "-D_GNU_SOURCE", *COMMON]
BPF = [CLANG, "-target", "bpf", "-D__TARGET_ARCH_x86", "-mcpu=v1", "-O2", *COMMON,
       "-idirafter", f"/usr/include/{MACHINE}"]

# What the files of a folder may include of the repository.
ABI = r"probes/abi/\w+\.h|offsets/(layout|catalogue)\.h"
ARROWS = {
    "probes/abi/*.h": ABI,
    "probes/core/*.bpf.h": rf"probes/core/\w+\.bpf\.h|{ABI}",
    "probes/*.bpf.c": rf"probes/core/\w+\.bpf\.h|{ABI}",
    "probes/trace/*.bpf.[ch]": rf"probes/(core|trace)/\w+\.bpf\.h|{ABI}",
}


def files(*patterns):
    found = sorted(path for pattern in patterns
                   for path in glob.glob(pattern, root_dir=ROOT, recursive=True))
    if not found:
        raise FileNotFoundError(" ".join(patterns))
    return found


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def included(path):
    """The files of the repository that a file includes."""
    return re.findall(r'^#include "([^"]+)"', read(path), re.M)


def compiled(compiler, path):
    """What the compiler says; an empty string if the file compiles."""
    # As a header it may have functions that nobody calls.
    source = ["-include", path, "-x", "c", "/dev/null"] if path.endswith(".h") else [path]
    done = subprocess.run([*compiler, *source], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    return done.stderr + (f"exit code {done.returncode}" if done.returncode else "")


class Alone(unittest.TestCase):
    maxDiff = None

    def test_header_that_lacks_an_include(self):
        for compiler in (USER, BPF):
            with tempfile.NamedTemporaryFile("w", suffix=".h") as file:
                file.write("static inline struct layout *f(__u32 a) { return a ? 0 : 0; }\n")
                file.flush()
                self.assertIn("__u32", compiled(compiler, file.name))


class Probes(unittest.TestCase):
    def test_includes_follow_the_arrows(self):
        for pattern, allowed in ARROWS.items():
            for path in files(pattern):
                wrong = [name for name in included(path) if not re.fullmatch(allowed, name)]
                self.assertEqual(wrong, [], path)


def add(compiler, path):
    def test(self):
        self.assertEqual(compiled(compiler, path), "")
    setattr(Alone, f"test_{path}{' bpf' if compiler is BPF else ''}", test)


for name in files("probes/**/*.h", "probes/**/*.bpf.c"):
    add(BPF, name)
for name in files("lkccb/**/*.h", "loader/**/*.h", "offsets/**/*.h", "probes/abi/*.h"):
    add(USER, name)

if __name__ == "__main__":
    tap.main()
