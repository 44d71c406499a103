"""Notify: tells people and other systems what happened in the other contexts."""
