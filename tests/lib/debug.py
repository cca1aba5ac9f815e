# SPDX-License-Identifier: BSD-2-Clause
"""Kernels made of tests/data/structs.c, packages around them, and a folder for each test."""
import io
import os
import subprocess
import tarfile
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def ar(members):
    data = b"!<arch>\n"
    for name, content in members:
        data += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        data += content + b"\n" * (len(content) % 2)
    return data


def tar(entries, compression):
    """entries: (name, bytes) or (name, link target)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{compression}", format=tarfile.GNU_FORMAT) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def deb(vmlinux, compression="xz", name="linux-image-9.8.7-test-dbg"):
    control = f"Package: {name}\nSource: linux\nVersion: 9.8.7-1\nArchitecture: amd64\n".encode()
    entries = [("./usr/lib/debug/vmlinux-9.8.7-test", "boot/vmlinux-9.8.7-test")]  # a link
    entries += [("./usr/share/doc/changelog", b"x" * 100000)]
    if vmlinux is not None:
        entries += [("./usr/lib/debug/boot/vmlinux-9.8.7-test", vmlinux)]
    entries += [("./usr/lib/debug/after", b"y" * 1000)]
    return ar([("debian-binary", b"2.0\n"),
               (f"control.tar.{compression}", tar([("./control", control)], compression)),
               (f"data.tar.{compression}", tar(entries, compression))])


def md5sums(entries):
    """The list of files that Debian's packages have."""
    return "".join(f"{'0' * 32}  {name.removeprefix('./')}\n" for name, content in entries
                   if not isinstance(content, str)).encode()


def blocks(entries, size="4KiB", release="9.8.7-test", listed=False):
    """A .deb whose data.tar.xz has many blocks, as dpkg-deb makes them of large ones."""
    data = subprocess.run(["xz", "-T2", f"--block-size={size}", "-c"],
                          input=tar(entries, ""), capture_output=True, check=True).stdout
    control = [("./control", f"Package: linux-image-{release}-dbg\nVersion: 9.8.7-1\n".encode())]
    if listed:
        control.append(("./md5sums", md5sums(entries)))
    return ar([("debian-binary", b"2.0\n"), ("control.tar.xz", tar(control, "xz")), ("data.tar.xz", data)])


def kernel(path, release="9.8.7-test", build_id="abcdef01", flags=("-g",), more=""):
    """A vmlinux with the structs of tests/data; its banner names the release. more: of its source."""
    with open(f"{ROOT}/tests/data/structs.c", encoding="utf-8") as file:
        source = (file.read() + more).replace("9.8.7-test", release)
    subprocess.run(["cc", "-nostdlib", "-static", *flags, f"-Wl,--build-id=0x{build_id}",
                    "-I", f"{ROOT}/tests/data", "-x", "c", "-", "-o", path], input=source.encode(),
                   check=True)
    return path


def module(path, source="struct btrfs_inode { long a[3]; struct btrfs_root *root; long vfs_inode; } i;"):
    """Debug data of btrfs.ko alone, as in a debug package: no .modinfo."""
    subprocess.run(["cc", "-g", "-c", "-x", "c", "-", "-o", path], input=source.encode(), check=True)
    return path


class Workspace(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.directory.cleanup()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)
