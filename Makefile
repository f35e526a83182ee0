# One line per command: `make help`. Needs make and Python 3.11 or newer; uses uv when it is installed.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.ONESHELL:
SHELL := /bin/sh
.SHELLFLAGS := -eu -c

BIN := .venv/bin
READY := .venv/ready
CATALOGUES := $(patsubst %.po,%.mo,$(shell find templates clients -name '*.po'))
TESTED := idp clients tests wsgi.py
# Debian's Node may be older than 20; then npm's own package of it is put here.
NODE := .venv/node/node_modules/node/bin
export PATH := $(CURDIR)/$(NODE):$(PATH)

.PHONY: help setup run test check lint soak bench catalogues components lock migration clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(READY) catalogues ## the virtual environment in .venv, from the lock file

run: setup ## the demo school, the IdP and every client, in the foreground
	@exec $(BIN)/idp dev

test: setup components ## what the tests need, then the suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: lint test ## everything CI runs: formatting, lint, types, import rules, tests

lint: setup ## formatting, lint, types and import rules
	@$(BIN)/ruff format --check $(TESTED)
	$(BIN)/ruff check $(TESTED)
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: setup components ## long repetitions with a table of what was counted; FULL=1 for no bound of time
	@$(BIN)/python -m pytest --soak $(if $(FULL),--soak-full) $(ARGS)

bench: setup ## the benchmark, as a table; ARGS=--json for machines
	@exec $(BIN)/python -m tests.bench $(ARGS)

catalogues: $(CATALOGUES)

%.mo: %.po $(READY)
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@

lock: ## the lock file anew, from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes pyproject.toml -o requirements.lock

migration: setup ## a draft of the next migration: make migration m="what changes"
	@$(BIN)/python -m idp.store.migrations "$(m)"

clean: ## remove everything made by make
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find templates clients -name '*.mo' -delete
	find idp clients tests -name __pycache__ -prune -exec rm -rf {} +

# The environment. With uv, or with venv and pip; both check every hash. The project itself is installed in place,
# without the network: its build tools are in the lock file.
$(READY): requirements.lock pyproject.toml
	@find_python() {
	  for python in python3.14 python3.13 python3.12 python3.11 python3; do
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	      command -v "$$python"
	      return
	    fi
	  done
	  echo "Python 3.11 or newer is needed and was not found" >&2
	  return 1
	}
	works() { .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
	if uv --version >/dev/null 2>&1; then
	  works || uv venv --quiet --clear --python "$$(find_python)" .venv
	  uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	else
	  if ! works || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then
	    python=$$(find_python)
	    if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
	      package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
	      if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	        apt-get -qq update
	        DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$$package" >/dev/null
	      else
	        echo "The venv module is missing. As root: apt-get install $$package" >&2
	        exit 1
	      fi
	    fi
	    "$$python" -m venv --clear .venv
	  fi
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	fi
	touch $@

# What the tests need beside Python. As root on Debian or Ubuntu missing packages are installed; elsewhere the tests say
# what is missing. The packages of PostgreSQL and Shibboleth would start servers of their own, Shibboleth's at every boot:
# the tests start theirs, so they are told not to.
components: $(READY)
	@has() { command -v "$$1" >/dev/null 2>&1; }
	node_is_old() { ! has node || [ "$$(node --version | sed 's/^v//; s/\..*//')" -lt 20 ]; }
	missing=
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || missing="$$missing postgresql"
	# Beside the whole Chromium its shell without windows, where Debian has it: it takes a third less.
	shell=chromium-headless-shell
	has chromium || has google-chrome || [ -d ~/.cache/ms-playwright ] || missing="$$missing chromium"
	has $$shell || [ -d ~/.cache/ms-playwright ] || ! has apt-get || [ "$$(id -u)" != 0 ] || missing="$$missing $$shell"
	ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1' || missing="$$missing libatomic1"
	has node || missing="$$missing nodejs"
	has npm || missing="$$missing npm"
	has setpriv || missing="$$missing util-linux"
	[ -e /usr/lib/apache2/modules/mod_shib.so ] || missing="$$missing libapache2-mod-shib"
	if [ -n "$$missing" ]; then
	  if [ "$$(id -u)" = 0 ] && has apt-get; then
	    echo "installing:$$missing"
	    quiet=/etc/postgresql-common/createcluster.d/bilim-id-tests.conf
	    mkdir -p "$$(dirname $$quiet)"
	    policy=/usr/sbin/policy-rc.d
	    placed=
	    [ -e $$policy ] || placed=$$policy
	    trap 'rm -f $$quiet $$placed' EXIT
	    trap 'exit 1' HUP INT TERM
	    echo 'create_main_cluster = false' > $$quiet
	    [ -z "$$placed" ] || { printf '#!/bin/sh\nexit 101\n' > $$policy; chmod 755 $$policy; }
	    apt-get -qq update
	    # Ubuntu's Chromium is a snap, which containers cannot run: Playwright's own is taken instead.
	    there() { apt-cache policy "$$1" | grep -q 'Candidate: [0-9]'; }
	    if ! there chromium; then
	      has chromium || has google-chrome || [ -d ~/.cache/ms-playwright ] || $(BIN)/playwright install --with-deps chromium
	      missing=$$(echo "$$missing " | sed 's/ chromium / /')
	    fi
	    there $$shell || missing=$$(echo "$$missing " | sed "s/ $$shell / /")
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $$missing >/dev/null
	    case $$missing in *mod-shib*) update-rc.d shibd disable ;; esac
	  else
	    echo "missing for some tests:$$missing" >&2
	  fi
	fi
	if node_is_old && has npm; then
	  npm install --silent --no-audit --no-fund --prefix .venv/node node@22
	fi
	installed=tests/interop/node_modules/.package-lock.json
	if [ ! -e $$installed ] || [ tests/interop/package-lock.json -nt $$installed ]; then
	  npm ci --silent --no-audit --no-fund --prefix tests/interop
	  touch $$installed
	fi
