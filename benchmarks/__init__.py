"""What netspec costs beside its peers, measured side by side in one run: `python -m benchmarks`.

Speed is said as a ratio against a peer: the two are measured in turns, round for round, so that what else the machine
does meets both. Whole processes are started by a small launcher, which tells their time and their peak memory.
"""
