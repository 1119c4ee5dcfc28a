"""Networks in review: what a change to a spec means, layer by layer, tensor by tensor, and whom it breaks."""
