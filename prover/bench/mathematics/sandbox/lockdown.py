"""The inside of the sandbox: gives up everything that a calculation does not need, then runs the program.

This file runs by itself in a new Python process (see run.py) and imports nothing of ours. The order matters: limits,
capabilities, files (Landlock), then system calls (seccomp), which is the last since it forbids what the others need.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import struct
import sys
import sysconfig

LIBC = ctypes.CDLL(None, use_errno=True)

# --- files: Landlock (Linux 5.13), https://docs.kernel.org/userspace-api/landlock.html -----------------------------
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in (1, 2, 3, 4, 5))
MAKE_DIR, MAKE_REG, TRUNCATE = 1 << 7, 1 << 8, 1 << 14
READ = READ_FILE | READ_DIR
SCRATCH = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Kinds of access to files that each version knows; from the fifth on 16."""

# --- system calls: seccomp, https://docs.kernel.org/userspace-api/seccomp_filter.html ------------------------------
# What is refused, with its numbers on x86_64 and on aarch64 (None: does not exist there).
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "reboot": (169, 142),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "truncate": (76, 45),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "utimensat": (280, 88), "futimesat": (261, None), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "inotify_init": (253, None), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "setpriority": (141, 140),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "memfd_create": (319, 279),
    "personality": (135, 92), "ioprio_set": (251, 30),
}  # fmt: skip
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)
CLONE_THREAD = 0x10000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, UNKNOWN, KILL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38, 0x80000000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # places in what a filter sees


class LockdownError(Exception):
    """Something could not be given up: the program must not run."""


def limit(limits: dict[str, int]) -> None:
    """Limit processor time, memory, files: hard limits, which cannot be raised again."""
    for name, value in (
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(name, (value, value))


def drop_capabilities() -> None:
    """Drop all privileges, even if started as root, and never gain one again."""
    _checked(LIBC.prctl(38, 1, 0, 0, 0), "no new privileges")
    header = struct.pack("Ii", 0x20080522, 0)
    _checked(LIBC.capset(header, bytes(24)), "dropping capabilities")


def fence_files(scratch: str) -> None:
    """Allow reading of Python and its libraries, anything in `scratch`, and nothing else."""
    version = LIBC.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        raise LockdownError("this system has no Landlock (Linux 5.13, enabled at boot), so files cannot be fenced off")
    handled = (1 << RIGHTS.get(version, 16)) - 1
    network, scoped = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    attributes = struct.pack("QQQ", handled, network, scoped)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = _checked(LIBC.syscall(CREATE_RULESET, attributes, len(attributes), 0), "Landlock")
    readable = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    readable |= {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom"}
    # A virtual environment's standard library is elsewhere.
    readable |= {sysconfig.get_path("stdlib", vars={"base": sys.base_prefix, "installed_base": sys.base_prefix})}
    for path, rights in [*((path, READ) for path in sorted(readable)), ("/dev/null", READ_FILE | WRITE_FILE),
                         (scratch, SCRATCH)]:  # fmt: skip
        if os.path.exists(path):
            _allow(rules, path, rights & handled)
    _checked(LIBC.syscall(RESTRICT_SELF, rules, 0), "Landlock")
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not os.path.isdir(path):
        rights &= READ_FILE | WRITE_FILE | TRUNCATE
    _checked(LIBC.syscall(ADD_RULE, rules, 1, struct.pack("=Qi", rights, place), 0), f"Landlock for {path}")
    os.close(place)


def fence_system_calls() -> None:
    """Refuse the network, other processes, new processes and what changes the system."""
    if platform.machine() not in ARCHITECTURES:
        raise LockdownError(f"no filter of system calls is known for {platform.machine()}")
    architecture, column = ARCHITECTURES[platform.machine()]
    refused = [number for numbers in REFUSED.values() if (number := numbers[column]) is not None]
    filter_ = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, 0x40000000),  # x86_64's second set of numbers
        (RETURN, 0, 0, KILL),
    ]
    for number in refused:
        filter_ += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    filter_ += [
        (EQUAL, 0, 1, CLONE3[column]),  # its arguments cannot be looked at; the C library then uses clone
        (RETURN, 0, 0, UNKNOWN),
        (EQUAL, 0, 4, CLONE[column]),  # threads, but no processes
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY_BIT, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
        (EQUAL, 0, 3, PRLIMIT[column]),  # of this process only
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 1, 0, 0),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in filter_))
    description = struct.pack("HxxxxxxQ", len(filter_), ctypes.addressof(program))
    _checked(LIBC.prctl(22, 2, ctypes.c_char_p(description), 0, 0), "seccomp")


def _checked(answer: int, what: str) -> int:
    if answer < 0:
        raise LockdownError(f"{what}: {os.strerror(ctypes.get_errno())}")
    return answer


def main() -> None:
    """Read what to run from standard input, lock down, say so on the given descriptor, run."""
    task = json.load(sys.stdin)
    ready = int(sys.argv[1])
    os.chdir(task["scratch"])
    try:
        limit(task["limits"])
        drop_capabilities()
        fence_files(task["scratch"])
        fence_system_calls()
    except (OSError, ValueError, LockdownError) as error:
        os.write(ready, f"failed: {error}".encode())
        sys.exit(1)
    os.write(ready, b"ready")
    os.close(ready)
    os.close(0)
    code = compile(task["source"], "program.py", "exec")
    exec(code, {"__name__": "__main__", "__builtins__": __builtins__})


if __name__ == "__main__":
    main()
