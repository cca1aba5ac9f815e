# SPDX-License-Identifier: BSD-2-Clause
"""Runs unittest cases and prints TAP, which tests/run counts, and what each test has cost."""
import os
import re
import signal
import sys
import time
import unittest


def _costs():
    """Seconds of time, and of CPU of this process and of those that it has waited for."""
    return time.monotonic(), sum(os.times()[:4])


class _Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0
        self.began = _costs()

    def startTest(self, test):
        super().startTest(test)
        self.began = _costs()

    def stopTest(self, test):
        super().stopTest(test)
        wall, cpu = (now - before for now, before in zip(_costs(), self.began))
        print(f"# {wall:.1f} s, {cpu:.1f} s of CPU", flush=True)

    def _line(self, ok, test, note=""):
        self.number += 1
        name = re.sub(r"^[a-z_]+\.", "", test.id())  # its module
        print(f"{ok} {self.number} - {name}{note}", flush=True)

    def _failure(self, test, error):
        self._line("not ok", test)
        text = self._exc_info_to_string(error, test)
        print("\n".join("# " + line for line in text.splitlines()), flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failure(test, err)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err:
            self.failures.append((subtest, ""))
            self._failure(subtest, err)

    def addSkip(self, test, reason):
        self._line("ok", test, f" # SKIP {reason}")


def main(module="__main__"):
    # A shell ignores it for what it starts in the background, and programs that tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    result = _Result()
    suite.run(result)
    print(f"1..{result.number}")
    sys.exit(0 if result.wasSuccessful() else 1)
