"""Imports: rows of other systems through the same rules, repeatable by their external ids."""
