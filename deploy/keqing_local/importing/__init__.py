"""``keqing import``: files of other systems, brought in through the public HTTP API."""

from keqing_local.importing.command import import_files

__all__ = ["import_files"]
