# Every target sets up the environment it needs first (tools/setup_env.sh).
#   STACK=onedl (default) or openmmlab    FRESH=1 builds the environment anew
#   PYTHON=python3.11 names the interpreter to build it with
RUN = bash tools/setup_env.sh
TESTS ?= tests
MARK ?= not slow
PYTEST = $(RUN) python -m pytest $(TESTS) --durations=15
SPHINX = python -m sphinx -W --keep-going -q -c docs/en
CODE = $(wildcard xlearner_mm tools demo configs docs tests setup.py)
OMP_NUM_THREADS ?= 2
# Waiting threads sleep: spinning ones slow a shared machine many times over.
OMP_WAIT_POLICY ?= PASSIVE
export OMP_NUM_THREADS OMP_WAIT_POLICY STACK PYTHON FRESH

comma := ,
SEEDS ?= 1
FIRST_SEED ?= 0
LENGTH ?= 1
SYSTEMS = --seeds $(SEEDS) --first-seed $(FIRST_SEED) --length $(LENGTH) \
    $(if $(QUICK),--quick) \
    $(if $(ONLY),--only $(subst $(comma), ,$(ONLY)))

BENCH = $(if $(ONLY),--only $(subst $(comma), ,$(ONLY))) $(OPTIONS)

.PHONY: help env demo systems bench test test-slow docs lint format
help:
	@echo "make demo       pre-train, export and transfer on generated scenes"
	@echo "make systems    every system of the paper on these scenes, compared:"
	@echo "                SEEDS=3 FIRST_SEED=0 ONLY=xlearner_t,must LENGTH=3 QUICK=1"
	@echo "make bench      every benchmark of tools/benchmarks, on an idle machine:"
	@echo "                ONLY=train_step,inference OPTIONS='--repeats 3'"
	@echo "make test       the tests, about 20 minutes on two cores"
	@echo "make test-slow  the long tests, before a release"
	@echo "make docs       these pages as HTML, in work_dirs/docs"
	@echo "make lint       flake8, isort and yapf, changing nothing"
	@echo "make format     isort and yapf, in place"
	@echo "make env        only set up the environment; .venv links to it"
	@echo "STACK=openmmlab uses the official releases, FRESH=1 installs anew,"
	@echo "TESTS='tests/...' and MARK='...' choose tests by path and marker"

env:
	@$(RUN)

demo:
	@$(RUN) python tools/demo.py

systems:
	@$(RUN) python tools/systems.py $(SYSTEMS)

bench:
	@$(RUN) python tools/run_benchmarks.py $(BENCH)

test:
	@$(PYTEST) -m "$(MARK)"

test-slow:
	@$(PYTEST) -m slow

docs:
	@$(RUN) $(SPHINX) -b html . work_dirs/docs
	@echo "open work_dirs/docs/docs/en/index.html"

lint:
	@$(RUN) sh -c "python -m flake8 $(CODE) && \
	    python -m isort --check-only --diff $(CODE) && \
	    python -m yapf --diff --recursive $(CODE)"

format:
	@$(RUN) sh -c "python -m isort $(CODE) && \
	    python -m yapf --in-place --recursive $(CODE)"
