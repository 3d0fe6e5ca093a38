"""Two specs as functions: whether they are one, and what differs between them, node by node."""
