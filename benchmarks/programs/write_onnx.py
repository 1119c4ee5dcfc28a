"""Writes a fully connected ReLU network for onnxruntime: `write_onnx.py MODEL.safetensors MODEL.onnx`."""

import sys
from pathlib import Path

from safetensors.numpy import load_file

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from benchmarks.mlp_peers import onnx_bytes

Path(sys.argv[2]).write_bytes(onnx_bytes(load_file(sys.argv[1])))
