# SPDX-License-Identifier: BSD-2-Clause
"""What a sensor says of itself: 'sextant status', events, metrics."""
import http.client
import json
import os
import re
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tarfile
import tempfile
import time
import unittest

from prometheus_client.parser import text_string_to_metric_families

import sensor
from patience import HANGS


def metrics_read(text):
    """{(name, labels): value}; the library refuses what is not in the format."""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def wait_for(what, message):
    deadline = time.monotonic() + HANGS
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(message)
        time.sleep(0.05)


class Report(unittest.TestCase):
    def test_it_has_what_a_developer_needs_and_not_what_is_private(self):
        with tempfile.TemporaryDirectory() as directory:
            conf, path = (os.path.join(directory, name) for name in ("sextant.conf", "report.tar.gz"))
            with open(conf, "w", encoding="utf-8") as file:
                file.write("rule = deny cgroup /secret.slice\n")
            done = subprocess.run(
                ["unshare", "--uts", "sh", "-c", 'hostname web-7.secret && exec "$@"', "sh", sensor.SEXTANT, "bugreport",
                 "--db", sensor.DATABASE, "--output", path, "--config", conf], capture_output=True, text=True,
                timeout=HANGS, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertLess(os.path.getsize(path), 1_000_000)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with tarfile.open(path) as archive:
                files = {member.name.removeprefix("sextant-bugreport/"): archive.extractfile(member).read()
                         for member in archive}
        self.assertEqual(json.loads(files["check.json"])["kernel"]["release"], os.uname().release)
        self.assertIn("facts", json.loads(files["show.json"]))
        self.assertIn(b"no sensor listens", files["status.json"])
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip().encode()
        for name, text in files.items():
            for private in (b"web-7", b"secret", boot):
                self.assertNotIn(private, text, name)

    def test_it_does_not_take_the_place_of_events(self):
        """The output of a configuration file is that of a run."""
        with tempfile.TemporaryDirectory() as directory:
            conf, events = (os.path.join(directory, name) for name in ("sextant.conf", "events"))
            for path, text in ((conf, f"output = {events}\n"), (events, "those of a run\n")):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([os.path.abspath(sensor.SEXTANT), "bugreport", "--db", os.path.abspath(sensor.DATABASE), "--config", conf],
                                  capture_output=True, text=True, timeout=HANGS, check=False, cwd=directory)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(tarfile.is_tarfile(os.path.join(directory, "sextant-bugreport.tar.gz")))
            with open(events, encoding="utf-8") as file:
                self.assertEqual(file.read(), "those of a run\n")

    def test_it_is_a_file(self):
        for output in ("-", "syslog:", "https://127.0.0.1/"):
            done = sensor.run_sextant("bugreport", "--db", sensor.DATABASE, "--output", output)
            self.assertEqual(done.returncode, 2, output)
            self.assertRegex(done.stderr, rf"^sextant: --output {re.escape(output)}: [^\n]*path of a file\n$")
            self.assertFalse(os.path.exists(output))

    def test_a_place_that_is_not_trusted(self):
        done = sensor.run_sextant("bugreport", "--db", sensor.DATABASE, "--output", "/nowhere/report")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere", done.stderr)


class Status(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.control = os.path.join(directory.name, "control", "socket")
        self.metrics = os.path.join(directory.name, "sextant.prom")

    def start(self, *options):
        self.sensor = sensor.Sensor(self.directory, "--control", self.control, *options)
        self.addCleanup(self.sensor.process.wait)
        self.addCleanup(self.sensor.process.kill)

    def status(self, *options, **other):
        return sensor.run_sextant("status", "--control", self.control, *options, **other)

    def exec_one(self):
        return subprocess.run(["/bin/true"], check=True)

    def written(self):
        with open(self.sensor.output, encoding="utf-8") as file:
            return file.read()

    def test_the_numbers_are_those_of_the_events(self):
        self.start("--heartbeat", "1")
        for _ in range(20):
            self.exec_one()
        wait_for(lambda: json.loads(self.status("--json").stdout)["classes"]["exec"]["written"] >= 20, "20 execs")
        done = self.status("--json")
        said = json.loads(done.stdout)
        self.assertEqual((done.returncode, said["state"], said["problems"]), (0, "ok", []))
        self.assertEqual(set(said["classes"]), {"exec", "fork", "exit"})
        self.assertEqual(said["kernel"], os.uname().release)
        self.assertEqual(said["engine"]["pid"], self.sensor.process.pid)
        self.assertGreater(said["monitor"]["memory_bytes"], 1 << 20)
        wait_for(lambda: self.written().count('"heartbeat"') >= 2, "2 heartbeats")
        events = self.sensor.stop()
        actions = [e["event"]["action"] for e in self.sensor.agent]
        self.assertEqual((actions[0], actions[-1]), ("agent_start", "agent_stop"))
        self.assertGreaterEqual(actions.count("heartbeat"), 2)
        for event in self.sensor.agent:
            for numbers in event["sextant"]["agent"]["classes"].values():
                self.assertEqual(numbers["made"], numbers["written"] + numbers["waiting"] + numbers["lost"])
        last = self.sensor.agent[-1]["sextant"]["agent"]["classes"]
        for name, action in (("exec", {"exec"}), ("fork", {"fork"}), ("exit", {"exit"})):
            here = [e for e in events if e["event"]["action"] in action]
            self.assertEqual(last[name]["made"] - last[name]["lost"], len(here), name)

    def test_text_and_metrics_say_the_same(self):
        self.start("--metrics-file", self.metrics)
        text = self.status().stdout
        self.assertRegex(text, r"^sextant \S+ on \S+: ok, up \d+ s \(engine \d+, monitor \d+\)\n")
        self.assertIn("\nexec ", text)
        metrics = metrics_read(self.status("--metrics").stdout)
        self.assertEqual(metrics["sextant_class_on", (("class", "exec"),)], 1)
        self.assertEqual(metrics["sextant_problems", ()], 0)
        wait_for(lambda: os.path.exists(self.metrics), "the file of metrics")
        with open(self.metrics, encoding="utf-8") as file:
            written = metrics_read(file.read())
        self.assertEqual(written.keys(), metrics.keys())
        self.assertEqual(stat.S_IMODE(os.stat(self.metrics).st_mode), 0o644)

    def http(self, address, path="/metrics", method="GET"):
        """(status, body)"""
        connection = http.client.HTTPConnection(*address, timeout=HANGS)
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def test_metrics_by_http(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = server.getsockname()
        listen = f"{address[0]}:{address[1]}"
        self.start("--metrics-listen", listen)
        status, text = self.http(address)
        self.assertEqual(status, 200)
        self.assertEqual(metrics_read(text).keys(), metrics_read(self.status("--metrics").stdout).keys())
        self.assertEqual(self.http(address, method="HEAD"), (200, ""))
        self.assertEqual(self.http(address, path="/../etc/passwd")[0], 404)
        self.assertEqual(self.http(address, method="POST")[0], 405)
        other = sensor.run_sextant("run", "--db", sensor.DATABASE, "--events", "exec", "--metrics-listen", listen)
        self.assertEqual(other.returncode, 1)
        self.assertIn(f"{listen}: Address already in use", other.stderr)
        self.sensor.stop()

    def test_clients_by_http_that_do_nothing_or_send_rubbish(self):
        """They keep others waiting for a few seconds at most, and events not at all."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = server.getsockname()
        self.start("--metrics-listen", f"{address[0]}:{address[1]}")
        idle = [socket.create_connection(address, timeout=HANGS) for _ in range(40)]
        for client in idle:
            self.addCleanup(client.close)
        rubbish = [b"\0" * 100000, b"GET " + b"/" * 100000, b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 10000, b"\xff\r\n\r\n"]
        for text in rubbish:
            with socket.create_connection(address, timeout=HANGS) as client:
                try:
                    client.sendall(text)
                except OSError:  # it was disconnected: there are too many clients, or it has sent too much
                    pass
        for i in range(20):
            subprocess.run(["/bin/true", f"beside-{i}"], check=True)
        self.assertEqual(self.status().returncode, 0)
        answers = []
        wait_for(lambda: answers.append(self.http_or_nothing(address)) or answers[-1] == 200, "an answer")
        events = self.sensor.stop()
        seen = [e["process"]["args"][1] for e in events if e["event"]["action"] == "exec" and e["process"]["args"][1:]]
        self.assertEqual([name for name in seen if name.startswith("beside-")], [f"beside-{i}" for i in range(20)])

    def http_or_nothing(self, address):
        try:
            return self.http(address)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def test_what_does_not_work_is_a_problem(self):
        self.start("--events", "exec,fork,dns", "--attach", "tracepoint")  # dns needs kprobes
        done = self.status("--json")
        said = json.loads(done.stdout)
        self.assertEqual((done.returncode, said["state"]), (6, "degraded"))
        self.assertRegex(said["problems"][0], "^dns does not work: ")
        self.assertIn("reason", said["sources"]["dns"])
        self.assertEqual(self.sensor.stop() and self.sensor.agent[0]["sextant"]["agent"]["problems"], said["problems"])

    def test_an_output_that_takes_nothing_is_a_problem(self):
        fifo = os.path.join(self.directory, "fifo")
        os.mkfifo(fifo, 0o600)
        with open(os.path.join(self.directory, "said"), "wb") as said:
            process = subprocess.Popen([sensor.SEXTANT, "run", "--db", sensor.DATABASE, "--output", fifo, "--control",
                                        self.control], stderr=said)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(lambda: self.status().returncode == 6, "a problem")
        self.exec_one()
        wait_for(lambda: json.loads(self.status("--json").stdout)["classes"]["exec"]["waiting"], "an exec that waits")
        said = json.loads(self.status("--json").stdout)
        self.assertIn(f"{fifo} does not take events", said["problems"])
        self.assertEqual(metrics_read(self.status("--metrics").stdout)["sextant_output_up", (("output", fifo),)], 0)

    def test_top_says_who_makes_the_events_and_how_to_leave_them_out(self):
        self.start()
        talker, hostile = (os.path.join(self.directory, name) for name in ("talker", "a\x1b[31m\nb"))
        for path in (talker, hostile):
            shutil.copy("/bin/true", path)
        for _ in range(1500):
            subprocess.run([talker], check=True)
        for _ in range(1000):
            subprocess.run([hostile], check=True)
        wait_for(lambda: talker in self.top(), "the talker")
        said = self.top()
        self.assertRegex(said, r"^ +events  most of them +executable, and a rule that leaves it out\n")
        self.assertRegex(said, rf"\n +\d+  ex(ec|it) +\d+ %  {talker}\n +rule = deny comm talker   \(any process")
        self.assertNotIn("\x1b", said)
        self.assertIn("/a\\x1b[31m\\x0ab\n", said)  # and no rule is made of such a name

    def top(self):
        done = sensor.run_sextant("top", "--control", self.control)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_report_has_no_rules(self):
        """Their networks and paths are private."""
        rule = 'deny exe /opt/"secret"/program'
        self.start("--rule", "try deny network 192.0.2.0/24", "--rule", rule)
        path = os.path.join(self.directory, "report.tar.gz")
        done = sensor.run_sextant("bugreport", "--db", sensor.DATABASE, "--output", path, "--control", self.control)
        self.assertEqual(done.returncode, 0, done.stderr)
        with tarfile.open(path) as archive:
            text = archive.extractfile("sextant-bugreport/status.json").read().decode()
        self.assertEqual([r["try"] for r in json.loads(text)["rules"]], [True, False])
        self.assertNotIn("192.0.2", text)
        self.assertNotIn("secret", text)
        self.assertNotIn("program\"", text)

    def test_root_and_a_group_may_ask(self):
        nobody = pwd.getpwnam("nobody")
        for folder in (self.directory, os.path.dirname(self.control)):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, 0o755)
        for options, code in (([], 1), (["--control-group", "nogroup"], 0)):
            with self.subTest(options):
                self.start(*options)
                asked = self.status(preexec_fn=lambda: (os.setgroups([]), os.setgid(nobody.pw_gid),
                                                        os.setuid(nobody.pw_uid)))
                self.assertEqual(asked.returncode, code, asked.stderr)
                if code:
                    self.assertIn("only root and the group", asked.stderr)
                self.sensor.stop()

    def test_a_client_that_says_nothing_holds_nothing_up(self):
        self.start()
        silent = []
        for request in (b"", b"te", b"x" * 100):
            client = socket.socket(socket.AF_UNIX)
            self.addCleanup(client.close)
            client.connect(self.control)
            client.send(request)
            silent.append(client)
        self.assertEqual(self.status().returncode, 0)  # after a second each
        for client in silent:
            client.settimeout(HANGS)
            try:
                self.assertEqual(client.recv(10), b"")
            except ConnectionResetError:  # it had sent more than was read
                pass

    def test_the_socket_is_replaced_after_a_kill_and_kept_from_a_second_sensor(self):
        self.start()
        second = sensor.run_sextant("run", "--db", sensor.DATABASE, "--output", "/dev/null", "--control", self.control)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another sensor has it", second.stderr)
        self.assertEqual(self.status().returncode, 0)
        left = socket.socket(socket.AF_UNIX)  # as a killed sensor and monitor leave it
        self.sensor.process.kill()
        self.sensor.process.wait()
        wait_for(lambda: not os.path.exists(self.control), "the monitor has removed it")
        left.bind(self.control)
        left.close()
        self.assertEqual(self.status().returncode, 1)
        self.start()
        self.assertEqual(self.status().returncode, 0)
        self.sensor.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.sensor.process.wait(HANGS), 0)
        self.assertFalse(os.path.exists(self.control))

    def test_what_is_no_socket_is_refused(self):
        os.makedirs(os.path.dirname(self.control))
        with open(self.control, "wb"):
            pass
        done = sensor.run_sextant("run", "--db", sensor.DATABASE, "--output", "/dev/null", "--control", self.control)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is no socket; remove it, or correct --control", done.stderr)
        for path, cause in (("relative", "absolute path"), ("/x" * 60, "absolute path"),
                            (self.directory + "/a/b/c", "No such file")):
            done = sensor.run_sextant("run", "--db", sensor.DATABASE, "--output", "/dev/null", "--control", path)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(cause, done.stderr)

    def test_without_heartbeats_the_sensor_says_nothing_of_itself(self):
        self.start("--heartbeat", "0")
        self.exec_one()
        self.assertTrue(self.sensor.stop())
        self.assertEqual(self.sensor.agent, [])
