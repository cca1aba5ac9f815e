# SPDX-License-Identifier: BSD-2-Clause
"""Real events as records of audit, which ausearch and LAUREL read, against the same events in JSON."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.parse

from auditlog import arguments, ausearch, groups_of, laurel
from sensor import DATABASE, SCENARIO, SEXTANT, ended, wait_ready

ARGS = ["", "two words", "it's", 'say "x"', "a\nb", "type=USER msg=audit(1.000:1): pid=1", "\udcff\udcfe", "gr\xfc\xdf",
        "x" * 9000, " " * 5000]


def arguments_of(event):
    raw = event["sextant"].get("raw", {}).get("process.args") or [None] * event["process"]["args_count"]
    return [bytes.fromhex(r) if r else a.encode() for a, r in zip(event["process"]["args"], raw)]


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.path, cls.json = os.path.join(directory.name, "audit.log"), os.path.join(directory.name, "events")
        cls.half = b'type=SYSCALL msg=audit(1.000:7): arch=c000003e key="sextant_exec"\ntype=CW'
        cls.before = b"type=TRUSTED_APP msg=audit(1.000:6): pid=1 uid=0 auid=0 ses=0 msg='op=x res=success'\n"
        with open(cls.path, "wb") as file:
            file.write(cls.before + cls.half)
        os.chmod(cls.path, 0o600)
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--events", "exec,fork,exit,exec_failed,socket,memfd",
                                    "--output", f"{cls.path} format=audit", "--output", cls.json, "--cpu-budget", "0"],
                                   stderr=subprocess.PIPE, text=True)
        wait_ready(process)
        cls.act()
        process.send_signal(signal.SIGTERM)
        cls.said = ended(process)
        with open(cls.path, "rb") as file:
            cls.data = file.read()
        with open(cls.json, encoding="utf-8") as file:
            cls.events = [json.loads(line) for line in file]
        cls.groups = groups_of(cls.data.decode("ascii").split("\n")[:-1])

    @classmethod
    def act(cls):
        with subprocess.Popen([os.fsencode(arg) for arg in ["/bin/true", *ARGS]]) as true:
            cls.pid = true.pid
        with subprocess.Popen([SCENARIO, "storm", "50"], stdout=subprocess.DEVNULL) as storm:
            cls.storm = storm.pid
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
            cls.port = server.getsockname()[1]
        os.close(os.memfd_create("it's a \"name\"\n"))

    def group_of(self, pid, call):
        found = [g for g in self.groups if g[0].type == "SYSCALL" and (g[0]["pid"], g[0]["syscall"]) == (str(pid), str(call))]
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_there_is_a_group_for_each_event(self):
        self.assertEqual(len(self.groups), 1 + len(self.events), self.said)
        self.assertGreater(len(self.events), 150)

    def test_half_an_event_of_a_run_that_was_killed_is_gone(self):
        self.assertTrue(self.data.startswith(self.before + b"type="))
        self.assertNotIn(b":7): arch", self.data)

    def test_the_arguments_of_each_exec_are_those_of_the_json(self):
        execs = [e for e in self.events if e["event"]["action"] == "exec"]
        groups = [g for g in self.groups if g[0].type == "SYSCALL" and g[0]["key"] == '"sextant_exec"']
        self.assertEqual([arguments(g) for g in groups], [arguments_of(e) for e in execs])
        self.assertEqual(arguments(self.group_of(self.pid, 59)), [b"/bin/true", *map(os.fsencode, ARGS)])
        self.assertEqual([g[0].text("exe").decode() for g in groups], [e["process"]["executable"] for e in execs])
        for key, name in (("pid", "pid"), ("ppid", "parent")):
            of_json = [e["process"][name] if name == "pid" else e["process"][name]["pid"] for e in execs]
            self.assertEqual([int(g[0][key]) for g in groups], of_json)

    def test_the_file_is_that_of_stat(self):
        path, = (record for record in self.group_of(self.pid, 59) if record.type == "PATH")
        st = os.stat("/bin/true")
        self.assertEqual((path.text("name"), int(path["inode"]), int(path["mode"], 8)), (b"/bin/true", st.st_ino, st.st_mode))
        self.assertEqual(path["dev"], f"{os.major(st.st_dev):02x}:{os.minor(st.st_dev):02x}")

    def test_ausearch_reads_each_record(self):
        raw, said = ausearch(self.path, "--raw")
        self.assertEqual((sorted(raw.splitlines()), said), (sorted(self.data.decode("ascii").splitlines()), ""))
        out, said = ausearch(self.path, "-i", "-p", str(self.pid), "-sc", "execve")
        self.assertEqual(said, "")
        for word in ("syscall=execve success=yes", "comm=true", "name=/bin/true inode=", "a2=two words", "a3=it's"):
            self.assertIn(word, out)

    def test_ausearch_finds_a_connection_by_its_address(self):
        out, _ = ausearch(self.path, "-i", "-hn", "127.0.0.1", "-sc", "connect", "-p", str(os.getpid()))
        self.assertIn(f"saddr={{ saddr_fam=inet laddr=127.0.0.1 lport={self.port} }}", out)

    @unittest.skipUnless(shutil.which("laurel"), "needs laurel, which not every distribution has")
    def test_laurel_reads_each_event(self):
        lines, said = laurel(self.data)
        self.assertIn("with 0 errors", said)
        self.assertEqual(len(lines), len(self.groups))
        read = [json.loads(line) for line in lines]
        args = [[urllib.parse.unquote_to_bytes(a) for a in e["EXECVE"]["ARGV"]] for e in read if "EXECVE" in e]
        self.assertEqual(args, [arguments_of(e) for e in self.events if e["event"]["action"] == "exec"])
