"""The data of a training: rows of inputs and targets, read once, checked, split and standardised."""
