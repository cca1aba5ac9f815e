#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The shipped database: what the documents say of it, and liboffsets as others use it, with it: what 'make install'
installs, and a client that is built against it.

usage: tests/cli/client.py DATABASE
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

DATABASE = os.path.abspath(sys.argv[1])
TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PREFIX = "/opt/sextant"
OLD, NEW = "3.10.0-1160.el7.x86_64", "6.1.0-55-amd64"

# Prints the number of a fact that has had several names, by the name it has in newer kernels.
CLIENT = r"""
#include <stdio.h>
#include <string.h>

#include <offsets/offsets.h>

static int lookup_print(const struct offsets_kernel *kernel, const char *name)
{
	const struct offsets_fact *fact;
	int err = offsets_kernel_lookup(kernel, name, &fact);

	if (err)
		printf("%s %s\n", name, strerror(-err));
	else
		printf("%s %s %u %u\n", name, fact->member, fact->offset, fact->size);
	return 0;
}

int main(int argc, char **argv)
{
	struct offsets_query query = { 0 };
	struct offsets_kernel *kernel;
	struct offsets_error error;
	enum offsets_match match;
	struct offsets *db;
	int i;

	query.release = argv[2];
	query.by_release = true;
	if (offsets_open(argv[1], OFFSETS_READ, &db, &error) ||
	    offsets_find(db, &query, &kernel, &match, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	printf("%s %d\n", offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE), match);
	for (i = 3; i < argc; i++)
		lookup_print(kernel, argv[i]);
	offsets_kernel_free(kernel);
	offsets_close(db);
	return 0;
}
"""


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="sextant-client.")
        cls.root = os.path.join(cls.work.name, "root")
        run("make", "-C", TREE, "--no-print-directory", "install", f"DESTDIR={cls.root}", f"PREFIX={PREFIX}")
        cls.lib = os.path.join(cls.root + PREFIX, "lib")
        cls.include = os.path.join(cls.root + PREFIX, "include")

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def headers(self):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.include) for name in names]
        self.assertIn(os.path.join(self.include, "offsets/offsets.h"), found)
        return found

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, "offsets",
                   env={**os.environ, "PKG_CONFIG_PATH": os.path.join(self.lib, "pkgconfig"),
                        "PKG_CONFIG_SYSROOT_DIR": self.root}).split()

    def built(self, compiler, name, *flags):
        source, program = os.path.join(self.work.name, name), os.path.join(self.work.name, name + ".out")
        with open(source, "w", encoding="ascii") as file:
            file.write(CLIENT)
        run(compiler, "-Wall", "-Werror", *flags, *self.pkg_config("--cflags"), source,
            *self.pkg_config("--libs"), "-o", program)
        return program

    def client(self, program, release, *names):
        return run(program, DATABASE, release, *names).splitlines()

    def test_a_client_finds_facts_by_name(self):
        program = self.built("cc", "client.c", "-std=c99", "-pedantic")
        self.assertEqual(self.client(program, OLD, "task_struct.pid", "task_struct.thread_pid",
                                     "task_struct.start_boottime", "task_struct.real_start_time",
                                     "enum pid_type.PIDTYPE_PGID"), [
            f"{OLD} 2",
            "task_struct.pid pid 1188 4",
            "task_struct.thread_pid pids[0].pid 1312 8",
            "task_struct.start_boottime real_start_time 1536 16",
            "task_struct.real_start_time real_start_time 1536 16",
            "enum pid_type.PIDTYPE_PGID PIDTYPE_PGID 1 4",
        ])
        self.assertEqual(self.client(program, NEW, "task_struct.real_start_time", ".symtab.acct_process",
                                     "commit_creds().new", "task_struct.sizeof")[1:], [
            "task_struct.real_start_time start_boottime 2784 8",
            ".symtab.acct_process acct_process 0 0",
            "commit_creds().new new 0 8",
            "task_struct.sizeof sizeof 0 9792",
        ])

    def test_a_fact_that_the_kernel_lacks_differs_from_a_name_that_does_not_exist(self):
        program = self.built("cc", "lacks.c")
        self.assertEqual(self.client(program, OLD, "ovl_inode.vfs_inode", "ovl_inode.sizeof",
                                     "task_struct.no_such", "task_struct", "")[1:], [
            "ovl_inode.vfs_inode No such file or directory",
            "ovl_inode.sizeof No such file or directory",
            "task_struct.no_such Invalid argument",
            "task_struct Invalid argument",
            " Invalid argument",
        ])

    def test_the_header_is_also_c_plus_plus(self):
        with open(os.path.join(self.work.name, "header.cc"), "w", encoding="ascii") as file:
            file.write("#include <offsets/offsets.h>\n")
        run("c++", "-Wall", "-Werror", "-fsyntax-only", *self.pkg_config("--cflags"), file.name)

    def test_nothing_installed_shows_numbers_that_shift_with_a_fact(self):
        for path in self.headers():
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.assertNotRegex(text, r"LAYOUT_|CATALOGUE|struct layout|layout_id", path)

    def test_installed_headers_include_installed_headers(self):
        for path in self.headers():
            with open(path, encoding="utf-8") as file:
                for name in re.findall(r'#include "(.*)"', file.read()):
                    self.assertTrue(os.path.exists(os.path.join(self.include, name)), f"{path}: {name}")

    def test_each_installed_header_compiles_alone(self):
        for path in self.headers():
            run("cc", "-std=c99", "-Wall", "-Werror", "-fsyntax-only", *self.pkg_config("--cflags"), "-x", "c", path)

    def test_the_library_exports_what_the_headers_declare_and_nothing_else(self):
        symbols = {line.split()[-1] for line in
                   run("nm", "-g", "--defined-only", os.path.join(self.lib, "liboffsets.a")).splitlines() if " " in line}
        declared = set()
        for path in self.headers():
            with open(path, encoding="utf-8") as file:
                declared |= set(re.findall(r"(?m)^(?:[a-z_]+ )+\*?(offsets_[a-z_0-9]+)\(", file.read()))
        self.assertIn("offsets_open", declared)
        self.assertEqual(symbols, declared)

    def test_the_version_is_that_of_the_programs(self):
        with open(os.path.join(TREE, "offsets/util/version.h"), encoding="ascii") as file:
            version = re.search(r'#define SEXTANT_VERSION "(.*)"', file.read()).group(1)
        self.assertEqual(self.pkg_config("--modversion"), [version])
        self.assertEqual(run(os.path.join(self.root + PREFIX, "bin/lkccb"), "--version").split(), ["lkccb", version])


class Documented(unittest.TestCase):
    def test_readme_and_support_table_count_its_kernels(self):
        listed = subprocess.run([f"{TREE}/build/lkccb", "list", "--db", DATABASE, "--json"], check=True, capture_output=True, text=True).stdout
        kernels = [row for row in map(json.loads, listed.splitlines()) if not row["module"]]
        layouts = {json.dumps([[fact[key] for key in ("type", "member", "offset", "size", "bit_offset", "bit_size")]
                               for fact in kernel["facts"]]) for kernel in kernels}
        read = [kernel for kernel in kernels if kernel["package"]]
        for name, words in (("README.md", [f"has {len(kernels)} kernels with {len(layouts)} distinct layouts: {len(read)} kernels of Debian",
                                           f"and {len(kernels) - len(read)} kernels of RHEL"]),
                            ("docs/support.md", [f"Of the {len(read)} kernels of Debian"])):
            with open(f"{TREE}/{name}", encoding="utf-8") as file:
                text = " ".join(file.read().split())
            for said in words:
                self.assertIn(said, text, name)


if __name__ == "__main__":
    tap.main()
