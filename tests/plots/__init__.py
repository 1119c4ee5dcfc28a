"""Pictures: what is drawn, that it is drawn the same each time, and what is refused."""
