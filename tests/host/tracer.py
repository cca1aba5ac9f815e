# SPDX-License-Identifier: BSD-2-Clause
"""Runs 'sextant trace' for tests, and reads what it wrote."""
import errno
import os
import subprocess
import tempfile

from calls import lines, syscall
from patience import HANGS
from sensor import SEXTANT

CALLS, CALLS_32 = (os.path.join(os.path.dirname(SEXTANT), "tests", name) for name in ("calls", "calls_32"))
BY = ([], ["--attach", "tracepoint"])


def runs_32():
    """Does this kernel run programs of 32 bits? Not all guests do."""
    try:
        subprocess.run([CALLS_32], stdout=subprocess.DEVNULL, check=False)
        return True
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return False


def executed():
    """A program for 'calls' to execute."""
    return CALLS_32 if runs_32() else "/bin/true"


class Tracer:
    """Of a unittest.TestCase."""

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

    def names(self, *words, **options):
        return [syscall(event)["name"] for event in self.events(*words, **options)]
