"""The customer file (客户档案)."""
