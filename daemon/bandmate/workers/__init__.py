"""Child processes that hold the models."""
