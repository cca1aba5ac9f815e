# SPDX-License-Identifier: BSD-2-Clause
"""What the commands of docs/tutorial.md have to print, on a host or in a VM."""
import re

import tutorial_text


class Steps:
    """Tests of steps 1 to 5. printed(step) returns {command: (code, output, errors)} of those that need root."""

    maxDiff = None

    def check(self, step):
        """What its commands have printed, which has the lines of the tutorial, and what each has to print by itself."""
        found = self.printed(step)
        for is_root, command, lines in tutorial_text.commands(step):
            if is_root:
                code, output, errors = found[command]
                self.assertEqual(code, 0, errors)
                self.assertEqual(tutorial_text.unlike(lines, output), [], f"{command}: {output}{errors}")
        return [output for _, output, _ in found.values()]

    def test_1_three_execs_are_counted(self):
        self.assertEqual(self.check(1), ["demo was executed 3 times\n"])

    def test_2_each_file_is_opened_once(self):
        output, = self.check(2)
        self.assertRegex(output, r"(?m)^1 /proc/version$")

    def test_3_results_of_calls_that_succeed_and_fail(self):
        output, = self.check(3)
        self.assertEqual(sorted(re.findall(r"(?m)^result (\S+): (\d+) calls", output)), [("-2", "3"), ("0", "3")])

    def test_4_records_are_read_or_counted_as_lost(self):
        roomy, narrow = self.check(4)
        self.assertIn("3 made, 3 read, 0 lost\n", roomy)
        made, read, lost = map(int, re.search(r"(\d+) made, (\d+) read, (\d+) lost", narrow).groups())
        self.assertEqual((made, read + lost), (300, 300))
        self.assertGreater(read, 0)
        if self.cpus() <= 2:
            self.assertGreater(lost, 0)

    def test_5_the_parent_is_the_shell(self):
        output, = self.check(5)
        self.assertEqual(re.search(r"has the parent (\d+)", output)[1], re.search(r"the shell is (\d+)", output)[1])
