"""What the book and the lecture say of training, tried.

`python -m examples.experiments.notebook_8_1` runs one of them, `python -m examples.experiments` all.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: the processes share out the cores
