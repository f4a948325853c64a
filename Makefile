# Two commands do everything: `make reports` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: reports test lab lint bench fuzz mutants docs lock install-locked audit determinism clean

NEWER := import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12")
# an environment of a Python that is too old would stay in the way of the next try
$(BIN)/python:
	@$(PYTHON) -c '$(NEWER)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@ $(VENV)/.core

$(VENV)/.lab: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[lab]'
	touch $@

# fetch what is missing, run what is stale, render the reports
reports: $(VENV)/.core
	$(BIN)/workbench run

# several processes share the cores: spinning threads of a math library slow all of them
test: export OPENBLAS_NUM_THREADS := 1
test: export OMP_NUM_THREADS := 1
# lint, types, the default run, unit tests, figures and pages, then every notebook through nbval
test: $(VENV)/.test lint
	tests/browser/install.sh
	$(BIN)/workbench run
	$(BIN)/workbench preloaded $(BIN)/python -m pytest -n 2 --dist loadfile
	$(BIN)/workbench preloaded $(BIN)/python -m pytest --nbval-lax -n 2 --dist loadfile -o addopts= \
		-p no:doctest notebooks tests/audit/independent.ipynb

# a hundred thousand attacks by files and commands: half an hour of one core (docs/attacks.md)
fuzz: $(VENV)/.test
	FUZZ_CASES=100000 FUZZ_LARGE=1 $(BIN)/python -m pytest -n 2 tests/fuzz

$(VENV)/.mutants: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[mutants]'
	touch $@

# small faults put into the code one at a time: an hour or two (docs/mutants.md)
mutants: $(VENV)/.mutants
	$(BIN)/python -m benchmarks.mutants all

lint: $(VENV)/.test
	$(BIN)/ruff check src tests notebooks benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/mypy

lab: $(VENV)/.lab
	$(BIN)/jupyter lab notebooks

$(VENV)/.docs: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	touch $@

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -q -b html docs docs/_build/html

# tools that the workbench itself does not need
TOOLS := $(VENV)/tools
$(TOOLS)/.made:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9' 'pip-audit>=2.9'
	touch $@

BUILD := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")
# the newest of all that any extra needs, for each Python and machine, proved by hashes
lock: $(TOOLS)/.made
	$(TOOLS)/bin/python -c '$(BUILD)' | $(TOOLS)/bin/uv pip compile - pyproject.toml --quiet \
		--all-extras --universal --python-version 3.11 --upgrade --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' --output-file requirements.lock

# nothing but what the lock names, each file proved by its hash; the other targets then use it
install-locked: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(VENV)/.core $(VENV)/.test $(VENV)/.lab $(VENV)/.docs

# known weaknesses of what the lock names; exit code 2 where that cannot be told
audit: $(TOOLS)/.made
	$(PYTHON) docs/audit.py $(TOOLS)/bin/pip-audit

bench: $(VENV)/.test
	$(BIN)/python benchmarks/embedding.py
	$(BIN)/python benchmarks/coverage.py
	$(BIN)/python benchmarks/staggered.py
	$(BIN)/python benchmarks/effects.py
	$(BIN)/python benchmarks/tiers.py
	$(BIN)/python benchmarks/runs.py
	$(BIN)/python benchmarks/workbooks.py
	$(BIN)/python benchmarks/workers.py

# half an hour: the notebooks under settings that must not matter; OTHER is the python of an
# environment of another version, as of `make install-locked VENV=../other PYTHON=python3.13`
determinism: $(VENV)/.test
	$(BIN)/python benchmarks/determinism.py $(if $(OTHER),--python $(OTHER))

clean:
	rm -rf $(VENV) tests/browser/node_modules data/processed/* data/processed/.[!.]* data/runs reports/*.html reports/0* reports/handouts
