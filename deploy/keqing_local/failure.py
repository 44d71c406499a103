"""What goes wrong on somebody's machine, said in one line."""


class CannotRun(Exception):
    """The stack cannot start or go on; the message says why and what to do, without a traceback."""
