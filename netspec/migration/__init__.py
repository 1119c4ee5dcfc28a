"""What becomes of a checkpoint where its network changes: the plan, tensor by tensor, and how one is carried out."""
