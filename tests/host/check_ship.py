# SPDX-License-Identifier: BSD-2-Clause
"""Outputs that a shipper takes to a collector: each event is there once, waits on disk, or is counted."""
import collections
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from collector import Proxy, tls_of
from disk import Disk
from helpers import streams_are_nowhere
from patience import HANGS, until
from sensor import DATABASE, SEXTANT, ended
from shipping import Shipping, free_port


class Ship(Shipping):
    # ---- what arrives

    def test_https_with_a_client_certificate_and_headers(self):
        headers = self.path("headers")
        with open(headers, "w", encoding="ascii") as file:
            file.write("# a token\nAuthorization: Bearer abc\n")
        os.chmod(headers, 0o600)
        collector, target = self.mutual()
        self.start(f"{target} header-file={headers}")
        pids = self.storm()
        self.arrive(collector, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.assertTrue(self.is_up)
        sums = self.sums()
        self.assertEqual(sums["made"], sums["delivered"])
        self.stop()
        self.assert_once(collector.events(), pids)
        path, sent, _ = collector.requests[0]
        self.assertEqual((path, sent["Authorization"], sent["Content-Encoding"]), ("/events", "Bearer abc", "gzip"))
        self.assertEqual(sent["Content-Type"], "application/x-ndjson")

    def test_by_a_proxy(self):
        """With TLS through a tunnel, without it by the whole URL."""
        proxy = Proxy()
        self.addCleanup(proxy.close)
        collector, secure = self.mutual()
        plain = self.collector()
        for name, there, target, asked in (
                ("tunnel", collector, secure, ("CONNECT", f"localhost:{collector.port}")),
                ("plain", plain, f"http://127.0.0.1:{plain.port}/x", ("POST", f"http://127.0.0.1:{plain.port}/x"))):
            with self.subTest(name):
                self.spool = self.path(f"spool-{name}")
                self.start(f"{target} proxy=http://127.0.0.1:{proxy.port}")
                pids = self.storm(20)
                self.arrive(there, pids)
                self.stop()
                self.assert_once(there.events(), pids)
                self.assertEqual(set(proxy.asked), {asked})
                proxy.asked.clear()

    def test_the_shipper_has_no_rights(self):
        collector, target = self.mutual()
        self.start(target)
        self.arrive(collector, self.storm(3))
        [pid] = self.shippers()
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertTrue(all(int(uid) >= 2_000_000_000 for uid in status["Uid"].split()))
        self.assertEqual((status["Groups"].split(), int(status["CapBnd"], 16), int(status["CapEff"], 16)), ([], 0, 0))
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        kinds = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        self.assertEqual([kind for kind in kinds if "bpf" in kind or "perf" in kind], [])
        streams_are_nowhere(self, pid)

    def test_bodies(self):
        """The same events in each form, as its collector reads it."""
        def elastic(body):
            lines = [json.loads(line) for line in body.splitlines()]
            for action, event in zip(lines[::2], lines[1::2]):
                self.assertEqual(action, {"create": {"_id": event["event"]["id"]}})
            return lines[1::2]

        def splunk(body):
            events = [json.loads(line) for line in body.splitlines()]
            for event in events:
                self.assertEqual((event["sourcetype"], event["host"]), ("_json", event["event"]["host"]["hostname"]))
                self.assertAlmostEqual(event["time"], time.time(), delta=600)
            return [event["event"] for event in events]

        def loki(body):
            found = []
            for stream in json.loads(body)["streams"]:
                self.assertEqual(set(stream["stream"]), {"job", "host", "class"})
                for at, line in stream["values"]:
                    self.assertAlmostEqual(int(at) / 1e9, time.time(), delta=600)
                    found.append(json.loads(line))
            return found

        def otlp(body):
            [resource] = json.loads(body)["resourceLogs"]
            [scope] = resource["scopeLogs"]
            return [json.loads(record["body"]["stringValue"]) for record in scope["logRecords"]]

        for name, read in (("elastic", elastic), ("splunk", splunk), ("loki", loki), ("otlp", otlp)):
            with self.subTest(name):
                answer = b'{"errors":false,"items":[]}' if name == "elastic" else b"{}"
                collector = self.collector(lambda *_, a=answer: (200, {}, a))
                self.spool = self.path(f"spool-{name}")
                self.start(f"http://127.0.0.1:{collector.port}/x?y=z body={name}")
                pids = self.storm(20)
                collector.events = lambda c=collector, r=read: [e for q in list(c.requests) for e in r(q[2])]
                self.arrive(collector, pids)
                self.stop()
                self.assert_once(collector.events(), pids)

    # ---- what does not

    def test_a_collector_that_is_away_gets_all_in_order_when_it_comes(self):
        collector = self.collector()
        port = collector.port
        collector.close()
        self.start(f"http://127.0.0.1:{port}/")
        pids = self.storm()
        self.assertTrue(until(lambda: not self.counts() is None and not self.is_up))
        self.assertTrue(until(lambda: self.sums()["queued"] >= 3 * len(pids)))
        collector = self.collector(port=port)
        self.arrive(collector, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        said = self.stop()
        self.assertRegex(said, rf"http://127.0.0.1:{port}/: .*; events wait")
        self.assertIn("takes events again", said)
        events = [e for e in collector.events() if e["event"].get("dataset") == "sextant.exec"]
        by_cpu = collections.defaultdict(list)
        for event in events:
            by_cpu[event["event"]["id"].rsplit("-", 1)[0]].append(event["event"]["sequence"])
        for sequence in by_cpu.values():
            self.assertEqual(sequence, sorted(sequence))
        self.assert_once(collector.events(), pids)

    def test_what_a_run_leaves_the_next_one_delivers(self):
        collector = self.collector()
        port = collector.port
        collector.close()
        self.start(f"http://127.0.0.1:{port}/")
        first = self.storm(100)
        self.assertTrue(until(lambda: self.sums()["queued"] >= 300))
        self.stop()
        self.assertTrue(until(lambda: not self.shippers()))
        self.start(f"http://127.0.0.1:{port}/")
        second = self.storm(100)
        self.assertTrue(until(lambda: self.sums()["queued"] >= 600))  # those of the first one are counted, too
        collector = self.collector(port=port)
        self.arrive(collector, first | second)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.stop()
        self.assert_once(collector.events(), first | second)

    def newest_end(self, number):
        """The sensor that has taken over, if there is one."""
        answer = subprocess.run([SEXTANT, "status", "--json", "--control", self.control], capture_output=True, text=True,
                                timeout=HANGS, check=False)
        if answer.stdout:
            os.kill(json.loads(answer.stdout)["engine"]["pid"], number)

    def test_a_newer_sensor_goes_on_with_the_spool(self):
        """The shipper of the older one leaves it at once, with what the collector has not taken."""
        collector = self.collector()
        port, pids = collector.port, set()
        collector.close()
        self.start(f"http://127.0.0.1:{port}/")
        self.addCleanup(self.newest_end, signal.SIGKILL)
        for _ in range(3):
            pids |= self.storm(50)
            done = subprocess.run([SEXTANT, "restart", "--control", self.control], capture_output=True, text=True,
                                  timeout=HANGS, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        pids |= self.storm(50)
        collector = self.collector(port=port)
        self.arrive(collector, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.newest_end(signal.SIGTERM)
        self.assertNotIn("another sensor has it", ended(self.process))
        self.assert_once(collector.events(), pids)

    def test_killed_at_any_moment_nothing_is_twice_but_one_batch(self):
        """The shipper, the engine and the monitor in turn, while events come and go."""
        collector = self.collector()
        target, pids, twice = f"http://127.0.0.1:{collector.port}/", set(), 0
        for turn in range(9):
            if not self.process or self.process.poll() is not None:
                self.start(target)
            pids |= self.storm(30)
            self.assertTrue(until(self.shippers))
            if turn % 3 == 0:
                os.kill(self.shippers()[0], signal.SIGKILL)
                self.arrive(collector, pids)
                continue
            self.arrive(collector, pids)  # what is in memory only is lost with it
            if turn % 3 == 1:
                self.process.kill()
            else:
                with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
                    os.kill(int(file.read().split()[0]), signal.SIGKILL)
            self.process.wait(HANGS)
            self.process.stderr.close()
            self.assertTrue(until(lambda: not self.shippers()))
        for _, _, body in collector.requests:
            ids = [json.loads(line)["event"]["id"] for line in body.splitlines()]
            self.assertEqual(len(ids), len(set(ids)))
        seen = collections.Counter(e["event"]["id"] for e in collector.events())
        again = {i for i, n in seen.items() if n > 1}
        batches = [{json.loads(line)["event"]["id"] for line in body.splitlines()} for _, _, body in collector.requests]
        for batch in batches:  # a batch that came again came as a whole
            twice += bool(batch & again)
            self.assertIn(len(batch & again), (0, len(batch)))
        self.assertLessEqual(twice, 2 * 9)
        found = {(e["process"]["pid"], e["event"]["action"]) for e in collector.events() if "process" in e}
        for pid in pids:
            for action in ("exec", "fork", "exit"):
                self.assertIn((pid, action), found)

    def test_what_the_collector_refuses_alone_is_dropped(self):
        mark = "/bin/true refuse-this"

        def answer(_path, _headers, body):
            return (400, {}, b"cannot parse") if b"refuse-this" in body else (200, {}, b"")

        collector = self.collector(answer)
        self.start(f"http://127.0.0.1:{collector.port}/")
        before = self.storm(20)
        self.run_as_user(*mark.split())
        after = self.storm(20)
        self.arrive(collector, before | after)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        sums = self.sums()
        self.assertIn(self.counts()["exec"]["dropped_failed"], (1, 2))  # its exit has its arguments, too
        self.assertEqual(sums["made"], sums["delivered"] + sums["dropped_failed"])
        said = self.stop()
        self.assertRegex(said, r"1 exec events were dropped")
        self.assert_once(collector.events(), before | after)

    def test_an_answer_for_each_event(self):
        """Elasticsearch: some are taken, some are there already, some come too soon, and some are refused."""
        seen, refused = collections.Counter(), set()

        def answer(_path, _headers, body):
            lines, items = [json.loads(line) for line in body.splitlines()], []
            for event in lines[1::2]:
                number = int(event["event"]["id"].rsplit("-", 1)[1])
                seen[event["event"]["id"]] += 1
                status = 201
                if number % 7 == 0 and seen[event["event"]["id"]] == 1:
                    status = 429
                elif number % 7 == 1:
                    status = 409
                elif number % 7 == 2:
                    status = 400
                    refused.add(event["event"]["id"])
                items.append({"create": {"status": status}})
            return 200, {}, json.dumps({"errors": True, "items": items}).encode()

        collector = self.collector(answer)
        self.start(f"http://127.0.0.1:{collector.port}/_bulk body=elastic", events="exec")
        self.storm(100)
        self.assertTrue(until(lambda: self.sums()["made"] >= 100 and not self.sums()["queued"]))
        sums, own = self.sums(), {i for i in refused if "-own-" in i}
        self.assertEqual(sums["dropped_failed"], len(refused - own))
        self.assertEqual(sums["made"], sums["delivered"] + len(refused - own))

        def twice():
            """Those that came too soon; of the sensor's own ones more come at any time."""
            return all(n == (2 if int(i.rsplit("-", 1)[1]) % 7 == 0 else 1) for i, n in dict(seen).items())

        self.assertTrue(until(twice), seen)

    def test_busy_collectors_are_left_alone_for_as_long_as_they_say(self):
        times = []

        def answer(*_):
            times.append(time.monotonic())
            return (503, {"Retry-After": "3"}, b"") if len(times) == 1 else (200, {}, b"")

        collector = self.collector(answer)
        self.start(f"http://127.0.0.1:{collector.port}/")
        self.arrive(collector, self.storm(10))
        self.assertGreaterEqual(times[1] - times[0], 3)

    def test_what_a_collector_answers_ends_nothing(self):
        """Garbage, an answer that ends early or never, headers without end, another place; then it works."""
        answers = [b"\xff\x00garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + bytes(8 << 20),
                   b"HTTP/1.1 200 OK\r\nX: " + b"y" * (1 << 20), b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"]
        elsewhere = self.collector()
        answers[-1] %= f"http://127.0.0.1:{elsewhere.port}/".encode()
        listener = socket.create_server(("127.0.0.1", 0))
        port, served = listener.getsockname()[1], []

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1 << 16)
                    try:
                        connection.sendall(answer)
                    except OSError:
                        pass  # it has seen enough
                served.append(answer)
            listener.close()

        threading.Thread(target=serve, daemon=True).start()
        self.start(f"http://127.0.0.1:{port}/", "--log-level", "info")
        pids = self.storm(5)
        self.assertTrue(until(lambda: len(served) == len(answers)), self.counts())
        self.assertEqual(self.sums()["delivered"], 0)
        self.assertEqual(elsewhere.requests, [])
        collector = self.collector(port=port)
        self.arrive(collector, pids)
        self.stop()
        self.assert_once(collector.events(), pids)

    def test_nothing_goes_to_who_cannot_prove_who_he_is(self):
        c = self.certificates
        for name, certificate, ca, host in (
                ("another CA", "server", "stranger", "localhost"), ("expired", "expired", "ca", "localhost"),
                ("another name", "server", "ca", "127.0.0.2")):
            with self.subTest(name):
                collector = self.collector(tls=tls_of(c[certificate], c[certificate + "-key"]), host=host)
                self.spool = self.path(f"spool-{certificate}-{len(name)}")
                self.start(f"https://{host}:{collector.port}/ ca={c[ca]}")
                self.storm(10)
                self.assertTrue(until(lambda: self.counts() and not self.is_up))
                self.assertGreaterEqual(self.sums()["queued"], 1)
                self.assertEqual(self.sums()["delivered"], 0)
                self.stop()
                self.assertEqual(collector.requests, [])

    def test_a_certificate_that_is_renewed(self):
        c, own = self.certificates, self.path("client")
        collector, target = self.mutual()
        shutil.copy(c["expired"], own)
        shutil.copy(c["expired-key"], own + "-key")
        self.start(target.replace(c["client"] + " ", own + " ").replace(c["client-key"], own + "-key"))
        pids = self.storm(20)
        self.assertTrue(until(lambda: self.counts() and not self.is_up))
        self.assertEqual(self.sums()["delivered"], 0)
        shutil.copy(c["client"], own)
        shutil.copy(c["client-key"], own + "-key")
        self.process.send_signal(signal.SIGHUP)
        self.arrive(collector, pids)
        self.assertRegex(self.stop(), "refused the client's certificate|alert certificate expired")
        self.assert_once(collector.events(), pids)

    def fill(self, is_enough, size):
        """With events of twice that size."""
        deadline = time.monotonic() + HANGS
        while not is_enough() and time.monotonic() < deadline:
            self.run_as_user("/bin/sh", "-c", 'i=0; while [ $i -lt 200 ]; do /bin/true "$0"; i=$((i + 1)); done',
                             os.urandom(size).hex())
        self.assertTrue(is_enough(), self.counts())

    def test_a_full_spool_keeps_the_oldest_if_it_is_to(self):
        collector = self.collector()
        port = collector.port
        collector.close()
        self.start(f"http://127.0.0.1:{port}/ spool-size=4M queue=1M on-full=drop-newest")
        pids = self.storm(20)
        self.fill(lambda: self.sums()["dropped_full"], 40000)
        collector = self.collector(port=port)
        self.arrive(collector, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.stop()
        self.assert_once(collector.events(), pids)

    def test_a_full_spool_drops_the_oldest_and_counts_them(self):
        self.start("http://127.0.0.1:9/ spool-size=4M")
        self.fill(lambda: self.sums()["dropped_full"], 40000)
        size = sum(os.stat(os.path.join(self.spool, name)).st_size for name in os.listdir(self.spool))
        self.assertLess(size, 16 << 20)
        self.assertRegex(self.stop(), r"\d+ \w+ events were dropped")

    def test_a_full_disk(self):
        disk = self.path("disk")
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=0755", "none", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        collector = self.collector()
        port = collector.port
        collector.close()
        self.spool = os.path.join(disk, "spool")
        self.start(f"http://127.0.0.1:{port}/")
        self.fill(lambda: self.sums()["dropped_full"], 20000)
        [pid] = self.shippers()
        os.kill(pid, signal.SIGKILL)  # the next one begins on a full disk
        collector = self.collector(port=port)
        self.assertTrue(until(lambda: not self.sums()["queued"]), self.counts())
        self.assertGreater(self.sums()["delivered"], 100)
        pids = self.storm(20)
        self.arrive(collector, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.stop()
        self.assert_once(collector.events(), pids)

    def test_a_disk_that_is_full_for_a_moment_costs_nothing(self):
        """Anybody may fill it: what waits in the spool is not dropped for that. It is full for less than ten seconds, on a busy host too."""
        collector = self.collector()
        port = collector.port
        collector.close()
        os.mkdir(self.path("disk"))
        disk = Disk(self.path("disk"))
        self.addCleanup(disk.end)
        os.chmod(disk.path, 0o755)
        self.spool = os.path.join(disk.path, "spool")
        self.start(f"http://127.0.0.1:{port}/")
        pids = self.storm(100)
        self.assertTrue(until(lambda: self.sums()["queued"] >= 300))
        disk.fill()
        pids |= self.storm(50)
        time.sleep(3)
        self.assertEqual(self.sums()["dropped_full"], 0)
        disk.free()
        collector = self.collector(port=port)
        self.arrive(collector, pids)
        self.assertIn("it is full, or its disk is", self.stop())
        self.assert_once(collector.events(), pids)

    def test_events_that_are_too_old_are_dropped(self):
        self.start("http://127.0.0.1:9/ spool-age=2s")
        self.storm(20)
        self.assertTrue(until(lambda: self.sums()["dropped_expired"] >= 60))

    def test_a_damaged_spool_is_put_aside(self):
        os.makedirs(self.spool, 0o700)
        with open(os.path.join(self.spool, "spool.db"), "wb") as file:
            file.write(b"SQLite format 3\0" + os.urandom(8000))
        collector = self.collector()
        self.start(f"http://127.0.0.1:{collector.port}/")
        pids = self.storm(10)
        self.arrive(collector, pids)
        self.assertIn("damaged", self.stop())
        self.assertIn("spool.db.damaged", os.listdir(self.spool))

    def test_a_spool_that_is_damaged_meanwhile_is_replaced(self):
        """What waited in it is counted, and what comes is delivered."""
        collector = self.collector()
        port = collector.port
        collector.close()
        self.start(f"http://127.0.0.1:{port}/")
        database = os.path.join(self.spool, "spool.db")
        self.fill(lambda: os.path.exists(database) and os.stat(database).st_size > 8 << 20, 40000)
        with open(database, "r+b") as file:
            file.write(bytes(8 << 20))
        collector = self.collector(port=port)
        damaged = os.path.join(self.spool, "spool.db.damaged")
        self.assertTrue(until(lambda: os.path.exists(damaged)))
        pids = self.storm(20)
        self.arrive(collector, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.assert_once(collector.events(), pids)
        self.assertGreater(self.sums()["dropped_failed"], 0)
        self.assertRegex(self.stop(), "spool .*: .*; the database is renamed to .*damaged")

    def test_a_key_that_others_may_read_or_that_is_missing_is_refused_at_the_start(self):
        c = self.certificates
        key = self.path("key")
        with open(key, "w", encoding="ascii") as file:
            file.write("x")
        os.chown(key, 61001, 61001)
        for path, words in ((key, "not trusted|owned|owner|belongs"), (self.path("none"), "No such file")):
            done = subprocess.run(
                [SEXTANT, "run", "--db", DATABASE, "--output",
                 f"https://localhost:1/ cert={c['client']} key={path} spool={self.spool}"],
                capture_output=True, text=True, timeout=HANGS, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stderr, rf"{path}.*({words})")

    # ---- syslog

    def test_rsyslog_by_tls_with_client_certificates(self):
        c = self.certificates
        port = free_port()
        output, configuration = self.path("rsyslog"), self.path("rsyslog.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(f"""
global(workDirectory="{self.directory}" maxMessageSize="1m" defaultNetstreamDriver="ossl"
       defaultNetstreamDriverCAFile="{c['ca']}" defaultNetstreamDriverCertFile="{c['server']}"
       defaultNetstreamDriverKeyFile="{c['server-key']}")
module(load="imtcp" maxFrameSize="1048576" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid")
template(name="message" type="string" string="%msg%\\n")
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="all")
ruleset(name="all") {{ action(type="omfile" file="{output}" template="message") }}
""")
        rsyslog = subprocess.Popen(["rsyslogd", "-n", "-f", configuration, "-i", self.path("pid")],
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(rsyslog.wait)
        self.addCleanup(rsyslog.kill)
        self.start(f"syslog:tls:localhost:{port} ca={c['ca']} cert={c['client']} key={c['client-key']}")
        pids = self.storm()

        class File:
            @staticmethod
            def events():
                if not os.path.exists(output):
                    return []
                with open(output, encoding="utf-8") as file:
                    return [json.loads(line) for line in file if line.endswith("\n")]

        self.arrive(File, pids)
        self.assertTrue(until(lambda: not self.sums()["queued"]))
        self.stop()
        self.assert_once(File.events(), pids)

    def test_syslog_by_tls_is_not_delivered_to_who_refuses_the_certificate(self):
        """In TLS 1.3 a client learns that after it has sent."""
        c = self.certificates
        collector = self.collector(tls=tls_of(c["server"], c["server-key"], c["ca"]))
        self.start(f"syslog:tls:localhost:{collector.port} ca={c['ca']} cert={c['stranger']} key={c['stranger-key']}")
        self.storm(10)
        self.assertTrue(until(lambda: self.counts() and not self.is_up))
        self.assertEqual(self.sums()["delivered"], 0)
        self.assertGreater(self.sums()["queued"], 0)
        self.assertIn("as if it refused the client's certificate; events wait", self.stop())
