# SPDX-License-Identifier: BSD-2-Clause
"""What 'sextant trace' wrote of tests/host/calls.c, against what that program says itself."""
import errno
import json
import re

# Of two names Python has the other one; and what the kernel has inside (include/linux/errno.h).
ERRORS = {**{-number: name for number, name in errno.errorcode.items()}, -11: "EAGAIN", -35: "EDEADLK", -95: "EOPNOTSUPP",
          -512: "ERESTARTSYS", -514: "ERESTARTNOHAND", -516: "ERESTART_RESTARTBLOCK"}

# What tests/host/calls_32.S calls: names, errors (of several one, by the kernel's age), and parameters that are the same in each run.
OF_32 = [("open", "ENOENT", {"filename": "/no/such/file/of/32", "flags": "O_RDONLY|O_CLOEXEC"}),
         ("mkdir", "ENOENT", {"pathname": "/no/such/file/of/32", "mode": "0710"}), ("pipe", None, {}),
         ("write", None, {"buf": "32b", "count": 3}), ("read", None, {"buf": "32b", "count": 64}),
         ("writev", None, {"vec": [{"data": "# ", "length": 2}, {"data": "32b", "length": 3}]}),
         ("ioctl", None, {"cmd": "FIONREAD", "arg": 5}),
         ("fcntl64", None, {"cmd": "F_SETLK64", "arg": {"l_type": "F_RDLCK", "l_whence": "SEEK_CUR", "l_start": 4294967296, "l_len": 5}}),
         ("fcntl", None, {"cmd": "F_SETLK", "arg": {"l_type": "F_RDLCK", "l_whence": "SEEK_CUR", "l_start": 6, "l_len": 7}}),
         ("readv", None, {"vec": [{"data": "# 32b", "length": 64}]}),
         ("fstat64", None, {"statbuf": {"st_mode": "010600", "st_nlink": 1, "st_size": 0}}),
         ("fstat", None, {"statbuf": {"st_mode": "010600", "st_nlink": 1, "st_size": 0}}),
         ("fstatfs64", None, {"sz": 84, "buf": {"f_type": "0x50495045", "f_bsize": 4096, "f_namelen": 255}}),
         ("fstatfs", None, {"buf": {"f_type": "0x50495045", "f_bsize": 4096, "f_namelen": 255}}),
         ("setrlimit", None, {"resource": "RLIMIT_NOFILE", "rlim": {"rlim_cur": 100, "rlim_max": 200}}),
         ("ugetrlimit", None, {"rlim": {"rlim_cur": 100, "rlim_max": 200}}),
         ("prlimit64", None, {"new_rlim": None, "old_rlim": {"rlim_cur": 100, "rlim_max": 200}}),
         ("rt_sigaction", None, {"sig": "SIGUSR1", "act": {"sa_handler": "SIG_IGN", "sa_flags": "SA_RESTART", "sa_mask": "0x100000200"}}),
         ("rt_sigaction", None, {"act": None, "oact": {"sa_handler": "SIG_IGN", "sa_flags": "SA_RESTART", "sa_mask": "0x100000200"}}),
         ("sigaction", None, {"act": None, "oact": {"sa_handler": "SIG_IGN", "sa_flags": "SA_RESTART", "sa_mask": "0x200"}}),
         ("nanosleep", None, {"rqtp": {"tv_sec": 0, "tv_nsec": 1000}}),
         ("setitimer", None, {"value": {"it_interval.tv_usec": 1000, "it_value.tv_sec": 0, "it_value.tv_usec": 0},
                              "ovalue": {"it_interval.tv_sec": 0, "it_value.tv_usec": 0}}),
         ("_newselect", "EBADF", {"n": 8, "inp": [7], "outp": None, "tvp": {"tv_sec": 0, "tv_usec": 1000}}),
         ("clock_nanosleep_time64", (None, "ENOSYS"), {"rqtp": {"tv_sec": 0, "tv_nsec": 2000}}),
         ("sendmsg", ("EBADF", "ENOSYS"), {"msg": {"msg_name": {"family": "AF_INET", "ip": "127.0.0.1", "port": 53},
                                                   "msg_iov": [{"data": "# ", "length": 2}, {"data": "32b", "length": 3}],
                                                   "msg_control": [{"cmsg_len": 16, "cmsg_level": "SOL_SOCKET", "cmsg_type": "SCM_RIGHTS",
                                                                    "cmsg_data": [7]},
                                                                   {"cmsg_len": 12, "cmsg_level": "SOL_IPV6",
                                                                    "cmsg_type": "IPV6_PKTINFO"}]}}),
         ("socket", None, {"family": "AF_INET", "type": "SOCK_DGRAM", "protocol": 0}),
         ("connect", (None, "ENETUNREACH"), {"uservaddr": {"family": "AF_INET", "ip": "127.0.0.1", "port": 53}, "addrlen": 16}),
         ("sendto", (None, "ECONNREFUSED", "EDESTADDRREQ"), {"buff": "32b", "len": 3, "flags": "0", "addr": None, "addr_len": 0}),
         ("socketcall", "EINVAL", {"call": 77}), ("select", "EBADF", {"n": 8, "inp": [7], "outp": None, "tvp": {"tv_sec": 0, "tv_usec": 0}}),
         ("mmap", None, {"len": 4096, "prot": "PROT_READ", "flags": "MAP_PRIVATE|MAP_ANONYMOUS", "fd": -1, "off": "0"}),
         ("getresgid32", None, {"rgidp": 0, "egidp": 0, "sgidp": 0}),
         ("write", None, {"fd": 1, "buf": "# 32b\n", "count": 6}), ("close", "EBADF", {"fd": -1}), ("exit", None, {"error_code": 7})]


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def syscall(event):
    return event["sextant"]["syscall"]


