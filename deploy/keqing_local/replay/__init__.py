"""``keqing replay``: a customer's whole history, of all contexts, in one order."""

from keqing_local.replay.command import replay

__all__ = ["replay"]
