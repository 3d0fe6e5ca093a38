"""Rewrites of graphs, one file each: data (what a pass is called and keeps) plus a free function."""
