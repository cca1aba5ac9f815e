#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Events as records of audit (docs/events.md), read by ausearch and LAUREL, against the same events in JSON.

usage: tests/cli/audit.py EVENTS_PRINT
"""
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
from auditlog import arguments, ausearch, groups_of, laurel  # noqa: E402

PRINT = sys.argv[1]
ALL = ("unread", "cut", "empty", "words", "longest", "various")
READ_MAX = 8970  # MAX_AUDIT_MESSAGE_LENGTH of audit-userspace: what its readers take
ALONE = {"TRUSTED_APP", "ANOM_ABEND"}
# By action of the JSON: what ausearch calls the system call. A connection ends by none.
CALLS = {"exec": "execve", "fork": "clone", "thread": "clone", "exit": "exit_group", "ptrace": "ptrace",
         "process_access": "process_vm_readv", "signal": "kill", "memfd": "memfd_create", "bpf": "bpf",
         "exec_failed": "execve", "open": "openat", "create": "openat", "mkdir": "mkdirat", "mknod": "mknodat",
         "symlink": "symlinkat", "link": "linkat", "unlink": "unlinkat", "rmdir": "unlinkat", "rename": "renameat2",
         "exchange": "renameat2", "truncate": "truncate", "chmod": "fchmodat", "chown": "fchownat",
         "setxattr": "setxattr", "removexattr": "removexattr", "write": "write", "mount": "mount", "umount": "umount2",
         "listen": "listen", "connect": "connect", "accept": "accept4", "bind": "bind",
         "dns": "sendto", "chroot": "chroot", "namespaces": "setns",
         "terminal": "write"}
# Reported when they have succeeded; of open, write and umount that is not known.
SUCCEED = {"exec", "fork", "thread", "create", "mkdir", "mknod", "symlink", "link", "unlink", "rmdir",
           "rename", "exchange", "truncate", "chmod", "chown", "setxattr", "removexattr", "mount", "chroot", "accept",
           "credentials", "namespaces", "datagram", "listen", "terminal"}
USERS = ("user", "real_user", "saved_user", "fs_user")
GROUPS = ("group", "real_group", "saved_group", "fs_group")
OUTCOMES = {"success": "yes", "failure": "no", "unknown": None}


UNKNOWN = ("auid=4294967295 uid={} gid=4294967295 euid=4294967295 suid=4294967295 fsuid=4294967295 egid=4294967295 "
           "sgid=4294967295 fsgid=4294967295 tty=? ses=4294967295 comm=\"name\" exe=(null)")


def expected_read():
    """{(what, what they are of): [the records of each group]} of tests/data/audit-records.txt."""
    found, what, groups = {}, None, []
    with open(f"{ROOT}/tests/data/audit-records.txt", encoding="ascii") as file:
        for line in file.read().splitlines():
            if line.startswith("["):
                what = line[1:-1]
            elif line.startswith(" "):
                groups[-1].append(line[1:])
            elif not line.startswith("#"):
                groups = found.setdefault((what, line), [])
                groups.append([])
    return {key: [written_out(group) for group in groups] for key, groups in found.items()}


def written_out(group):
    lines = [line.replace("SYSCALL ", "SYSCALL arch=c000003e ") for line in group]
    lines = [re.sub(r"@(\d+)", lambda match: UNKNOWN.format(match[1]), line) for line in lines]
    lines = [re.sub(r"\((\w+)\)\*(\d+),", lambda match: match[1] * int(match[2]), line) for line in lines]
    if not lines[0].startswith("SYSCALL"):
        return lines
    return lines + ([] if lines[-1].startswith("PROCTITLE") else ["PROCTITLE proctitle=(null)"]) + ["EOE "]


def as_expected(group):
    """Without the time; what the sensor says of itself, without its own ids."""
    lines = [re.sub(r"^type=(\S+) msg=audit\([^)]*\):", r"\1", record.line) for record in group]
    return [line.replace(f" pid={line.split('pid=')[1].split()[0]} uid={os.getuid()} ", " pid=SELF uid=SELF ")
            if line.startswith("TRUSTED_APP") and " pid=10 " not in line else line for line in lines]


class Printed:
    """What events_print writes of something: [(what it is of, event)], records of each, of the sensor's own."""

    def __init__(self, what, directory):
        self.path = os.path.join(directory, what)
        out = subprocess.run([PRINT, what, self.path], check=True, capture_output=True).stdout.decode()
        self.events = [(row.split("\t")[0], json.loads(row.split("\t")[1])) for row in out.split("\n")[:-1]]
        with open(self.path, "rb") as file:
            self.data = file.read()
        self.lines = self.data.decode("ascii").split("\n")[:-1]
        groups = groups_of(self.lines)
        self.groups, self.own = groups[:len(self.events)], groups[len(self.events):]

    def each(self):
        for (of, event), group in zip(self.events, self.groups):
            yield of, event, group


