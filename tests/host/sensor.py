# SPDX-License-Identifier: BSD-2-Clause
"""The sensor that check.py's command line names, and readers of what it and the scenario wrote."""
import atexit
import datetime
import json
import os
import signal
import subprocess
import sys
import threading
import time

from eventschema import EventSchema
from patience import HANGS

FILES = SEXTANT = DATABASE = SCENARIO = None
if sys.argv[1] == "--files":
    FILES, SCHEMA = sys.argv[2:4]
else:
    SEXTANT, DATABASE, SCENARIO, SCHEMA = sys.argv[1:5]
ENV = ["SCENARIO_CASE", "LD_PRELOAD"]  # --env; tests/vm/guest.sh has the same
OF_AGENT = {"agent_start", "heartbeat", "agent_stop"}
OF_BUDGET = {"budget_exceeded", "budget_restored"}
WITHOUT_CLASS = {"loss", "class_degraded", "class_restored", "hash", "container", *OF_AGENT, *OF_BUDGET}
AGAIN = 1000  # execs of one process before its last: tests/host/scenario_exec_hostile.c


def line_with(process, word):
    """Reads the standard error of a sensor, a pipe, up to a line with that word."""
    said, watchdog = "", threading.Timer(HANGS, process.kill)  # the sensor ends if the line does not come
    watchdog.start()
    try:
        for line in process.stderr:
            said += line
            if word in line:
                return
    finally:
        watchdog.cancel()
    raise AssertionError(f"the sensor did not say '{word}': {said}")


def wait_ready(process):
    line_with(process, "ready")


def ended(process):
    """What else it writes to standard error until it ends; communicate() would miss what line_with() read ahead."""
    watchdog = threading.Timer(HANGS, process.kill)
    watchdog.start()
    try:
        said = process.stderr.read()
        process.wait()
    finally:
        watchdog.cancel()
    process.stderr.close()
    return said


def run_sextant(*arguments, **options):
    return subprocess.run([SEXTANT, *arguments], capture_output=True, text=True, timeout=HANGS, **options)


class Sensor:
    """A running sextant; events are read from its output file at the end."""

    def __init__(self, directory, *options, within=()):
        """within: a command that becomes the sensor."""
        self.output = os.path.join(directory, "events")
        self.errors = os.path.join(directory, "errors")
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [*within, SEXTANT, "run", "--db", DATABASE, "--output", self.output, "--env",
                 ",".join(ENV), "--cpu-budget", "0", *options],  # nothing is to be shed
                stderr=errors)
        atexit.register(self.process.kill)  # of a test that fails before stop()
        deadline = time.monotonic() + HANGS
        while "ready" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the sensor did not get ready: {self.said()}")
            time.sleep(0.02)

    def said(self):
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self, code=0):
        """Its events of classes; self.losses and self.agent have the others. It has to end with that exit status."""
        time.sleep(0.3)
        self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(60)
        if self.code != code:
            raise AssertionError(f"the sensor ended with {self.code}: {self.said()}")
        with open(self.output, encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        self.losses = [e for e in events if e["event"]["action"] == "loss"]
        self.classes = [(e["event"]["action"], e["sextant"]["class"]["name"]) for e in events if "class" in e["sextant"]]
        self.agent = [e for e in events if e["event"]["action"] in OF_AGENT]
        self.others = [e for e in events if e["event"]["action"] in ("hash", "container")]
        schema = EventSchema(SCHEMA)  # of what it says of itself; the tests of classes judge their events
        for event in events:
            error = event["event"]["action"] in WITHOUT_CLASS and schema.error(event)
            if error:
                raise AssertionError(f"{error}: {event}")
        return [e for e in events if e["event"]["action"] not in WITHOUT_CLASS]


def truth_read(path):
    """[{kind, key: value}]; values of the known text keys as bytes."""
    text = {"cmdline", "environ", "comm", "loginuid", "status", "exe", "cwd", "execfn", "cgroup",
            "parent_exe", "name", "path", "other", "text", "address", "question"}
    records = []
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *pairs = line.rstrip("\n").split("\t")
            record = dict(pair.split("=", 1) for pair in pairs)
            text_here = text | {"file": {"root"}, "mount": {"source"}}.get(kind, set())
            record = {k: bytes.fromhex(v) if k in text_here else v for k, v in record.items()}
            records.append({"kind": kind, **record})
    base = next(r["exe"] for r in records if r["kind"] == "exec")  # .../program
    for record in records:
        if record["kind"] == "exec":
            record["root"] = (os.path.dirname(base) + b"/rooted" if record["case"] == "chroot"
                              else b"/")
    return records


def exact(event, name):
    """The bytes of a text field: from sextant.raw if JSON cannot carry them."""
    raw = event["sextant"].get("raw", {}).get(name)
    value = event
    for key in name.split("."):
        value = value[key]
    if isinstance(value, list):
        return b"".join((v.encode() if r is None else bytes.fromhex(r)) + b"\0"
                        for v, r in zip(value, raw or [None] * len(value)))
    return value.encode() if raw is None else bytes.fromhex(raw)


def from_the_real_root(record, path):
    """/proc shows paths from a process's own root directory."""
    return record["root"].rstrip(b"/") + path


def nanoseconds(time_text):
    """Of "2026-11-21T03:40:12.123456789Z", since 1970."""
    whole = datetime.datetime.fromisoformat(time_text[:19] + "+00:00")
    return int(whole.timestamp()) * 10 ** 9 + int(time_text[20:29])


def in_order(times):
    """Each time is at or after the one before. In a VM the clocks of two CPUs differ a little."""
    slack = 5_000_000 if FILES else 0
    ns = [nanoseconds(t) for t in times]
    return all(a <= b + slack for a, b in zip(ns, ns[1:]))


def ticks(process):
    return process["entity_id"].split("-")[2]
