#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/check-probes against objects that break each rule, and the real one.

usage: tests/cli/gate.py OBJECT
"""
import os
import struct
import subprocess
import sys
import tempfile
import unittest

from elftools.elf.elffile import ELFFile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

OBJECT = os.path.abspath(sys.argv[1])
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
GATE = os.path.join(ROOT, "scripts/check-probes")

HEAD = """
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
#define PROGRAM(name) SEC("tracepoint/x/y") int name(u64 *ctx)
#define HELPER(id, name, ...) static long (*name)(__VA_ARGS__) = (void *)id;
#define MAP(name, number) \\
	struct { int (*type)[number]; int (*max_entries)[1]; u32 *key; u64 *value; } name SEC(".maps");
HELPER(1, lookup, void *, const void *)
HELPER(4, probe_read, void *, u32, const void *)
"""
LICENSE = 'char L[] SEC("license") = "GPL";\n'


class Gate(unittest.TestCase):
    def gate(self, source, *flags, license_=LICENSE):
        with tempfile.TemporaryDirectory() as directory:
            path, output = os.path.join(directory, "x.c"), os.path.join(directory, "x.o")
            with open(path, "w", encoding="ascii") as file:
                file.write(HEAD + source + license_)
            subprocess.run(["clang", "-target", "bpf", "-g", "-O2", "-Wno-everything",
                            *(flags or ["-mcpu=v1"]), "-c", path, "-o", output], check=True)
            return subprocess.run([GATE, output], capture_output=True, text=True, check=False)

    def broken(self, word, source, *flags, **options):
        done = self.gate(source, *flags, **options)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(word, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def kept(self, source, *flags):
        done = self.gate(source, *flags)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_real_object_keeps_all_rules(self):
        done = subprocess.run([GATE, OBJECT], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in ("t1_exec", "t1_exec_walk", "t1_fork", "t1_exit", "t2_exec", "t2_parts_argv",
                     "t2_parts_texts", "t2_fork"):
            self.assertRegex(done.stdout, rf"\| {name} \| tracepoint\S* \| [\d,]+ \| \d+ \|")

    def test_the_real_object_has_its_functions_and_no_lines(self):
        """.BTF.ext: kernels want the former with fentry programs, and nobody reads the latter (scripts/bpf-strip)."""
        with open(OBJECT, "rb") as file:
            section = ELFFile(file).get_section_by_name(".BTF.ext").data()
        functions, lines = struct.unpack_from("<I", section, 12)[0], struct.unpack_from("<I", section, 20)[0]
        self.assertGreater(functions, 1000)
        self.assertEqual(lines, 0)

    def test_a_small_program_passes(self):
        self.kept("PROGRAM(t1_x) { return 0; }")

    def test_fentry_may_have_loops_functions_and_constants(self):
        self.kept('const volatile u64 limit SEC(".rodata");'
                  "static __attribute__((noinline)) u64 f1_sum(u64 *ctx) { u64 i, s = 0;"
                  "\n#pragma clang loop unroll(disable)\n"
                  "for (i = 0; i < limit; i++) { s += i; asm volatile(\"\" : \"+r\"(s)); } return s; }"
                  'SEC("fentry/x") int f1_x(u64 *ctx) { return f1_sum(ctx); }')

    def test_fentry_may_have_variables(self):
        self.kept('u64 counter; SEC("fentry/x") int f1_x(u64 *ctx) { return counter++; }')

    def test_constants_are_for_fentry_alone(self):
        self.broken("refers to limit, which is no map",
                    'const volatile u64 limit SEC(".rodata"); PROGRAM(t1_x) { return limit; }')

    def test_tier_is_in_the_name(self):
        self.broken("does not begin with a tier", "PROGRAM(x) { return 0; }")

    def test_too_many_instructions(self):
        body = "v = v * 3 + ctx[1]; asm volatile(\"\" : \"+r\"(v));" * 1400
        self.broken("4095 are allowed", f"PROGRAM(t1_x) {{ u64 v = 1; {body} return v; }}")

    def test_loop(self):
        self.broken("a loop", "PROGRAM(t1_x) { u64 i, s = 0;"
                    "\n#pragma clang loop unroll(disable)\n"
                    "for (i = 0; i < ctx[0]; i++) { s += i; asm volatile(\"\" : \"+r\"(s)); } return s; }")

    def test_jump_backward_that_is_no_loop(self):
        """Blocks that several paths share may stand before them: check_cfg() does not mind."""
        self.kept("""PROGRAM(t1_x) { asm volatile(
            "r1 = *(u64 *)(r1 + 8)\\n goto +2\\n r0 = 1\\n exit\\n if r1 == 0 goto -3\\n r0 = 0\\n exit");
            return 0; }""")

    def test_call_of_another_function(self):
        done = self.gate("__attribute__((noinline, section(\"tracepoint/x/y\"))) int t1_f(int a)"
                         "{ asm volatile(\"\" : \"+r\"(a)); return a; }\n"
                         "PROGRAM(t1_x) { return t1_f(ctx[1]) + 1; }")
        self.assertEqual(done.returncode, 1)
        self.assertIn("t1_x: instruction 1: a BPF-to-BPF", done.stderr)

    def test_function_that_was_not_inlined(self):
        done = self.gate("__attribute__((noinline)) int f(int a)"
                         "{ asm volatile(\"\" : \"+r\"(a)); return a; }\n"
                         "PROGRAM(t1_x) { return f(ctx[1]) + 1; }")
        self.assertEqual(done.returncode, 1)
        self.assertIn("inline it", done.stderr)

    def test_stack(self):
        for store in ("*(u64 *)(r10 - {}) = r2", "r3 = r10; r3 += -{}; *(u64 *)(r3 + 0) = r2"):
            source = ('PROGRAM(t1_x) { asm volatile("r2 = 0;' + store +
                      '" ::: "r2", "r3", "memory"); return 0; }')
            self.broken("520 bytes of stack", source.replace("{}", "520"))
            self.kept(source.replace("{}", "512"))

    def test_helpers_of_each_tier(self):
        for tier, helper, fine in (("t1", 45, True), ("t2", 45, False), ("t3", 45, False),
                                   ("t1", 35, True), ("t2", 35, True), ("t3", 35, False),
                                   ("t1", 113, False), ("t1", 80, False), ("t1", 6, False),
                                   ("t2", 37, True), ("t3", 7, False), ("t3", 15, True)):
            source = f"HELPER({helper}, h, u64) PROGRAM({tier}_x) {{ return h(ctx[1]); }}"
            with self.subTest(f"{tier} helper {helper}"):
                if fine:
                    self.kept(source)
                else:
                    self.broken(f"helper {helper}", source)

    def test_memory_of_each_tier(self):
        """Before 4.11 helpers take memory on the stack, of constant size, and nothing else."""
        into_map = ("MAP(m, 2) PROGRAM(%s_x) { u32 k = 0; u64 *v = (void *)lookup(&m, &k); if (!v) return 0;"
                    " return probe_read(v, 8, (void *)ctx[1]); }")
        sized = ("PROGRAM(%s_x) { u64 v = 0; u32 n = ctx[2] & 7; asm volatile(\"\" : \"+r\"(n));"
                 " probe_read(&v, n, (void *)ctx[1]); return v; }")
        for source in (into_map, sized):
            self.kept(source % "t1")
            for tier in ("t2", "t3"):
                self.broken("not on the stack, or of no constant size", source % tier)
        self.kept("PROGRAM(t3_x) { u64 v = 0; probe_read(&v, 8, (void *)ctx[1]); return v; }")

    def test_map_types_of_each_tier(self):
        for tier, kind, fine in (("t1", 9, True), ("t2", 9, False), ("t2", 6, True),
                                 ("t3", 6, False), ("t3", 1, True), ("t1", 27, False)):
            source = (f"MAP(m, {kind}) PROGRAM({tier}_x) {{ u32 k = 0;"
                      "return lookup(&m, &k) != 0; }")
            with self.subTest(f"{tier} map type {kind}"):
                if fine:
                    self.kept(source)
                else:
                    self.broken(f"is of type {kind}", source)

    def test_global_data(self):
        done = self.gate("u64 counter = 5; PROGRAM(t1_x) { return counter++; }")
        self.assertEqual(done.returncode, 1)
        self.assertIn("section .data", done.stderr)
        self.broken("refers to counter, which is no map",
                    "u64 counter; PROGRAM(t1_x) { return counter++; }")

    def test_string_literal(self):
        done = self.gate("HELPER(4, rd, void *, u32, const char *)"
                         "PROGRAM(t1_x) { u64 v; rd(&v, 8, \"literal\"); return v; }")
        self.assertEqual(done.returncode, 1)
        self.assertIn("section .rodata", done.stderr)

    def test_newer_instructions(self):
        jump = "PROGRAM(t1_x) { u64 v = ctx[1]; if (v < ctx[2]) return 1; return 0; }"
        done = self.gate(jump, "-mcpu=v2")
        self.assertIn("use -mcpu=v1", done.stderr)
        done = self.gate("PROGRAM(t1_x) { u32 v = ctx[1]; if (v == (u32)ctx[2]) return 1; return 0; }",
                         "-mcpu=v3")
        self.assertIn("use -mcpu=v1", done.stderr)

    def test_newer_atomics(self):
        self.broken("atomic", "MAP(m, 1) PROGRAM(t1_x) { u32 k = 0; u64 *v = (void *)lookup(&m, &k);"
                    "if (!v) return 0; return __sync_fetch_and_add(v, 1); }", "-mcpu=v3")

    def test_license(self):
        self.broken("license", "PROGRAM(t1_x) { return 0; }", license_="")
        self.broken("license", "PROGRAM(t1_x) { return 0; }",
                    license_='char L[] SEC("license") = "Proprietary";')

    def test_files_that_are_no_bpf_object(self):
        for path, word in (("/bin/true", "not a little-endian BPF object"), ("/etc/passwd", ""),
                           ("/no/such/file", "No such file")):
            done = subprocess.run([GATE, path], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rf"^check-probes: {path}: .*\n$|No such file")
            self.assertIn(word, done.stderr)

    def test_damaged_object(self):
        with open(OBJECT, "rb") as file:
            data = file.read()
        for size in range(0, len(data), len(data) // 25):
            with tempfile.NamedTemporaryFile() as file:
                file.write(data[:size])
                file.flush()
                done = subprocess.run([GATE, file.name], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1, size)
            self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    tap.main()
