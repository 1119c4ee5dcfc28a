"""The programs that are measured as whole processes: the launcher, and what netspec is measured beside."""
