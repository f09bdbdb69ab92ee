# make run      start the viewer (installs what it needs into .venv the first time)
# make test     all tests            make lint   ruff, mypy, import rules
# make backup   the viewer's own database into a file (FILE=...), while it runs
# make restore  the database from such a file (FILE=...); the viewer must be at rest
# make fuzz     generated requests to the API and its forms, and a megabyte to every expression, for minutes
# make bench    measurements         make css    build the stylesheet and icons
# make look     every page of the demo in a browser: accessibility, width, weight, shift
# make screenshots   pictures of every page of the demo into docs/screenshots
# make password a hash for AUTH_PASSWORD_HASH
# make browser  Chromium for the browser tests                make mailserver   Dovecot for the tests of the import by mail
# make clean    remove what make made (never the data)

PYTHON ?= python3
ARGS ?=
VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --no-input --prefer-binary

# $(call debian,PACKAGE,WORDS): install a package of Debian where that is allowed, else say why not in $$reason
define debian
if ! command -v apt-get >/dev/null; then reason="this system has no apt-get"; \
	  elif [ "$$(id -u)" = 0 ]; then may=""; \
	  elif sudo -n true 2>/dev/null; then may="sudo -n"; \
	  else reason="this user may not install packages"; fi; \
	  if [ -z "$${reason:-}" ]; then echo "Installing $(2)."; \
	    $$may apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$may apt-get install -y -qq --no-install-recommends $(1) >/dev/null \
	    || reason="apt-get could not install it"; fi
endef

.DEFAULT_GOAL := run
.PHONY: run backup restore test lint bench css browser mailserver password fuzz look screenshots clean

run: $(VENV)/.runtime
	@exec $(RUN) -m webapp.standalone

backup: $(VENV)/.runtime
	@exec $(RUN) -m webapp.standalone.backup $(ARGS) $(FILE)

restore: $(VENV)/.runtime
	@exec $(RUN) -m webapp.standalone.restore $(ARGS) $(FILE)

test: $(VENV)/.development browser mailserver
	@$(RUN) -m pytest -n 2 $(ARGS)

lint: $(VENV)/.development
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

fuzz: $(VENV)/.development
	@FUZZ=$${FUZZ:-40} $(RUN) -m pytest -n 0 -s tests/web/test_openapi_truth.py tests/web/test_forms.py tests/guards/test_expressions.py $(ARGS)

bench: $(VENV)/.development
	@exec $(RUN) -m benchmarks $(ARGS)

css: $(VENV)/.development
	@$(RUN) tools/build_css.py

look: $(VENV)/.development browser
	@$(RUN) -m tools.look check $(ARGS)

screenshots: $(VENV)/.development browser
	@$(RUN) -m tools.look screenshots $(ARGS)

password: $(VENV)/.runtime
	@$(RUN) -m webapp.auth.passwords

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  $(call debian,chromium,Chromium for the browser tests); \
	  [ -z "$${reason:-}" ] || echo "!!! NO BROWSER: the browser tests are skipped, because Chromium is missing and $$reason." >&2; }

# A mail server that only the tests start: the system's own service stays off.
mailserver:
	@command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || { \
	  $(call debian,dovecot-imapd,Dovecot for the tests of the import by mail); \
	  if [ -z "$${reason:-}" ] && [ -d /run/systemd/system ]; then $$may systemctl disable --now --quiet dovecot || true; fi; \
	  [ -z "$${reason:-}" ] || echo "!!! NO MAIL SERVER: tests with a real Dovecot are skipped, because it is missing and $$reason." >&2; }

clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and $(PYTHON) is not there: install it, or name it with make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1): name a newer one with make PYTHON=python3.12." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment: install its venv package (Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.made
	@echo "Installing the Python packages into $(VENV) (only when they changed)."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the packages for tests and checks into $(VENV) (only when they changed)."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@
