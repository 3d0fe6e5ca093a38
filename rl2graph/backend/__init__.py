"""From a graph to something that runs. Emission is text alone; only the reference imports torch."""
