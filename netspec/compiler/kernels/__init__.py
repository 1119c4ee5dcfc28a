"""How each operation is computed, as lines of NumPy: one file for each family of operations."""
