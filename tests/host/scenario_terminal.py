# SPDX-License-Identifier: BSD-2-Clause
"""What processes write to terminals (scenario_terminal.c)."""
from sensor import exact

BOUND = 512 * 1024
PIECE = 2048  # bytes of a text at most
STEP = 65536  # so much is skipped until the next event says so


class Part:
    """Tests of terminal."""

    def terminals(self, case):
        """Its record, and the events of the process that has written, in their order."""
        if not self.classes.get("terminal", {}).get("works"):
            self.skipTest("terminal needs kprobes or fentry, and tier 1")
        record, = (r for r in self.records("terminal") if r["case"] == case)
        return record, self.of("terminal", record["pid"])

    def test_what_came_out_of_the_terminal_is_what_was_reported(self):
        for case in "terminal-lines", "terminal-slow":
            with self.subTest(case):
                record, events = self.terminals(case)
                self.assertEqual(b"".join(exact(e, "process.io.text") for e in events), record["text"])
                for event in events:
                    self.assertEqual(event["process"]["io"]["total_bytes_captured"],
                                     len(exact(event, "process.io.text")))
                    self.assertEqual(event["process"]["io"]["total_bytes_skipped"], 0)
                    self.assertIs(event["process"]["io"]["max_bytes_per_process_exceeded"], False)

    def test_a_text_says_which_terminal_it_went_to(self):
        record, events = self.terminals("terminal-lines")
        self.assertGreater(len(events), 3)
        for event in events:
            self.assertEqual(event["sextant"]["tty"], record["tty"])
            number = int(record["tty"].removeprefix("pts"))
            self.assertEqual(event["process"]["tty"]["char_device"], {"major": 136 + number // 256, "minor": number % 256})
            self.assertEqual(event["process"]["io"]["type"], "tty")
            self.assertEqual((event["event"]["category"], event["event"]["type"]), (["process"], ["info"]))
            self.assertEqual(event["user"]["id"], "0")
            self.assertLessEqual(len(exact(event, "process.io.text")), PIECE)

    def test_of_a_process_so_much_is_reported_and_the_rest_is_counted(self):
        record, events = self.terminals("terminal-much")
        text = b"".join(exact(e, "process.io.text") for e in events)
        self.assertEqual(text, b"x" * BOUND)
        skipped = [e["process"]["io"]["total_bytes_skipped"] for e in events]
        beyond = int(record["beyond"])
        self.assertLessEqual(sum(skipped), beyond)
        self.assertGreater(2 * sum(skipped), beyond - STEP)
        for event in events:
            io = event["process"]["io"]
            is_beyond = io["total_bytes_skipped"] > 0
            self.assertIs(io["max_bytes_per_process_exceeded"], is_beyond)
            self.assertEqual(io.get("bytes_skipped"), [{"offset": io["total_bytes_captured"], "length": io["total_bytes_skipped"]}]
                             if is_beyond else None)
        self.assertLess(sum(1 for n in skipped if n), 10)

    def test_what_is_typed_and_its_echo_are_no_events(self):
        if not self.classes.get("terminal", {}).get("works"):
            self.skipTest("terminal needs kprobes or fentry, and tier 1")
        record, = self.records("terminal_input")
        readers = {int(record["pid"])} | {int(r["reader"]) for r in self.records("terminal")}
        for event in self.events:
            if event["event"]["action"] == "terminal":
                self.assertNotIn(event["process"]["pid"], readers)
                self.assertNotIn(b"typed", exact(event, "process.io.text"))
