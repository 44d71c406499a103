"""Customers found through customers."""