def call_of(event):
    """What ausearch has to call the system call of an event of the JSON."""
    action, own = event["event"]["action"], event["sextant"]
    if action == "module":
        module = own["module"] or {"loaded": True}
        return ("delete_module" if not module["loaded"] else
                "init_module" if module.get("image") == "memory" else "finit_module")
    if action == "datagram":
        return "sendto" if event["network"]["direction"] == "egress" else "recvfrom"
    return change_of(own["before"], own["after"]) if action == "credentials" else CALLS[action]


def change_of(before, after):
    """The call that makes such a change of credentials; setresuid, if it is not known."""
    if not before or not after or any(before[key] != after[key] for key in USERS):
        return "setresuid"
    if any(before[key] != after[key] for key in GROUPS):
        return "setresgid"
    return "capset" if before["capabilities"] != after["capabilities"] else "setns"


def of_type(group, kind):
    return [record for record in group if record.type == kind]


def exact(event, name):
    """Bytes of a member of the JSON; None: not known. For a list a list."""
    value = event
    for key in name.split("."):
        value = value.get(key) if value is not None else None
    raw = event["sextant"].get("raw", {}).get(name)
    if isinstance(value, list):
        return [bytes.fromhex(r) if r else v.encode() for v, r in zip(value, raw or [None] * len(value))]
    if value is None:
        return None
    return bytes.fromhex(raw) if raw else value.encode()


def interpreted(printed):
    """Of `ausearch -i`: serial number: {type: [{field: value}]}, values without blanks alone."""
    found = {}
    for line in printed.splitlines():
        match = re.match(r"type=(\S+) msg=audit\(\S+ \S+:(\d+)\) :(.*)", line)
        if match:
            fields = dict(re.findall(r" (\S+?)=(\S*)", match[3]))
            found.setdefault(int(match[2]), {}).setdefault(match[1], []).append(fields)
    return found


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.printed = {what: Printed(what, directory.name) for what in ALL}


