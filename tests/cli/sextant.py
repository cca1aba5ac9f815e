#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""sextant's command line where no root is needed: usage, databases, choosing rows.

usage: tests/cli/sextant.py SEXTANT DATABASE
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import hostile  # noqa: E402
import tap  # noqa: E402
from patience import HANGS  # noqa: E402

SEXTANT, DATABASE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
LKCCB, LIVE_BTF = os.path.join(os.path.dirname(SEXTANT), "lkccb"), "/sys/kernel/btf/vmlinux"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
OLD = "3.10.0-1160.el7.x86_64"


class Sextant(unittest.TestCase):
    def sextant(self, *arguments):
        return subprocess.run([SEXTANT, *arguments], capture_output=True, text=True, check=False)

    def one_line(self, code, words, *arguments):
        done = self.sextant(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, r"^sextant: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)

    def test_wrong_usage(self):
        for arguments in ([], ["nonsense"], ["run", "more"], ["run", "--events", "exec,nonsense"],
                          ["run", "--format", "xml"], ["run", "--duration", "0"],
                          ["run", "--duration", "1x"], ["run", "--duration", "nan"],
                          ["run", "--duration", "-1"], ["run", "--log-level", "loud"],
                          ["run", "--cpu-budget", "-1"], ["run", "--cpu-budget", "10001"], ["run", "--cpu-budget", "5%"],
                          ["run", "--require", "nonsense"], ["run", "--require", "file"],
                          ["run", "--tier", "4"], ["run", "--attach", "glue"]):
            done = self.sextant(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("sextant --help", done.stderr)

    def help(self):
        done = self.sextant("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_help_ends_in_examples(self):
        self.assertRegex(self.help(), r"\nexit status:\n(.|\n)*\nexamples:\n(  sextant [^\n]*\n)+$")
        self.assertLessEqual(max(map(len, self.help().splitlines())), 100)

    def test_help_of_a_command_lists_what_it_takes(self):
        options, found = re.compile(r"(?m)^  (?:-\w, )?(--[a-z-]+)"), set()
        for command in re.findall(r"(?m)^  ([a-z]+) ", self.help().split("\n\noptions:")[0]):
            if command == "trace":
                self.assertEqual(self.sextant("--help", command).stdout, self.sextant(command, "--help").stdout)
                continue
            for arguments in ([command, "--help"], ["--help", command]):
                done = self.sextant(*arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
                self.assertRegex(done.stdout, rf"^usage: sextant {command} ")
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)
            found.update(options.findall(done.stdout))
            self.assertEqual("--instructions" in done.stdout, command == "check")
            self.assertEqual("--control-group" in done.stdout, command in ("run", "config"))
        self.assertEqual(found, set(options.findall(self.help())))
        self.one_line(2, ["unknown command", "nonsense"], "nonsense", "--help")

    def test_an_option_of_other_commands_is_refused(self):
        for command, option, owners in (("run", ["--metrics"], "status"), ("run", ["--json"], "check, show, status"),
                                        ("status", ["--try"], "check"), ("run", ["--pin", "x"], "check"),
                                        ("show", ["--instructions"], "check"), ("check", ["--duration", "3"], "run"),
                                        ("run", ["--check"], "config"), ("status", ["--record", "x"], "run, replay")):
            self.one_line(2, [f"{option[0]} is an option of {owners}, not of {command}"], command, *option)

    def test_version(self):
        for option in ("--version", "-V"):
            done = self.sextant(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"^sextant \d+\.\d+\.\d+\n$")

    def lists(self, option):
        """The names that --help lists for an option: its description's lines of names alone."""
        text = re.split(rf"(?m)^  {option} ", self.help())[1].split("\n  -")[0]
        return [re.sub(r"\s", "", names).split(",") for names in
                re.findall(r"(?m)^((?: {29}[a-z_]+(?:,[a-z_]+)*,?\n)+)", text + "\n")]

    def test_help_lists_every_event_class_and_attach_method(self):
        every, default = self.lists("--events")
        self.assertEqual(default, ["exec", "fork", "exit"])
        self.assertEqual(len(set(every)), len(every))
        show = ["show", "--db", DATABASE, "--kernel-override", OLD]
        for name in every:
            done = self.sextant(*show, "--events", name)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = self.sextant("check", "--db", DATABASE, "--kernel-override", "none", "--events", "all", "--json")
        self.assertEqual(sorted(json.loads(done.stdout)["classes"]), sorted(every), done.stderr)
        [methods] = self.lists("--attach")
        done = self.sextant(*show, "--attach", ",".join(methods))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("kprobe", methods)

    def test_a_question_while_one_sensor_follows_another(self):
        """The older one ends without an answer; 'restart' is asked for once, all the same."""
        with tempfile.TemporaryDirectory() as directory:
            path, asked = os.path.join(directory, "control"), []

            def serve():
                with socket.socket(socket.AF_UNIX) as older:
                    older.bind(path)
                    older.listen()
                    is_there.set()
                    with older.accept()[0] as connection:
                        asked.append(connection.recv(100))
                os.remove(path)
                with socket.socket(socket.AF_UNIX) as newer:
                    time.sleep(0.3)
                    newer.bind(path)
                    newer.listen()
                    newer.settimeout(5)
                    try:
                        with newer.accept()[0] as connection:
                            asked.append(connection.recv(100))
                            connection.sendall(b"6\n{}\n")
                    except TimeoutError:
                        pass
                os.remove(path)

            for command, code, said in ((["status", "--json"], 6, "{}\n"), (["restart"], 1, "")):
                is_there = threading.Event()
                thread = threading.Thread(target=serve)
                thread.start()
                is_there.wait()
                done = self.sextant(*command, "--control", path)
                self.assertEqual((done.returncode, done.stdout), (code, said), done.stderr)
                thread.join()
            self.assertEqual(asked, [b"json\n", b"json\n", b"restart\n"])

    def test_the_man_page_has_every_option_class_and_exit_status(self):
        with open(os.path.join(ROOT, "docs/sextant.8"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        options = page.split(".SH OPTIONS")[1].split(".SH FILTER RULES")[0]
        for option in re.findall(r"(?m)^  (?:-\w, )?(--[a-z-]+)", self.help()):
            self.assertTrue(re.search(rf"\.TP\n\.(B|BI|BR) [^\n]*{option}\b", options), option)
        for option in ("--events", "--attach"):
            text = re.split(rf"\.TP\n\.BI {option} ", options)[1]
            text = re.split(r"\.TP\n\.BI --", text)[0]
            self.assertEqual(re.findall(r"(?m)^\.IR? (\w+)", text), self.lists(option)[0])
        statuses = re.findall(r"(?m)^  (\d)  ", self.help())
        self.assertEqual(statuses, [str(n) for n in range(8)])
        for status in statuses:
            self.assertTrue(re.search(rf"\.TP\n{status}\n", page.split(".SH EXIT STATUS")[1]), status)

    def test_the_man_page_of_trace_has_every_option_and_class(self):
        done = self.sextant("trace", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(os.path.join(ROOT, "docs/sextant-trace.8"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        options = re.findall(r"(?m)^  (--[a-z-]+)", done.stdout)
        self.assertGreater(len(options), 10)
        classes = re.search(r"Classes: (.*)", done.stdout)[1].split()
        self.assertIn("file", classes)
        for word in [*options, *(f"%{name}" for name in classes)]:
            self.assertIn(word, page)

    def test_options_of_trace_stand_behind_it(self):
        self.one_line(2, ["behind it"], "--verbose", "trace")

    def test_override_shows_that_row(self):
        done = self.sextant("show", "--db", DATABASE, "--kernel-override", OLD, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        row = json.loads(done.stdout)
        self.assertEqual(row["release"], OLD)
        facts = {(f["type"], f["member"]): f["offset"] for f in row["facts"]}
        self.assertEqual(facts["task_struct", "pids[0].pid"], 1312)

    @unittest.skipUnless(os.path.exists(LIVE_BTF), "this kernel has no BTF")
    def test_what_an_entry_lacks_comes_from_the_btf_of_the_same_kernel(self):
        """The entry of an earlier lkccb lacks what was added to the catalogue since."""
        host = os.uname()
        with tempfile.TemporaryDirectory() as directory:
            database, text = os.path.join(directory, "x.db"), os.path.join(directory, "x.txt")
            members = ("sizeof\t0\t4096", "pid\t4\t4")  # wrong, to see what is kept
            for version, is_own in ((host.version, True), ("#1 another kernel", False)):
                with open(text, "w", encoding="utf-8") as file:
                    file.write(f"kernel\trelease={host.release}\tmachine={host.machine}\tversion={version}"
                               "\tsource=dwarf\n")
                    file.writelines(f"member\ttask_struct\t{member}\n" for member in reversed(members))
                subprocess.run([LKCCB, "import", "--db", database, text], capture_output=True, check=True)
                own = self.sextant("show", "--db", database, "--json")
                self.assertEqual(own.returncode, 0, own.stderr)
                facts = {(f["type"], f["member"]): f["offset"] for f in json.loads(own.stdout)["facts"]}
                self.assertIn(("fs_struct", "umask"), facts)
                self.assertEqual(facts["task_struct", "pid"] == 4, is_own)  # the entry counts for its own kernel
                named = self.sextant("show", "--db", database, "--json", "--kernel-override", host.release)
                self.assertEqual(len(json.loads(named.stdout)["facts"]), 2)  # named: as it is
                os.remove(database)

    def databases(self, directory, *kernels):
        """A database for each kernel, of release, version, source and offset of task_struct.pid; as options."""
        options = []
        for number, (keys, pid) in enumerate(kernels):
            database, text = os.path.join(directory, f"{number}.db"), os.path.join(directory, "x.txt")
            with open(text, "w", encoding="utf-8") as file:
                words = "".join(f"\t{key}={value}" for key, value in keys.items())
                file.write(f"kernel\tmachine={os.uname().machine}{words}\nmember\ttask_struct\tpid\t{pid}\t4\n")
            subprocess.run([LKCCB, "import", "--db", database, text], capture_output=True, check=True)
            options += ["--db", database]
        return options

    def pid_of(self, options):
        done = self.sextant("show", "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return next(f["offset"] for f in json.loads(done.stdout)["facts"] if f["member"] == "pid")

    def test_of_several_databases_the_most_trusted_entry_is_used(self):
        host = os.uname()
        own = {"release": host.release, "version": host.version}
        with tempfile.TemporaryDirectory() as directory:
            options = self.databases(directory, ({**own, "source": "proven"}, 4), ({**own, "source": "table"}, 8),
                                     ({"release": "other", "source": "dwarf"}, 12))
            self.assertEqual(self.pid_of(options), 8)
            self.assertEqual(self.pid_of(options[2:] + options[:2]), 8)
            self.assertEqual(self.pid_of(options[:2] + options[4:]), 4)
            self.assertEqual(self.pid_of(options + ["--kernel-override", "other"]), 12)
            self.assertEqual(self.pid_of(options + ["--kernel-override", host.release]), 8)
            self.one_line(3, ["no offsets for none in ", "0.db, ", "2.db; add them"], "show", *options,
                          "--kernel-override", "none")

    def test_an_entry_with_another_build_id_yields_to_one_with_that_of_the_kernel(self):
        host = os.uname()
        with tempfile.TemporaryDirectory() as directory:
            own = json.loads(self.sextant("check", "--json").stdout)["kernel"]["build_id"]
            if not own:
                self.skipTest("this kernel has no build-id")
            keys = {"release": host.release, "version": host.version}
            options = self.databases(directory, ({**keys, "build_id": "aa01", "source": "dwarf"}, 4),
                                     ({**keys, "build_id": own, "source": "proven"}, 8))
            self.assertEqual(self.pid_of(options), 8)
            self.assertEqual(self.pid_of(options[2:] + options[:2]), 8)

    def test_databases_that_contradict_each_other_are_refused(self):
        host = os.uname()
        keys = {"release": host.release, "version": host.version, "source": "dwarf"}
        with tempfile.TemporaryDirectory() as directory:
            options = self.databases(directory, (keys, 4), (keys, 8))
            for command in ("run", "check", "show"):
                self.one_line(1, [host.release, "that differ", "only one with --db"], command, *options)
            same = shutil.copy(options[1], os.path.join(directory, "same.db"))
            self.assertEqual(self.pid_of(options[:2] + ["--db", same]), 4)

    def test_a_missing_database_beside_others(self):
        keys = {"release": os.uname().release, "version": os.uname().version, "source": "dwarf"}
        with tempfile.TemporaryDirectory() as directory:
            missing = ["--db", os.path.join(directory, "missing.db")]
            options = self.databases(directory, (keys, 4))
            self.assertEqual(self.pid_of(missing + options), 4)
            self.assertEqual(self.pid_of(options + missing), 4)
            damaged = os.path.join(directory, "damaged.db")
            with open(damaged, "w", encoding="ascii") as file:
                file.write("no database" * 100)
            self.one_line(1, [damaged], "show", *options, "--db", damaged)
        self.one_line(2, ["too many --db"], "show", *["--db", "x.db"] * 9)

    def test_unknown_release(self):
        for command in ("run", "show"):
            self.one_line(3, ["no offsets for 1.2.3", "lkccb add"], command, "--db", DATABASE,
                          "--kernel-override", "1.2.3")

    def test_missing_database(self):
        self.one_line(1, ["/no/such.db", "make kernels.db"], "run", "--db", "/no/such.db",
                      "--kernel-override", OLD)

    def test_damaged_database(self):
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            file.write(b"this is no database, but it is long enough to be taken for one" * 20)
            file.flush()
            for command in ("run", "check", "show"):
                self.one_line(1, [file.name, "not a kernels.db"], command, "--db", file.name)

    def test_older_schema(self):
        with tempfile.NamedTemporaryFile(suffix=".db") as file, open(DATABASE, "rb") as whole:
            data = bytearray(whole.read())
            data[60:64] = bytes(4)
            file.write(data)
            file.flush()
            self.one_line(1, [file.name, "schema 0"], "show", "--db", file.name)

    def each_refuses(self, words, database):
        for command in (["run", "--duration", "0.1"], ["check"], ["show"]):
            with self.subTest(words[-1], command=command[0]):
                self.one_line(1, [database, *words], *command, "--db", database)

    def test_hostile_databases(self):
        with open(DATABASE, "rb") as file:
            genuine = file.read()
        with tempfile.TemporaryDirectory() as directory:
            database, victim = os.path.join(directory, "x.db"), os.path.join(directory, "victim")
            for name, data in (("view", None), *hostile.trees(genuine)):
                if name == "view":
                    data = dict(hostile.schemas(genuine))["view"]
                with open(database, "wb") as file:
                    file.write(data)
                done = subprocess.run([SEXTANT, "show", "--db", database, "--kernel-override", OLD],
                                      capture_output=True, text=True, timeout=HANGS, check=False)
                self.assertIn(done.returncode, (0, 1))
                self.assertLessEqual(len(done.stderr.splitlines()), 1)
            for path, data in ((database, genuine), (victim, b"precious\0"),
                               (f"{database}-journal", hostile.journal(victim))):
                with open(path, "wb") as file:
                    file.write(data)
            self.each_refuses(["x.db-journal"], database)
            self.assertTrue(os.path.exists(victim))

    def test_databases_that_others_could_change(self):
        with tempfile.TemporaryDirectory() as directory:
            database = os.path.join(directory, "x.db")
            shutil.copy(DATABASE, database)
            os.chmod(database, 0o646)
            self.each_refuses(["is writable by everybody"], database)
            os.chmod(database, 0o644)
            os.chmod(directory, 0o777)
            self.each_refuses([directory, "is writable by everybody"], database)
            os.chmod(directory, 0o1777)
            self.assertEqual(self.sextant("show", "--db", database).returncode,
                             self.sextant("show", "--db", DATABASE).returncode)
            os.mkfifo(os.path.join(directory, "fifo"))
            self.each_refuses(["not a regular file"], os.path.join(directory, "fifo"))

    @unittest.skipIf(os.geteuid() != 0, "needs root: files of somebody else")
    def test_databases_of_others(self):
        with tempfile.TemporaryDirectory() as directory:
            database, link = os.path.join(directory, "x.db"), os.path.join(directory, "link")
            shutil.copy(DATABASE, database)
            os.symlink(database, link)
            os.chown(link, 65534, 65534, follow_symlinks=False)
            self.each_refuses([link, "is owned by uid 65534"], link)
            os.chown(database, 65534, 65534)
            self.each_refuses(["is owned by uid 65534"], database)
            os.chown(database, 0, 0)
            os.chown(directory, 65534, 65534)
            self.each_refuses(["the directory", "is owned by uid 65534"], database)

    def signed(self, directory, name, serial):
        """A database, signed with that number by the key 'key', beside it."""
        database, key = os.path.join(directory, name), os.path.join(directory, "key")
        shutil.copy(DATABASE, database)
        if not os.path.exists(key):
            subprocess.run([LKCCB, "keygen", key], capture_output=True, check=True)
        subprocess.run([LKCCB, "sign", "--db", database, "--key", key, "--serial", str(serial)],
                       capture_output=True, check=True)
        return ["--kernel-override", OLD, "--db", database, "--db-key", f"{key}.pub", "--state",
                os.path.join(directory, "state")]

    def run_begins(self, *arguments):
        """Uses the database, then fails: nothing is loaded."""
        self.one_line(1, ["/no/such/rules"], "run", "--filter", "/no/such/rules", *arguments)

    def test_signed_databases(self):
        with tempfile.TemporaryDirectory() as directory:
            state = os.path.join(directory, "state")
            new, old = self.signed(directory, "new.db", 7), self.signed(directory, "old.db", 6)
            for arguments in (new, old):
                done = self.sextant("show", *arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertFalse(os.path.exists(state))  # only a run counts
            self.run_begins(*old)
            self.run_begins(*new)
            [kept] = os.listdir(state)
            with open(os.path.join(state, kept), encoding="ascii") as file:
                self.assertEqual(file.read(), "7\n")
            self.assertEqual(os.stat(os.path.join(state, kept)).st_mode & 0o777, 0o644)
            with open(os.path.join(directory, "key.pub"), encoding="ascii") as file:
                self.assertEqual(kept, f"db-{file.read()[:16]}.serial")
            for command in (["run", "--filter", "/no/such/rules"], ["check"], ["show"]):
                self.one_line(4, ["old.db: older", "is 6", "was 7", kept], *command, *old)
            self.run_begins(*new)
            self.run_begins(*self.signed(directory, "old.db", 8))  # the same, signed again
            self.one_line(4, ["new.db: older", "is 7", "was 8"], "show", *new)
            subprocess.run([LKCCB, "keygen", os.path.join(directory, "other")], capture_output=True, check=True)
            other = [word.replace("key.pub", "other.pub") for word in new]
            self.one_line(4, ["new.db", "not by this key"], "show", *other)

    def test_databases_that_the_key_does_not_allow(self):
        with tempfile.TemporaryDirectory() as directory:
            arguments = self.signed(directory, "x.db", 7)
            database, key = os.path.join(directory, "x.db"), os.path.join(directory, "key.pub")
            for command in (["run"], ["check", "--json"], ["show"]):
                with open(database, "ab") as file:
                    file.write(b"x")
                self.one_line(4, [database, "of another file"], *command, *arguments)
                shutil.copy(DATABASE, database)
                for text, words in (("x", "not a signature"), ("", "empty"), (None, "not signed")):
                    os.remove(f"{database}.sig")
                    if text is not None:
                        with open(f"{database}.sig", "w", encoding="ascii") as file:
                            file.write(text)
                    self.one_line(4, ["x.db.sig", words], *command, *arguments)
                self.signed(directory, "x.db", 7)
            os.remove(database)
            self.one_line(1, [database, "No such file"], "show", *arguments)
            self.signed(directory, "x.db", 7)
            with open(key, "w", encoding="ascii") as file:
                file.write("00\n")
            self.one_line(1, [key, "32 bytes in hex"], "show", *arguments)
            os.chmod(key, 0o666)
            self.one_line(1, [key, "is writable by everybody"], "show", *arguments)
            os.remove(key)  # never as if there were no database, so that the BTF is used
            done = self.sextant("show", *arguments[2:])
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("key.pub", done.stderr)
            self.one_line(2, ["--state needs --db-key"], "show", "--state", directory)

    def test_state_that_is_damaged_or_not_trusted(self):
        with tempfile.TemporaryDirectory() as directory:
            arguments, state = self.signed(directory, "x.db", 7), os.path.join(directory, "state")
            self.run_begins(*arguments)
            [kept] = (os.path.join(state, name) for name in os.listdir(state))
            for text in ("", "7", "-7\n", "7\n8\n", " 7\n", "0\n", "x" * 100, "1234567890123456789\n", "7\0\n"):
                with open(kept, "w", encoding="ascii") as file:
                    file.write(text)
                for command in (["run", "--filter", "/no/such/rules"], ["show"]):
                    self.one_line(1, [kept, "damaged"], *command, *arguments)
            os.remove(kept)
            os.symlink(os.path.join(directory, "nowhere"), kept)
            self.run_begins(*arguments)
            os.chmod(state, 0o777)
            self.one_line(1, [state, "is writable by everybody"], "show", *arguments)
            os.chmod(state, 0o755)
            shutil.rmtree(state)
            with open(state, "w", encoding="ascii"):
                self.one_line(1, [state, "Not a directory"], "run", *arguments)
            os.remove(state)
            os.chmod(directory, 0o777)
            self.one_line(1, [directory, "is writable by everybody"], "run", *arguments)

    def test_output_that_cannot_be_opened(self):
        self.one_line(1, ["/no/such/directory/x", "check the path"], "run", "--db", DATABASE,
                      "--kernel-override", OLD, "--output", "/no/such/directory/x")


if __name__ == "__main__":
    tap.main()
