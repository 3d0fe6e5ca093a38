"""What is said of a statement that cannot be read, and what of it can be read all the same.

`scene` is where the parser got stuck; `situations` and `slips_*` are tables and functions of mistakes with
their mends; `findings` and `suspicions` choose among them; `mending` verifies a mend by reading it;
`syntax_errors` makes the diagnostic; `recover` reads the rest.
"""
