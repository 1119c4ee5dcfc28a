"""Writes a fully connected ReLU network as torch keeps modules: `write_torch.py MODEL.safetensors MODEL.pt`."""

import sys
from pathlib import Path

import torch
from safetensors.numpy import load_file

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from benchmarks.mlp_peers import torch_module

torch.save(torch_module(load_file(sys.argv[1])), sys.argv[2])
