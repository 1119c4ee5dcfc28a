"""Runs a module of torch with one thread: `torch_run.py MODEL.pt X.npy Y.npy`."""

import sys

import numpy as np
import torch

torch.set_num_threads(1)
module = torch.load(sys.argv[1], weights_only=False).eval()
with torch.inference_mode():
    np.save(sys.argv[3], module(torch.from_numpy(np.load(sys.argv[2]))).numpy())
