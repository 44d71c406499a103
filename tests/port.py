"""A port for a process that a test starts."""

import fcntl
import os
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

_PORTS = iter(random.sample(range(12_000, 32_000), 20_000))
"""Below those that the system hands out by itself, to whom it may be in the meantime."""

_LOCKS = (Path(tempfile.gettempdir()) / f"keqing-test-ports-{os.getuid()}").open("ab")
"""Its byte N is locked by whoever uses port N, for as long as that process lives."""


def free_port() -> int:
    """Free on 127.0.0.1, also through its process's deaths: no other test, worker or run is given it."""
    for port in _PORTS:
        with suppress(OSError), socket.socket() as probe:
            fcntl.lockf(_LOCKS, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
