"""What programs of gradients call, one module for a family; their texts are copied into the programs."""
