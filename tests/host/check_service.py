# SPDX-License-Identifier: BSD-2-Clause
"""What a service manager hears: the protocol of sd_notify(3)."""
import os
import signal
import socket
import subprocess
import tempfile
import unittest

import sensor
from patience import HANGS


class Service(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.rules = os.path.join(directory.name, "rules")
        with open(self.rules, "w", encoding="utf-8") as file:
            file.write("deny uid 61077\n")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.settimeout(HANGS)
        self.path = os.path.join(directory.name, "notify")

    def start(self, address, *options, **environment):
        self.manager.bind(address)
        process = subprocess.Popen(
            [sensor.SEXTANT, "run", "--db", sensor.DATABASE, "--output", "/dev/null", "--filter", self.rules, *options],
            env={**os.environ, "NOTIFY_SOCKET": address.replace("\0", "@"), **environment}, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def hear(self, wanted):
        """Waits for it; what comes until then is in self.heard."""
        while True:
            message = self.manager.recv(4096).decode()
            self.heard.append(message)
            if message.startswith(wanted):
                return

    def test_ready_reloading_watchdog_and_end(self):
        self.heard = []
        process = self.start(self.path, WATCHDOG_USEC="2000000")
        self.hear("READY=1")
        self.assertRegex(self.heard[0], r"^STATUS=exec, fork, exit reported; offsets of \S+$")
        for _ in range(4):
            self.hear("WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        self.hear("RELOADING=1\nMONOTONIC_USEC=")
        self.hear("READY=1")
        process.send_signal(signal.SIGTERM)
        self.hear("STOPPING=1")
        self.assertEqual(process.wait(HANGS), 0)

    def test_in_the_abstract_namespace_and_without_a_watchdog(self):
        self.heard = []
        process = self.start(f"\0sextant-test-{os.getpid()}", "--duration", "1", WATCHDOG_USEC="1000000",
                             WATCHDOG_PID="1")  # of another process
        self.hear("STOPPING=1")
        self.assertEqual(process.wait(HANGS), 0)
        self.assertNotIn("WATCHDOG=1", self.heard)
        self.assertIn("READY=1", self.heard)

    def test_a_start_that_fails_is_never_ready(self):
        self.heard = []
        process = self.start(self.path, "--kernel-override", "none")
        self.assertEqual(process.wait(HANGS), 3)
        self.manager.setblocking(False)
        self.assertRaises(BlockingIOError, self.manager.recv, 4096)

    def test_addresses_that_are_none(self):
        for address in ("", "relative", "/", "@", "/" + "x" * 200):
            done = sensor.run_sextant("run", "--db", sensor.DATABASE, "--duration", "0.1", "--output", "/dev/null",
                                      env={**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "x"})
            self.assertEqual(done.returncode, 0, done.stderr)
