"""The questions the service desk answers, one file each."""
