# Every target that needs the environment first brings .venv up to date; a warm run installs nothing.

PYTHON ?=
CANDIDATES = python3.13 python3.14 python3.12 python3
INSTALLED = .venv/installed
WORKERS ?= 2

# A name on the PATH may be a launcher for a Python that is not there, so each candidate has to answer for itself.
SUITABLE = import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))

.PHONY: help report test test-slow check bench verdicts setup clean

help:
	@echo "make report   compare EM and Bayes on three reference problems, with lessons and an image, into out/index.html"
	@echo "make test     run the test suite (WORKERS=0 for one process, to see each test)"
	@echo "make test-slow  run the tests that sample for long"
	@echo "make check    formatting, lint, types and the layers between the folders"
	@echo "make bench    time the suite against the peers that are installed, into out/benchmarks"
	@echo "make verdicts  judge 342 data sets of known health, into out/benchmarks (an hour or less)"
	@echo "make setup    install into .venv (PYTHON=/path/to/python to choose the interpreter)"
	@echo "make clean    remove .venv, out/ and every cache"

report: $(INSTALLED)
	@.venv/bin/emvsbayes report --out out

test: $(INSTALLED)
	.venv/bin/pytest -n $(WORKERS) --dist loadfile -m "not slow"

test-slow: $(INSTALLED)
	.venv/bin/pytest -n $(WORKERS) -m slow

check: $(INSTALLED)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# oneDAL comes with scikit-learn-intelex, NumPyro with numpyro (pip install them into .venv), Stan with R and its rstan.
bench: $(INSTALLED)
	.venv/bin/python -m tests.benchmarks --out out/benchmarks

verdicts: $(INSTALLED)
	.venv/bin/python -m tests.benchmarks.verdicts --out out/benchmarks

setup: $(INSTALLED)

# The stamp comes last, so that an install which stopped half-way is taken up again by the next run.
$(INSTALLED): pyproject.toml constraints.txt
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || { \
	    for python in $(if $(PYTHON),"$(PYTHON)",$(CANDIDATES)); do \
	        "$$python" -c '$(SUITABLE)' >/dev/null 2>&1 && break; \
	        python=; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "emvsbayes needs Python 3.12 or newer with its venv module, but none of" \
	            "$(or $(PYTHON),$(CANDIDATES)) is one: install it, or name yours with make PYTHON=/path/to/python." >&2; \
	        exit 1; \
	    fi; \
	    "$$python" -m venv --clear .venv; \
	}
	@echo "Installing into .venv with $$(.venv/bin/python --version); the first time takes a few minutes." >&2
	@.venv/bin/python -m pip install -qq --disable-pip-version-check \
	    --constraint constraints.txt --editable ".[dev]"
	@touch $@

clean:
	rm -rf .venv out build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
