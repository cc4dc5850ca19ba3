"""Networks: architecture, weights, inference, training."""
