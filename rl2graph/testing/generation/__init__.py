"""Random typed programs: spaces, calls, definitions and statements, drawn from the op table."""
