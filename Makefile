# One command per task. They need make and Python 3.11 or later with venv. All else goes into $(VENV).
#
#   make demo      simulate a log, find its extractors, and write demo/report.html
#   make live      run the live service for a minute, with simulated users and extractors
#   make test      run the tests, without the slow ones
#   make test-slow run the tests that take over a second each: whole scans, statistics over many seeds,
#                  the commands of the guides
#   make lint      check style, types and the import contract
#   make docs      write docs/reference from the code
#   make site      build the documentation site into site/; a broken link is an error
#   make picture   renew the README's picture of the report; needs chromium
#   make pictures  renew the pictures of the pages in the documentation; needs chromium
#   make lock      renew the locked versions in locks/ from pyproject.toml
#   make newest    run the tests with the newest releases of all dependencies; a failure is a warning
#
# Another Python: make demo PYTHON=python3.12
# Packages are installed in the versions of locks/, and pip checks their hashes. NEWEST=1 installs the
# newest releases that pyproject.toml allows instead.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet install

LOCKED = $(PIP) --require-hashes --requirement
COMPILE = $(VENV)-lock/bin/uv pip compile --quiet --upgrade --universal \
  --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

# Many tests wait for processes and clocks, so one more runs than there are processors.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# Each process would compile the package again, and each worker all tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo live test test-slow lint docs site picture pictures lock newest clean

demo: $(VENV)/.ready
	@$(BIN)/ringfence demo --out demo

live: $(VENV)/.ready
	@$(BIN)/ringfence demo --live --out demo

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

test-slow: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m slow

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

pictures: $(VENV)/.ready-dev
	PYTHONPATH=. $(BIN)/python docs/take_pictures.py

# Each lock repeats the versions of the ones before it, so that all fit into one environment. The
# files name versions and hashes, and no address.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip --disable-pip-version-check --quiet install 'uv>=0.13,<0.14'
	$(COMPILE) pyproject.toml --output-file locks/run.txt
	$(COMPILE) --group build --constraint locks/run.txt --output-file locks/build.txt
	$(COMPILE) pyproject.toml --all-extras --group dev --constraint locks/build.txt --constraint locks/run.txt \
	  --output-file locks/develop.txt
	$(COMPILE) --group accessibility --no-deps --output-file locks/accessibility.txt
	$(COMPILE) --group docs --constraint locks/develop.txt --output-file locks/site.txt
	$(COMPILE) --group spark --constraint locks/develop.txt --output-file locks/spark.txt

newest:
	@PYTHON=$(PYTHON) .ci/newest

clean:
	rm -rf $(VENV) $(VENV)-lock $(VENV)-newest demo site .cache

# The stamps make the installation run once, and again when the dependencies change.
$(VENV)/.ready: pyproject.toml $(wildcard locks/*.txt)
	@$(PYTHON) -c 'import sys; sys.exit("Ringfence needs Python 3.11 or later; name one with: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
ifdef NEWEST
	@# Dependency groups need pip 25.1, which is newer than the pip of venv.
	$(PIP) --upgrade 'pip>=25.1'
	$(PIP) --editable .
else
	$(LOCKED) locks/build.txt
	$(LOCKED) locks/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
endif
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(if $(NEWEST),$(PIP) --group dev,$(LOCKED) locks/develop.txt)
	$(if $(NEWEST),$(PIP) --no-deps --group accessibility,$(LOCKED) locks/accessibility.txt --no-deps)
	@touch $@

$(VENV)/.ready-docs: $(VENV)/.ready
	$(if $(NEWEST),$(PIP) --group docs,$(LOCKED) locks/site.txt)
	@touch $@

# Half a gigabyte for one test: only .ci/run asks for it.
$(VENV)/.ready-spark: $(VENV)/.ready-dev
	$(if $(NEWEST),$(PIP) --group spark,$(LOCKED) locks/spark.txt)
	@touch $@
