# One command per task. They need make and Python 3.11 or later with venv. All else goes into $(VENV).
#
#   make demo      simulate a log, find its extractors, and write demo/report.html
#   make test      run the tests, without the slow ones
#   make test-slow run the slow tests: statistics over many seeds, and the commands of the guides
#   make lint      check style, types and the import contract
#   make docs      write docs/reference from the code
#   make site      build the documentation site into site/; a broken link is an error
#   make picture   renew the README's picture of the report; needs chromium
#
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: demo test test-slow lint docs site picture clean

demo: $(VENV)/.ready
	@$(BIN)/ringfence demo --out demo

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-slow: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow

# Every check runs, even if an earlier one fails.
lint: $(VENV)/.ready-dev
	@failed=0; \
	for check in "ruff check" "ruff format --check" "mypy" "lint-imports" "python docs/check_style.py"; do \
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

# The stamps make the installation run once, and again when the dependencies change.
$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Ringfence needs Python 3.11 or later; name one with: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@# Dependency groups need pip 25.1, which is newer than the pip of venv.
	$(PIP) --upgrade 'pip>=25.1'
	$(PIP) --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) --group dev
	@touch $@

$(VENV)/.ready-docs: $(VENV)/.ready
	$(PIP) --group docs
	@touch $@
