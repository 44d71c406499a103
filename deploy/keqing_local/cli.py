"""The ``keqing`` command. Each subcommand is a function in a module of its own, imported when called."""

import logging
import sys
from importlib import import_module

import structlog
import typer

from keqing_local.failure import CannotRun
from keqing_shared.settings import SettingsWrong

COMMANDS = {
    "run": "keqing_local.run:run",
    "token": "keqing_local.token:token",
    "migrate": "keqing_local.migrate:migrate",
    "rebuild": "keqing_local.rebuild:rebuild",
    "import": "keqing_local.importing:import_files",
    "replay": "keqing_local.replay:replay",
    "verify": "keqing_local.verify:verify",
    "scrub": "keqing_local.scrub:scrub",
    "rotate-master-key": "keqing_local.rotate_master_key:rotate_master_key",
    "watch": "keqing_local.watch:watch",
    "demo": "keqing_local.demo:demo",
    "docs": "keqing_local.documents:docs",
    "words": "keqing_local.words:words",
}
"""Name -> ``module:function``; a ``typer.Typer`` instead of a function makes a group."""


def _command_line(names: list[str]) -> typer.Typer:
    line = typer.Typer(
        help="Keqing (客情): customers pursued, served, paid for and remembered.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    line.callback()(lambda: None)
    for name in names:
        module, _, member = COMMANDS[name].partition(":")
        command = getattr(import_module(module), member)
        if isinstance(command, typer.Typer):
            line.add_typer(command, name=name)
        else:
            line.command(name)(command)
    return line


def main() -> None:
    # A command says what it has to say itself; `run` serves, and so sets up logs of its own.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    named = [argument for argument in sys.argv[1:2] if argument in COMMANDS]
    try:
        _command_line(named or list(COMMANDS))()
    except (CannotRun, SettingsWrong) as problem:
        print(f"keqing: {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