class Records(Audit):
    def test_each_event_is_a_group_of_its_own(self):
        for what, printed in self.printed.items():
            groups = printed.groups + printed.own
            self.assertGreater(len(printed.own), 8)
            self.assertEqual([group[0].serial for group in groups], list(range(len(groups))), what)

    def test_a_group_has_an_end(self):
        for printed in self.printed.values():
            for group in printed.groups + printed.own:
                types = [record.type for record in group]
                if len(group) == 1:
                    self.assertIn(types[0], ALONE)
                else:
                    self.assertEqual((types[0], types[-2:], types.count("EOE")), ("SYSCALL", ["PROCTITLE", "EOE"], 1))
                    self.assertFalse(ALONE & set(types))

    def test_no_reader_has_to_cut_a_line(self):
        longest = max(len(line) for printed in self.printed.values() for line in printed.lines)
        self.assertLess(longest, READ_MAX)
        self.assertGreater(longest, 8000)  # else nothing here is long

    def test_a_hostile_name_makes_no_record_and_no_field(self):
        by = {}
        for of, _, group in self.printed["words"].each():
            if of != "args":
                keys = [(r.type, [key for key, _ in r.fields]) for r in group]
                by.setdefault(of.rsplit(" ", 1)[0], {}).setdefault(of.endswith(" 0"), []).append(keys)
        self.assertGreater(len(by), 35)
        for of, names in by.items():
            self.assertGreater(len(names[False]), 20)  # " 0" is the empty name
            self.assertEqual([keys for keys in names[False] if keys != names[False][0]], [], of)

    def test_the_number_of_paths_is_that_of_the_system_call(self):
        for printed in self.printed.values():
            for of, _, group in printed.each():
                for call in of_type(group, "SYSCALL"):
                    self.assertEqual(int(call["items"]), len(of_type(group, "PATH")), of)

    def test_an_exec_is_that_of_the_json(self):
        for what, printed in self.printed.items():
            for of, event, group in printed.each():
                if event["event"]["action"] != "exec":
                    continue
                with self.subTest(f"{what}: {of}"):
                    call, = of_type(group, "SYSCALL")
                    path = exact(event, "process.executable")
                    self.assertEqual(call.text("exe"), path[-4095:] if path is not None else None)
                    self.assertEqual(call.text("comm"), exact(event, "process.name"))
                    args = exact(event, "process.args")
                    self.assertEqual(arguments(group), args or [])
                    if args is not None:
                        self.assertEqual(int(of_type(group, "EXECVE")[0]["argc"]), len(args))
                    cwd = exact(event, "process.working_directory")
                    self.assertEqual([r.text("cwd") for r in of_type(group, "CWD")], [cwd[-4095:]] if cwd is not None else [])

    def test_ids_are_those_of_the_json_or_not_set(self):
        names = {"uid": "real_user", "euid": "user", "suid": "saved_user", "gid": "real_group", "egid": "group",
                 "sgid": "saved_group"}
        for _, event, group in self.printed["various"].each():
            call = of_type(group, "SYSCALL")
            if event["event"]["action"] == "exec":
                for key, name in names.items():
                    self.assertEqual(call[0][key], event["process"][name]["id"])
                self.assertEqual((call[0]["auid"], call[0]["ses"], call[0]["tty"]), ("1000", "3", "pts0"))
            elif call and event["event"]["action"] != "credentials":
                self.assertEqual((call[0]["uid"], call[0]["gid"], call[0]["auid"]),
                                 (event["user"]["id"], "4294967295", "4294967295"))

    def test_no_program_of_later_is_that_of_an_event(self):
        by = {of: (event, group) for of, event, group in self.printed["various"].each()}
        for of, known in (("signal signal before", False), ("signal signal after", True)):
            event, group = by[of]
            call, title = group[0], of_type(group, "PROCTITLE")[0]
            self.assertEqual((call["exe"], call["ses"], title.text("proctitle")),
                             ('"/usr/bin/env"', "3", b"env\0-i") if known else ("(null)", "4294967295", None))
            self.assertEqual(event["process"].get("executable"), "/usr/bin/env" if known else None)

    def test_each_record_is_the_expected_one(self):
        expected = expected_read()
        found = {("own", "own"): self.printed["various"].own}
        for what in ("various", "unread"):
            for of, _, group in self.printed[what].each():
                found.setdefault((what, of), []).append(group)
        for key, want in expected.items():
            with self.subTest(key):
                self.assertEqual([as_expected(group) for group in found[key]], want)
        missing = {key for key in found if key[0] == "various" and not key[1].endswith("sized")} - set(expected)
        self.assertEqual(missing, set())
        self.assertGreater(sum(map(len, expected.values())), 100)

    def test_what_could_not_be_read_is_not_made_up(self):
        for of, _, group in self.printed["unread"].each():
            if of == "exec exec all":
                call, = of_type(group, "SYSCALL")
                self.assertEqual({call[key] for key in ("uid", "gid", "euid", "auid", "ses")}, {"4294967295"})
                self.assertEqual((call["ppid"], call["exe"], call["tty"]), ("?", "(null)", "?"))
                self.assertEqual([(r["name"], "inode" in r, "mode" in r) for r in of_type(group, "PATH")],
                                 [("(null)", False, False)])
                self.assertEqual([r.type for r in group], ["SYSCALL", "PATH", "PROCTITLE", "EOE"])
            if of.startswith("signal signal OUTCOME"):
                self.assertNotIn("success", of_type(group, "SYSCALL")[0])

    def test_addresses_are_those_of_struct_sockaddr(self):
        found = [of_type(group, "SOCKADDR")[0]["saddr"] for of, _, group in self.printed["various"].each()
                 if of.startswith("socket connect")]
        self.assertEqual(found, ["020001BBC00002070000000000000000",
                                 "0A0001BB0000000020010DB800000000000000000000000200000000",
                                 "01002F72756E2F61206200", "0100006162737472616374"])

    def test_a_signal_ends_a_process_by_no_system_call(self):
        found = [(group[0].type, group[0].line.rpartition("sig=")[2]) for of, _, group in self.printed["various"].each()
                 if of.startswith("exit")]
        self.assertEqual(found[2:], [("TRUSTED_APP", "\"9\" res=success'"), ("ANOM_ABEND", "11 res=1"),
                                     ("ANOM_ABEND", "6 res=1"), ("TRUSTED_APP", "\"15\" res=success'"),
                                     ("TRUSTED_APP", "\"3\" res=success'")])
        self.assertEqual([kind for kind, _ in found[:2]], ["SYSCALL", "SYSCALL"])


