"""Runs a fully connected ReLU network as one writes it by hand: `numpy_run.py MODEL.safetensors X.npy Y.npy`."""

import sys

import numpy as np
from safetensors.numpy import load_file

tensors = load_file(sys.argv[1])
h = np.load(sys.argv[2])
last = len(tensors) // 2 - 1
for k in range(last):
    h = np.maximum(h @ tensors[f"Omega_{k}"].T + tensors[f"beta_{k}"], 0)
np.save(sys.argv[3], h @ tensors[f"Omega_{last}"].T + tensors[f"beta_{last}"])
