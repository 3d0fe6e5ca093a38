"""What the statements of a file do: parameters, imports, inputs, outputs, losses, groups of agents."""
