# One command each. Needs make and Python 3.11 or later with venv; everything else goes into $(VENV).
#
#   make demo      find the extractors in a log made on the spot; writes demo/report.html
#   make test      run all tests
#   make lint      style, types and the import contract
#   make docs      write docs/reference from the code
#   make site      build the documentation site into site/; a broken link fails
#   make picture   take the README's picture of the report anew; needs chromium
#
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: demo test lint docs site picture clean

demo: $(VENV)/.ready
	@$(BIN)/ringfence demo --out demo

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n auto

# All four, whatever the first ones say.
lint: $(VENV)/.ready-dev
	@failed=0; \
	for check in "ruff check" "ruff format --check" "mypy" "lint-imports"; do \
	  echo "$(BIN)/$$check"; $(BIN)/$$check || failed=1; \
	done; exit $$failed

docs: $(VENV)/.ready-dev
	$(BIN)/python docs/generate_reference.py

site: $(VENV)/.ready-docs
	$(BIN)/zensical build --strict --clean

picture: demo
	chromium --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
	  --window-size=1000,1360 --screenshot=docs/images/report.png "file://$(CURDIR)/demo/report.html"

clean:
	rm -rf $(VENV) demo site .cache

# The stamps make installation happen once, and again when the dependencies change.
$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Ringfence needs Python 3.11 or later; name one with: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@# Reading dependency groups needs pip 25.1, newer than what venv brings.
	$(PIP) --upgrade 'pip>=25.1'
	$(PIP) --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) --group dev
	@touch $@

$(VENV)/.ready-docs: $(VENV)/.ready
	$(PIP) --group docs
	@touch $@
