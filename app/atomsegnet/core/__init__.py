"""Plain data and rules; NumPy, SciPy and pydantic only."""
