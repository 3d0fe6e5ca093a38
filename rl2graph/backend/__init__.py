"""From a graph to something that runs. Emission is text alone; only loading and the reference import torch."""
