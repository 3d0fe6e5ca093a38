"""The op table: what users register in it, and the check that every entry passes."""
