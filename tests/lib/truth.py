# SPDX-License-Identifier: BSD-2-Clause
"""The true layouts of offsets/kernels as C: structs whose members lie where those kernels have them."""
import glob
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TYPES = {1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long"}


def kernels(distribution="*"):
    """(release, [member line]) of the kernels that tables describe; modules are left out."""
    for path in sorted(glob.glob(os.path.join(ROOT, f"offsets/kernels/{distribution}-[0-9]*.txt"))):
        with open(path, encoding="utf-8") as file:
            for stanza in file.read().strip().split("\n\n"):
                lines = stanza.split("\n")
                if "\tmodule=" not in lines[0]:
                    release = re.search(r"\trelease=(\S+)", lines[0])[1]
                    yield release, [line for line in lines if line.startswith("member\t")]


def comparable(found, lines):
    """A struct has a size in C also where the kernel's is not known: those are left out of what was found."""
    known = {line.split("\t")[1] for line in lines if line.split("\t")[2] == "sizeof"}
    return [line for line in found if line in lines or line.split("\t")[2] != "sizeof" or line.split("\t")[1] in known]


def catalogue():
    """{(struct, member): types} of the catalogue."""
    with open(os.path.join(ROOT, "offsets/catalogue.h"), encoding="utf-8") as file:
        facts = re.findall(r'\tFACT\([A-Z]\w+, ([^"]+), "([^"]+)"', file.read())
    return {(struct, name): types.split(",") for struct, names in facts
            for name, _, types in (alternative.partition(":") for alternative in names.split("|")) if types}


class Path(str):
    """The path of a member, with the types that it may have."""
    types = ()

    def __new__(cls, path, types):
        self = super().__new__(cls, path)
        self.types = types
        return self


def is_of_size(kind, size):
    """Could a member of that type have so many bytes?"""
    return size == 8 if kind.startswith("*") else kind == str(size) if kind.isdigit() else True


def written(kind, name, size):
    """A declaration: "[]*pid", 24 -> struct pid *name[3];"""
    stars, element = re.fullmatch(r"(?:\[\])?(\**)(.*)", kind).groups()
    word = {"": "void", "1": "char"}.get(element, TYPES[int(element)] if element.isdigit() else f"struct {element}")
    if not kind.startswith("[]"):
        return f"{word} {stars}{name};"
    each = 8 if stars else int(element) if element.isdigit() else EMBEDDED.get(element, 1)
    return f"{word} {stars}{name}[{size // each}];"


EMBEDDED = {}  # struct: its bytes, where members are one


def declaration(name, size, types=()):
    for kind in types:
        if is_of_size(kind, size):
            return written(kind, name, size)
    return f"{TYPES[size]} {name};" if size in TYPES else f"char {name}[{size}];"


def member(path, offset, size, bits, style):
    """C that puts one member at an offset, in a struct of its own."""
    first, _, rest = path.partition(".")
    pad = f"char pad_{style}[{offset}];" if offset else ""
    if bits:
        unused = f"unsigned int : {bits[0]};" if bits[0] else ""
        return f"{pad} {unused} unsigned int {path} : {bits[1]};"
    types = getattr(path, "types", ())
    if rest:  # an embedded struct, or the first element of an array of them
        name, element = re.match(r"(\w+)(\[0\])?", first).groups()
        inner = declaration(rest, size, types)
        return f"{pad} struct {{ {inner} }} {name}{'[2]' if element else ''};"
    return f"{pad} {declaration(path, size, types)}"


def sequential(members, end):
    """All members one behind the other, or None where they overlap or are bit-fields."""
    text, at = "", 0
    for number, (path, offset, size, bits) in enumerate(sorted(members, key=lambda m: m[1])):
        if bits or "." in path or offset < at:
            return None
        text += member(path, offset - at, size, None, number) + "\n"
        at = offset + size
    return text + (f"char end[{end - at}];\n" if end > at else "")


def embedded(members):
    """Each embedded struct once, with all that is named of it."""
    groups = {}
    for number, (path, offset, size, _) in enumerate(members):
        if "." in path:
            groups.setdefault(path.partition(".")[0], []).append((path, offset, size, number))
    for first, group in groups.items():
        base = min(offset for _, offset, _, _ in group)
        if len(group) == 1:
            yield member(group[0][0], base, group[0][2], None, group[0][3])
            continue
        inner = "".join(f"struct {{ {member(Path(path.partition('.')[2], path.types), offset - base, size, None, number)} }} "
                        "__attribute__((packed));" for path, offset, size, number in group)
        yield (f"{f'char pad_{group[0][3]}[{base}];' if base else ''} "
               f"struct {{ union {{ {inner} }}; }} {first};")


def overlaid(members, end):
    """Each member in an anonymous struct of one anonymous union."""
    parts = [f"struct {{ {part} }} __attribute__((packed));" for part in (
        *(member(p, o, s, b, n) for n, (p, o, s, b) in enumerate(members) if "." not in p),
        *embedded(members))]
    parts += [f"char end[{end}];"] if end else []
    return "union {\n" + "\n".join(parts) + "\n};\n"


def struct(name, members):
    end = sum(size for path, _, size, _ in members if path == "sizeof")
    members = [m for m in members if m[0] != "sizeof"]
    body = sequential(members, end) or overlaid(members, end)
    return f"struct {name} {{\n{body}}} __attribute__((packed));\nstruct {name} v_{name};\n"


def enumeration(name, members):
    values = ", ".join(f"{path} = {value}" for path, value, _, _ in members)
    return f"{name} {{ {values} }} v_{name.split()[1]};\n"


def function(name, members):
    parameters = {position: declaration(path, size, path.types).rstrip(";")
                  for path, position, size, _ in members}
    return "void %s(%s) {}\n" % (name.rstrip("()"), ", ".join(
        parameters.get(i, f"long p{i}") for i in range(max(parameters) + 1)))


def symbols(members, defined):
    text = ""
    for path, number, _, _ in members:
        name, dot, clone = path.partition(".")
        if dot:
            text += f"void clone_of_{name}(void) __asm__(\"{name}.{clone}.{number}\");\n"
            text += f"void clone_of_{name}(void) {{}}\n"
        elif f"{name}()" not in defined:
            text += f"void {name}(void) {{}}\n"
    return text


def embedded_structs(types):
    """{struct: bytes} of those that are members of others."""
    sizes = {}
    for members in types.values():
        for path, _, size, _ in members:
            kind = next((kind for kind in path.types if is_of_size(kind, size)), "")
            if re.fullmatch(r"[a-z_]\w*", kind):
                sizes[kind] = size
            elif re.fullmatch(r"\[\][a-z_]\w*", kind) and kind[2:] not in types:
                sizes.setdefault(kind[2:], 1)
    return sizes


def in_order(types, sizes):
    """The structs that are members of others first."""
    done = []

    def add(name):
        if name in done:
            return
        for path, *_ in types.get(name, ()):
            for kind in path.types:
                inner = kind.removeprefix("[]")
                if (inner in types or inner in sizes) and inner != name:
                    add(inner)
        done.append(name)

    for name in [*sizes, *types]:
        add(name)
    return done


def c_source(lines):
    types, known = {}, catalogue()
    for line in lines:
        _, name, path, offset, size, *bits = line.split("\t")
        bits = [int(b) for b in bits] or None
        path = Path(path, known.get((name, path), ()))
        types.setdefault(name, []).append((path, int(offset), int(size), bits))
    sizes = embedded_structs(types)
    for name, members in types.items():
        whole = [size for path, _, size, _ in members if path == "sizeof"]
        if whole:
            EMBEDDED[name] = whole[0]
        elif name in sizes:
            members.append((Path("sizeof", ()), 0, sizes[name], None))
    EMBEDDED.update(sizes)
    text = ""
    for name in in_order(types, sizes):
        members = types.get(name)
        if members is None:
            text += f"struct {name} {{ char bytes[{sizes[name]}]; }};\n"
        elif name.startswith("enum "):
            text += enumeration(name, members)
        elif name.endswith("()"):
            text += function(name, members)
        elif name == ".symtab":
            text += symbols(members, types)
        else:
            text += struct(name, members)
    return text + "void _start(void) {}\n"
