"""The questions that notify answers, each with its tables and its projection."""
