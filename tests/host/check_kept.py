# SPDX-License-Identifier: BSD-2-Clause
"""What the programs keep of a thread: no other thread can make it lost."""
import collections
import ctypes
import os
import signal
import tempfile
import time
import unittest

from sensor import Sensor

CALLS = 200
PR_GET_DUMPABLE = 3
CLONE_NEWUTS = 0x04000000
USER = 61010  # unused
APART = 4096  # how far the ids of threads are apart that once shared an entry
FIRST, LAST = 1000, 32000  # ids that every kernel gives
NOTHING = ctypes.c_long(0)  # no vectors

libc = ctypes.CDLL(None, use_errno=True)


def dumpable():
    libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)


def read_of(pid):
    """process_vm_readv() of no bytes."""
    libc.process_vm_readv(pid, None, NOTHING, None, NOTHING, NOTHING)


def change_user():
    libc.setresuid(-1, USER, -1)
    libc.setresuid(-1, 0, -1)


def forked(function):
    """The pid of a child that calls function, for a minute at most."""
    pid = os.fork()
    if not pid:
        signal.alarm(60)
        try:
            function()
        finally:
            os._exit(0)
    return pid


def forever(call):
    def run():
        while True:
            call()
    return run


def forked_as(wanted, function):
    """The same, with that pid; None: others got it again and again."""
    for _ in range(20):
        with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
            file.write(str(wanted - 1))
        pid = forked(function)
        if pid == wanted:
            return pid
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return None


class Kept(unittest.TestCase):
    """Calls of one process while others, with ids that are equal modulo 4,096, make such calls as fast as they can."""

    def beside(self, attacker, events, *calls):
        """A Counter of (action, outcome) of the calls' process, and what the sensor said."""
        ready, go = os.pipe()

        def victim():
            os.read(ready, 1)
            for call in calls * CALLS:
                time.sleep(0.005)  # so that the others run at the same time in some of them
                call()
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--events", events)
            pid = forked(victim)
            ids = [pid + APART * n for n in (-2, -1, 1, 2) if FIRST < pid + APART * n < LAST]
            others = [forked_as(id, forever(attacker)) for id in ids[:2]]
            os.write(go, b"g")
            os.waitpid(pid, 0)
            for other in filter(None, others):
                os.kill(other, signal.SIGKILL)
                os.waitpid(other, 0)
            seen, said = sensor.stop(), sensor.said()
        os.close(ready)
        os.close(go)
        self.assertTrue(any(others))
        return collections.Counter(e["event"]["action"] for e in seen if e["process"]["pid"] == pid), said

    def test_what_a_thread_was_stays_its_own(self):
        seen, said = self.beside(dumpable, "credentials,namespaces", change_user,
                                 lambda: libc.unshare(CLONE_NEWUTS))
        self.assertEqual(seen, {"credentials": 2 * CALLS, "namespaces": CALLS}, said)
        self.assertRegex(said, r"credentials \d+ events, 0 lost")
        self.assertRegex(said, r"namespaces \d+ events, 0 lost")

    def test_a_call_stays_its_own(self):
        parent = os.getpid()
        seen, said = self.beside(lambda: read_of(os.getpid()), "process_access", lambda: read_of(parent))
        self.assertEqual(seen, {"process_access": CALLS}, said)
        self.assertRegex(said, r"process_access \d+ events, 0 lost")
