# SPDX-License-Identifier: BSD-2-Clause
"""Wrong facts: the next member of the size, the next enumerator or parameter, a larger struct."""


def shifted(fact):
    if fact["type"].startswith("enum ") or fact["type"].endswith("()"):
        return {**fact, "offset": fact["offset"] + 1}
    if fact["member"] == "sizeof":
        return {**fact, "size": fact["size"] + 8}
    return {**fact, "offset": fact["offset"] + (4 if 0 < fact["size"] < 8 else 8)}
