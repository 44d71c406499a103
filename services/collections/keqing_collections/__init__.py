"""Collections: invoices, payments and their ageing; what a customer owes, and what was done about it."""
