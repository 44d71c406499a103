"""``keqing demo``: a believable company and its year, done through the public HTTP API."""

from keqing_local.demo.command import demo

__all__ = ["demo"]