def is_value(wanted, name, seen):
    """seen: the parameters of the event."""
    if name not in seen:
        return False
    value = seen[name]
    if isinstance(wanted, dict) and set(wanted) == {"hex"}:
        found = bytes.fromhex(seen[f"{name}_hex"]) if f"{name}_hex" in seen else (value or "").encode()
        return found == bytes.fromhex(wanted["hex"])
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(is_value(wanted[key], key, value) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and \
            all(is_value(want, "item", {"item": item}) for want, item in zip(wanted, value))
    return value == wanted


def is_result(wanted, call):
    """wanted: None if the call does not return."""
    if wanted is None or "result" not in call:
        return wanted is None and "result" not in call
    if wanted < 0:
        return call.get("error") == ERRORS[wanted] and call["result"] == wanted
    found = call["result"]
    return (int(found, 16) if isinstance(found, str) else found) == wanted and "error" not in call


def is_it(record, call):
    if record["name"] == "unknown":
        return call["name"] is None and call["number"] == 9999 and is_result(record["result"], call)
    return call["name"] == record["name"] and is_result(record["result"], call) and \
        all(is_value(wanted, name, call["parameters"]) for name, wanted in record["parameters"].items())


def missing(truth, events):
    """Records of the truth of which there is no event, in the order of their thread."""
    by_thread = {}
    for event in events:
        by_thread.setdefault(event["process"]["thread"]["id"], []).append(syscall(event))
    lost = []
    for record in truth:
        calls = by_thread.get(record["tid"], [])
        at = next((i for i, call in enumerate(calls) if is_it(record, call)), None)
        if at is None:
            lost.append((record, [call for call in calls if call["name"] == record["name"]]))
        else:
            del calls[:at + 1]
    return lost


def is_unread_exec(record, candidates):
    """With kprobes the file name of an exec is null if its page was not there: sextant-trace(8)."""
    return record["name"] == "execve" and any("filename" in call.get("read_errors", ()) for call in candidates)


def of_32(events):
    """As OF_32, of the calls of i386 by the program of 32 bits; that of 64 bits makes one as well."""
    found = [syscall(event) for event in events if syscall(event)["abi"] == "i386" and event["process"]["name"] == "calls_32"]
    return [wanted if is_of_32(call, *wanted) else (call["name"], call.get("error"), call["parameters"])
            for call, wanted in zip(found, OF_32)] + [(call["name"],) for call in found[len(OF_32):]]


def is_of_32(call, name, errors, parameters):
    return call["name"] == name and call.get("error") in (errors if isinstance(errors, tuple) else (errors,)) and \
        all(is_value(wanted, key, call["parameters"]) for key, wanted in parameters.items())


def kinds(truth):
    """Names of the calls in it."""
    return {record["name"] for record in truth}


def of_threads(events, directory):
    """{thread: the numbers of its rmdir() of DIRECTORY/THREAD/NUMBER}."""
    found = {}
    for event in events:
        path = (syscall(event).get("parameters") or {}).get("pathname")
        names = re.fullmatch(f"{re.escape(directory)}/([0-9]+)/([0-9]+)", path or "")
        if syscall(event)["name"] == "rmdir" and names:
            found.setdefault((event["process"]["thread"]["id"], int(names[1])), []).append(int(names[2]))
    return found


def strings_of(parameters):
    """All texts in the parameters of a call."""
    for name, value in parameters.items():
        if isinstance(value, dict):
            yield from strings_of(value)
        elif isinstance(value, list):
            for item in value:
                yield from strings_of(item) if isinstance(item, dict) else [str(item).encode()]
        elif name.endswith("_hex"):
            yield bytes.fromhex(value)
        elif isinstance(value, str):
            yield value.encode()
