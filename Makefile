# Every target that needs the environment first brings it up to date; a warm run installs nothing.

PYTHON ?=
CANDIDATES = python3.13 python3.14 python3.12 python3
VENV ?= .venv
VERSIONS ?= --constraint constraints.txt
INSTALLED = $(VENV)/installed
WORKERS ?= 2
FLOOR = 85

# A name on the PATH may be a launcher for a Python that is not there, so each candidate has to answer for itself.
SUITABLE = import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))

# What Python and pytest make of the sources is kept from one run to the next, and from one worker to the other.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help report docs test test-slow test-lowest test-newest coverage check bench verdicts setup clean

help:
	@echo "make report   compare EM and Bayes on three reference problems, with lessons and an image, into out/index.html"
	@echo "make docs     the guide and the reference, into out/docs/index.html (after make report, which it calls where need be)"
	@echo "make test     run the test suite (WORKERS=0 for one process, to see each test)"
	@echo "make test-slow  run the tests that sample for long"
	@echo "make test-lowest  run the test suite with the lowest versions that pyproject.toml allows (test-newest: the newest)"
	@echo "make coverage  run the test suite, and show which branches it takes"
	@echo "make check    formatting, lint, types and the layers between the folders"
	@echo "make bench    time the suite against the peers that are installed, into out/benchmarks"
	@echo "make verdicts  judge 526 data sets of known health, into out/benchmarks (about an hour)"
	@echo "make setup    install into .venv (PYTHON=/path/to/python to choose the interpreter, VENV=folder another place)"
	@echo "make clean    remove the environments, out/ and every cache"

report: $(INSTALLED)
	@$(VENV)/bin/emvsbayes report --out out

docs: $(INSTALLED)
	@test -f out/index.html || $(MAKE) report
	@$(VENV)/bin/sphinx-build -q -W --keep-going -d out/.doctrees reports/guide out/docs
	@for each in lessons poisson-three gaussian-five gaussian-two; do \
	    mkdir -p out/docs/$$each && cp out/$$each/*.html out/docs/$$each; \
	done
	@echo "Start with out/docs/index.html"

test: $(INSTALLED)
	$(VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: $(INSTALLED)
	$(VENV)/bin/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m slow

coverage: $(INSTALLED)
	@mkdir -p out
	$(VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow" --cov --cov-report=
	$(VENV)/bin/coverage report
	$(VENV)/bin/coverage report --include "models/*,em/*,bayes/*" --fail-under $(FLOOR) --format total

# Environments of their own, so that the one that is worked in keeps the versions of constraints.txt.
test-lowest: $(INSTALLED)
	@mkdir -p out
	@$(VENV)/bin/python .ci/lowest >out/lowest.txt
	@$(MAKE) test VENV=.venv-lowest VERSIONS="--constraint out/lowest.txt" CANDIDATES="python3.12 $(CANDIDATES)"

test-newest:
	@rm -f .venv-newest/installed
	@$(MAKE) test VENV=.venv-newest VERSIONS="--upgrade --upgrade-strategy eager"

check: $(INSTALLED)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# oneDAL comes with scikit-learn-intelex, NumPyro with numpyro (pip install them into .venv), Stan with R and its rstan.
bench: $(INSTALLED)
	$(VENV)/bin/python -m tests.benchmarks --out out/benchmarks

verdicts: $(INSTALLED)
	$(VENV)/bin/python -m tests.benchmarks.verdicts --out out/benchmarks

setup: $(INSTALLED)

# The stamp comes last, so that an install which stopped half-way is taken up again by the next run.
$(INSTALLED): pyproject.toml constraints.txt
	@$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || { \
	    for python in $(if $(PYTHON),"$(PYTHON)",$(CANDIDATES)); do \
	        "$$python" -c '$(SUITABLE)' >/dev/null 2>&1 && break; \
	        python=; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "emvsbayes needs Python 3.12 or newer with its venv module, but none of" \
	            "$(or $(PYTHON),$(CANDIDATES)) is one: install it, or name yours with make PYTHON=/path/to/python." >&2; \
	        exit 1; \
	    fi; \
	    "$$python" -m venv --clear $(VENV); \
	}
	@echo "Installing into $(VENV) with $$($(VENV)/bin/python --version); the first time takes a few minutes." >&2
	@$(VENV)/bin/python -m pip install -qq --disable-pip-version-check \
	    $(VERSIONS) --editable ".[dev]"
	@touch $@

clean:
	rm -rf .venv .venv-lowest .venv-newest .ci/venv out build *.egg-info .hypothesis .benchmarks
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
