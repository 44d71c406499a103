"""``keqing words``: what the code says to people, and its translations beside it."""

from keqing_local.words.catalogue import Catalogue, gaps
from keqing_local.words.collecting import collect
from keqing_local.words.command import words

__all__ = ["Catalogue", "collect", "gaps", "words"]
