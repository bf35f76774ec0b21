"""Pictures become keywords."""
