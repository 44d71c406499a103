"""What notify answers over HTTP."""
