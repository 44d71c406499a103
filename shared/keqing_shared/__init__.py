"""What every context stands on: domain style, log, streams, views, messaging, HTTP, clock."""
