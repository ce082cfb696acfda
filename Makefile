# One gradient, two estimators. `make` alone lists what can be made.

PYTHON ?= python3
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY := .venv/$(BIN)/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

# Whatever the shell has set, kernels are those of .venv and figures appear in the notebook.
export JUPYTER_PREFER_ENV_PATH := 1
unexport JUPYTER_PATH PYTHONPATH MPLBACKEND

# Jupyter and matplotlib keep files in the home directory.
ifneq ($(shell test -d "$$HOME" -a -w "$$HOME" && echo writable),writable)
$(info The home directory "$(HOME)" cannot be written to; .venv/home takes its place.)
export HOME := $(CURDIR)/.venv/home
endif

define LOCK
import json
found = [p["metadata"] for p in json.load(open(".venv/lock.json"))["install"]]
pins = {f"{p['name'].lower()}=={p['version']}" for p in found if p["name"] != "gradlib"}
print("# The exact versions of the course. Written by: make lock", *sorted(pins), sep="\n")
endef
export LOCK

.PHONY: help lab fresh quick test campaign mutants sabotage lint notebooks figures site slides handout
.PHONY: assignment bench reference lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 22

lab: .venv/lab.stamp ## open the course in JupyterLab; more options: make lab ARGS="--port=8890"
	@$(PY) notebooks/copies.py
	@echo "JupyterLab opens in your browser. If none appears, open the address below. Ctrl-C twice ends it."
	@$(PY) -m jupyterlab --allow-root --log-level=WARN --ServerApp.root_dir=work \
		--LabApp.default_url=/lab/tree/00_start_here.ipynb \
		--KernelManager.transport_encryption=auto $(ARGS)

fresh: .venv/lab.stamp ## a new copy of a chapter beside your own: make fresh NB=03
	@$(PY) notebooks/copies.py "$(NB)"

quick: lint ## check the code and run the tests that need neither a browser nor a notebook
	$(PY) -m pytest -n 2 --dist worksteal -m "not slow" tests

test: lint ## check the code, run the tests and every notebook
	$(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder \
		--nbval-lax --nbval-current-env --nbval-cell-timeout=300 tests notebooks

campaign: .venv/test.stamp ## compare random costs with mpmath for an hour; or: make campaign MINUTES=5
	cd tests && ../$(PY) -m campaign $(or $(MINUTES),60) $(SEED)

mutants: .venv/test.stamp ## break the core on purpose, and list what no test notices: make mutants SHARE=0.1
	cd tests && ../$(PY) -m mutation $(or $(SHARE),1)

sabotage: .venv/test.stamp ## break gradlib under each chapter: do its numbers notice? make sabotage NB="05 06"
	cd tests && ../$(PY) -m sabotage $(NB)

lint: .venv/test.stamp ## check the style of the code and of the notebooks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

notebooks: .venv/test.stamp ## run the notebooks and save them; only some: make notebooks NB="..."
	$(PY) notebooks/run.py $(NB)

figures: .venv/test.stamp ## make the committed figures anew
	$(PY) figures/make_figures.py

assignment: .venv/grading.stamp ## make the students' version of the graded assignment
	cd teaching/assignment && PATH="$(CURDIR)/.venv/grading/$(BIN):$$PATH" \
		nbgrader generate_assignment estimators --create --force --log-level=WARN
	@echo "Hand out teaching/assignment/release/estimators/estimators.ipynb"

bench: .venv/test.stamp ## time everything beside its rivals; only some: make bench ONLY="exact vae"
	cd tests && ../$(PY) -m bench $(ONLY)

site: .venv/site.stamp ## build the site, build/site/index.html, from the notebooks as they are (needs Node)
	$(PY) docs/pages.py
	@echo "Open build/site/index.html"

slides: .venv/site.stamp ## build the decks, build/slides/index.html, from the notebooks (needs Node)
	$(PY) docs/slides.py
	@echo "Open build/slides/index.html"

handout: .venv/site.stamp ## print the handout, build/handout.pdf (needs Node and Chromium)
	$(PY) docs/handout.py

reference: .venv/test.stamp ## install PyTorch and JAX, for appendix D and for comparisons
	$(INSTALL) -c constraints.txt -e '.[lab,test,reference]'

# The last argon2-cffi-bindings that installs on an Intel Mac without a compiler is older than 26.
lock: $(PY) ## write constraints.txt anew, with the newest versions (run it with Python 3.11)
	$(INSTALL) --dry-run --ignore-installed --target .venv/none --report .venv/lock.json \
		--only-binary :all: --python-version 3.11.0 '.[lab,test,site,grading]' 'argon2-cffi-bindings<26'
	$(PY) -c "$$LOCK" > constraints.txt

clean: ## remove .venv and everything else that was made
	rm -rf .venv *.egg-info .pytest_cache .ruff_cache build docs/node_modules
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

.venv/lab.stamp: $(PY) pyproject.toml constraints.txt
	@echo "Installing the course into .venv. This is done once and takes a minute or two."
	$(INSTALL) -c constraints.txt -e '.[lab]'
	$(PY) -m jupyterlab.labextensions disable --log-level=ERROR \
		@jupyterlab/apputils-extension:announcements
	@touch $@

.venv/test.stamp: .venv/lab.stamp
	$(INSTALL) -c constraints.txt -e '.[lab,test]'
	@touch $@

# nbgrader adds menus and a server to JupyterLab, so that it has an environment of its own.
.venv/grading.stamp: $(PY) pyproject.toml constraints.txt
	$(PY) -m venv .venv/grading
	.venv/grading/$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[grading]'
	@touch $@

.venv/site.stamp: .venv/test.stamp docs/package.json
	@command -v npm >/dev/null || { echo "The site needs Node and npm: its formulas are set by KaTeX."; exit 1; }
	$(INSTALL) -c constraints.txt -e '.[lab,test,site]'
	npm install --prefix docs --no-package-lock --no-audit --no-fund --ignore-scripts
	@touch $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null || { \
		echo "The course needs Python 3.11 to 3.14; $(PYTHON) says: $$($(PYTHON) --version 2>&1)"; \
		echo "Name another one, for example: make lab PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package" \
		"(on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv --clear .venv
