"""Privacy: each customer's personal data sealed under a key of its own, and erased by destroying the key."""

from keqing_shared.privacy.keys import KEYS_SCHEMA, Keys
from keqing_shared.privacy.master import MasterKeys, master_keys
from keqing_shared.privacy.ring import KeyNotLoaded, KeyRing

__all__ = ["KEYS_SCHEMA", "KeyNotLoaded", "KeyRing", "Keys", "MasterKeys", "master_keys"]
