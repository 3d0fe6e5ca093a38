"""`python -m rl2graph`."""

from rl2graph.cli.main import run

run()
