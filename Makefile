# make run    start the application at http://localhost:8501
# make test   every check and every test
.DEFAULT_GOAL := run
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check format clean
run: .venv/run
	@for study in data/*/study.toml; do $(BIN)/python -m core build "$$(dirname "$$study")" || true; done
	$(BIN)/streamlit run app.py

test: check
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv data/*/.snapshots

.venv/run: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip' || { echo 'Python lacks venv: apt-get install python3-venv'; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
