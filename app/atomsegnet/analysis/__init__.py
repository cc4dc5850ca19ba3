"""From the map of a network to columns and what they tell."""
