"""Training: from a network, a recipe and data to a trained model."""
