"""What a customer is worth and how it stands: class, key account, relationship, signs that it may leave."""
