"""Care for people at customers (客情): gifts, meals and activities, kept within bounds."""
