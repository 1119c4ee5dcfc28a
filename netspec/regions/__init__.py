"""Linear regions of networks with given parameters: counted, and as data."""
