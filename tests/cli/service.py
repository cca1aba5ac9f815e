#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The systemd unit and the configuration that are installed.

usage: tests/cli/service.py SEXTANT
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

SEXTANT = os.path.abspath(sys.argv[1])
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
UNIT = os.path.join(ROOT, "scripts/package/sextant.service")
CONF = os.path.join(ROOT, "scripts/package/sextant.conf")
# Of what systemd 219 of EL7 knows (its load-fragment-gperf.gperf.m4), and all later versions too.
KNOWN = {
    "Unit": "Description Documentation DefaultDependencies After Before Conflicts Wants Requires",
    "Service": "Type ExecStart ExecReload Restart RestartSec StartLimitInterval StartLimitBurst RestartPreventExitStatus "
               "TimeoutStartSec TimeoutStopSec WatchdogSec NotifyAccess OOMScoreAdjust LimitMEMLOCK LimitNOFILE "
               "NoNewPrivileges RuntimeDirectory UMask Nice KillMode StandardError SyslogIdentifier",
    "Install": "WantedBy Alias"}


def settings(path):
    """[(section, name, value)]"""
    section, found = None, []
    with open(path, encoding="utf-8") as file:
        for line in map(str.strip, file):
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                found.append((section, *line.split("=", 1)))
    return found


class Unit(unittest.TestCase):
    def value(self, name):
        [value] = [v for _, n, v in settings(UNIT) if n == name]
        return value

    def test_the_oldest_systemd_knows_every_option(self):
        for section, name, _ in settings(UNIT):
            self.assertIn(name, KNOWN[section].split())

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_the_systemd_of_this_host_finds_nothing_wrong(self):
        with tempfile.TemporaryDirectory() as directory:
            copy = os.path.join(directory, "sextant.service")
            with open(UNIT, encoding="utf-8") as unit, open(copy, "w", encoding="utf-8") as file:
                file.write(unit.read().replace("/usr/sbin/sextant", SEXTANT))
            done = subprocess.run(["systemd-analyze", "--man=no", "verify", copy], capture_output=True, text=True,
                                  check=False)
        lines = [line for line in done.stderr.splitlines() if "sextant" in line]
        self.assertEqual((done.returncode, lines), (0, []), done.stderr)

    def test_statuses_after_which_it_is_not_started_again(self):
        """Each is one of sextant(8), and means that the next start would end the same way."""
        with open(os.path.join(ROOT, "docs/sextant.8"), encoding="utf-8") as file:
            page = file.read().split(".SH EXIT STATUS")[1].split(".SH ")[0]
        statuses = re.findall(r"(?m)^\.TP\n(\d)\n(.*)$", page)
        final = [number for number, text in statuses if number not in "01" and not text.startswith("check:")]
        self.assertEqual(self.value("RestartPreventExitStatus").split(), final, statuses)

    def test_the_output_has_its_time_at_the_end(self):
        with open(os.path.join(ROOT, "loader/agent/loop.c"), encoding="utf-8") as file:
            [finish_ns] = re.findall(r"#define FINISH_NS (\d+)ULL", file.read())
        self.assertGreater(int(self.value("TimeoutStopSec")), int(finish_ns) / 1e9 + 5)


class Hardening(unittest.TestCase):
    # systemd's NEWS: the version that brought the option. The package installs the file from 235 on.
    SINCE = {"ProtectSystem": 214, "ProtectKernelModules": 232, "ProtectControlGroups": 232, "MemoryDenyWriteExecute": 231,
             "RestrictRealtime": 231, "LockPersonality": 235, "SystemCallArchitectures": 209, "RestrictAddressFamilies": 211}
    FILE = os.path.join(ROOT, "scripts/package/hardening.conf")

    def test_the_version_that_the_package_asks_for_knows_every_option(self):
        for section, name, _ in settings(self.FILE):
            self.assertEqual(section, "Service")
            self.assertLessEqual(self.SINCE[name], 235, name)
        for script in ("debian/sextant.postinst", "sextant.spec"):
            with open(os.path.join(ROOT, "scripts/package", script), encoding="utf-8") as file:
                self.assertIn('"${version:-0}" -ge 235', file.read())


class Configuration(unittest.TestCase):
    def test_it_is_right(self):
        done = subprocess.run([SEXTANT, "config", "--config", CONF, "--check"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_it_is_the_file_of_the_unit(self):
        command = [v for _, n, v in settings(UNIT) if n == "ExecStart"]
        self.assertEqual(command, ["/usr/sbin/sextant run --config /etc/sextant/sextant.conf"])


if __name__ == "__main__":
    tap.main()
