"""The entries of the op table, one file per family. Adding an op is adding an entry here and its reference
semantics in `rl2graph.backend.reference`.
"""
