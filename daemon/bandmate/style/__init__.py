"""Style: keywords and what they mean."""
