"""Comparisons with PyTorch, by hand: it is no dependency of the tests, which hold the kernels to its stored results.

```sh
python3 -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 -e .
/tmp/torch/bin/python -m tests.torch.compare    # every kernel and activation beside PyTorch, on random cases
/tmp/torch/bin/python -m tests.torch.vectors    # writes tests/torch/vectors.json
```
"""
