"""Imports: rows of other systems through the same rules as everything else, each succeeding or refused alone.

A body of JSON lines is read (``RowFile``), each row is made a piece of work (``Piece``), the pieces are
carried out or rehearsed (``Carrying``), and a report says what became of each line.
"""

from keqing_shared.imports.carrying import Carrying, Piece, waves
from keqing_shared.imports.customers import CustomersNamed, OfCustomer
from keqing_shared.imports.report import ImportReport, RowResult, RowStatus, refused, report
from keqing_shared.imports.rows import REFUSALS, DryRun, RowFile, Rows

__all__ = [
    "REFUSALS",
    "Carrying",
    "CustomersNamed",
    "DryRun",
    "ImportReport",
    "OfCustomer",
    "Piece",
    "RowFile",
    "RowResult",
    "RowStatus",
    "Rows",
    "refused",
    "report",
    "waves",
]
