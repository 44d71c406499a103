"""Start a server that dies with its parent and never runs as root: exec'd as a script, standard library only.

``python -I -S tethered.py PARENT_PID SIGNAL FOLDER IDENTITY -- PROGRAM ARGUMENT...``

The program gets SIGNAL when the thread that started it ends, even by ``kill -9`` (Linux only).
FOLDER is where it keeps its data; it is handed to whom the program runs as. IDENTITY is ``keep``, or
``never-root``: PostgreSQL refuses to run as root, so under root the program runs

1. ``namespace``: in a user namespace in which root has another number. Files stay root's, so it also works
   below a folder only root may enter;
2. ``dropped``, where namespaces are forbidden (as in most containers): as an unprivileged user who owns
   FOLDER, keeping only the right to pass through folders on the way to it.

See docs/decisions/0002-embedded-servers.md.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CLONE_NEWUSER = 0x10000000
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _another_user() -> pwd.struct_passwd:
    """Somebody who is not root but has a name, for ``initdb`` looks its user up."""
    others = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not others:
        raise OSError("there is no user but root in /etc/passwd")
    return next((entry for entry in others if entry.pw_name == "nobody"), others[0])


def _hand_over(folder: str, uid: int, gid: int) -> None:
    """Give the folder and all in it to one user; nothing is touched when it is theirs already."""
    if os.stat(folder).st_uid == uid:
        return
    for path, _, files in os.walk(folder):
        for name in files:
            os.chown(os.path.join(path, name), uid, gid, follow_symlinks=False)
        os.chown(path, uid, gid)


def _enter_namespace() -> None:
    user = _another_user()
    _checked(_libc().unshare(CLONE_NEWUSER))
    with open("/proc/self/setgroups", "w") as setgroups:
        setgroups.write("deny")
    for mapping, inside in (("uid_map", user.pw_uid), ("gid_map", user.pw_gid)):
        with open(f"/proc/self/{mapping}", "w") as file:
            file.write(f"{inside} 0 1")


def _drop(folder: str) -> None:
    user = _another_user()
    _hand_over(folder, user.pw_uid, user.pw_gid)
    libc = _libc()
    _checked(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    with contextlib.suppress(OSError, AttributeError):  # without it, only folders open to all will do
        _keep_passage(libc)


def _keep_passage(libc: ctypes.CDLL) -> None:
    """Of all of root's rights keep the one to enter folders, across exec."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    passage = 1 << CAP_DAC_OVERRIDE
    rights = (ctypes.c_uint32 * 6)(passage, passage, passage, 0, 0, 0)
    _checked(libc.capset(header, rights))
    _checked(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _become(identity: str, folder: str) -> None:
    if os.geteuid() != 0 or identity == "keep":
        return
    if identity in ("never-root", "namespace"):
        # In a child first: a namespace that opens but refuses the mapping cannot be left again.
        probe = os.fork()
        if probe == 0:
            try:
                _enter_namespace()
                os._exit(0)
            except OSError:
                os._exit(1)
        if os.waitpid(probe, 0)[1] == 0:
            _hand_over(folder, 0, 0)
            _enter_namespace()
            return
        if identity == "namespace":
            raise OSError("user namespaces are not allowed here")
    _drop(folder)


def _die_with(parent: int, number: int) -> None:
    if sys.platform != "linux":
        return
    _libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it was gone before we asked
        sys.exit(1)


def main(arguments: list[str]) -> None:
    parent, number, folder, identity, _, *program = arguments
    os.setsid()  # Ctrl-C at the terminal is for the parent, which stops us in its own order
    try:
        _become(identity, folder)
        _die_with(int(parent), int(number))  # last: changing who one is clears it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(program[0], program)
    except OSError as problem:
        sys.exit(f"{program[0]}: {problem.strerror or problem}")


if __name__ == "__main__":
    main(sys.argv[1:])
