"""Three-way merges of specs: by what is written where, on the texts themselves, so that comments and layout stay."""
