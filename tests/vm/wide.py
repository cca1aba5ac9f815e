#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest that may get many CPUs and has few, as VMware makes them: the sensor pays for those that are online.

usage: tests/vm/wide.py KERNEL DEBUG   (as tests/vm/matrix.py)
"""
import collections
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
from guest import Guest  # noqa: E402
from patience import seconds_allowed  # noqa: E402

KERNEL, DEBUG = sys.argv[1:3]
POSSIBLE = 240
MEMORY = 25 << 20  # bytes of both processes together
GUEST = """
cat /sys/devices/system/cpu/possible >/out/possible
sextant run --db /kernels.db --cpu-budget 0 --control /tmp/control --output /out/events 2>/out/errors &
tries=0
until grep -q ready /out/errors || [ $tries = 1500 ]; do tries=$((tries + 1)); sleep 0.2; done
scenario storm 1000 >/out/pids
sextant restart --control /tmp/control >/out/said
scenario storm 1000 >>/out/pids
sextant status --json --control /tmp/control >/out/status
kill $(cut -d ' ' -f 2 /out/said)
until grep -q -c 'events, ' /out/errors && [ "$(grep -c 'events, ' /out/errors)" = 2 ] || [ $tries = 3000 ]; do
	tries=$((tries + 1))
	sleep 0.2
done
"""


class Wide(Guest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        database, guest = (os.path.join(cls.directory.name, name) for name in ("kernels.db", "guest.sh"))
        subprocess.run([f"{ROOT}/build/lkccb", "add", "--db", database, DEBUG], check=True, stdout=subprocess.DEVNULL)
        with open(guest, "w", encoding="ascii") as file:
            file.write("mkdir -p /out /tmp\n" + GUEST)
        cls.vm = subprocess.run(
            [f"{ROOT}/scripts/vm", "--debian" if KERNEL.endswith(".deb") else "--kernel", KERNEL, "--bare",
             "--possible", str(POSSIBLE), "--timeout", str(seconds_allowed(300)),
             "--file", f"{ROOT}/build/static/sextant:bin/sextant", "--file", f"{ROOT}/build/tests/scenario:bin/scenario",
             "--file", f"{guest}:guest.sh", "--file", f"{database}:kernels.db",
             *(word for name in ("possible", "errors", "events", "pids", "said", "status") for word in ("--get", f"out/{name}")),
             "--into", cls.directory.name, "sh /guest.sh"], capture_output=True, text=True, check=False)

    def test_the_guest_may_get_that_many(self):
        self.assertEqual(self.read("possible"), f"0-{POSSIBLE - 1}\n")

    def test_memory_is_that_of_a_small_host(self):
        status = json.loads(self.read("status"))
        memory = {side: status[side]["memory_bytes"] for side in ("engine", "monitor")}
        print(f"# bytes: {memory}", flush=True)
        self.assertLess(sum(memory.values()), MEMORY)

    def test_each_event_is_reported_once_across_a_restart(self):
        self.assertRegex(self.read("said"), r"^process [0-9]+ has taken over\n$")
        pids = [int(pid) for pid in self.read("pids").split()]
        events = [json.loads(line) for line in self.read("events").splitlines()]
        seen = collections.Counter((e["event"]["action"], e["process"]["pid"]) for e in events if "process" in e)
        self.assertEqual(len(pids), 2000)
        for action in ("exec", "fork", "exit"):
            self.assertEqual({pid: seen[action, pid] for pid in pids if seen[action, pid] != 1}, {}, self.read("errors"))


if __name__ == "__main__":
    tap.main()
