# Short ways to set up, try and check the project. Each makes .venv when it is missing or out of date.

BIN := .venv/bin
COUNT ?= 2000
SEED ?= 0

.PHONY: demo test bench fuzz lint bundle screenshot clean

demo: .venv/made
	$(BIN)/healthytwin demo

# A process for each core; all tests of a file in one of them, since they share what is slow to make.
test: .venv/made
	$(BIN)/python -m pytest -n auto --dist loadfile

bench: .venv/made
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only --override-ini addopts=

# COUNT mutated files from SEED on, each from a seed of its own; what was done is kept in out/fuzz and not repeated.
fuzz: .venv/made
	$(BIN)/python tests/fuzz/fuzz_campaign.py --count $(COUNT) --seed $(SEED)

lint: .venv/made
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bundle: .venv/made
	$(BIN)/pip install --quiet --editable '.[bundle]'
	$(BIN)/pyinstaller --noconfirm build.spec

screenshot: .venv/made
	$(BIN)/python -m resources.demo.make_screenshot

clean:
	rm -rf build dist out .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache

.venv/made: pyproject.toml
	python3 -m venv .venv
	$(BIN)/pip install --editable '.[dev]'
	touch $@
