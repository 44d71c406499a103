"""HTTP to command, one expression each."""
