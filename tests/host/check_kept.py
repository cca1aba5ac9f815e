# SPDX-License-Identifier: BSD-2-Clause
"""What the programs keep of a thread: no other thread can make it lost."""
import collections
import ctypes
import os
import re
import resource
import signal
import socket
import tempfile
import threading
import time
import unittest

from sensor import Sensor

CALLS = 200
PR_GET_DUMPABLE = 3
CLONE_NEWUTS = 0x04000000
USER = 61010  # unused
APART = 4096  # how far the ids of threads are apart that once shared an entry
MANY = 19000  # connections: more than there is room for
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
        return collections.Counter(e["event"]["action"] for e in seen if e["process"]["pid"] == pid
                                   and e["process"]["parent"]["pid"] == os.getpid()), said

    def test_what_a_thread_was_stays_its_own(self):
        seen, said = self.beside(dumpable, "credentials,namespaces", change_user,
                                 lambda: libc.unshare(CLONE_NEWUTS))
        self.assertEqual(seen, {"credentials": 2 * CALLS, "namespaces": CALLS}, said)
        self.assertRegex(said, r"credentials \d+ events, 0 lost")
        self.assertRegex(said, r"namespaces \d+ events, 0 lost")

    def test_a_thread_that_loses_an_exec_race_has_no_error_of_the_kernel(self):
        def race():
            threads = [threading.Thread(target=libc.execv, args=(b"/bin/true", (ctypes.c_char_p * 2)(b"true", None)))
                       for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--events", "exec,exec_failed")
            pids = []
            for _ in range(200):
                pids.append(forked(race))
                os.waitpid(pids[-1], 0)
            seen, said = sensor.stop(), sensor.said()
        codes = {e["error"]["code"] for e in seen
                 if e["event"]["action"] == "exec_failed" and e["process"]["pid"] in pids
                 and e["process"]["parent"]["pid"] == os.getpid()}
        self.assertEqual({code for code in codes if code.isdigit()}, set(), said)  # others have names
        self.assertRegex(said, r"exec_failed \d+ events, 0 lost")

    def test_connections_that_make_room_for_others_are_counted(self):
        """Each has its end in the output, or is counted."""
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < MANY + 200:
            self.skipTest("too few open files are allowed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (MANY + 200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--events", "socket")
            with socket.create_server(("127.0.0.1", 0), backlog=1000) as server:
                ends = []
                for number in range(MANY):
                    source = f"127.0.1.{number % 4 + 1}"
                    ends.append(socket.create_connection(server.getsockname(), source_address=(source, 0)))
                    server.accept()[0].close()
                time.sleep(7)  # they are counted every five seconds
                early = sensor.said()
                for end in ends:
                    end.close()
            seen, said = sensor.stop(), sensor.said()
        made = collections.Counter(e["event"]["action"] for e in seen if e["process"]["pid"] == os.getpid())
        lost = int(re.search(r"socket \d+ events, (\d+) lost", said)[1])
        missed = re.search(r"; (\d+) missed by the kernel's probes", said)  # of whatever program, on a busy machine
        unseen = int(missed[1]) if missed else 0
        self.assertRegex(early, r"lost \d+ socket events")
        self.assertGreaterEqual(made["connect"] + made["close"] + lost + unseen, 2 * MANY, said)
        self.assertLess(lost, MANY // 2, said)
        if min(int(cpu) for cpu in re.findall(r"events on CPU (\d+)", early)) >= os.cpu_count():
            self.assertNotIn("the rings have no room", early)  # they had: what was lost is counted on no CPU

    def test_a_call_stays_its_own(self):
        parent = os.getpid()
        seen, said = self.beside(lambda: read_of(os.getpid()), "process_access", lambda: read_of(parent))
        self.assertEqual(seen, {"process_access": CALLS}, said)
        self.assertRegex(said, r"process_access \d+ events, 0 lost")
