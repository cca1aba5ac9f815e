# SPDX-License-Identifier: BSD-2-Clause
"""Databases that are not what they seem, made of a genuine kernels.db."""
import os
import sqlite3
import struct
import tempfile

PAGE = 2048
MAGIC = bytes.fromhex("d9d505f920a163d7")  # of a journal

ENDLESS = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT "
KERNEL = ("id, release, machine, version, build_id, module, distribution, package, package_version, "
          "package_sha256, source, origin, version_code, layout")


def _changed(data, *statements):
    """By SQLite itself, which has to think nothing of it."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "x.db")
        with open(path, "wb") as file:
            file.write(data)
        db = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            db.execute(statement)
        db.close()
        with open(path, "rb") as file:
            return file.read()


def _root(data, table):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        db = sqlite3.connect(file.name)
        page, = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        db.close()
        return page


def _replaced(table, make):
    """The table's tables and indices go, others of that name come; the schema's text stays ours."""
    return ("PRAGMA writable_schema = ON", f"DROP TABLE {table}", *make)


def schemas(data):
    """Name and database; none of them has the schema of a kernels.db."""
    columns = ", ".join(f"1 AS {name.strip()}" for name in KERNEL.split(","))
    virtual = "CREATE VIRTUAL TABLE kernel USING fts5 (release, machine)"
    cases = {
        "view": ("DROP TABLE kernel", f"CREATE VIEW kernel AS {ENDLESS}{columns} FROM c"),
        "view-beside": (f"CREATE VIEW v AS {ENDLESS}x FROM c",),
        "sorter": ("DROP TABLE kernel", "CREATE VIEW kernel AS " + ENDLESS + columns.replace(
            "1 AS release", "hex(zeroblob(100000)) AS release") + " FROM c LIMIT 10000000"),
        "word-view": ("DROP TABLE word", f"CREATE VIEW word AS {ENDLESS}x AS id, 'x' AS text FROM c"),
        "trigger": ("CREATE TRIGGER t AFTER INSERT ON word BEGIN DELETE FROM kernel; END",),
        "index": ("CREATE INDEX i ON kernel (hex(zeroblob(10000)))",),
        "partial-index": ("CREATE INDEX i ON kernel (id) WHERE length(hex(zeroblob(10000000))) = 1",),
        "generated": ("ALTER TABLE kernel ADD COLUMN g AS (hex(zeroblob(100000000)))",),
        "check": ("DROP TABLE word", "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE"
                  " CHECK (length(hex(zeroblob(100000000))) > 1))"),
        "without-rowid": ("DROP TABLE word", "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL"
                          " UNIQUE) WITHOUT ROWID"),
        "virtual": ("DROP TABLE kernel", virtual),
        "table": ("CREATE TABLE other (x)",),
        "statistics": ("ANALYZE",),
        "name": ("ALTER TABLE word RENAME TO words",),
        "column": ("ALTER TABLE kernel ADD COLUMN x",),
        "no-table": ("DROP TABLE layout",),
        "collation": ("DROP TABLE word", "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL"
                      " COLLATE NOCASE UNIQUE)"),
        "nonsense": ("PRAGMA writable_schema = ON", "UPDATE sqlite_master SET sql = 'CREATE ' WHERE name = 'word'"),
        "long": ("PRAGMA writable_schema = ON",
                 "UPDATE sqlite_master SET sql = sql || hex(zeroblob(1000000)) WHERE name = 'word'"),
        "other-root": ("PRAGMA writable_schema = ON",
                       "UPDATE sqlite_master SET rootpage = 1 WHERE name = 'word'"),
        "temporary": ("PRAGMA writable_schema = ON",
                      "UPDATE sqlite_master SET sql = 'CREATE TABLE x (y)' WHERE name = 'kernel'"),
    }
    for name, statements in cases.items():
        yield name, _changed(data, *statements)
    many = [f"CREATE TABLE t{n} (x)" for n in range(3000)]
    yield "many-tables", _changed(data, "BEGIN", *many, "COMMIT")
    for name, at, value in (("wal", 18, b"\2\2"), ("utf-16", 56, struct.pack(">I", 2)),
                            ("application", 68, b"none")):
        yield name, data[:at] + value + data[at + len(value):]
    yield "cells", data[:103] + struct.pack(">H", 9) + data[105:]
    yield "empty", b""
    yield "header-alone", data[:100]


def _interior(children, right):
    """A page of a table that has only pages below it: (page, its largest id)..."""
    cells = [struct.pack(">IB", page, key) for page, key in children]
    start = PAGE - sum(map(len, cells))
    page = struct.pack(">BHHHBI", 5, 0, len(cells), start, 0, right)
    at = PAGE
    for cell in cells:
        at -= len(cell)
        page += struct.pack(">H", at)
    return page.ljust(start, b"\0") + b"".join(reversed(cells))


def _with_pages(data, changes):
    """Pages by number; the header's count of them is made to fit."""
    count = max(len(data) // PAGE, *changes)
    data = bytearray(data.ljust(count * PAGE, b"\0"))
    for number, page in changes.items():
        data[(number - 1) * PAGE:number * PAGE] = page
    data[28:32] = struct.pack(">I", count)
    return bytes(data)


def in_each_other(data, table="kernel", depth=12):
    """Each page has the next one 200 times below it: more rows than atoms, in few pages."""
    root, first = _root(data, table), len(data) // PAGE + 1
    leaf = data[(root - 1) * PAGE:root * PAGE]
    pages = {root: _interior([(first, 1)] * 200, first)}
    for level in range(depth):
        number = first + level
        pages[number] = _interior([(number + 1, 1)] * 200, number + 1)
    pages[first + depth] = leaf
    return _with_pages(data, pages)


def ring(data, table="kernel"):
    """The root is below itself."""
    root = _root(data, table)
    return _with_pages(data, {root: _interior([(root, 1)] * 200, root)})


def deep(data, levels, table="layout"):
    """A tree that is one branch: what calls itself for each level has a long way to go."""
    root, first = _root(data, table), len(data) // PAGE + 1
    leaf = data[(root - 1) * PAGE:root * PAGE]
    empty = struct.pack(">BHHHB", 13, 0, 0, PAGE, 0).ljust(PAGE, b"\0")
    pages = {root: _interior([(first, 0)], first + 1), first: empty}
    for level in range(levels):
        number = first + 1 + 2 * level
        pages[number] = _interior([(number + 1, 0)], number + 2)
        pages[number + 1] = empty
    pages[first + 1 + 2 * levels] = leaf
    return _with_pages(data, pages)


def trees(data):
    """Name and database; their schema is ours, their pages are not."""
    yield "in-each-other", in_each_other(data)
    yield "words-in-each-other", in_each_other(data, "word")
    yield "ring", ring(data)
    yield "deep", deep(data, 15000)


def many_rows(data, count):
    """Whole, but each row shares long words with all others."""
    word = "x" * 900
    return _changed(
        data, "BEGIN", f"INSERT INTO word (id, text) VALUES (900, '{word}')",
        f"WITH RECURSIVE c (x) AS (SELECT 1000 UNION ALL SELECT x + 1 FROM c LIMIT {count}) INSERT INTO kernel"
        " SELECT x, 'r', 900, NULL, NULL, 900, 900, 900, NULL, NULL, 900, 900, 900,"
        " (SELECT min(id) FROM layout) FROM c", "COMMIT")


def same_beginnings(data, count):
    """Whole, but the index of build-ids leads to all of these kernels for each of them."""
    return _changed(
        data, f"WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT {count})"
        " INSERT INTO kernel (release, machine, build_id, layout) SELECT '6.1.0-' || x || '-cloud-amd64',"
        " (SELECT min(machine) FROM kernel), CAST('same' || printf('%016d', x) AS BLOB),"
        " (SELECT min(id) FROM layout) FROM c")


def journal(victim):
    """A journal that has nothing to play, but ends with the name of a file that is removed then."""
    name = os.fsencode(victim)
    head = MAGIC + struct.pack(">IIIII", 0, 1, 0, 512, PAGE)
    end = struct.pack(">I", 0x40000000 // PAGE + 1) + name
    end += struct.pack(">II", len(name), sum(name) & 0xffffffff) + MAGIC
    return head.ljust(512, b"\0") + end
