# bandmate. `make` lists what there is; every target sets up what it needs in .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := daemon
TRAIN := PYTHONPATH=daemon:models/loops $(BIN)/python models/loops

.PHONY: help run serve test lint bench eval prepare train export clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run .venv/.llm ## set up, write a first loop, show it and say where it lies
	@$(BIN)/python -m bandmate.demo

serve: .venv/.run .venv/.llm ## run the daemon until Ctrl-C
	@$(BIN)/bandmate serve

test: .venv/.dev .venv/.llm ## run all tests
	$(BIN)/python -m pytest

lint: .venv/.dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.dev ## print what a loop costs on this machine
	@$(BIN)/python tests/bench/loops.py

eval: .venv/.train ## measure the loop model on the validation songs (needs BANDMATE_DATA)
	$(TRAIN)/evaluate.py

prepare: .venv/.train ## read the training data once
	$(TRAIN)/prepare.py 2

train: .venv/.train ## train the loop model, or go on training it (needs BANDMATE_DATA)
	test -f out/loops/songs.pkl.xz || $(MAKE) prepare
	$(TRAIN)/train.py

export: .venv/.train ## export the last checkpoint to models/loops/loops.onnx
	$(TRAIN)/export.py

clean: ## remove .venv and what was built
	rm -rf .venv out build dist

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q -e '.[cpu]'
	@touch $@

.venv/.dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q -e '.[cpu,dev]'
	@touch $@ .venv/.run

.venv/.train: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q -e '.[cpu,dev,train]'
	@touch $@ .venv/.dev .venv/.run

# llama.cpp compiles for some minutes; where it cannot, all but the chord proposer's own model works.
.venv/.llm: pyproject.toml | .venv/bin/python
	@CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF" $(BIN)/python -m pip install -q -e '.[llm]' \
		|| echo "llama-cpp-python did not build (it needs a C++ compiler); everything else works without it."
	@touch $@
