# SPDX-License-Identifier: BSD-2-Clause
"""What events of modules say of their files, compared with what the scenario has loaded (scenario_action.c)."""
import hashlib

LATE, NOT_THERE, SLOW = ("the file is being read", "the file was not found at its path", "it could not be read in time")


def truth(text):
    """Records of the scenario's modules alone."""
    pairs = [dict(pair.split("=", 1) for pair in line.split("\t")[1:]) for line in text.splitlines()]
    return [{key: bytes.fromhex(value) if key in ("name", "path", "text") else value for key, value in record.items()}
            for record in pairs]


def hash_of(event, late):
    """(hash, why there is none) in the event, or in one of its own."""
    if event["sextant"].get("hash_missing") == LATE:
        [event] = [e for e in late if e.get("file", {}).get("inode") == event["file"]["inode"]
                   and e["process"]["entity_id"] == event["process"]["entity_id"]][:1]
    return event["file"].get("hash", {}).get("sha256"), event["sextant"].get("hash_missing")


def compare_file(test, event, record, late):
    """The file that the kernel opened. Returns whether its hash was there."""
    file = event["file"]
    test.assertEqual(file["path"].encode(), record["path"])
    test.assertEqual((file["inode"], file["device"]), (record["inode"], record["device"]))
    sha256, why = hash_of(event, late)
    if record["path"].endswith(b"/copied.ko"):  # another file stands there by then
        test.assertIsNone(sha256)
        test.assertIn(why, {NOT_THERE, SLOW})
    elif why:
        test.assertEqual(why, SLOW)
    else:
        test.assertEqual(sha256, hashlib.sha256(record["text"]).hexdigest())
    return sha256 is not None


def compare(test, records, events, late, is_known):
    """is_known: the sensor sees what modules are loaded from. late: the events "hash"."""
    hashes = 0
    test.assertEqual(len(events), len(records), events)
    for event, record in zip(events, records):
        with test.subTest(path=record.get("path"), image=record.get("image")):
            module = event["sextant"]["module"]
            test.assertEqual((module["name"], module["loaded"]), ("dummy", record["loaded"] == "1"))
            test.assertEqual("image" in module, module["loaded"])
            test.assertEqual(module.get("image"), record.get("image") if is_known else None)
            test.assertEqual("sextant.module.image" in event["sextant"].get("read_errors", []),
                             module["loaded"] and not is_known)
            test.assertEqual("file" in event, module.get("image") == "file")
            if "file" in event:
                hashes += compare_file(test, event, record, late)
    test.assertEqual(bool(hashes), is_known)
