"""The tracking list (我跟踪的客户) of each rep, and the open pool of customers that were given up."""
