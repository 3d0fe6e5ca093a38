# Two commands for a fresh machine with Python 3.11, pip and make: `make train` and `make test`.

PYTHON ?= python3
VENV ?= .venv
# Another build of torch: make train TORCH="torch==2.13.0 --index-url …"
TORCH ?= torch==2.13.0
BIN := $(VENV)/bin
FLOOR ?= .venv-floor

# Small networks on a busy machine are fastest with one thread each.
export OMP_NUM_THREADS ?= 1

.PHONY: train test test-floor test-extras test-slow lint setup clean

train: setup
	$(BIN)/rl2graph train specs/ppo_shared.rl2 --env CartPole-v1 --steps 100000

test: setup
	$(BIN)/python -m pytest -n 2

# The lower end of the range of gymnasium releases, in an environment of its own.
test-floor: $(FLOOR)/.installed
	$(FLOOR)/bin/python -m pytest -n 2 tests/workers tests/agents

# Against other libraries' networks and updates; a skip counts as a failure.
test-extras: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[peers,atari]'
	TEST_EXTRAS=1 $(BIN)/python -m pytest tests/zoo/test_peers.py tests/agents/test_*peers.py tests/workers/test_atari.py

test-slow: setup
	$(BIN)/python -m pytest -m slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(FLOOR)/.installed: pyproject.toml
	$(PYTHON) -m venv $(FLOOR)
	$(FLOOR)/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(FLOOR)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' gymnasium==1.1.0
	touch $@

clean:
	rm -rf $(VENV) $(FLOOR) .pytest_cache .mypy_cache .ruff_cache .hypothesis
