"""netspec: a declarative language for neural networks, its validator and its compiler."""
