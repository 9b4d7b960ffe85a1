# make run      set up and watch addition_seq2seq.py learn to add
# make test     set up and run the quick tests
# make test-all the tests that train at the tutorials' budgets, too
# make lint     check style and formatting
# make results  measure what is missing of the documentation's figures; ANEW=1: all

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
VENV_PYTHON = .venv/Scripts/python
else
VENV_PYTHON = .venv/bin/python
endif

.PHONY: run test test-all lint results
run: .venv/run.done
	$(VENV_PYTHON) addition_seq2seq.py --watch

test: .venv/test.done
	$(VENV_PYTHON) -m pytest -n 2 --dist worksteal

test-all: .venv/test.done
	$(VENV_PYTHON) -m pytest -n 2 --dist worksteal -m "slow or not slow"

lint: .venv/test.done
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .

# over JOBS processes (by default the cores there are, as far as a GB of memory is free
# for each), or on a Dask cluster: make results CLUSTER=tcp://HOST:PORT
results: .venv/run.done
	$(VENV_PYTHON) -m benchmarks.results $(if $(ANEW),--anew) $(if $(CLUSTER),--cluster $(CLUSTER),$(if $(JOBS),--jobs $(JOBS)))

.venv/run.done: requirements.txt
	$(PYTHON) -m venv .venv
	$(VENV_PYTHON) -m pip install --quiet -r requirements.txt
	@echo installed > $@

.venv/test.done: .venv/run.done tests/requirements.txt
	$(VENV_PYTHON) -m pip install --quiet -r tests/requirements.txt
	@echo installed > $@
