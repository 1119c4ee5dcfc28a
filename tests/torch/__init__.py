"""Comparisons with PyTorch, by hand (`make torch`): it is no dependency of the tests, which hold the kernels to its
stored results.

    python -m tests.torch.compare     every kernel and activation beside PyTorch, on random cases
    python -m tests.torch.layers      every kind of layer beside the module that it is said to be, weights copied
    python -m tests.torch.networks    ResNet-18, GPT-2 small and ViT-B/16 of specs/, end to end
    python -m tests.torch.specs_compare   the well-known networks of specs/: counts, and outputs with the same weights
    python -m tests.torch.gradient_references_images   writes tests/gradients/references/images.json
    python -m tests.torch.vectors     writes tests/torch/vectors.json
    python -m tests.torch.gradient_references_sequences   writes tests/gradients/references/sequences.json
    python -m tests.torch.optimizers  writes tests/training/torch_steps.json
"""
