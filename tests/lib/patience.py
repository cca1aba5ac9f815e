# SPDX-License-Identifier: BSD-2-Clause
"""Time limits that do not turn a busy machine into a failure."""
import os
import time

HANGS = 120  # seconds after which something hangs, on a busy machine too


def until(what, pause=0.05):
    """Calls what() until it is true; False: it never was."""
    deadline = time.monotonic() + HANGS
    while not (true := what()) and time.monotonic() < deadline:
        time.sleep(pause)
    return true


def seconds_allowed(seconds):
    """Up to four times as many, by how much other work the machine has."""
    return int(seconds * max(1, min(4, os.getloadavg()[1] / os.cpu_count())))
