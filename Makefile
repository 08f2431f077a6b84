# `make` alone lists what there is. Each target prepares .venv by itself.

PYTHON ?= python3
FOR ?=
PORT ?=
PNG ?=
ARGS ?=
JOBS ?= auto
SERVER ?=
N ?=

venv := .venv/bin/python
# NAME='value' if the variable is given on make's command line: not by one of the environment,
# where HOST, NAME and PORT mean something else to many.
given = $(if $(filter command,$(firstword $(origin $1))),$2='$(subst ','\'',$($1))')

.PHONY: help demo rooms party-server cluster mqtt test bench soak fleet manifest mpy footprint pico_w deploy
.PHONY: circup-bundle romfs traceback screenshots format dist python
.PHONY: venv-demo venv-rooms venv-party-server venv-cluster venv-test venv-bench venv-fleet venv-pico_w venv-deploy venv-romfs venv-mqtt
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

help:
	@echo 'make demo      a room server, devices and a dashboard on this computer (FOR=20 seconds, PORT=8080)'
	@echo '               SERVER=party: in rooms of PartyServer instead; SERVER=cluster: on three workerd'
	@echo 'make rooms     the room server for phones and boards in your network at home (PORT=8080 ARGS=--open)'
	@echo 'make party-server   the rooms of examples/party_server, on workerd (PORT=8080; TOKEN= closes them)'
	@echo 'make cluster   the same on N=3 workerd processes, with a bucket, behind haproxy (PORT=8080)'
	@echo 'make mqtt      the devices of rooms in a broker, for Home Assistant (ARGS="--broker localhost --room home")'
	@echo 'make test      all tests (ARGS="-k ring" goes to pytest; JOBS=0: in one process, with all it prints)'
ifneq ($(wildcard tools/bench.py),)
	@echo 'make bench     sizes, memory, pace beside the last release and others; rooms, outbox (ARGS="--only pace")'
endif
	@echo 'make soak      the tests that run for minutes'
	@echo 'make fleet     what a million devices do to servers that restart (PNG=fleet.png draws it;'
	@echo '               ARGS="--beside TAG": beside the rules of another version)'
	@echo 'make deploy    onto a board on USB; asks for what is not given (BOARD=pico_w PORT=... HOST=... ROOM=...)'
	@echo '               ROMFS=1: the library into the ROMFS of a board whose firmware has one'
	@echo 'make romfs     the library as a ROMFS image in build/ (BOARD=pico_w ARGS=wss)'
	@echo 'make traceback  what a traceback of a board means in the sources (FILE=traceback.txt, or paste it)'
	@echo 'make pico_w    install and run on an emulated Pico W (PICO_W_UF2=firmware.uf2)'
	@echo 'make format    format and check the Python code'
	@echo 'make manifest  write the manifests anew after files in lib/ have come or gone'
	@echo 'make footprint measure what boards need, write it into the documents, print it beside what it must be'
	@echo 'make screenshots  take the pictures of the documents anew (ARGS=dashboard, installer or thonny)'
	@echo 'make mpy       compile lib/mpy anew after anything in lib/ has changed; does manifest and footprint too'
	@echo 'make circup-bundle  write the bundle for boards with CircuitPython into build/'
	@echo 'make dist      both Python distributions into build/dist, for computers and for boards'
	@echo 'Another Python: make test PYTHON=python3.12'

demo: venv-demo $(if $(filter party,$(SERVER)),venv-party-server) $(if $(filter cluster,$(SERVER)),venv-cluster)
	@$(venv) tools/demo.py $(if $(FOR),--for $(FOR)) $(if $(PORT),--port $(PORT)) \
	  $(if $(SERVER),--server $(SERVER))

rooms: venv-rooms
	@$(venv) -m room_server --lan $(call given,PORT,--port) $(ARGS)

party-server: venv-party-server
	@$(venv) tools/party_server.py $(if $(PORT),--port $(PORT)) $(ARGS)

cluster: venv-cluster
	@$(venv) tools/cluster.py $(call given,N,--instances) $(call given,PORT,--port) $(ARGS)

mqtt: venv-mqtt
	@$(venv) -m room_server.mqtt $(ARGS)

test: venv-test
	@$(venv) -m pytest -n $(JOBS) --dist loadfile $(ARGS)

ifneq ($(wildcard tools/bench.py),)
bench: venv-bench
	@$(venv) tools/bench.py $(ARGS)
endif

soak: venv-test
	@$(venv) -m pytest -m soak --timeout 0 $(ARGS)

fleet: $(if $(PNG),venv-fleet,python)
	@$(if $(PNG),$(venv),$(PYTHON)) tools/fleet.py $(if $(PNG),--png "$(PNG)") $(ARGS)

deploy: venv-deploy
	@$(call given,TOKEN,ROOM_TOKEN) $(venv) tools/deploy.py $(call given,BOARD,--board) \
	  $(call given,PORT,--port) $(call given,HOST,--host) $(call given,ROOM,--room) \
	  $(call given,NAME,--name) $(call given,ROMFS,--romfs) $(ARGS)

romfs: venv-romfs
	@$(venv) tools/romfs.py $(call given,BOARD,--board) $(ARGS)

traceback: python
	@$(PYTHON) tools/trace.py $(if $(filter command,$(firstword $(origin FILE))),'$(FILE)') $(ARGS)

pico_w: venv-pico_w
	@PICO_W_UF2="$(PICO_W_UF2)" $(venv) -m pytest host_tests/pico_w $(ARGS)

screenshots: venv-test
	@$(venv) tools/screenshots.py $(ARGS)

format: venv-test
	@$(venv) -m ruff check --select I --fix --quiet
	@$(venv) -m ruff format
	@$(venv) -m ruff check

manifest: python
	@$(PYTHON) tools/manifest.py

footprint: venv-test
	@$(venv) tools/footprint.py
	@$(venv) tools/musts.py

mpy: venv-test
	@$(venv) tools/mpy.py
	@$(venv) tools/manifest.py
	@$(venv) tools/footprint.py

circup-bundle: python
	@$(PYTHON) tools/circup_bundle.py

dist: venv-test
	@rm -rf build/dist
	@$(venv) -m build --no-isolation --outdir build/dist
	@$(venv) -m build --no-isolation --wheel --outdir build/dist tools/dist/board

venv-demo venv-rooms venv-party-server venv-cluster venv-test venv-bench venv-fleet venv-pico_w venv-deploy venv-romfs venv-mqtt: venv-%: python
	@$(PYTHON) tools/bootstrap.py $*

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo '$(PYTHON) was not found. Install Python 3.10 or newer (sudo apt install python3 python3-venv),'; \
	  echo 'or say which one to take: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12'; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo '$(PYTHON) is older than Python 3.10, which is needed.'; \
	  echo 'Say which one to take: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12'; exit 1; } >&2
