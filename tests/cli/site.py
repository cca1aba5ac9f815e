#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""lkccb site: pages that are well-formed, links that lead somewhere, and text of others that stays text.

usage: tests/cli/site.py LKCCB CLASSES_PRINT
"""
import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from patience import HANGS  # noqa: E402

LKCCB, PRINT = (os.path.abspath(path) for path in sys.argv[1:3])
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TEXTS = sorted(glob.glob(f"{ROOT}/offsets/kernels/*.txt"))
# What a page may have of markup; everything else is text.
ELEMENTS = set("html head meta title link body nav a main h1 h2 h3 p dl dt dd ul li span div table thead tbody "
               "tr th td".split())
HOSTILE = "<script>alert(1)</script>&amp;\"'><img src=x onerror=alert(2)>`${7*7}`]]><!--"
HOSTILE_NAME = HOSTILE.replace(" ", "/")  # of a fact


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.db, self.site = self.path("x.db"), self.path("site")

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def load(self, *texts):
        subprocess.run([LKCCB, "import", "--db", self.db, *texts], check=True, capture_output=True)

    def run_site(self, *arguments, **options):
        return subprocess.run([LKCCB, "site", "--db", self.db, *arguments], capture_output=True, text=True, check=False,
                              timeout=HANGS, **options)

    def make(self, *arguments):
        done = self.run_site(self.site, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def refused(self, words, *arguments):
        done = self.run_site(*arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        self.assertIn(words, done.stderr)

    def state(self, directory=None):
        """All files, with their bytes."""
        found = {}
        for folder, _, names in os.walk(directory or self.site):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    found[os.path.relpath(os.path.join(folder, name), directory or self.site)] = file.read()
        return found

    def pages(self):
        """{path: its tree}; a page that is no well-formed XML is an error."""
        return {path: ElementTree.fromstring(text) for path, text in self.state().items() if path.endswith(".html")}

    def data(self, path):
        with open(f"{self.site}/{path}.json", encoding="utf-8") as file:
            return json.load(file)

    def kernel_page(self, release):
        """The text of the page of a kernel."""
        page, = (p for p in self.pages() if p.startswith(f"kernels/{release},"))
        return " ".join(self.pages()[page].itertext())


def kernel(release="5.1.0-1-generic", members="member\ttask_struct\tpid\t8\t4\n", **keys):
    keys = {"release": release, "machine": "x86_64", "source": "dwarf", **keys}
    return "kernel\t" + "\t".join(f"{key}={value}" for key, value in keys.items()) + "\n" + members + "\n"


class Shipped(Case):
    def setUp(self):
        super().setUp()
        self.load(*TEXTS)
        self.make()

    def test_pages_are_well_formed_and_plain(self):
        pages = self.pages()
        self.assertGreater(len(pages), 100)
        for path, page in pages.items():
            with self.subTest(path):
                self.assertLessEqual({element.tag for element in page.iter()}, ELEMENTS)
                self.assertEqual([a for element in page.iter() for a in element.attrib if a.startswith("on")], [])
                self.assertEqual((page.get("lang"), len(page.findall(".//h1")), len(page.findall(".//main"))),
                                 ("en", 1, 1))
                self.assertTrue(page.find("head/title").text)
                for table in page.iter("table"):
                    self.assertEqual({len(row) for row in table.iter("tr")}, {len(table.find("thead/tr"))})
                    self.assertEqual({head.get("scope") for head in table.iter("th")}, {"col"})
                for terms in page.iter("dl"):
                    self.assertEqual([element.tag for element in terms], ["dt", "dd"] * (len(terms) // 2))

    def test_links_resolve_and_each_page_is_linked(self):
        linked = {"index.html"}
        for path, page in self.pages().items():
            for element in page.iter():
                target = element.get("href")
                if target:
                    target = os.path.normpath(os.path.join(os.path.dirname(path), target))
                    self.assertTrue(os.path.isfile(f"{self.site}/{target}"), f"{path}: {target}")
                    linked.add(target)
        self.assertEqual(set(self.state()) - linked, set())

    def test_json_says_what_the_pages_say(self):
        listed = [json.loads(line) for line in subprocess.run(
            [LKCCB, "list", "--json", "--db", self.db], capture_output=True, check=True, text=True).stdout.splitlines()]
        index = self.data("index")
        self.assertEqual(index["entries"], len(listed))
        kernels = [k for s in index["streams"] for k in self.data(f"streams/{s['stream']}")["kernels"]]
        keys = [key for key in listed[0] if key != "facts"]

        def identity(k):
            return tuple(str(k.get(key)) for key in keys)

        self.assertEqual(sorted(map(identity, kernels)), sorted(map(identity, listed)))
        facts = {identity(k): k["facts"] for k in listed}
        for k in kernels:
            self.assertTrue(os.path.isfile(f"{self.site}/kernels/{k['page']}.html"))
            layout = self.data(f"layouts/{k['layout']}")
            self.assertIn(k["page"], layout["kernels"])
            self.assertEqual([f[:4] for f in layout["facts"]],
                             [[f["type"], f["member"], f["offset"], f["size"]] for f in facts[identity(k)]])
        for path in self.state():
            if path.endswith(".json"):
                self.data(path[:-5])

    def test_what_moved_is_what_diff_says(self):
        moves = [m for s in self.data("moved")["streams"] for m in s["moves"]]
        self.assertGreater(len(moves), 10)
        for move in moves[::5]:
            ids = [re.search(r"[0-9a-f]{40}", self.kernel_text(move[end])) for end in ("from", "to")]
            if None in ids:
                continue
            lines = subprocess.run([LKCCB, "diff", "--db", self.db, *(i[0] for i in ids)], capture_output=True,
                                   check=False, text=True).stdout.splitlines()
            names = {line[1:].split("\t")[0] for line in lines}
            self.assertEqual(move["count"], len(names))
            layout = self.data(f"layouts/{move['to_layout']}")
            moved = [b["moved"] for b in layout["before"] if b["layout"] == move["from_layout"]]
            if moved:
                self.assertEqual({f"{m[0]}.{m[1]}" for m in moved[0]}, names)

    def kernel_text(self, page):
        with open(f"{self.site}/kernels/{page}.html", encoding="utf-8") as file:
            return file.read()

    def test_the_same_database_gives_the_same_bytes(self):
        first = self.state()
        self.make()
        self.assertEqual(self.state(), first)
        os.unlink(self.db)
        self.load(*reversed(TEXTS))
        other = self.path("other")
        self.assertEqual(self.run_site(other, env={**os.environ, "LC_ALL": "C", "TZ": "Asia/Tokyo"}).returncode, 0)
        self.assertEqual(self.state(other), first)

    def test_gaps(self):
        gaps = self.data("gaps")
        self.assertEqual((gaps["asked"], gaps["missing"]), (0, []))
        self.assertIn({"release": "3.10.0-862.el7.x86_64", "machine": "x86_64",
                       "package": "kernel-debuginfo-3.10.0-862.el7.x86_64.rpm"},
                      [{k: v for k, v in g.items() if k != "page"} for g in gaps["unmatched"]])
        self.assertTrue(all(g["facts"] and g["package"] for g in gaps["incomplete"]))
        self.make("--inventory", self.write("hosts", f"5.10.0-30-amd64\n{HOSTILE.replace(',', '')}\n"))
        gaps = self.data("gaps")
        self.assertEqual((gaps["asked"], [g["release"] for g in gaps["missing"]]), (2, [HOSTILE]))
        self.assertLessEqual({e.tag for e in self.pages()["gaps.html"].iter()}, ELEMENTS)
        self.make("--kernels", self.write("list.json", json.dumps({"x": [{"kernelrelease": "9.9.9-arch1"}]})))
        self.assertEqual(self.data("gaps")["missing"][0]["package"], "the debug package of 9.9.9-arch1")
        self.assertIn("the debug package of 9.9.9-arch1", "".join(self.pages()["gaps.html"].itertext()))


class Classes(Case):
    """What an entry gives, by its facts."""

    @staticmethod
    def stanzas():
        with open(f"{ROOT}/offsets/kernels/rhel-7.txt", encoding="utf-8") as file:
            return [re.sub(r"^kernel\t.*\n", "", stanza, flags=re.M) for stanza in file.read().split("\n\n")]

    def facts(self, without=()):
        """The members of a whole kernel."""
        lines = max((stanza.splitlines() for stanza in self.stanzas()), key=len)
        lines = [line for line in lines if line.startswith("member")]
        return "".join(f"{line}\n" for line in lines if ".".join(line.split("\t")[1:3]) not in without)

    def page(self, release, without=(), **keys):
        self.load(self.write("x.txt", kernel(release, self.facts(without), **keys)))
        self.make()
        return self.kernel_page(release)

    def test_the_table_is_that_of_the_sensor(self):
        printed = subprocess.run([PRINT], check=True, capture_output=True, text=True).stdout
        with open(f"{ROOT}/lkccb/site/classes.c", encoding="utf-8") as file:
            self.assertEqual(file.read(), printed, "make docs")

    def test_fields_whose_facts_are_missing(self):
        with_it = self.page("5.1.0-1-a")
        without = self.page("5.1.0-1-b", without=["task_struct.fs", "linux_binprm.filename"])
        self.assertNotIn("task_struct.fs", with_it)
        self.assertRegex(without, r"null: process\.working_directory\s+task_struct\.fs")
        self.assertRegex(without, r"null: sextant\.filename\s+linux_binprm\.filename")
        self.assertRegex(without, r"In part\s+exec")

    def test_a_class_without_its_facts(self):
        self.assertRegex(self.page("5.1.0-1-c", without=["task_struct.signal"]), r"None\s+(\w+, )*exit")

    def test_tiers(self):
        new, old = self.page("5.1.0-1-d"), self.page("4.4.0-1-d")
        self.assertNotIn("no programs", new)
        self.assertRegex(old, r"socket\s+no events\s+none: the sensor has no programs for it")
        self.assertIn("no programs for this kernel", self.page("3.16.0-4-d"))
        self.assertIn("no programs for this kernel", self.page("3.10.0-862.el7.x86_64"))
        self.assertIn("Event classes", self.page("3.10.0-1160.el7.x86_64"))
        self.assertNotIn("no programs for this kernel", self.page("3.10.0-957.1.3.el7.x86_64"))
        self.assertIn("no programs for this kernel", self.page("5.1.0-1-arm64", machine="aarch64"))

    def test_facts_of_modules_complete_the_kernel(self):
        """As the sensor does it: of the same package."""
        text = kernel("5.1.0-1-e", self.facts(), package="p", package_version="1")
        btrfs = next(stanza for stanza in self.stanzas() if "member\tbtrfs_root\tanon_dev" in stanza)
        text += kernel("5.1.0-1-e", btrfs, module="btrfs", package="p", package_version="1")
        self.load(self.write("x.txt", text))
        self.make()
        pages = [p for p in self.pages() if p.startswith("kernels/5.1.0-1-e,")]
        self.assertEqual(len(pages), 2)
        texts = [" ".join(self.pages()[p].itertext()) for p in pages]
        self.assertFalse(any("btrfs_root.anon_dev" in text for text in texts))
        module, = (text for text in texts if "Module" in text)
        self.assertRegex(module, r"Kernel\s+5\.1\.0-1-e")


class Hostile(Case):
    def test_text_stays_text(self):
        keys = {key: HOSTILE for key in ("version", "distribution", "package", "package_version", "source", "origin")}
        names = f"member\t{HOSTILE_NAME}\t{HOSTILE_NAME}\t8\t4\n"
        self.load(self.write("x.txt", kernel(HOSTILE, names, machine=HOSTILE, **keys) +
                             kernel("6.1-" + HOSTILE, names, module=HOSTILE)))
        self.make("--inventory", self.write("hosts", f"{HOSTILE}\x1b[2J\u202e\n"))
        pages = self.pages()
        self.assertEqual(len(pages), 8)
        for path, page in pages.items():
            self.assertLessEqual({element.tag for element in page.iter()}, ELEMENTS, path)
            self.assertEqual([a for e in page.iter() for a in e.attrib if a.startswith("on")], [], path)
        for path, text in self.state().items():
            self.assertRegex(path, r"^[A-Za-z0-9_.,/-]+$")
            self.assertNotRegex(text, rb"[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae", path)
            if path.endswith(".html"):
                self.assertNotIn(b"<script", text)
                self.assertIn(b"script-src 'none'", text)
        shown = "".join(pages[next(p for p in pages if p.startswith("kernels/_script"))].itertext())
        self.assertIn(HOSTILE, shown)
        facts = self.data(next(p for p in self.state() if p.startswith("layouts/"))[:-5])["facts"]
        self.assertEqual(facts[0][:2], [HOSTILE_NAME, HOSTILE_NAME])
        for path in self.state():
            if path.endswith(".json"):
                self.data(path[:-5])

    def test_names_that_are_no_file_names(self):
        names = ["..", ".", "/etc/passwd", "../../x", "a" * 900, "%2e%2e", "a b", "ä", "-", "CON", "5.1..", "6.", "6.x",
                 "6.-a", "6", "6.1", "6.01", "06.1", "1" * 40, ",", "a,b", "index", ".hidden"]
        self.load(self.write("x.txt", "".join(
            kernel(n, f"member\tx\ty\t{i}\t4\n", machine=m, distribution=d, build_id=f"{i:04x}{ord(m[0]):02x}{len(d):02x}")
            for i, n in enumerate(names) for m in ("x86_64", "../x") for d in ("d", ".."))))
        self.make()
        self.assertEqual(len([p for p in self.state() if p.startswith("kernels/")]), 4 * len(names))
        streams = [p for p in self.state() if p.startswith("streams/") and p.endswith(".json")]
        self.assertEqual(sum(len(self.data(p[:-5])["kernels"]) for p in streams), 4 * len(names))
        self.assertEqual(sorted(os.listdir(self.directory.name)), ["site", "x.db", "x.txt"])

    def test_the_order_of_releases(self):
        names = ["3.10.0-957.el7.x86_64", "3.10.0-957.1.3.el7.x86_64", "3.10.0-1160.el7.x86_64", "3.10.0-1160.2.1.el7.x86_64",
                 "3.10.0-1160.15.2.el7.x86_64"]
        self.load(self.write("x.txt", "".join(map(kernel, reversed(names)))))
        self.make()
        stream, = self.data("index")["streams"]
        self.assertEqual([k["release"] for k in self.data(f"streams/{stream['stream']}")["kernels"]], names)

    def test_a_damaged_database(self):
        self.load(TEXTS[0])
        with open(self.db, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 8192)
        done = self.run_site(self.site)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        self.assertFalse(os.path.exists(self.site))

    def test_many_kernels(self):
        """2,000 kernels with 100 layouts: a fifth of what docs/benchmarks.md promises for 10,000."""
        with open(f"{ROOT}/offsets/kernels/debian-6.1.txt", encoding="utf-8") as file:
            lines = [line.split("\t") for line in file.read().split("\n\n")[0].splitlines() if line.startswith("member")]
        text = []
        for layout in range(100):
            kernels = [kernel(f"5.{n % 20}.0-{n}-generic", "", build_id=f"{n:040x}", distribution="ubuntu",
                              version=f"#{n}-Ubuntu SMP Mon Nov 16 10:17:00 UTC 2026").strip()
                       for n in range(layout, 2000, 100)]
            members = ["\t".join([*line[:3], str(int(line[3]) + 8 * layout * (i % 4 == 0)), *line[4:]])
                       for i, line in enumerate(lines)]
            text.append("\n".join(kernels + members) + "\n\n")
        self.load(self.write("x.txt", "".join(text)))
        self.make()
        self.assertLess(sum(map(len, self.state().values())), 10e6)


class Directory(Case):
    def setUp(self):
        super().setUp()
        self.load(self.write("x.txt", kernel()))

    def test_what_is_not_ours_is_refused_and_kept(self):
        others = {"a file": lambda p: self.write("site", "mine"),
                  "others' files": lambda p: (os.mkdir(p), self.write("site/notes.txt", "mine")),
                  "a folder": lambda p: (os.mkdir(p), os.mkdir(f"{p}/kernels"), self.write("site/kernels/x.py", "mine")),
                  "a deeper folder": lambda p: os.makedirs(f"{p}/kernels/x.html"),
                  "another folder": lambda p: os.makedirs(f"{p}/.git")}
        for name, prepare in others.items():
            with self.subTest(name):
                prepare(self.site)
                before = self.listing()
                self.refused("name another", self.site)
                self.assertEqual(self.listing(), before)
                subprocess.run(["rm", "-rf", self.site], check=True)

    def listing(self):
        return sorted(os.path.join(folder, name) for folder, folders, names in os.walk(self.directory.name)
                      for name in folders + names)

    def test_a_site_is_replaced_and_an_empty_directory_taken(self):
        os.mkdir(self.site, 0o750)
        self.make()
        self.assertEqual(os.stat(self.site).st_mode & 0o777, 0o750)
        self.load(self.write("y.txt", kernel("5.2.0-1-generic")))
        self.assertEqual(self.run_site(f"{self.site}/").returncode, 0)
        self.assertEqual(self.data("index")["entries"], 2)
        self.assertEqual(sorted(os.listdir(self.directory.name)), ["site", "x.db", "x.txt", "y.txt"])

    def test_links_are_not_followed_out_of_it(self):
        self.make()
        outside = self.path("outside")
        os.mkdir(outside)
        self.write("outside/a.html", "mine")
        subprocess.run(["rm", "-r", f"{self.site}/layouts"], check=True)
        os.symlink(outside, f"{self.site}/layouts")
        self.refused("name another", self.site)
        self.assertTrue(os.path.exists(f"{outside}/a.html"))

    def test_a_directory_that_others_can_change(self):
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        self.refused("writable by everybody", self.path("open/site"))

    def test_a_run_that_is_killed_leaves_the_old_site(self):
        text = "".join(kernel(f"5.1.0-{n}-generic", f"member\ta\tb\t{n}\t4\n", build_id=f"{n:08x}") for n in range(3000))
        self.make()
        before = self.state()
        self.load(self.write("y.txt", text))
        killed = 0
        for delay in (0.15, 0.3, 0.5, 0.8):
            process = subprocess.Popen([LKCCB, "site", self.site, "--db", self.db], stdout=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
            state = self.state()
            if state != before:
                self.assertEqual(len([p for p in state if p.startswith("kernels/")]), 3001)
                break
            killed += 1
        self.make()
        self.assertEqual(self.data("index")["entries"], 3001)
        self.assertEqual(sorted(os.listdir(self.directory.name)), ["site", "x.db", "x.txt", "y.txt"], killed)

    def test_two_at_a_time(self):
        runs = [subprocess.Popen([LKCCB, "site", self.site, "--db", self.db], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for _ in range(4)]
        self.assertEqual([run.wait(timeout=HANGS) for run in runs], [0] * 4)
        self.assertEqual(sorted(os.listdir(self.directory.name)), ["site", "x.db", "x.txt"])

    def test_wrong_usage(self):
        self.assertEqual(self.run_site().returncode, 2)
        self.refused("No such file", self.path("none/site"))
        self.refused("Is a directory", "/")


if __name__ == "__main__":
    tap.main()
