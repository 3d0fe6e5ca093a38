"""From a syntax tree to a typed graph, through passes to entry points. No torch here."""
