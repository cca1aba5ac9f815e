# SPDX-License-Identifier: BSD-2-Clause
"""Hashes of executables: those of the files that ran, in the event or soon after it, or why there is none."""
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from fuse import Fuse
from helpers import helper_of, rights_of
from patience import HANGS
from sensor import Sensor

USER = 61200 + os.getpid() % 700  # whose execs are judged
IN_MEMORY = "the file is in memory (tmpfs), and may have changed since"
REMOTE = "the file is, or may be, on a network or FUSE file system"


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Hash(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        os.chmod(self.directory, 0o755)

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *options):
        self.sensor = Sensor(self.directory, "--events", "exec", "--rule", f"allow uid {USER}", *options)

    def program(self, name, more=0):
        """A program that ends at once, unlike any other, so many bytes larger."""
        path = self.path(name)
        shutil.copy("/bin/true", path)
        with open(path, "ab") as file:
            file.write(os.urandom(16) + bytes(more))
        return path

    def run_it(self, *words):
        subprocess.run(words, check=True, user=USER)

    def stop(self):
        """{executable: [(hash or None, why there is none)]} of the execs; self.late has those of events of their own."""
        found, self.late = {}, {}
        events = self.sensor.stop()
        for event in [*events, *self.sensor.others]:
            if event["event"]["action"] not in ("exec", "hash"):
                continue
            process = event["process"]
            said = (process.get("hash", {}).get("sha256"), event["sextant"].get("hash_missing"))
            self.assertEqual(sum(value is not None for value in said), 1, event)
            into = found if event["event"]["action"] == "exec" else self.late
            into.setdefault(process["executable"], []).append(said)
        return found

    def judged(self, found, path):
        """What was said in the end."""
        return set(found[path] + self.late.get(path, [])) - {(None, "the file is being read")}

    def wait_late(self, count):
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline:
            with open(self.sensor.output, encoding="utf-8") as file:
                if file.read().count('"action":"hash"') >= count:
                    return
            time.sleep(0.05)
        self.fail(self.sensor.said())

    def hasher(self):
        return helper_of(self.sensor, "sextant-hash")

    def test_each_of_many_programs_has_its_own(self):
        programs = [self.program(f"program-{i}") for i in range(100)]
        time.sleep(0.01)  # they are older than their execs
        self.start("--hash-budget", "1G")
        for program in programs * 3:
            self.run_it(program)
        found = self.stop()
        for program in programs:
            said = found[program] + self.late.get(program, [])
            self.assertEqual({value for value, why in said if value}, {sha256(program)})
            # On a busy host it may have come later, or not in time.
            self.assertLessEqual({why for _, why in said if why}, {"the file is being read", "it could not be read in time"})

    def test_a_file_that_is_replaced_or_written_over(self):
        program = self.program("program")
        first = sha256(program)
        self.start()
        self.run_it(program)
        time.sleep(0.5)
        with open(program, "r+b") as file:  # the same inode and size
            file.seek(-1, os.SEEK_END)
            file.write(b"x")
        second = sha256(program)
        time.sleep(0.05)  # the times of files go by ticks
        self.run_it(program)
        time.sleep(0.5)
        os.rename(self.program("other"), program)
        time.sleep(0.05)
        self.run_it(program)
        time.sleep(0.5)
        said = self.stop()[program] + self.late.get(program, [])
        hashes = {value for value, _ in said if value}
        # What was written over before it could be read has none, and never that of another file.
        self.assertLessEqual(hashes, {first, second, sha256(program)})
        self.assertIn(sha256(program), hashes)

    def test_what_ran_is_hashed_and_not_what_stands_there_then(self):
        """Each time it is written over as soon as it has ended."""
        program, true = self.path("program"), set()
        self.start()
        for _ in range(30):
            self.program("program")
            self.run_it(program)
            true.add(sha256(program))
            with open(program, "r+b") as file:
                file.seek(-4, os.SEEK_END)
                file.write(os.urandom(4))
        hashes = {value for value, _ in self.stop().get(program, []) + self.late.get(program, []) if value}
        self.assertLessEqual(hashes, true)

    def test_a_large_file_comes_later(self):
        program = self.program("large", more=48 << 20)
        self.start()
        self.run_it(program)
        self.run_it(program)
        self.wait_late(2)
        found = self.stop()
        self.assertEqual(found[program], [(None, "the file is being read")] * 2)
        self.assertEqual(self.late[program], [(sha256(program), None)] * 2)

    def test_a_program_in_memory_and_one_that_is_removed_while_it_runs(self):
        sleeper = self.path("sleeper")
        shutil.copy("/bin/sleep", sleeper)
        self.start()
        code = ("import os; fd = os.memfd_create('in-memory'); os.write(fd, open('/bin/sleep', 'rb').read());"
                "os.execv(f'/proc/self/fd/{fd}', ['sleep', '2'])")
        removed = subprocess.Popen([sleeper, "2"], user=USER)
        os.unlink(sleeper)
        self.run_it("/usr/bin/python3", "-c", code)
        removed.wait()
        found = {name.removesuffix(" (deleted)"): said for name, said in self.stop().items()}
        true = (sha256("/bin/sleep"), None)
        self.assertEqual(self.judged(found, "/memfd:in-memory"), {(None, IN_MEMORY)}, found)
        said = self.judged(found, sleeper)  # to be removed is a change, too
        self.assertIn(said, ({true}, {(None, "the file has changed since")}), found)

    @unittest.skipUnless(os.path.exists("/dev/fuse"), "there is no FUSE here")
    def test_a_file_system_that_may_never_answer_is_not_asked(self):
        """Neither for what ran there, nor for what runs there next, nor for a path that leads there."""
        point = self.path("with a blank")  # mountinfo has it as \040
        os.mkdir(point)
        with open("/bin/sleep", "rb") as file:
            fuse = Fuse(point, "program", file.read())
        self.addCleanup(fuse.close)
        self.start()
        there = os.path.join(point, "program")
        for _ in range(5):
            self.run_it(there, "0.2")
            self.run_it("/bin/sh", "-c", 'exec "$0" 0.2', there)
        local = ('mount -t tmpfs none "$0" && cp /bin/true "$1" && for i in 1 2 3 4 5; do '
                 f'setpriv --reuid {USER} --clear-groups "$1"; sleep 0.1; done')
        subprocess.run(["unshare", "-m", "/bin/sh", "-c", local, point, there], check=True)
        time.sleep(1)
        hasher = self.hasher()
        said = self.stop()[there]
        self.assertNotIn(hasher, fuse.asked)
        self.assertEqual(len(said), 15)
        self.assertLessEqual({(None, REMOTE)}, set(said))

    def run_apart(self, script, *words):
        """In a mount namespace of its own. $0: this user."""
        subprocess.run(["unshare", "-m", "/bin/sh", "-ec", script, str(USER), *words], check=True)

    @unittest.skipUnless(os.path.exists("/dev/fuse"), "there is no FUSE here")
    def test_a_file_system_that_is_made_of_another_one(self):
        """Overlayfs over FUSE, which a user may mount in a namespace of their own."""
        lower, point = self.path("lower"), self.path("point")
        os.mkdir(lower)
        os.mkdir(point)
        with open("/bin/sleep", "rb") as file:
            fuse = Fuse(lower, "program", file.read())
        self.addCleanup(fuse.close)
        self.start()
        there = os.path.join(point, "program")
        try:
            self.run_apart('mount -t overlay -o "lowerdir=$1:/bin" none "$2";'
                           'for i in 1 2 3 4 5; do setpriv --reuid "$0" --clear-groups "$2/program" 0.2; done', lower, point)
        except subprocess.CalledProcessError:
            self.skipTest("there is no overlayfs over FUSE here")
        time.sleep(1)
        hasher = self.hasher()
        self.assertEqual(self.judged(self.stop(), there), {(None, REMOTE)})
        self.assertNotIn(hasher, fuse.asked)

    def mount(self, *words):
        """As runtimes do it for containers, in the host's mount namespace."""
        try:
            subprocess.run(["mount", "-t", *words], check=True)
        except subprocess.CalledProcessError:
            self.skipTest(f"there is no {words[0]} here")
        self.addCleanup(subprocess.run, ["umount", "-l", words[-1]], check=True)

    def overlay(self, upper, point, lower="/bin"):
        """All in one file system: otherwise stat shows another device than the kernel has."""
        for name in (upper, f"{upper}-work", point):
            os.mkdir(self.path(name))
        program = self.program(f"{upper}/program")
        os.chown(program, USER, USER)
        upper, work, point = (self.path(name) for name in (upper, f"{upper}-work", point))
        self.mount("overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}", "none", point)
        return program, point

    def test_what_users_can_change_unseen_has_no_hash_when_it_has_ended(self):
        """A file in tmpfs, or in the upper layer of an overlay there; it may be changed through mapped memory."""
        os.mkdir(self.path("memory"))
        self.mount("tmpfs", "none", self.path("memory"))
        os.mkdir(self.path("memory/lower"))
        on_disk, point = self.overlay("upper", "point")
        _, point_of_memory = self.overlay("memory/upper", "point-of-memory", self.path("memory/lower"))
        alone = self.program("memory/alone")
        os.chown(alone, USER, USER)
        programs = [alone, os.path.join(point_of_memory, "program"), os.path.join(point, "program")]
        time.sleep(0.05)
        self.start()
        self.run_it("/bin/true")
        hasher = self.hasher()
        os.kill(hasher, signal.SIGSTOP)
        for program in programs:
            self.run_it(program)
        time.sleep(0.5)
        os.kill(hasher, signal.SIGCONT)
        self.wait_late(3)
        found = self.stop()
        self.assertEqual([self.judged(found, program) for program in programs],
                         [{(None, IN_MEMORY)}, {(None, IN_MEMORY)}, {(sha256(on_disk), None)}])

    def test_an_overlay_of_the_host_is_read(self):
        program, point = self.overlay("upper", "point")
        time.sleep(0.05)
        self.start()
        # The path in the container does not exist on the host, so only what runs can be read.
        self.run_apart('mount --bind "$1" /mnt; setpriv --reuid "$0" --clear-groups /mnt/sleep 1', point)
        self.run_it(os.path.join(point, "program"))
        found = self.stop()
        for path, real in (("/mnt/sleep", "/bin/sleep"), (os.path.join(point, "program"), program)):
            self.assertEqual(self.judged(found, path), {(sha256(real), None)})

    def test_a_process_with_more_mounts_than_are_looked_at(self):
        self.start()
        self.run_apart('mount -t tmpfs none /mnt; mkdir /mnt/a; for i in $(seq 1200); do mount -t tmpfs "$1" /mnt/a; done;'
                       'mount -t tmpfs none /mnt; cp /bin/sleep /mnt/sleep; sleep 0.1;'
                       'setpriv --reuid "$0" --clear-groups /mnt/sleep 1', "n" * 60)
        self.assertEqual(self.judged(self.stop(), "/mnt/sleep"), {(None, REMOTE)})

    def test_without_a_budget_nobody_reads_files(self):
        self.start("--hash-budget", "0")
        self.run_it("/bin/true")
        [event] = [e for e in self.sensor.stop() if e["process"]["executable"].endswith("/true")]
        self.assertNotIn("hash", event["process"])
        self.assertNotIn("hash_missing", event["sextant"])

    def test_the_hasher_can_read_and_nothing_else(self):
        self.start()
        self.run_it("/bin/true")
        self.assertEqual(rights_of(self, self.hasher()), {2, 19})  # CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE
        self.stop()

    def test_a_hasher_that_is_killed_or_stuck_stops_nothing(self):
        self.start()
        self.run_it("/bin/true")
        os.kill(self.hasher(), signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(20):
            self.run_it("/bin/true")
        self.assertLess(time.monotonic() - began, HANGS)
        os.kill(self.hasher(), signal.SIGKILL)
        program = self.program("later")
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline and "another try" not in self.sensor.said():
            self.run_it("/bin/true")
            time.sleep(0.1)
        time.sleep(2.5)
        self.run_it(program)
        self.hasher()
        said = self.stop()[program] + self.late.get(program, [])
        self.assertIn((sha256(program), None), said)