class Ausearch(Audit):
    """The reader that comes with auditd."""

    SEARCHES = (["-x", "/text"], ["-c", "name"], ["-k", "sextant_exec"], ["-p", "10"], ["-ui", "1"], ["-ga", "1"],
                ["-f", "/text"], ["-hn", "192.0.2.7"], ["-sv", "yes"], ["-sc", "execve"], ["-tm", "pts0"],
                ["--session", "3"], ["-ul", "1000"])

    def test_it_reads_each_record(self):
        for what, printed in self.printed.items():
            raw, said = ausearch(printed.path, "--raw")
            self.assertEqual((sorted(raw.splitlines()), said), (sorted(printed.lines), ""), what)

    def test_it_interprets_each_event(self):
        for what, printed in self.printed.items():
            out, said = ausearch(printed.path, "-i")
            self.assertEqual(said, "", what)
            self.assertEqual(len(re.findall(r"(?m)^----$", out)), len(printed.groups) + len(printed.own))
            self.assertEqual(len(re.findall(r"(?m)^type=", out)), len(printed.lines))

    def test_no_search_finds_a_malformed_record(self):
        for what, printed in self.printed.items():
            for search in self.SEARCHES:
                _, said = ausearch(printed.path, "--debug", "--raw", *search)
                self.assertNotIn("Malformed", said, f"{what} {search}")

    def test_a_search_finds_what_it_is_for(self):
        path = self.printed["various"].path
        execs = sum(of.startswith("exec ") for of, _ in self.printed["various"].events)
        for search, count in ((["-k", "sextant_exec"], execs + 1),  # and an exec_failed
                              (["-x", "/usr/bin/env"], execs + 1), (["-ul", "1000"], execs),
                              (["-m", "ANOM_ABEND"], 2), (["-sv", "no", "-sc", "connect"], 2), (["-hn", "192.0.2.7"], 4 + 2)):
            out, _ = ausearch(path, "--raw", *search)
            found = {line.split(":")[1] for line in out.splitlines()}
            self.assertEqual(len(found), count, search)

    def test_its_words_are_those_of_the_json(self):
        for what in ("unread", "various"):
            printed = self.printed[what]
            seen = interpreted(ausearch(printed.path, "-i")[0])
            for serial, (of, event, group) in enumerate(printed.each()):
                if len(group) == 1:
                    continue
                with self.subTest(f"{what}: {of}"):
                    self.assert_same(event, group, seen[serial]["SYSCALL"][0])

    def assert_same(self, event, group, seen):
        action = event["event"]["action"]
        outcome = "yes" if action in SUCCEED else OUTCOMES[event["event"].get("outcome", "unknown")]
        self.assertEqual((seen["syscall"], seen.get("success")), (call_of(event), outcome))
        self.assertEqual(seen["key"], "sextant_" + event["event"]["dataset"].removeprefix("sextant."))
        self.assertEqual(seen["comm"], "name")
        if action == "exec":
            self.assertEqual(seen["exe"], event["process"]["executable"] or "(null)")
            self.assertEqual(int(seen["pid"]), event["process"]["pid"])
        uid = int(of_type(group, "SYSCALL")[0]["uid"])
        self.assertEqual(seen["uid"], self.name_of(uid))

    @staticmethod
    def name_of(uid):
        try:
            return "unset" if uid == 0xffffffff else pwd.getpwuid(uid).pw_name
        except KeyError:
            return f"unknown({uid})"

    def test_it_knows_the_names_of_files_and_addresses(self):
        out, _ = ausearch(self.printed["various"].path, "-i")
        self.assertIn("saddr={ saddr_fam=inet laddr=192.0.2.7 lport=443 }", out)
        self.assertIn("saddr={ saddr_fam=inet6 laddr=2001:db8::2 lport=443 }", out)
        self.assertIn("item=0 name=./env inode=77 dev=08:12 mode=file,755", out)
        self.assertIn("cwd=/home/a b", out)
        self.assertIn("exit=ECONNREFUSED(Connection refused)", out)


@unittest.skipUnless(shutil.which("laurel"), "needs laurel, which not every distribution has")
class Laurel(Audit):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.read = {}
        for what, printed in cls.printed.items():
            lines, said = laurel(printed.data)
            cls.read[what] = ([json.loads(line) for line in lines], said)

    def test_it_reads_each_event(self):
        for what, printed in self.printed.items():
            events, said = self.read[what]
            self.assertIn(f"processed {len(printed.lines)} lines 0 events with 0 errors", said, what)
            self.assertEqual(sorted(int(e["ID"].split(":")[1]) for e in events),
                             list(range(len(printed.groups) + len(printed.own))), what)

    def test_its_arguments_are_those_of_the_json(self):
        compared = 0
        for what, printed in self.printed.items():
            by_serial = {int(e["ID"].split(":")[1]): e for e in self.read[what][0]}
            for serial, (of, event) in enumerate(printed.events):
                args = exact(event, "process.args") if event["event"]["action"] == "exec" else None
                if args is not None:
                    found = [urllib.parse.unquote_to_bytes(a) for a in by_serial[serial]["EXECVE"]["ARGV"]]
                    self.assertEqual(found, args, f"{what}: {of}")
                    compared += 1
        self.assertGreater(compared, 50)


if __name__ == "__main__":
    tap.main()
