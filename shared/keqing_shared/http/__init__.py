"""HTTP: how a question or a command comes in, who may send it, and how it is answered."""

from keqing_shared.http.access import CustomerUnknown, OwnerHidden, RoleMissing, allow
from keqing_shared.http.app import create_app
from keqing_shared.http.ask import Ask, Asking
from keqing_shared.http.do import Do, Doing, Receipt
from keqing_shared.http.paging import Page, PageWanted, Paging, cursor_of
from keqing_shared.http.period import PeriodEmpty, check_period
from keqing_shared.http.user import User

__all__ = [
    "Ask",
    "Asking",
    "CustomerUnknown",
    "Do",
    "Doing",
    "OwnerHidden",
    "Page",
    "PageWanted",
    "Paging",
    "PeriodEmpty",
    "Receipt",
    "RoleMissing",
    "User",
    "allow",
    "check_period",
    "create_app",
    "cursor_of",
]
