"""What the compiler rewrites, each pass in a module of its own, which shows a network before and after it."""
