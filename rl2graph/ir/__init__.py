"""Types, the op table and the graph. Nothing here knows of texts, torch or algorithms."""
