# SPDX-License-Identifier: BSD-2-Clause
"""Symbol files of Volatility 3 (ISF), made of the debug data of a vmlinux as dwarf2json does it."""
import base64
import hashlib
import json

from elftools.elf.elffile import ELFFile

KINDS = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union", "DW_TAG_enumeration_type": "enum",
         "DW_TAG_base_type": "base", "DW_TAG_pointer_type": "pointer", "DW_TAG_array_type": "array",
         "DW_TAG_subroutine_type": "function"}
VOID = {"kind": "base", "name": "void"}


def number(die, name, default=None):
    return die.attributes[name].value if name in die.attributes else default


def text(die):
    if "DW_AT_name" in die.attributes:
        return die.attributes["DW_AT_name"].value.decode()
    return f"unnamed_{die.offset:016x}"


def peeled(die):
    """The type of a member, without typedefs and qualifiers. None: void."""
    while "DW_AT_type" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag in KINDS:
            return die
    return None


def described(die):
    if die is None:
        return VOID
    kind = KINDS[die.tag]
    if kind == "pointer":
        return {"kind": kind, "subtype": described(peeled(die))}
    if kind == "function":
        return {"kind": kind}
    if kind != "array":
        return {"kind": kind, "name": text(die)}
    inner = described(peeled(die))
    for dimension in reversed(list(die.iter_children())):
        inner = {"count": number(dimension, "DW_AT_upper_bound", -1) + 1, "kind": kind, "subtype": inner}
    return inner


def field(die):
    inner = peeled(die)
    result = {"type": described(inner), "offset": number(die, "DW_AT_data_member_location", 0)}
    if "DW_AT_bit_size" in die.attributes:
        size = number(inner, "DW_AT_byte_size")
        bits = number(die, "DW_AT_data_bit_offset")
        result["offset"] = bits // (size * 8) * size
        result["type"] = {"bit_length": number(die, "DW_AT_bit_size"), "bit_position": bits % (size * 8),
                          "kind": "bitfield", "type": result["type"]}
    if "DW_AT_name" not in die.attributes:
        result["anonymous"] = True
    return result


def field_name(die):
    return text(die) if "DW_AT_name" in die.attributes else f"unnamed_field_{die.offset:x}"


def types(elf):
    base = {"pointer": {"size": 8, "signed": False, "kind": "int", "endian": "little"},
            "void": {"size": 0, "signed": False, "kind": "void", "endian": "little"}}
    user, enums = {}, {}
    for unit in elf.get_dwarf_info().iter_CUs():
        for die in unit.iter_DIEs():
            kind, size = KINDS.get(die.tag), number(die, "DW_AT_byte_size")
            if size is None:
                continue
            if kind == "base":
                base[text(die)] = {"size": size, "signed": True, "kind": "int", "endian": "little"}
            elif kind in ("struct", "union"):
                members = {field_name(child): field(child) for child in die.iter_children()
                           if child.tag == "DW_TAG_member"}
                user[text(die)] = {"size": size, "fields": dict(sorted(members.items())), "kind": kind}
            elif kind == "enum":
                constants = {text(child): number(child, "DW_AT_const_value") for child in die.iter_children()}
                enums[text(die)] = {"size": size, "base": "unsigned int", "constants": constants}
    return base, dict(sorted(user.items())), enums


def symbols(elf):
    found = {}
    for symbol in elf.get_section_by_name(".symtab").iter_symbols():
        if symbol.name:
            found[symbol.name] = {"type": VOID, "address": symbol["st_value"] + 0xffffffff81000000}
    return found


def symbol_file(path, banner, registers="r15"):
    """The object that becomes a symbol file, of a vmlinux in DWARF 4 or 5 without DW_AT_bit_offset."""
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
        elf = ELFFile(file)
        base, user, enums = types(elf)
        names = symbols(elf)
    user["pt_regs"] = {"size": 8, "kind": "struct",
                       "fields": {registers: {"type": {"kind": "base", "name": "long unsigned int"}, "offset": 0}}}
    names["linux_banner"] = {"type": {"count": 0, "kind": "array", "subtype": {"kind": "base", "name": "char"}},
                             "address": 18446744071587234176,
                             "constant_data": base64.b64encode(banner.encode() + b"\n\0").decode()}
    image = {"kind": "dwarf", "name": "vmlinux", "hash_type": "sha256", "hash_value": digest}
    map_of = {"kind": "system-map", "name": "System.map", "hash_type": "sha256", "hash_value": "ab" * 32}
    return {"metadata": {"linux": {"symbols": [map_of, {**image, "kind": "symtab"}], "types": [image]},
                         "producer": {"name": "dwarf2json", "version": "0.8.0"}, "format": "6.2.0"},
            "base_types": base, "user_types": user, "enums": enums, "symbols": names}


def written(tables):
    return json.dumps(tables, indent=2).encode()
