"""HTTP of collections."""
