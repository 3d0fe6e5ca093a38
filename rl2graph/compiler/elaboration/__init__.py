"""Expressions and definitions to nodes: names, modules, macros, types, owners.

`elaborate` evaluates an expression in a context (`diagnose.Context`) to a value (`values`); its cases are in
`calls`, `builtins`, `heads`, `pipelines`, `parts`, `arithmetic` and `statements`. `builder` holds the graph,
`claims` who owns which weights, `unify` what became of symbolic dims, `scope` the names.
"""
