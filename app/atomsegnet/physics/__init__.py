"""Image simulation and its labels."""
