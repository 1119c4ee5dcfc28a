"""The rules of all operations: how each is computed and derived in a program of gradients."""
