# SPDX-License-Identifier: BSD-2-Clause
"""Names of containers: after the first event, by files of runtimes that only root can change."""
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

import sensor
from cgroup_tree import CgroupTree
from eventschema import EventSchema
from helpers import helper_of, helpers_of, rights_of
from ocsf import Ocsf
from patience import HANGS, until
from sensor import Sensor

READER = "sextant-names"
NOBODY, NONE = 65534, 2**32 - 1
TASKS = "run/containerd/io.containerd.runtime.v2.task/k8s.io"
# The sensor's mount namespace: there the test's folders are the host's.
WITHIN = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
          'mount --bind "$0/lib" /var/lib && mount --bind "$0/run" /run && exec "$@"']


def random_id():
    return f"{random.randrange(1 << 256):064x}"


class Container(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        os.chmod(self.directory, 0o755)
        self.tree = CgroupTree().__enter__()
        self.addCleanup(self.tree.__exit__)
        self.ids = set()
        self.new_id()
        for name in ("lib", "run"):
            os.mkdir(self.path(name), 0o755)

    def new_id(self):
        """Of the container that the next calls are about. There may be others on the host."""
        self.container = random_id()
        self.ids.add(self.container)

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *options):
        self.sensor = Sensor(self.directory, *options, within=[*WITHIN, self.directory])
        self.addCleanup(self.sensor.process.wait)
        self.addCleanup(self.sensor.process.kill)

    def write(self, name, content):
        """As a runtime does: of mode 0600, in folders that others may not list."""
        path = self.path(name)
        old = os.umask(0o066)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path + ".new", "wb") as file:
                file.write(content if isinstance(content, bytes) else json.dumps(content).encode())
            os.rename(path + ".new", path)
        finally:
            os.umask(old)

    def docker(self, name="/web", image="registry.example/web:1.4"):
        self.write(f"lib/docker/containers/{self.container}/config.v2.json",
                   {"ID": self.container, "Name": name, "Config": {"Image": image}})

    def run_it(self, path=None):
        """A process in the container: its process id."""
        path = path or f"/docker/{self.container}"
        self.tree.make(path)
        process = subprocess.Popen(self.tree.command(path, "/bin/true"))
        process.wait()
        return process.pid

    def lines(self):
        with open(self.sensor.output, encoding="utf-8") as file:
            return file.read()

    def update_count(self):
        return sum('"action":"container"' in line and line.split('"container":{"id":"')[1][:64] in self.ids
                   for line in self.lines().splitlines())

    def wait_update(self, count=1):
        deadline = time.monotonic() + HANGS
        while self.update_count() < count:
            self.assertLess(time.monotonic(), deadline, self.sensor.said())
            time.sleep(0.05)

    def stop(self):
        """Events in the container; self.updates has those about it."""
        schema, events = EventSchema(sensor.SCHEMA), self.sensor.stop()
        found = [event for event in events if event.get("container", {}).get("id") == self.container]
        for event in found:
            self.assertIsNone(schema.error(event), event)
        self.updates = [event for event in self.sensor.others
                        if event["event"]["action"] == "container" and event["container"]["id"] in self.ids]
        return found

    def of(self, events, pid):
        """What the events of a process in the container say of it: each once, in their order."""
        said = [{key: event[key] for key in ("container", "orchestrator") if key in event}
                for event in events if event["process"]["pid"] == pid]
        return [said[i] for i in range(len(said)) if not i or said[i] != said[i - 1]]

    WEB = {"name": "web", "image": {"name": "registry.example/web", "tag": ["1.4"]}, "runtime": "docker"}

    def test_the_id_first_then_an_event_then_all(self):
        self.docker()
        self.start()
        first = self.run_it()
        self.wait_update()
        then = self.run_it()
        events = self.stop()
        known = {"container": {"id": self.container, **self.WEB}}
        self.assertEqual(self.of(events, first)[0], {"container": {"id": self.container, "runtime": "docker"}})
        self.assertEqual(self.of(events, then), [known])
        [update] = self.updates
        self.assertEqual(update["container"], known["container"])
        self.assertEqual((update["event"]["dataset"], update["event"]["kind"]), ("sextant.container", "event"))
        self.assertNotIn("orchestrator", update)

    def test_a_pod_of_kubernetes(self):
        self.write(f"{TASKS}/{self.container}/config.json", {"ociVersion": "1.1.0", "annotations": {
            "io.kubernetes.cri.container-name": "proxy", "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.image-name": "mesh/proxy:v1", "io.kubernetes.cri.sandbox-name": "proxy-x2x9k",
            "io.kubernetes.cri.sandbox-namespace": "mesh", "io.kubernetes.cri.sandbox-uid": "1c9a4f0e"}})
        self.start()
        path = f"/kubepods/burstable/pod1c9a4f0e/{self.container}"  # several runtimes have it
        first = self.run_it(path)
        self.wait_update()
        then = self.run_it(path)
        events = self.stop()
        self.assertEqual(self.of(events, first)[0], {"container": {"id": self.container}})
        known = {"container": {"id": self.container, "name": "proxy", "image": {"name": "mesh/proxy", "tag": ["v1"]},
                               "runtime": "containerd"},
                 "orchestrator": {"type": "kubernetes", "namespace": "mesh",
                                  "resource": {"type": "pod", "name": "proxy-x2x9k", "id": "1c9a4f0e"}}}
        self.assertEqual(self.of(events, then), [known])
        self.assertEqual({key: self.updates[0][key] for key in known}, known)

    def test_a_file_that_comes_late_needs_no_further_event(self):
        self.start()
        self.run_it()
        time.sleep(0.7)
        self.assertEqual(self.update_count(), 0)
        self.docker()
        self.wait_update()
        self.stop()
        self.assertEqual([update["container"]["name"] for update in self.updates], ["web"])

    def test_each_of_many_containers_has_its_own_name(self):
        names = {}
        for number in range(40):
            self.new_id()
            names[self.container] = f"container-{number}"
            self.docker(name=f"/{names[self.container]}")
        self.start()
        for self.container in names:
            self.run_it()
        self.wait_update(len(names))
        self.stop()
        self.assertEqual({u["container"]["id"]: u["container"]["name"] for u in self.updates}, names)
        self.assertEqual(len(self.updates), len(names))

    def test_what_no_runtime_knows_has_the_id_alone(self):
        self.start()
        pids = [self.run_it() for _ in range(5)]
        time.sleep(0.5)
        events = self.stop()
        for pid in pids:
            self.assertEqual(self.of(events, pid), [{"container": {"id": self.container, "runtime": "docker"}}])
        self.assertEqual(self.updates, [])

    def test_files_that_others_can_change_say_nothing(self):
        """Each in a container of its own; the last one shows that the reader works."""
        acl = struct.pack("<I" + 5 * "HHI", 2, 1, 6, NONE, 2, 6, NOBODY, 4, 4, NONE, 16, 6, NONE, 32, 0, NONE)  # acl(5)
        changes = [lambda path: os.chown(path, NOBODY, NOBODY), lambda path: os.chmod(path, 0o602),
                   lambda path: os.setxattr(path, "system.posix_acl_access", acl)]
        self.start()
        for change in changes:
            for name in ("", "config.v2.json"):
                self.new_id()
                self.docker()
                change(os.path.join(self.path("lib/docker/containers"), self.container, name))
                self.run_it()
        self.new_id()
        self.docker()
        self.run_it()
        self.wait_update()
        time.sleep(0.3)
        self.stop()
        self.assertEqual([update["container"]["id"] for update in self.updates], [self.container])

    def test_a_hostile_name_is_text(self):
        name = "/a\"},\"event\":{\"action\":\"exec\"}\x1b[2J\u202e\n"
        self.write(f"lib/docker/containers/{self.container}/config.v2.json",
                   json.dumps({"Name": name, "Config": {"Image": "x" * 255 + "éé:t"}}).encode()
                   .replace(b"[2J", b"[2J\xff").replace(b":t", b":t\xff"))
        self.start()
        self.run_it()
        self.wait_update()
        then = self.run_it()
        [said] = self.of(self.stop(), then)
        self.assertEqual(said["container"]["name"], name[1:].replace("[2J", "[2J\ufffd"))
        self.assertEqual(said["container"]["image"], {"name": "x" * 255, "tag": ["t\ufffd"]})
        [update] = self.updates
        self.assertEqual(update["sextant"]["truncated"], ["container.image.name"])
        self.assertEqual(update["sextant"]["raw"]["container.image.tag"], ["74ff"])
        self.assertEqual(bytes.fromhex(update["sextant"]["raw"]["container.name"]),
                         name[1:].encode().replace(b"[2J", b"[2J\xff"))

    def test_as_text(self):
        self.docker(name="/web\x1b")
        self.start("--format", "text")
        self.run_it()
        line = self.wait_line(f" container {self.container}")
        self.assertEqual(line.split(" ", 1)[1],
                         f"container {self.container} docker name 'web\\x1b' image registry.example/web tag 1.4")

    def wait_line(self, *words):
        """The one with these words."""
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline:
            for line in self.lines().splitlines():
                if all(word in line for word in words):
                    return line
            time.sleep(0.05)
        return self.fail(self.sensor.said())

    def test_in_ocsf(self):
        self.docker()
        self.start("--format", "ocsf")
        self.run_it()
        update = json.loads(self.wait_line('"container"', '"image"', self.container))
        self.run_it()
        event = json.loads(self.wait_line('"uid":"' + self.container + '","name":"web"'))
        for line in (update, event):
            self.assertEqual(Ocsf().problems(line), [])
        self.assertEqual(update["unmapped"]["container"], {"id": self.container, **self.WEB})
        self.assertEqual(event["unmapped"]["container"], {"image": self.WEB["image"]})

    def test_as_records_of_audit(self):
        self.docker()
        self.start("--format", "audit")
        self.run_it()
        line = self.wait_line("op=container", self.container)
        self.assertIn(f'container="{self.container}" runtime="docker" name="web" image="registry.example/web" tag="1.4"',
                      line)

    def test_it_can_be_switched_off(self):
        self.docker()
        self.start("--container-names", "no")
        pid = self.run_it()
        time.sleep(0.5)
        self.assertEqual(helpers_of(self.sensor, READER), [])
        self.assertEqual(self.of(self.stop(), pid), [{"container": {"id": self.container, "runtime": "docker"}}])
        self.assertEqual(self.updates, [])

    def test_without_containers_there_is_no_reader(self):
        user = 61900 + os.getpid() % 100
        self.start("--rule", f"allow uid {user}")
        subprocess.run(["/bin/true"], check=True, user=user)
        time.sleep(0.5)
        self.assertEqual(helpers_of(self.sensor, READER), [])
        self.stop()

    @staticmethod
    def open_by(pid):
        found = []
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                found += [os.readlink(f"/proc/{pid}/fd/{fd}").split(":")[0]] if int(fd) > 2 else []
            except OSError:
                pass  # closed meanwhile
        return found

    def test_the_reader_can_read_and_nothing_else(self):
        self.start()
        self.run_it()
        reader = helper_of(self.sensor, READER)
        self.assertEqual(rights_of(self, reader), {2})  # CAP_DAC_READ_SEARCH
        self.assertTrue(until(lambda: self.open_by(reader) == ["socket"]), self.open_by(reader))  # it may be reading
        self.stop()

    def test_a_reader_that_is_stuck_or_killed_stops_nothing(self):
        self.docker()
        self.start()
        self.run_it()
        self.wait_update()
        reader = helper_of(self.sensor, READER)
        os.kill(reader, signal.SIGSTOP)
        self.new_id()
        self.docker(name="/other")
        began = time.monotonic()
        pids = [self.run_it() for _ in range(20)]
        self.assertLess(time.monotonic() - began, HANGS)
        time.sleep(0.5)
        self.assertEqual(self.update_count(), 1)
        os.kill(reader, signal.SIGKILL)
        self.wait_update(2)
        self.assertNotEqual(helper_of(self.sensor, READER), reader)
        self.assertIn("names of containers: its process has ended", self.sensor.said())
        events = self.stop()
        for pid in pids:
            self.assertEqual(self.of(events, pid)[0]["container"]["id"], self.container)
        self.assertEqual([update["container"]["name"] for update in self.updates], ["web", "other"])


