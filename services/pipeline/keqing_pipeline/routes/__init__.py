"""Pipeline over HTTP."""
