# bandmate. `make` lists what there is; every target sets up what it needs in .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install -q -c constraints.txt
export PYTHONPATH := daemon
# A native build of llama.cpp dies on some processors; the rest leaves out what is not used of it.
export CMAKE_ARGS ?= -DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF \
	'-DCMAKE_PROJECT_INCLUDE=$(CURDIR)/.ci/llama.cmake'
# The switches of daemon/bandmate/__init__.py, for programs that import something else before it.
export ORT_DISABLE_TELEMETRY := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export HF_HUB_DISABLE_UPDATE_CHECK := 1
export HF_HUB_OFFLINE := 1
export DO_NOT_TRACK := 1
TRAIN := PYTHONPATH=daemon:models:models/loops $(BIN)/python models/loops
CHORDS := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE PYTHONPATH=daemon:models:models/chords $(BIN)/python models/chords
LLAMA := $(BIN)/python .ci/llama.py
BENCH := OMP_NUM_THREADS=1 PYTHONPATH=daemon:tests $(BIN)/python -m bench

.PHONY: help run serve llm test wheels lint bench bench-loops bench-chords bench-daemon bench-time bench-live bench-panel stress attacks soak eval eval-loops eval-chords \
	card judge judge-training curves prepare train train-chords export export-chords lock newest clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## set up, write chords and a loop over them, show and render it
	@$(BIN)/python -m bandmate.app.demo $(LLAMA) watch

serve: .venv/.run ## run the daemon until Ctrl-C
	@$(LLAMA) start
	@$(BIN)/bandmate serve

llm: .venv/bin/python ## compile llama.cpp now, or try again
	@rm -f .venv/.llm
	@$(MAKE) -s .venv/.llm

test: .venv/.dev .venv/.llm ## run all tests
	$(BIN)/python -m pytest

wheels: .venv/.dev ## resolve and install from wheels alone, for each system (asks the package index)
	$(BIN)/python -m pytest -m network tests/test_install.py

lint: .venv/.dev ## ruff and mypy; the page's code by oxlint and oxfmt
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint -c daemon/.oxlintrc.json daemon/bandmate/panel
	$(BIN)/oxfmt --check -c daemon/.oxfmtrc.json daemon/bandmate/panel

bench: bench-loops bench-chords bench-daemon bench-live bench-panel ## print what everything costs on this machine

bench-loops: .venv/.bench ## print what a loop costs, beside midigpt where it can be installed
	@$(BENCH).loops

bench-chords: .venv/.dev .venv/.llm ## print what chords cost
	@$(BENCH).chords

bench-daemon: .venv/.dev ## print what the running daemon costs
	@$(BENCH).daemon

bench-time: .venv/.dev ## print how tightly takes are played, and whether they are ready in time
	@$(BENCH).time
	@$(BENCH).clock
	@$(BENCH).downbeat

stress: .venv/.dev ## eight clients, 15,000 asks, bad weather on the wire: none lost in silence, none done twice
	@$(BENCH).stress

attacks: .venv/.dev ## attack the daemon in every way that is known, and print what came of it
	@$(BENCH).attacks

bench-live: .venv/.dev ## print what a tick of the script in Ableton Live costs
	@$(BENCH).live

bench-panel: .venv/.dev ## print how fast the page draws, in Chromium
	@$(BENCH).panel

soak: .venv/.dev ## hours of music and five real minutes at random: nothing hangs, raises or grows
	@$(BENCH).soak

eval: eval-loops eval-chords ## all evaluations

eval-loops: .venv/.train ## measure loops on the validation songs (needs BANDMATE_DATA)
	OMP_NUM_THREADS=1 $(TRAIN)/evaluate.py
	$(MAKE) card

eval-chords: .venv/.train .venv/.llm ## measure the chord co-writer on the validation songs
	$(CHORDS)/evaluate.py
	$(MAKE) card

