"""Draws a fully connected network with NumPy's own generator and saves it: `numpy_build.py MODEL.npz D_0 D_1 …`."""

import os
import sys
from itertools import pairwise

import numpy as np

path, widths = sys.argv[1], [int(text) for text in sys.argv[2:]]
draw = np.random.default_rng(0)
tensors = {}
for k, (inputs, outputs) in enumerate(pairwise(widths)):
    tensors[f"beta_{k}"] = np.zeros(outputs, np.float32)
    tensors[f"Omega_{k}"] = draw.standard_normal((outputs, inputs), np.float32) * np.float32((2 / inputs) ** 0.5)
with open(path, "wb") as stream:
    np.savez(stream, **tensors)  # type: ignore[arg-type]  # every keyword is an array
    stream.flush()
    os.fsync(stream.fileno())
