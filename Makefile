# What can be done here: `make` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin
export FLASK_APP := app:create_app
export PARLEY_PUBLIC_URL ?= http://$(HOST):$(PORT)
export PARLEY_DEMO ?= 1

.PHONY: help setup run serve seed test check format lock train widget screenshots clean

help: ## List what can be done
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/installed ## Make the virtual environment and install what is locked

.venv/installed: requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "Parley needs $(PYTHON); name another with PYTHON=…"; exit 1; }
	@echo "Making the virtual environment in .venv …"
	@$(PYTHON) -m venv .venv
	@echo "Installing PyTorch, Detoxify, Flask and the rest (about 1.5 GB, once; a few minutes) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

run: setup ## Serve the demo article and the console on this machine
	@echo "Bringing the database up to date …"
	@$(BIN)/flask db upgrade
	@$(BIN)/flask seed
	@echo
	@echo "  Demo article       $(PARLEY_PUBLIC_URL)/demo/article"
	@echo "  Moderator console  $(PARLEY_PUBLIC_URL)/console"
	@echo "  API                $(PARLEY_PUBLIC_URL)/api/docs"
	@echo
	@echo "  Make the first moderator, in another terminal:  make moderator EMAIL=you@example.org"
	@echo "  (or: FLASK_APP=app:create_app .venv/bin/flask staff add you@example.org; it asks for a password)"
	@echo
	@echo "  The model takes a few seconds to load; until then new comments wait, hidden. Ctrl+C ends."
	@echo
	@exec $(BIN)/granian --interface wsgi --factory --host $(HOST) --port $(PORT) --workers 1 \
		--blocking-threads 16 --no-ws --no-access-log --workers-kill-timeout 10 --log-level error app:serve

.PHONY: moderator
moderator: setup ## Make a moderator: make moderator EMAIL=you@example.org
	@test -n "$(EMAIL)" || { echo "Say who: make moderator EMAIL=you@example.org"; exit 1; }
	@$(BIN)/flask db upgrade
	@$(BIN)/flask staff add "$(EMAIL)"

.PHONY: site
site: setup ## Make a site: make site NAME=gazette ORIGIN=https://www.example.org
	@test -n "$(NAME)" -a -n "$(ORIGIN)" || { echo "Say which: make site NAME=gazette ORIGIN=https://www.example.org"; exit 1; }
	@$(BIN)/flask db upgrade
	@$(BIN)/flask sites add "$(NAME)" $(ORIGIN)

seed: setup ## Fill in the demo discussion; again changes nothing
	@$(BIN)/flask db upgrade
	@$(BIN)/flask seed

# A test that fails is tried once more, and the summary says which was (RERUN): other work on the
# machine can starve a server or a browser.
test: setup ## Run all tests, those in a real Chromium included
	@$(BIN)/python -m pytest --reruns 1

check: setup ## Lint, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_layers.py tests/test_rules.py
	@$(BIN)/python -m benchmarks.widget

format: setup ## Put the code in its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

widget: setup ## Build what the widget loads from web/embed/source
	@$(BIN)/python -m web.embed.build

lock: ## Write down the versions that are installed now
	@$(BIN)/pip freeze --exclude-editable | sed 's/+cpu//' > requirements.lock

train: setup ## Train the shipped model again (needs ../shared/data/toxicity)
	@$(BIN)/python -m training

screenshots: setup ## Take the pictures of the README from a fresh demo
	@$(BIN)/python docs/screenshots.py

clean: ## Forget the virtual environment (the database stays)
	@rm -rf .venv
