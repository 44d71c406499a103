"""Views: tables folded from the log, their checkpoint moved in the transaction of their rows."""

from keqing_shared.views.checkpoint import VIEWS_SCHEMA, ViewState
from keqing_shared.views.narrowed import Narrowed
from keqing_shared.views.projector import Projector, ViewStuck
from keqing_shared.views.rebuilding import (
    RebuildFailed,
    RebuildOvertaken,
    RebuildUnderWay,
    give_up_abandoned,
    rebuild,
)
from keqing_shared.views.source import FactSource
from keqing_shared.views.table import Index, Table
from keqing_shared.views.view import RowKey, Rows, UndeclaredRow, View, project_all

__all__ = [
    "VIEWS_SCHEMA",
    "FactSource",
    "Index",
    "Narrowed",
    "Projector",
    "RebuildFailed",
    "RebuildOvertaken",
    "RebuildUnderWay",
    "RowKey",
    "Rows",
    "Table",
    "UndeclaredRow",
    "View",
    "ViewState",
    "ViewStuck",
    "give_up_abandoned",
    "project_all",
    "rebuild",
]
