"""Benchmarks: ratios against named rivals, measured in one run on one machine."""
