"""Opening files below a root, bounded readers of parameter files, and writes that are whole or not at all."""
