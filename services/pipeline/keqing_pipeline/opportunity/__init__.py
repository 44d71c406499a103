"""Opportunities (客户意向): how far from a yes, and how far in time."""
