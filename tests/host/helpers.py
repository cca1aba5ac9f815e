# SPDX-License-Identifier: BSD-2-Clause
"""The processes that read files for a sensor."""
import os
import time

from patience import HANGS


def _stat(pid):
    """(name, process id of the parent); None: it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            text = file.read()
    except OSError:
        return None, 0
    return text[text.index("(") + 1:text.rindex(")")], int(text.rsplit(")", 1)[1].split()[1])


def helpers_of(sensor, name):
    """All of that name whose monitor is this sensor's."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        comm, parent = _stat(pid)
        if comm == name and _stat(parent)[1] == sensor.process.pid:
            found.append(int(pid))
    return found


def helper_of(sensor, name):
    """The one of that name; waits for it."""
    deadline = time.monotonic() + HANGS
    while time.monotonic() < deadline:
        for pid in helpers_of(sensor, name):
            return pid
        time.sleep(0.05)
    raise AssertionError(f"there is no {name}")


def streams_are_nowhere(test, pid):
    """Standard input and output; its messages go to standard error."""
    test.assertEqual({os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1)}, {"/dev/null"})


def rights_of(test, pid):
    """The numbers of its capabilities. It has to be confined otherwise."""
    deadline, status = time.monotonic() + HANGS, {}
    while status.get("Seccomp") != "2" and time.monotonic() < deadline:  # it begins with all rights
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    test.assertTrue(all(int(uid) >= 2_000_000_000 for uid in status["Uid"].split()))
    test.assertEqual((status["Groups"].split(), status["NoNewPrivs"], status["Seccomp"]), ([], "1", "2"))
    test.assertEqual(int(status["CapBnd"], 16), 0)
    streams_are_nowhere(test, pid)
    return {number for number in range(64) if int(status["CapEff"], 16) >> number & 1}
