# Two commands for a fresh machine: `make demo` and `make test`. The rest is for those who change things.

SWIFT    ?= swift
# `make test` says debug: the build that its tests have made, optimised too, has to give the same bytes.
CONFIGURATION ?= release
DORMOUSE  = .build/$(CONFIGURATION)/dormouse
DEMO      = .build/demo
THREADS  ?= $(shell nproc)

.PHONY: help demo test check build smoke studies faults determinism dependencies format lint site verify-site pages golden coverage clean \
        peers bench bench-training bench-sampling bench-probes bench-kernels bench-registry bench-registry-curve bench-site

help:
	@echo 'make demo     a small real study, end to end: trains, probes, reruns, builds the site (about 5 minutes)'
	@echo 'make test     everything: format, every test, the committed site rebuilt from the committed archives'
	@echo 'make check    the fast loop: format and the tests that take seconds'
	@echo 'make determinism   the same bits under every condition that must not matter: minutes; qemu-user-static for other CPUs'
	@echo 'make studies  fourteen committed studies from nothing, confirmatory seeds (three hours on two cores)'
	@echo 'make smoke    every kind of stage, performed twice: the same bits (seconds; part of make test)'
	@echo 'make faults   each system call of each command that writes killed, failing, or cut off from power: about 20 minutes'
	@echo 'make build    the dormouse program, optimised: $(DORMOUSE)'
	@echo 'make bench    time this machine, and PyTorch and scikit-learn beside us after make peers'
	@echo 'make bench-registry   time the registry, and MLflow and plain SQLite beside it: about 5 minutes of an idle disk'
	@echo 'make bench-site   time the building of sites of 1,000 and 10,000 runs, and Hugo beside it: about 5 minutes'
	@echo 'make bench-registry-curve   what reading takes among 1,000, 10,000 and 100,000 runs: about 5 minutes'
	@echo 'make peers    install those into .build/peers; nothing else does, PEER_PYTHON=... replaces it'
	@echo 'make site     rebuild site/ from the archives under studies/'
	@echo 'make pages    axe-core and the Nu HTML checker on site/; installs them into .build/pages, and needs Chromium and Java'

dependencies:
	@sh .ci/dependencies

build: dependencies
	$(SWIFT) build -c $(CONFIGURATION) --product dormouse

# The long form: other processes, builds and CPUs, and a study divided, killed and resumed. Debug against release.
determinism: build
	$(SWIFT) build --product dormouse
	$(DORMOUSE) doctor --determinism --long --against .build/debug/dormouse

# One development seed of the year-backdoor study: two onsets, four arms, before and after safety training.
demo: build
	rm -rf $(DEMO)
	$(DORMOUSE) run studies/year-backdoor --seeds 0 --threads $(THREADS) --registry $(DEMO)/registry
	$(DORMOUSE) list --registry $(DEMO)/registry
	$(DORMOUSE) rerun --registry $(DEMO)/registry --study year-backdoor --arm decoy --threads $(THREADS)
	$(DORMOUSE) site build --registry $(DEMO)/registry --studies studies $(DEMO)/site
	@echo
	@echo 'The site of what just ran: $(DEMO)/site/index.html'

format:
	$(SWIFT) format -i -r Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict -r Package.swift Sources Tests

check: dependencies lint
	$(SWIFT) test --skip 'CommandsTests|ExperimentsTests|.*slow.*'

# What is tested where it is installed, and by CI: librsvg2-bin poppler-utils texlive-latex-base texlive-latex-recommended.
test: dependencies lint
	$(SWIFT) test
	$(MAKE) verify-site smoke CONFIGURATION=debug

# Every kind of stage, performed and performed again: other threads, other jobs, the same bits.
smoke: build
	rm -rf .build/smoke
	$(DORMOUSE) run studies/smoke --registry .build/smoke --jobs 2 --threads 1
	$(DORMOUSE) rerun --all --registry .build/smoke --jobs 1 --threads 2
	$(DORMOUSE) check .build/smoke

# The studies of 2026-11, every seed of them, from nothing: of organisms, two hours or less on two cores, and of detection, an
# hour and a half or less. After an interruption it goes on. `make studies STUDIES=probes` performs one. Predictions are frozen anew, as they stand, in a registry of their own; `make site` publishes the archives instead.
STUDIES = token-scores persistence rl-leaves-backdoors adversarial-training trigger-generalisation suppression-or-removal insertion-routes \
  probes probe-links probes-after-safety obfuscation causal-directions probe-transfer insertion-detectability
studies: build
	for study in $(STUDIES); do \
	  $(DORMOUSE) freeze "studies/$$study" --registry .build/studies --quiet && \
	  $(DORMOUSE) run "studies/$$study" --registry .build/studies --jobs 2 --threads 1 --phase confirmatory && \
	  $(DORMOUSE) assess "studies/$$study" --registry .build/studies || exit $$?; \
	done

# Every call that changes something, killed or failing, and what a power cut leaves; the tests take a sample.
# FAULT_OPTIONS: --case merge, --fault EIO, --every 10, ...
faults: build
	python3 Tests/Faults/faults.py $(DORMOUSE) $(FAULT_OPTIONS)

# The published site is a function of the committed archives, narratives and templates, and of nothing else. It does not carry the
# archives once more: they lie beside it, where `dormouse rerun site --prediction ...` finds them.
site: build
	rm -rf .build/site-registry
	for archive in studies/*/archive; do $(DORMOUSE) import "$$archive" --registry .build/site-registry; done
	$(DORMOUSE) site build --registry .build/site-registry --studies studies --run-pages one-seed --archives-at ../studies site

verify-site: build
	rm -rf .build/site-registry .build/site-built
	for archive in studies/*/archive; do $(DORMOUSE) import "$$archive" --registry .build/site-registry || exit 1; done
	$(DORMOUSE) check .build/site-registry
	$(DORMOUSE) site build --registry .build/site-registry --studies studies --run-pages one-seed --archives-at ../studies .build/site-built
	diff -r site .build/site-built
	@echo 'site/ equals what the committed archives build'

# Chromium looks at a page of each kind, light, dark and narrow. Debian: chromium chromium-driver default-jre-headless.
pages:
	test -x .build/pages/bin/python || python3 -m venv .build/pages
	.build/pages/bin/python -m pip install -q -r Tests/Pages/requirements.txt
	.build/pages/bin/python Tests/Pages/pages.py site

# What a user would pick instead, in a virtual environment of its own. Only on request.
PEERS       = .build/peers
PEER_PYTHON ?= $(wildcard $(PEERS)/bin/python)
UNLOCK      = .build/unlock.so
BENCH       = $(DORMOUSE) bench $(1) $(if $(PEER_PYTHON),--peers $(PEER_PYTHON) --unlock $(UNLOCK)) $(BENCH_OPTIONS)

peers:
	python3 -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -r Tests/Peers/requirements.txt

$(UNLOCK): Tests/Peers/unlock.c
	$(CC) -shared -fPIC -o $@ $<

# BENCH_OPTIONS: --quick, --threads 1, --sizes S,M, --json, ...; see dormouse help bench.
bench bench-training bench-sampling bench-probes bench-kernels bench-registry bench-site: build $(if $(PEER_PYTHON),$(UNLOCK))
	@$(if $(PEER_PYTHON),,echo "no peers are installed: 'make peers' does that; these are our own figures")
	$(call BENCH,$(patsubst bench%,%,$(subst -,,$@)))

bench-registry-curve: build
	$(DORMOUSE) bench registry --curve $(BENCH_OPTIONS)

clean:
	rm -rf .build
