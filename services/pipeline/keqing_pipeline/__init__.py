"""Prospects, opportunities and the people who pursue them."""
