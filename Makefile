# SPDX-License-Identifier: Apache-2.0
# Sluice is built with Maven and a JDK 25; this file finds the JDK, keeps the noise down and knows what the tests need.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build demo test crash fuzz native native-arm64 test-native test-arm64 native-modbus format format-check clean jdk maven \
	test-tools native-tools native-arm64-tools native-modbus-tools native-sources deb deb-test deb-check deb-tools \
	mqload bench bench-speed bench-parts bench-native bench-journal bench-wear bench-tools

# The JDK 25: JAVA_HOME if it is one, else an installed one, else that of the javac on the path. Empty if there is none.
JDK := $(shell \
	for dir in "$${JAVA_HOME:-}" /usr/lib/jvm/*25* \
		"$$(dirname "$$(dirname "$$(readlink -f "$$(command -v javac || echo /none/bin/javac)")")")"; do \
		if [ -x "$$dir/bin/javac" ] && "$$dir/bin/javac" -version 2>&1 | grep -q '^javac 25'; then \
			echo "$$dir"; break; \
		fi; \
	done)
export JAVA_HOME := $(JDK)

# Fewer optimisations: the executable is there in half the time, and does half as much when it runs.
NATIVE_OPTIONS := $(if $(QUICK),-Ob)

# Debian puts mosquitto where not everybody looks.
export PATH := $(PATH):/usr/sbin

MAVEN := mvn --batch-mode
JAR := gateway/target/quarkus-app/quarkus-run.jar
LOG := target/make.log

# "make demo --keep" reaches make as its own --keep-going; both that and KEEP=1 leave the demo running.
KEEP_GOING := $(findstring k,$(firstword -$(MAKEFLAGS)))
DEMO_OPTIONS := $(if $(KEEP)$(KEEP_GOING),--keep)

help: ## Show this list
	@echo 'Sluice, an MQTT 5 edge gateway that never loses what it acknowledged.'
	@echo
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r name text; do \
		printf '%-20s %s\n' "$$name" "$$text"; \
	done
	@echo
	@echo '  RIVAL=mosquitto make demo    the demo with Mosquitto in the place of Sluice'
	@echo '  KEEP=1 make demo             the demo, left running until Ctrl-C'

build: jdk maven ## Build the program and the demo, without the tests
	@mkdir -p target
	@if $(MAVEN) package -Dmaven.test.skip=true 2>&1 | tee $(LOG) | $(PROGRESS); then \
		echo "Built $(JAR)"; \
	else \
		echo; grep -E '^\[ERROR\]|^Error' $(LOG) | head -n 40; \
		echo; echo 'The build failed; all of it is in $(LOG).'; exit 1; \
	fi

demo: build ## Show an outage with a kill -9 in the middle, and the ledger of what arrived
	@exec "$(JAVA_HOME)/bin/java" -cp demo/target/classes io.sluice.demo.Demo $(DEMO_OPTIONS) --program $(JAR)

test: jdk maven test-tools ## Install what the tests need from Debian, and run all tests
	@rm -rf {bridge-rules,devices,config,gateway,demo}/target/{surefire,failsafe}-reports
	@status=0; $(MAVEN) --fail-at-end --no-transfer-progress verify || status=$$?; \
	echo; \
	for dir in */target/{surefire,failsafe}-reports{,/own-io-thread}; do \
		sed -n "s:.*<testsuite .* tests=\"\([0-9]*\)\" errors=\"\([0-9]*\)\" skipped=\"\([0-9]*\)\" failures=\"\([0-9]*\)\".*:\1 \2 \3 \4 $${dir##*/}:p" "$$dir"/TEST-*.xml 2>/dev/null || true; \
	done | { \
		ran=0; errors=0; skipped=0; failed=0; own=0; \
		while read -r a b c d dir; do \
			ran=$$((ran + a)); errors=$$((errors + b)); skipped=$$((skipped + c)); failed=$$((failed + d)); \
			if [ "$$dir" = own-io-thread ]; then own=$$((own + a)); fi; \
		done; \
		verdict=PASSED; [ $$status -eq 0 ] || verdict=FAILED; \
		echo "$$verdict: $$ran tests, $$failed failed, $$errors broke, $$skipped skipped; $$own of the tests had an I/O thread of their own"; }; \
	exit $$status

# How often the gateway is killed; SEED repeats the choices of a run.
CYCLES := 1000

crash: jdk maven test-tools ## Kill the gateway under load, CYCLES=1000 times, and compare what is there with what it acknowledged
	@$(MAVEN) --quiet --no-transfer-progress --projects gateway --also-make verify -Dtest=CrashTest -Dit.test=CrashTest \
		-Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
		-Dsluice.crash.cycles=$(CYCLES) $(if $(SEED),-Dsluice.crash.seed=$(SEED))

# For each of the targets, one after the other.
FUZZ_SECONDS := 900
FUZZ_TARGETS := packets filters conversation journal

fuzz: jdk maven ## Look for inputs that break something, led by coverage: FUZZ_SECONDS=900 for each of FUZZ_TARGETS
	@gateway/src/test/fuzz/run $(FUZZ_SECONDS) $(FUZZ_TARGETS)

native: native-tools native-sources ## Build the native executable gateway/target/sluice (QUICK=1: sooner, slower when it runs)
	@packaging/native/registered
	@packaging/native/build amd64 gateway/target $(NATIVE_OPTIONS)
	@packaging/native/inspect amd64 gateway/target/sluice

native-arm64: native-arm64-tools native-sources ## The same for a Raspberry Pi: gateway/target/arm64/sluice, built here
	@packaging/native/registered
	@packaging/native/build aarch64 gateway/target/arm64 $(NATIVE_OPTIONS)
	@packaging/native/inspect aarch64 gateway/target/arm64/sluice

test-native: jdk maven test-tools ## Run the tests of the program as a process against gateway/target/sluice
	@packaging/native/test-executable gateway/target/sluice

test-arm64: jdk maven test-tools native-arm64-tools ## The same against the other executable, on an emulated Raspberry Pi 3
	@packaging/native/test-executable packaging/native/emulated-sluice

native-modbus: jdk maven native-modbus-tools ## See that the Modbus library works, on a JVM and in a native executable of its own
	@packaging/native/modbus/try $(NATIVE_OPTIONS)

deb: native native-arm64 deb-tools ## Build the Debian packages target/sluice_*.deb, without root
	@packaging/deb/build amd64 gateway/target/sluice gateway/target/sluice
	@packaging/deb/build arm64 gateway/target/arm64/sluice gateway/target/sluice
	@packaging/deb/check target/sluice_*.deb

deb-test: deb-tools ## As root: install, run as a service, upgrade, remove and purge the package of make deb in a Debian of its own
	@packaging/deb/try target/sluice_*_amd64.deb
	@packaging/deb/try-service target/sluice_*_amd64.deb

deb-check: deb-tools ## Look at the unit and the scripts of the Debian package, without an executable
	@packaging/deb/check

# Each prints a table and keeps it in target/; benchmarks/README.md tells what is measured. They take the builds that are there.
bench: bench-speed bench-journal bench-wear bench-parts ## Measure everything but what only the executable has; takes an hour

bench-speed: mqload ## Measure speed beside Mosquitto: RUNS=5 alternating runs of SECONDS_EACH=5
	@benchmarks/speed/speed.py

bench-native: mqload ## Measure what gateway/target/sluice costs, beside the jar: start, memory, size, throughput
	@benchmarks/native/native.py

bench-journal: mqload ## Measure the journal: BACKLOG=1000000 messages in memory, on disk, at restart; acknowledgements
	@benchmarks/journal/journal.py

bench-wear: mqload ## Measure what is written to the disk for each byte of payload and topic
	@benchmarks/journal/wear.py

# The classes whose names hold this.
PARTS := .

bench-parts: jdk maven ## Measure parts alone, under JMH: journal, subscription tree, codec, or the PARTS=name among them
	@gateway/src/jmh/run '$(PARTS)'

mqload: bench-tools
	@$(MAKE) --no-print-directory --silent -C benchmarks/mqload

# What Quarkus would tell native-image, and the jars that it would tell it about.
native-sources: jdk maven
	@mkdir -p target; rm -rf gateway/target/native-sources
	@if ! $(MAVEN) package --projects gateway --also-make -Dmaven.test.skip=true -Dquarkus.package.jar.enabled=false \
		-Dquarkus.native.enabled=true -Dquarkus.native.sources-only=true 2>&1 | tee $(LOG) | $(PROGRESS); then \
		grep -E '^\[ERROR\]|^Error' $(LOG) | head -n 40; echo 'The build failed; all of it is in $(LOG).'; exit 1; \
	fi

format: jdk maven ## Format the code
	@$(MAVEN) --quiet spotless:apply

format-check: jdk maven ## Fail if the code is not formatted
	@$(MAVEN) --quiet --no-transfer-progress spotless:check

clean: jdk maven ## Remove everything that was built
	@$(MAVEN) --quiet clean
	@rm -rf target

jdk:
	@if [ -z "$(JAVA_HOME)" ]; then \
		echo 'Sluice needs a JDK 25, and there is none: JAVA_HOME is not one, /usr/lib/jvm has none, and the javac on'; \
		echo 'the path is not one either. Install one, for example'; \
		echo; \
		echo '    apt-get install openjdk-25-jdk-headless     (where Debian has it)'; \
		echo '    Eclipse Temurin 25                          (from adoptium.net, anywhere else)'; \
		echo; \
		echo 'and, if it is not below /usr/lib/jvm, say where it is:  make JAVA_HOME=/path/to/jdk-25 ...'; \
		exit 1; \
	fi >&2

maven:
	@if ! command -v mvn >/dev/null; then \
		echo 'Sluice is built with Maven, which is not installed:  apt-get install maven' >&2; \
		exit 1; \
	fi

# The programs that the tests talk to, as "program:package".
TEST_TOOLS := mosquitto:mosquitto mosquitto_pub:mosquitto-clients socat:socat systemd-notify:systemd

# What the native build needs; the second list is for another architecture, and for running what it made, the third for a serial line.
NATIVE_TOOLS := gcc:gcc readelf:binutils
NATIVE_ARM64_TOOLS := $(NATIVE_TOOLS) aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu \
	/usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross qemu-aarch64-static:qemu-user-static
NATIVE_MODBUS_TOOLS := $(NATIVE_TOOLS) socat:socat

# What the Debian packages are built, looked at and tried with.
DEB_TOOLS := readelf:binutils dpkg-deb:dpkg lintian:lintian shellcheck:shellcheck systemd-analyze:systemd debootstrap:debootstrap \
	systemd-nspawn:systemd-container nsenter:util-linux pgrep:procps

# What measures, and what is measured against.
BENCH_TOOLS := gcc:gcc python3:python3 mosquitto:mosquitto setpriv:util-linux

test-tools: TOOLS := $(TEST_TOOLS)
native-tools: TOOLS := $(NATIVE_TOOLS)
native-arm64-tools: TOOLS := $(NATIVE_ARM64_TOOLS)
native-modbus-tools: TOOLS := $(NATIVE_MODBUS_TOOLS)
deb-tools: TOOLS := $(DEB_TOOLS)
bench-tools: TOOLS := $(BENCH_TOOLS)

test-tools native-tools native-arm64-tools native-modbus-tools deb-tools bench-tools:
	@packages=(); \
	for tool in $(TOOLS); do { command -v "$${tool%%:*}" || [ -e "$${tool%%:*}" ]; } >/dev/null || packages+=("$${tool##*:}"); done; \
	[ $${#packages[@]} -gt 0 ] || exit 0; \
	install="apt-get update && apt-get install --yes --no-install-recommends $${packages[*]}"; \
	if ! command -v apt-get >/dev/null; then \
		echo "These programs are needed, please install them: $${packages[*]}" >&2; exit 1; \
	fi; \
	echo "Needed: $${packages[*]}: $$install"; \
	as_root=(); \
	if [ "$$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi; \
	if ! { "$${as_root[@]}" apt-get -qq update && \
		"$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$${packages[@]}"; }; then \
		echo >&2; \
		echo 'That did not work, and nothing is done without these programs. Please run as root:' >&2; \
		echo >&2; \
		echo "    $$install" >&2; \
		exit 1; \
	fi

# Turns Maven's output into a few lines: one for each module, and one now and then while it fetches.
define PROGRESS
{ fetched=0; while IFS= read -r line; do \
	case "$$line" in \
		*'] Downloaded from '*|Downloaded\ from\ *) fetched=$$((fetched + 1)); \
			if [ $$((fetched % 100)) -eq 0 ]; then echo "  fetched $$fetched files"; fi ;; \
		*'] Building '*'['[0-9]*) module=$${line#*Building }; echo "  $${module}" ;; \
	esac; \
done; }
endef
