#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""sextant check --try: the right layout among wrong ones, what it refuses, and the entry that it writes.

The database has the offsets of this kernel under the name of another one, and some that are shifted.

usage: tests/host/try.py SEXTANT DATABASE   (as root, on a kernel whose offsets sextant finds)
"""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from patience import HANGS  # noqa: E402
import shifted as wrong  # noqa: E402
from shifted import is_in, name, stanza  # noqa: E402

SEXTANT, DATABASE = map(os.path.abspath, sys.argv[1:3])
LKCCB = os.path.join(os.path.dirname(SEXTANT), "lkccb")
HOST = os.uname()
NOBODY = 65534


def sextant(*arguments):
    return subprocess.run([SEXTANT, *arguments], capture_output=True, text=True, check=False, timeout=HANGS)


def known(*arguments):
    done = sextant(*arguments, "--db", DATABASE, "--json")
    return json.loads(done.stdout)


FACTS = known("show")["facts"]
TESTED = known("check")["self_test"]


def is_plain(fact):
    return not (fact["type"].startswith((".", "enum ")) or fact["type"].endswith("()") or fact["bit_size"]
                or fact["member"] == "sizeof") and fact["size"]


VERIFIED = next(f for f in FACTS if name(f) == "cred.uid")
EXIT_CODE = next(f for f in FACTS if f["member"] == "group_exit_code")
UNNOTICED = [f for f in FACTS if is_plain(f) and is_in(f, TESTED["unverified_facts"])]
UNUSED = [f for f in FACTS if is_plain(f) and not is_in(
    f, TESTED["unverified_facts"] + TESTED["verified_facts"])]


def shifted(*facts):
    """The facts of this kernel, of which these lie elsewhere."""
    return [{**f, "offset": f["offset"] + (4 if f["size"] < 8 else 8)} if f in facts else f for f in FACTS]


def without(*facts):
    return [f for f in FACTS if f not in facts]


def attached():
    """Processes of this program; what it attaches goes away with its descriptors, but for events of tracefs."""
    left = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            left += [pid] if os.readlink(f"/proc/{pid}/exe") == SEXTANT else []
        except OSError:
            pass
    for path in ("/sys/kernel/tracing/kprobe_events", "/sys/kernel/debug/tracing/kprobe_events"):
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                left += [line for line in file if "sextant/" in line]
    return left


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.pin = self.path("local.db")

    def path(self, file):
        return os.path.join(self.directory.name, file)

    def database(self, *stanzas, file="others.db"):
        with open(self.path("others.txt"), "w", encoding="utf-8") as text:
            text.writelines(stanzas)
        subprocess.run([LKCCB, "import", "--db", self.path(file), self.path("others.txt")], check=True,
                       capture_output=True)
        return self.path(file)

    def tried(self, database, *options, code=0):
        """The report as Python."""
        done = sextant("check", "--try", "--json", "--db", database, *options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["exit_code"], code)
        return report

    def verdicts(self, report):
        return {layout["release"]: layout["verdict"] for layout in report["layouts"]}

    def refused(self, code, words, *options):
        done = sextant("check", "--try", *options)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        line = done.stderr.splitlines()[-1]
        for word in words:
            self.assertIn(word, line)


class Shift(Case):
    """Each fact that the self-test is said to verify here, wrong by one member: each is noticed."""

    def test_each_verified_fact_that_is_wrong_is_noticed(self):
        verified = known("check", "--events", "all")["self_test"]["verified_facts"]
        chosen = [fact for fact in FACTS if is_in(fact, verified)]
        database, each = wrong.database_of_each(LKCCB, FACTS, chosen, self.directory.name)
        self.assertGreater(len(each), 80)
        done = subprocess.run([SEXTANT, "check", "--try", "--json", "--db", database, "--events", "all"],
                              capture_output=True, text=True, check=False, timeout=HANGS * 10)
        report = json.loads(done.stdout)
        self.assertEqual(len(report["layouts"]), len(each) + 1)
        self.assertEqual(self.verdicts(report)[wrong.RIGHT], "passes")
        self.assertEqual(wrong.not_noticed(report, verified, each), [])


class Proof(Case):
    def right_and_wrong(self):
        return self.database(stanza("5.0.0-right", FACTS), stanza("5.0.0-twin", FACTS, source="isf"),
                             stanza("5.0.0-wrong", shifted(VERIFIED)), stanza("5.1.0-exit", shifted(EXIT_CODE)),
                             stanza("3.2.0-few", FACTS[:40]),
                             stanza("5.0.0-foreign", FACTS, machine="aarch64", build_id="aa77"))

    def test_only_the_right_layout_passes(self):
        report = self.tried(self.right_and_wrong())
        self.assertEqual(self.verdicts(report), {"5.0.0-right": "passes", "5.0.0-wrong": "fails",
                                                 "5.1.0-exit": "fails", "3.2.0-few": "unusable"})
        layouts = {layout["release"]: layout for layout in report["layouts"]}
        self.assertEqual(layouts["5.0.0-right"]["kernels"], 2)
        self.assertEqual(layouts["5.0.0-right"]["passed"], ["exec", "fork", "exit"])
        self.assertEqual(layouts["5.0.0-wrong"]["differ"], ["exec"])
        self.assertIn("cred.uid", layouts["5.0.0-wrong"]["facts_in_question"])
        self.assertEqual(layouts["5.1.0-exit"]["differ"], ["exit"])
        self.assertIn("group_exit_code", layouts["5.1.0-exit"]["facts_in_question"])
        self.assertIn("the kernel entry lacks", layouts["3.2.0-few"]["reason"])
        result = report["result"]
        self.assertEqual((result["outcome"], result["passing_layouts"], result["pinned"]), ("proven", 1, None))
        self.assertEqual(set(result["verified_facts"]), set(TESTED["verified_facts"]))
        self.assertEqual(result["left_out_facts"], [])

    def test_text(self):
        done = sextant("check", "--try", "--db", self.right_and_wrong(), "--pin", self.pin, "--events",
                       "exec,fork,exit,signal")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout,
                         r"(?m)^passes: +5\.0\.0-right \(dwarf\), 2 kernels\n +passed exec, fork, exit, signal\n")
        self.assertRegex(done.stdout, r"(?m)^fails: +5\.0\.0-wrong \(dwarf\), 1 kernel\n +passed fork\n"
                                      r" +differ: exec by .*cred\.uid")
        self.assertRegex(done.stdout, r"(?m)^result: +proven: 1 layout passes by the self-test of exec, fork, exit, signal\n"
                                      r" +\d+ of \d+ facts in use were verified\npinned: +\S+/local\.db; name it with --db beside the "
                                      r"other databases\n\Z")
        self.assertRegex(done.stderr, r"^sextant: trying 4 layouts of 5 kernels\n")

    def test_the_entry_that_is_pinned_is_used(self):
        self.assertEqual(self.tried(self.right_and_wrong(), "--pin", self.pin)["result"]["pinned"], self.pin)
        entry = json.loads(sextant("show", "--json", "--db", self.pin).stdout)
        self.assertEqual([entry[key] for key in ("release", "version", "machine", "source")],
                         [HOST.release, HOST.version, HOST.machine, "proven"])
        self.assertEqual(entry["build_id"], known("check")["kernel"]["build_id"])
        self.assertEqual(entry["origin"], "proven on this host: the self-test of exec, fork, exit passed with the "
                                          "layout of 5.0.0-right (dwarf)")
        numbers = {name(f): f["offset"] for f in FACTS}
        self.assertEqual([name(f) for f in entry["facts"] if f["offset"] != numbers[name(f)]], [])
        for databases in ([self.pin], [self.path("others.db"), self.pin], [self.pin, self.path("missing.db")]):
            options = [word for database in databases for word in ("--db", database)]
            done = sextant("run", *options, "--duration", "0.2", "--output", "/dev/null")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, r"ready on \S+, offsets of \S+ \(proven, by ")
            self.assertRegex(sextant("check", *options).stdout, r"from proven: proven on this host: ")

    def test_a_host_without_btf_and_build_id(self):
        """In a mount namespace where the files are empty or missing."""
        database = self.right_and_wrong()
        for notes in (True, False):
            pin = self.path(f"{notes}.db")
            hide = "mount -t tmpfs none /sys/kernel/btf" + ("" if notes else "; mount --bind /dev/null /sys/kernel/notes")

            def hidden(*arguments):
                script = f'set -e; [ ! -d /sys/kernel/btf ] || {{ {hide}; }}; exec "$@"'
                return subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", SEXTANT, *arguments],
                                      capture_output=True, text=True, check=False, timeout=HANGS)

            with self.subTest(notes=notes):
                run = ("run", "--db", database, "--duration", "0.2", "--output", "/dev/null")
                done = hidden(*run)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("sextant check --try", done.stderr)
                done = hidden("check", "--try", "--db", database, "--pin", pin)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn(f"pinned:     {pin}", done.stdout)
                self.assertEqual(json.loads(hidden("show", "--db", pin, "--json").stdout)["build_id"],
                                 known("check")["kernel"]["build_id"] if notes else None)
                done = hidden(*run, "--db", pin)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stderr, r"\(proven, by build-id\)" if notes else r"\(proven, by release, version")

    def test_a_pinned_entry_yields_to_one_that_was_read(self):
        self.tried(self.right_and_wrong(), "--pin", self.pin)
        read = self.database(stanza(HOST.release, FACTS, version=HOST.version), file="read.db")
        shown = json.loads(sextant("show", "--json", "--db", self.pin, "--db", read).stdout)
        self.assertEqual(shown["source"], "dwarf")
        self.refused(1, [read, "has an entry of this kernel from dwarf"], "--db", self.path("others.db"), "--pin", read)

    def test_pinning_keeps_other_entries_and_replaces_the_one_that_was_proven(self):
        os.rename(self.database(stanza("4.4.0-kept", FACTS[:3])), self.pin)
        self.tried(self.right_and_wrong(), "--pin", self.pin)
        self.tried(self.right_and_wrong(), "--pin", self.pin)
        listed = subprocess.run([LKCCB, "list", "--db", self.pin], capture_output=True, text=True, check=True).stdout
        report = self.tried(self.path("others.db"), "--db", self.pin)
        self.assertNotIn(HOST.release, self.verdicts(report))  # that it was proven is no evidence
        self.assertEqual(sorted(line.split()[0] for line in listed.splitlines()[-2:]),
                         sorted(["4.4.0-kept", HOST.release]))
        self.assertEqual([file for file in os.listdir(self.directory.name) if file.startswith(("local", "."))],
                         ["local.db"])

    def test_the_stream(self):
        flavour = "generic"
        database = self.database(stanza("1.2.0-1-generic", FACTS))
        self.refused(3, ["of the stream of", HOST.release, "without --stream"], "--stream", "--db", database)
        series = ".".join(HOST.release.split(".")[:2])
        end = HOST.release.split("-", 1)[1] if "-" in HOST.release else flavour
        database = self.database(stanza(f"{series}.0-{end}", FACTS), stanza(f"1.2.0-{end}", shifted(VERIFIED)),
                                 stanza(f"{series}.0-1-another", shifted(EXIT_CODE)), file="stream.db")
        report = self.tried(database, "--stream")
        self.assertEqual(self.verdicts(report), {f"{series}.0-{end}": "passes"})


class Contradictions(Case):
    def test_two_that_differ_in_a_fact_that_the_test_does_not_notice_are_refused(self):
        for fact in UNNOTICED:
            database = self.database(stanza("5.0.0-one", FACTS), stanza("5.0.0-other", shifted(fact)),
                                     file=f"{fact['type']}.{fact['member'].replace('/', '_')}.db")
            done = sextant("check", "--try", "--json", "--db", database, "--pin", self.pin)
            report = json.loads(done.stdout)
            self.assertFalse(os.path.exists(self.pin) and report["result"]["passing_layouts"] == 2)
            if report["result"]["passing_layouts"] == 2:
                break
            os.unlink(self.pin)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(report["result"]["outcome"], "contradicted")
        [differing] = report["result"]["differing_facts"]
        self.assertTrue(is_in(fact, [differing["fact"]]), differing)
        self.assertEqual([value["offset"] for value in differing["values"]],
                         [fact["offset"], shifted(fact)[FACTS.index(fact)]["offset"]])
        said = sextant("check", "--try", "--db", database).stdout
        self.assertRegex(said, rf"(?m)^differs: +.*{fact['member'].split('|')[0]}.*\n +{fact['offset']}, .*5\.0\.0-one ")
        self.assertRegex(said, r"(?m)^result: +refused: 2 layouts pass and differ in facts in use")

    def test_two_that_differ_in_a_fact_that_is_not_used_are_accepted_without_it(self):
        fact = UNUSED[0]
        database = self.database(stanza("5.0.0-one", FACTS), stanza("5.0.0-other", shifted(fact)))
        report = self.tried(database, "--pin", self.pin)
        self.assertEqual((report["result"]["outcome"], report["result"]["passing_layouts"]), ("proven", 2))
        [left] = report["result"]["left_out_facts"]
        self.assertTrue(is_in(fact, [left]), left)
        text = subprocess.run([LKCCB, "export", "--db", self.pin], capture_output=True, text=True, check=True).stdout
        self.assertIn("passed with the layout of 5.0.0-one (dwarf); 2 layouts pass and agree", text)
        self.assertNotIn(f"member\t{fact['type']}\t{fact['member']}\t", text)

    def test_what_one_of_them_lacks(self):
        """What the test verified is kept; what it did not is left out: the field is null, and not wrong."""
        verified = next(f for f in FACTS if name(f) == "task_struct.sessionid")
        for fact, kept in ((verified, True), (UNNOTICED[0], False)):
            with self.subTest(name(fact)):
                database = self.database(stanza("5.0.0-one", FACTS), stanza("5.0.0-other", without(fact)),
                                         file=f"{kept}.db")
                report = self.tried(database)
                self.assertEqual((report["result"]["outcome"], report["result"]["passing_layouts"]), ("proven", 2))
                self.assertEqual(report["result"]["left_out_facts"] == [], kept)

    def test_no_layout_passes(self):
        report = self.tried(self.database(stanza("5.0.0-wrong", shifted(VERIFIED))), "--pin", self.pin, code=4)
        self.assertEqual(report["result"]["outcome"], "none")
        self.assertFalse(os.path.exists(self.pin))

    def test_no_layout_can_be_used(self):
        report = self.tried(self.database(stanza("5.0.0-few", FACTS[:40])), code=5)
        self.assertEqual(self.verdicts(report), {"5.0.0-few": "unusable"})

    def test_exec_and_fork_are_tested_whatever_is_selected(self):
        report = self.tried(self.database(stanza("5.0.0-wrong", shifted(VERIFIED))), "--events", "memfd", code=4)
        self.assertEqual(report["layouts"][0]["differ"], ["exec"])


class Safety(Case):
    def test_wrong_usage(self):
        for options in (["check", "--pin", "x"], ["check", "--stream"], ["run", "--try"], ["show", "--try"],
                        ["check", "--try", "--kernel-override", "x"], ["check", "--try", "--no-self-test"]):
            done = sextant(*options)
            self.assertEqual((done.returncode, done.stdout), (2, ""), options)
            self.assertIn("--help", done.stderr)

    def test_databases(self):
        self.refused(1, ["missing.db", "--db"], "--db", self.path("missing.db"))
        database = self.database(stanza("5.0.0-right", FACTS))
        os.chmod(database, 0o666)
        self.refused(1, [database, "writable by everybody"], "--db", database)
        foreign = self.database(stanza("5.0.0-arm", FACTS, machine="mips"), file="foreign.db")
        self.refused(3, [foreign, "no kernel of", "--db"], "--db", foreign)

    def test_a_pin_that_others_could_change_is_refused_before_anything_is_tried(self):
        database = self.database(stanza("5.0.0-right", FACTS))
        folder, link = self.path("folder"), self.path("link.db")
        os.mkdir(folder)
        os.symlink(self.path("target.db"), link)
        os.chown(folder, NOBODY, NOBODY)
        os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
        for pin, words in ((os.path.join(folder, "local.db"), ["the directory", "is owned by uid"]),
                           (link, ["is owned by uid"]), (self.path("none/local.db"), ["No such file"]),
                           (self.path("others.txt"), ["not a kernels.db"])):
            with self.subTest(pin):
                self.refused(1, [pin, *words], "--db", database, "--pin", pin)
        self.assertEqual(os.listdir(folder), [])
        self.assertFalse(os.path.exists(self.path("target.db")))

    def test_names_with_control_characters_are_refused(self):
        """No writer of ours lets them into a database."""
        database = self.database(stanza("5.0.0-right", FACTS))
        connection = sqlite3.connect(database)
        connection.execute("UPDATE kernel SET release = 'a' || char(27) || '[31m' || char(10) || 'passes: b'")
        connection.commit()
        connection.close()
        self.refused(1, [database, "damaged: a kernel has an invalid release"], "--db", database)

    def test_names_of_kernels_are_printed_as_text(self):
        database = self.database(stanza("5.0.0-\u00fc'\"<b>%s%n", FACTS), stanza("x" * 900, shifted(VERIFIED)))
        done = sextant("check", "--try", "--db", database, "--pin", self.pin)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("5.0.0-\u00fc'\"<b>%s%n (dwarf)", done.stdout)
        self.assertEqual([line for line in done.stdout.splitlines() if not line.isprintable()], [])

    def test_nothing_stays_attached(self):
        self.tried(self.database(stanza("5.0.0-right", FACTS), stanza("5.0.0-wrong", shifted(VERIFIED))))
        self.assertEqual(attached(), [])

    def test_a_signal_ends_it_at_once(self):
        wrong = [{**VERIFIED, "offset": VERIFIED["offset"] + 4 * n} for n in range(1, 120)]
        database = self.database(stanza("5.0.0-right", FACTS), *(
            stanza(f"5.0.{n}", [f if f is not VERIFIED else other for f in FACTS])
            for n, other in enumerate(wrong)))
        for number in (signal.SIGTERM, signal.SIGINT):
            process = subprocess.Popen([SEXTANT, "check", "--try", "--db", database, "--pin", self.pin],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertIn("trying", process.stderr.readline())
            time.sleep(1)
            begin = time.monotonic()
            process.send_signal(number)
            out, said = process.communicate(timeout=HANGS)
            self.assertLess(time.monotonic() - begin, 5)
            self.assertEqual((process.returncode, out), (1, ""), said)
            self.assertRegex(said, r"sextant: interrupted by a signal after \d+ of 120 layouts; nothing was written\n\Z")
            self.assertFalse([file for file in os.listdir(self.directory.name) if "local" in file])
            self.assertEqual(attached(), [])

    def test_without_root(self):
        database = self.database(stanza("5.0.0-right", FACTS))
        os.chmod(self.directory.name, 0o755)  # the checkout may be root's alone
        program = shutil.copy(SEXTANT, self.directory.name)
        done = subprocess.run([program, "check", "--try", "--db", database], capture_output=True, text=True,
                              check=False, timeout=HANGS, user=NOBODY, group=NOBODY)
        self.assertEqual((done.returncode, done.stdout), (5, ""), done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], r"^sextant: .*run as root$")

    def test_in_a_pid_namespace_of_its_own(self):
        database = self.database(stanza("5.0.0-right", FACTS))
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", SEXTANT, "check", "--try", "--db", database],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (4, ""), done.stderr)
        self.assertIn("--pid=host", done.stderr)


if __name__ == "__main__":
    tap.main()
