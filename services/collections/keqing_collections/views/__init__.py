"""Questions that collections answers."""