card: .venv/.run ## fill the tables of models/README.md from the reports
	PYTHONPATH=daemon:models/loops $(BIN)/python models/cards.py

judge: .venv/.train ## tell our loops from real ones, set by set and role by role; QUICK=1 for a look (needs BANDMATE_DATA)
	@test -f out/loops/songs-train.pkl.xz || $(MAKE) prepare
	@OMP_NUM_THREADS=1 PYTHONPATH=daemon:models:models/loops $(BIN)/python -m judge $(if $(QUICK),quick)
	@$(if $(QUICK),true,$(MAKE) card)

judge-training: .venv/.train ## judge the newest checkpoint every hour and keep the best, beside `make train`
	while :; do OMP_NUM_THREADS=1 nice -n 19 env $(TRAIN)/judge_checkpoint.py $(NAME); sleep 3600; done

curves: .venv/.train ## draw validation losses and the judge over the tokens seen (out/loops/NAME/curves.png)
	@$(TRAIN)/curves.py $(NAME)

prepare: .venv/.train ## read the training data once
	$(TRAIN)/prepare.py 2

train: .venv/.train ## train the loop model behind other work, or go on training it (needs BANDMATE_DATA)
	test -f out/loops/songs-train.pkl.xz || $(MAKE) prepare
	OMP_NUM_THREADS=1 nice -n 10 env $(TRAIN)/train.py

export: .venv/.train ## export the last checkpoint to models/loops/loops.onnx
	$(TRAIN)/export.py

train-chords: .venv/.train .venv/.llm ## train proposer, prior and habit, or go on (needs BANDMATE_DATA)
	$(CHORDS)/train_proposer.py
	$(CHORDS)/export_proposer.py
	$(CHORDS)/write_proposals.py 22000
	$(CHORDS)/train_prior.py proposals out/chords/proposals.jsonl
	$(CHORDS)/train_prior.py prior

export-chords: .venv/.train .venv/.llm ## export and calibrate the chord models
	$(CHORDS)/export_proposer.py
	$(CHORDS)/export_prior.py prior
	$(CHORDS)/export_prior.py proposals
	$(CHORDS)/calibrate.py
	$(CHORDS)/changes.py

lock: .venv/bin/python ## write the newest versions that pyproject.toml admits into constraints.txt
	$(BIN)/python .ci/lock.py

# Without constraints and upper bounds, for which pip warns: what is to come is tried before it is admitted.
newest: ## to be run weekly: install the newest of everything apart from .venv, and trace what it does
	rm -rf out/newest
	$(PYTHON) -m venv out/newest
	out/newest/bin/python -m pip install -q -e '.[cpu,inspire,llm,dev]'
	out/newest/bin/python -m pip install -q --upgrade $$(out/newest/bin/python .ci/newest.py)
	out/newest/bin/python -m pytest tests/privacy

clean: ## remove .venv and what was built
	rm -rf .venv out build dist

.venv/bin/python:
	$(PYTHON) -m venv .venv

# Without --no-compile the first run waits for the compilation of what it never imports.
.venv/.run: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing packages into .venv..."
	@$(INSTALL) --no-compile -e '.[cpu,inspire]'
	@touch $@

# A dependency of `dev` needs llama.cpp: it is compiled before, so that its progress is seen.
.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python .venv/.llm
	$(INSTALL) -e '.[cpu,inspire,dev]'
	@touch $@ .venv/.run

.venv/.train: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) -e '.[cpu,inspire,dev,train]'
	@touch $@ .venv/.dev .venv/.run

.venv/.bench: pyproject.toml constraints.txt | .venv/.dev
	@$(INSTALL) -e '.[bench]' || echo "midigpt could not be installed: its figures are left out."
	@touch $@

# Where it cannot be compiled, the prior proposes chords in its place.
.venv/.llm: pyproject.toml constraints.txt | .venv/bin/python
	@$(LLAMA) build
