"""The one canonical layout of a text, comments kept.

`comments` finds what the tree does not hold; the printers turn tree and comments into a document
(`documents`), which is laid out within the width; `formatter` is the way in.
"""