class Podman(unittest.TestCase):
    """The real one, with an image of one program."""

    RUN = ["--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=100:100"]

    def setUp(self):
        missing = [name for name in ("podman", "buildah", "runc") if not shutil.which(name)]
        if missing or not os.path.exists("/bin/busybox"):
            self.skipTest(f"there is no {', '.join(missing) or 'busybox'}")
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory, self.image = directory.name, f"localhost/sextant-{os.getpid()}:1.2"
        shutil.copy("/bin/busybox", self.directory)
        with open(os.path.join(self.directory, "Containerfile"), "w", encoding="ascii") as file:
            file.write("FROM scratch\nCOPY busybox /busybox\n")
        subprocess.run(["buildah", "bud", "-t", self.image, self.directory], check=True, capture_output=True, timeout=HANGS)
        self.addCleanup(subprocess.run, ["buildah", "rmi", self.image], capture_output=True, timeout=HANGS)

    def run_it(self, name, *words):
        return subprocess.run(["podman", "--runtime", "runc", "run", *self.RUN, "--name", name, self.image,
                               "/busybox", *words], capture_output=True, text=True, timeout=HANGS)

    def test_podman_run(self):
        name = f"sextant-{os.getpid()}"
        tried = self.run_it(name, "true")
        if tried.returncode:
            self.skipTest(f"podman runs nothing here: {tried.stderr.strip()}")
        running = Sensor(self.directory)
        ran = self.run_it(name, "sh", "-c", "/busybox sleep 1; /busybox true")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        events = running.stop()
        updates = [e for e in running.others if e["event"]["action"] == "container"]
        [update] = [e for e in updates if e["container"].get("name") == name]
        self.assertEqual({**update["container"], "id": ""},
                         {"id": "", "name": name, "image": {"name": self.image.split(":")[0], "tag": ["1.2"]},
                          "runtime": "podman"})
        last = [e for e in events if e.get("container", {}).get("id") == update["container"]["id"]][-1]
        self.assertEqual(last["container"], update["container"])
