"""The people at a customer (核心人员), who covers them, and what a newcomer thought of them."""
