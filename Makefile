# Two commands do everything: `make reports` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: reports test lab lint bench fuzz mutants docs clean

$(VENV)/.core: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.test: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
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
	$(BIN)/python -m pytest -n 2 --dist loadfile
	$(BIN)/workbench preloaded $(BIN)/python -m pytest --nbval-lax -n 2 --dist loadfile -o addopts= \
		-p no:doctest notebooks tests/audit/independent.ipynb

# a hundred thousand spoiled files: some hours, for a night
fuzz: $(VENV)/.test
	FUZZ_CASES=100000 $(BIN)/python -m pytest -n 2 tests/fuzz

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

bench: $(VENV)/.test
	$(BIN)/python benchmarks/embedding.py
	$(BIN)/python benchmarks/coverage.py
	$(BIN)/python benchmarks/staggered.py
	$(BIN)/python benchmarks/effects.py
	$(BIN)/python benchmarks/tiers.py
	$(BIN)/python benchmarks/runs.py

clean:
	rm -rf $(VENV) tests/browser/node_modules data/processed/* data/processed/.[!.]* data/runs reports/*.html reports/0* reports/handouts
