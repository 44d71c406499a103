"""The demo company and its year, as a pure plan: the same seed and day give the same company."""

from keqing_local.demo.plan.deed import Deed, Ref
from keqing_local.demo.plan.story import Plan, Settings, make_plan

__all__ = ["Deed", "Plan", "Ref", "Settings", "make_plan"]
