"""The catalogue of facts and messages, made from the code that defines them."""

from keqing_local.catalogue.asyncapi import asyncapi
from keqing_local.catalogue.events import events

__all__ = ["asyncapi", "events"]
