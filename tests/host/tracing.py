# SPDX-License-Identifier: BSD-2-Clause
"""Runs 'sextant trace' and reads what it wrote."""
import os
import subprocess
import tempfile
import unittest

from calls import lines
from patience import HANGS
from sensor import SEXTANT


class Tracing(unittest.TestCase):
    """In a directory of its own."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.output = self.path("output")

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def trace(self, *words, code=0, **options):
        """What it says on standard error. code None: any."""
        if os.path.exists(self.output):
            os.remove(self.output)
        done = subprocess.run([SEXTANT, "trace", "--output", self.output, *words], text=True, check=False, timeout=HANGS,
                              **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **options})
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr or ""

    def written(self):
        with open(self.output, encoding="utf-8") as file:
            return file.read()

    def events(self, *words, **options):
        self.assertNotIn("lost", self.trace("--format", "json", *words, **options))
        return lines(self.written())
