# frugald — see `make help`.
#
# Everything is built under build/<variant>/, so that compilers and sanitizers do not disturb each other:
#   make                          build/plain
#   make CC=clang                 build/clang
#   make SAN=address,undefined    build/address-undefined
# Nothing here needs a compiler or pkg-config before a recipe runs: `make run` and `make test` install them first.

VERSION := 0.1.0

ifeq ($(origin CC),default)
CC := gcc
endif
SAN     ?=
WERROR  ?= -Werror
PREFIX  ?= /usr/local
SYSCONF ?= /etc
PYTHON  ?= /usr/bin/python3

comma := ,
empty :=
space := $(empty) $(empty)
variant := $(subst $(space),-,$(strip $(filter-out gcc cc,$(notdir $(CC))) $(subst $(comma),-,$(SAN))))
B := build/$(or $(variant),plain)

# ---- flags ----------------------------------------------------------------------------------------------------------

LIBRARIES := libmicrohttpd libcurl hiredis jansson yaml-0.1 libuv libcrypto libdeflate

# Asked for at the first use and remembered.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(LIBRARIES)))$(PKG_LIBS)

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 $(WERROR)
includes := -Iinclude -Isrc -I. -Itests
ifeq ($(SAN),)
# Under clang fortified functions are macros, which base/pure.h could not poison.
fortify  := $(if $(findstring clang,$(CC)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
optimise := -O2 $(fortify) -fstack-protector-strong
harden   := -Wl,-z,relro,-z,now
else
optimise := -O1 -fsanitize=$(SAN) -fno-sanitize-recover=all
harden   := -fsanitize=$(SAN)
endif
base_flags = -std=c11 -g -fno-omit-frame-pointer $(optimise) $(warnings) $(includes)
link_flags = $(harden) -Wl,--as-needed

# Only the rooms that touch the outside world may use what is beyond POSIX. $(1): a path below src/ or tests/.
system_of = $(if $(filter adapt/% app/% ctl/% twin/% contract/% bench/%,$(1)),-D_GNU_SOURCE,-D_POSIX_C_SOURCE=200809L)
compile   = $(CC) $(base_flags) $(2) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $(1)
link      = $(CC) $(link_flags) $(CFLAGS) $(LDFLAGS) -o $@ $(1) $(PKG_LIBS) $(2) -lm -lpthread

say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(patsubst $(B)/%,%,$@)')
Q   := $(if $(V),,@)

# Recursive builds use all processors unless the caller said how many.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- what there is --------------------------------------------------------------------------------------------------

rooms := app adapt engine conf core base
inner := engine conf core base
ctl   := ctl base

objects   = $(patsubst src/%.c,$(B)/obj/%.o,$(sort $(wildcard src/$(1)/*.c)))
t_objects = $(patsubst tests/%.c,$(B)/obj/tests/%.o,$(sort $(wildcard $(1))))
archives  = $(foreach r,$(1),$(B)/lib$(r).a)

twin_objects  := $(call t_objects,tests/twin/*.c)
sim_objects   := $(call t_objects,tests/sim/*.c)
# The twin's world and answers without its server.
truth_objects := $(call t_objects,$(filter-out $(addprefix tests/twin/,api.c control.c fault.c ledger.c lot.c main.c page.c reply.c sample.c \
	server.c since.c),$(wildcard tests/twin/*.c)))
world_objects := $(filter-out $(B)/obj/tests/sim/main.o,$(sim_objects))
oracle_objects := $(call t_objects,tests/oracle/*.c) $(world_objects) $(truth_objects)
story_objects := $(call t_objects,tests/story/test_*.c)
story_shared  := $(filter-out $(story_objects),$(call t_objects,tests/story/*.c)) $(world_objects)
unit_objects  := $(call t_objects,tests/unit/test_*.c tests/unit/*/test_*.c)
contract_objects := $(call t_objects,tests/contract/test_*.c)
# The simulator's fakes, too: contracts hold them to what the real things do. An archive, since some of it stands in for the engine.
contract_shared  := $(filter-out $(contract_objects),$(call t_objects,tests/contract/*.c)) $(call t_objects,tests/sim/*_fake*.c)

story_programs    := $(patsubst $(B)/obj/tests/%.o,$(B)/%,$(story_objects))
unit_programs     := $(patsubst $(B)/obj/tests/%.o,$(B)/%,$(unit_objects))
unit_ctl          := $(filter $(B)/unit/ctl/%,$(unit_programs))
contract_programs := $(patsubst $(B)/obj/tests/%.o,$(B)/%,$(contract_objects))
frugald := $(if $(shell grep -lsw '^int main' src/app/*.c),$(B)/frugald)
frugalctl := $(B)/frugalctl
twin    := $(if $(twin_objects),$(B)/twin)
bench   := $(addprefix $(B)/bench/,load raw_server mhd_server hit_profile miss_profile growth)
sim     := $(if $(wildcard tests/sim/main.c),$(B)/simulate)
oracle  := $(if $(wildcard tests/oracle/main.c),$(B)/oracle)

# ---- programs -------------------------------------------------------------------------------------------------------

all: $(frugald) $(frugalctl) ## Build the daemon and the operator's command: build/plain/frugald, build/plain/frugalctl
twin: $(twin) ## Build the stand-in for the API that tests and `make run` use

$(B)/frugald: $(call archives,$(rooms))
	$(call say,LINK)
	$(Q)$(call link,$(call archives,$(rooms)))

$(B)/frugalctl: $(call archives,$(ctl))
	$(call say,LINK)
	$(Q)$(call link,$(call archives,$(ctl)))

$(B)/twin: $(twin_objects) $(B)/twin.list
	$(call say,LINK)
	$(Q)$(call link,$(twin_objects))

$(B)/simulate: $(sim_objects) $(B)/sim.list $(call archives,$(inner))
	$(call say,LINK)
	$(Q)$(call link,$(sim_objects) $(call archives,$(inner)),-lcmocka)

$(B)/oracle: $(oracle_objects) $(B)/oracle.list $(call archives,$(inner))
	$(call say,LINK)
	$(Q)$(call link,$(oracle_objects) $(call archives,$(inner)),-lcmocka)

$(filter-out $(unit_ctl),$(unit_programs)): $(B)/%: $(B)/obj/tests/%.o $(call archives,$(inner))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(call link,$< $(call archives,$(inner)),-lcmocka)

# The archive's main stays where it is: the test has one.
$(unit_ctl): $(B)/%: $(B)/obj/tests/%.o $(call archives,$(ctl))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(call link,$< $(call archives,$(ctl)),-lcmocka)

# Stories and the simulation share a world of fakes, tests/sim without its main.
$(story_programs): $(B)/%: $(B)/obj/tests/%.o $(story_shared) $(B)/story.list $(call archives,$(inner))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(call link,$< $(story_shared) $(call archives,$(inner)),-lcmocka)

$(contract_programs): $(B)/%: $(B)/obj/tests/%.o $(call archives,contract adapt $(inner))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(call link,$< $(call archives,contract adapt $(inner)),-lcmocka)

# The benchmark's programs: one file each, and what they share.
bench_shared := $(addprefix $(B)/obj/tests/bench/,alone.o latency.o replies.o targets.o)

$(bench): $(B)/bench/%: $(B)/obj/tests/bench/%.o $(bench_shared) $(call archives,$(inner))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(call link,$< $(bench_shared) $(call archives,$(inner)))

$(B)/obj/%.o: src/%.c Makefile
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(call compile,$<,$(call system_of,$*) $(extra))

$(B)/obj/tests/%.o: tests/%.c Makefile
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(call compile,$<,$(call system_of,$*))

$(B)/obj/gen/%.o: $(B)/gen/%.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(call compile,$<,-D_POSIX_C_SOURCE=200809L)

# Preloaded into foreign programs, so it stands alone and without sanitizers.
worldclock := $(B)/worldclock.so
$(worldclock): tests/bench/worldclock.c Makefile
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -g -O2 $(warnings) -D_GNU_SOURCE -fPIC -shared -o $@ $< -ldl -lpthread

# An archive is made anew when its list changes, so that a deleted file leaves it.
define room
$(B)/lib$(1).a: $(2) $(B)/lib$(1).list
	$$(call say,AR)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $(2)
$(call list,lib$(1),$(2))
endef
define list
$(B)/$(1).list: FORCE
	@mkdir -p $$(@D); echo '$(2)' | cmp -s - $$@ || echo '$(2)' > $$@
endef
$(foreach r,$(filter-out conf,$(rooms)) ctl,$(eval $(call room,$(r),$(call objects,$(r)))))
$(eval $(call room,conf,$(call objects,conf) $(B)/obj/gen/catalogue_yaml.o))
$(eval $(call room,contract,$(contract_shared)))
$(eval $(call list,twin,$(twin_objects)))
$(eval $(call list,story,$(story_shared)))
$(eval $(call list,sim,$(sim_objects)))
$(eval $(call list,oracle,$(oracle_objects)))

# ---- generated sources ----------------------------------------------------------------------------------------------

# The built-in catalogue: each byte a character constant in octal.
$(B)/gen/catalogue_yaml.c: $(wildcard config/catalogue.yaml) Makefile
	$(call say,GEN)
	@mkdir -p $(@D)
	@{ printf '/* Generated from config/catalogue.yaml. */\n#include "conf/builtin.h"\n\nconst char fr_catalogue_yaml[] = {\n'; \
	  cat $(wildcard config/catalogue.yaml) /dev/null | od -An -v -to1 | sed "s/ *\([0-7][0-7]*\)/'\\\\\1',/g"; \
	  printf "'%s0' };\n\nconst size_t fr_catalogue_yaml_len = sizeof(fr_catalogue_yaml) - 1;\n" '\'; } > $@.new
	@mv $@.new $@

# Only these two files know the commit: a commit does not rebuild the rest.
$(B)/obj/app/version.o $(B)/obj/ctl/main.o: $(B)/gen/version
$(B)/obj/app/version.o $(B)/obj/ctl/main.o: extra = -DFR_VERSION='"$(VERSION)"' -DFR_COMMIT='"$(shell sed 's/.* //' $(B)/gen/version)"'
$(B)/gen/version: FORCE
	@mkdir -p $(@D)
	@now="$(VERSION) $$(if [ -e .git ]; then git rev-parse --short=12 HEAD 2>/dev/null || echo unknown; else echo unknown; fi)"; \
	now=$$(printf '%s' "$$now" | tail -n 1); [ "$$now" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$now" > $@

# ---- running and testing --------------------------------------------------------------------------------------------

run: ## Install what is missing, build, and start frugald (against the twin unless there is an API key)
	@.ci/deps.sh build
	+@$(MAKE) --no-print-directory $(jobs) all twin
	@FRUGAL_BUILD=$(B) exec sh config/run.sh

layers := rules unit story sim oracle contract box

built-rules:    $(if $(SAN),,$(call archives,adapt $(inner) ctl)) $(frugald) $(frugalctl)
built-unit:     $(unit_programs)
built-story:    $(story_programs)
built-sim:      $(sim)
built-oracle:   $(oracle)
built-contract: $(contract_programs) $(twin) $(frugald)
built-box:      $(twin) $(frugald) $(frugalctl) $(worldclock) $(addprefix $(B)/bench/,load raw_server growth)

# $(1): the layers. A tree that does not compile is a failed test, too.
define tested
	+@$(MAKE) --no-print-directory $(jobs) $(addprefix built-,$(1)) || { echo '0 passed, 1 failed'; exit 1; }
	@SAN='$(SAN)' PYTHON='$(PYTHON)' sh tests/run_all.sh '$(B)' $(1)
endef

test: ## Install what is missing, build, run every layer of tests
	@.ci/deps.sh test
	$(call tested,$(layers))

check: ## The layers without foreign programs: rules, unit, story, sim, oracle
	$(call tested,rules unit story sim oracle)

rules: ## One layer: rooms, purity, sizes, names, generated documents
	$(call tested,rules)
unit: ## One layer: tables of cases for each module
	$(call tested,unit)
story: ## One layer: the engine in virtual time
	$(call tested,story)
sim: ## One layer: random traffic and faults from seeds
	$(call tested,sim)
oracle: ## One layer: every composed answer against the truth at the moment that it names
	$(call tested,oracle)
contract: ## One layer: the ports against real programs
	$(call tested,contract)
box: ## One layer: the real daemon from outside
	$(call tested,box)

# ---- benchmarks -----------------------------------------------------------------------------------------------------

ROUNDS  ?= 5
SECONDS ?= 3

# Variables: ROUNDS=5, SECONDS=3 (of each measurement), ONLY='frugald,nginx', SECTION='one core' ('all cores', 'mixed')
bench: ## Hits side by side with nginx, HAProxy, Varnish, Traffic Server: ratios, bars, tables; ROUNDS=1 SECONDS=0.5 is quick
	@.ci/deps.sh bench
	+@$(MAKE) --no-print-directory $(jobs) $(frugald) $(bench) $(twin)
	@$(PYTHON) tests/bench/hits.py $(B) --rounds $(ROUNDS) --seconds $(SECONDS) --out $(B)/bench.md $(if $(ONLY),--only '$(ONLY)') \
		$(if $(SECTION),--section '$(SECTION)')

profile: ## Install what is missing, count the instructions that a hit and a long page take (callgrind)
	@.ci/deps.sh bench
	+@$(MAKE) --no-print-directory $(jobs) $(frugald) $(bench) $(twin)
	@$(PYTHON) tests/bench/profile.py $(B)

ANSWERS ?= 1000000

# Variables: ANSWERS=1000000, ROUNDS=5, SECONDS=3 (of each measurement)
bench-growth: ## What a hit costs by how much there is: answers, connections, waiters, clients; ANSWERS=20000 ROUNDS=1 SECONDS=1 is quick
	@.ci/deps.sh bench
	+@$(MAKE) --no-print-directory $(jobs) $(frugald) $(bench)
	@$(PYTHON) tests/bench/growth.py $(B) --answers $(ANSWERS) --rounds $(ROUNDS) --seconds $(SECONDS) --out $(B)/growth.md

# Variables: PRODUCT=case (of the published case study), SCALE=0.05 (share of the day's calls; below a quarter the day has six hours, below a tenth three), ONLY=abcde, SEED=1, SKEW=1, SPEED=N, MARKDOWN=FILE
bench-credits: ## What a day costs without a cache, with nginx, Varnish, frugald: a table and bars; SCALE=0.05 is quick
	@.ci/deps.sh bench
	+@$(MAKE) --no-print-directory $(jobs) all twin $(worldclock)
	@FRUGAL_BUILD='$(B)' $(PYTHON) tests/bench/credits.py $(if $(PRODUCT),--product $(PRODUCT)) $(if $(SCALE),--scale $(SCALE)) $(if $(ONLY),--columns $(ONLY)) \
		$(if $(SKEW),--skew $(SKEW)) $(if $(SEED),--seed $(SEED)) $(if $(SPEED),--speed $(SPEED)) $(if $(MARKDOWN),--markdown $(MARKDOWN))

# ---- style ----------------------------------------------------------------------------------------------------------

formatted = $(sort $(wildcard include/frugal/*.h src/*/*.[ch] tests/*/*.[ch] tests/unit/*/*.[ch]))
# Silent unless it finds something: even with --quiet clang-tidy counts the warnings that it keeps to itself.
tidy      = xargs -r -n 1 -P $(shell nproc) sh -c 'said=$$(clang-tidy --quiet "$$@" -- -std=c11 $(includes) $(1) $(PKG_CFLAGS) 2>&1) || \
	{ printf "%s\n" "$$said"; exit 1; }' sh

# What cppcheck 2.10 gets wrong: it takes a struct that is handed over to be filled for one that is read, and loses its way at a
# compound literal between '?' and ':'.
cppcheck_errs = ctuuninitvar internalAstError

lint: ## Install what is missing; clang-tidy, cppcheck and clang's warnings: no findings
	@.ci/deps.sh lint
	@echo $(wildcard $(foreach r,base core conf engine,src/$(r)/*.c)) | $(call tidy,-D_POSIX_C_SOURCE=200809L)
	@echo $(wildcard $(foreach r,adapt app ctl,src/$(r)/*.c)) | $(call tidy,-D_GNU_SOURCE -DFR_VERSION='"\"0\""' -DFR_COMMIT='"\"0\""')
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		$(addprefix --suppress=,$(cppcheck_errs)) -DFR_VERSION='""' -DFR_COMMIT='""' -Iinclude -Isrc src
	+@$(MAKE) --no-print-directory $(jobs) CC=clang everything

everything: $(frugald) $(frugalctl) $(bench) $(addprefix built-,$(layers)) ## Compile all programs and tests

format: ## Lay out all sources as .clang-format says
	clang-format -i $(formatted)
format-check: ## Fail if a source is not laid out so
	clang-format --dry-run --Werror $(formatted)

documents: $(frugald) $(frugalctl) ## Write the documents that grow from tables anew
	for topic in settings metrics problems questions; do $(B)/frugald --dump-docs $$topic > docs/$$topic.md || exit 1; done
	$(B)/frugald --dump-docs config > config/frugald.yaml
	$(B)/frugald --dump-docs man5 | .ci/splice.sh docs/frugald.yaml.5 'frugald --dump-docs man5'
	$(B)/frugalctl --dump-docs man1 | .ci/splice.sh docs/frugalctl.1 'frugalctl --dump-docs man1'

# ---- installing -----------------------------------------------------------------------------------------------------

completion := share/bash-completion/completions/frugalctl

# The unit, and the same once more as a template for several instances: each with a configuration and a state of its own.
$(B)/frugald.service: config/frugald.service Makefile
	@mkdir -p $(@D)
	sed 's|/usr/sbin/frugald|$(PREFIX)/sbin/frugald|g; s|/etc/frugald|$(SYSCONF)/frugald|g' $< > $@
$(B)/frugald@.service: $(B)/frugald.service
	sed 's|/frugald\.yaml|/%i.yaml|; s|^StateDirectory=frugald$$|&-%i|; s|^Description=.*|& (%i)|' $< > $@
units: $(B)/frugald.service $(B)/frugald@.service

install: all units ## Install under DESTDIR and PREFIX (/usr/local)
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/man/man1 share/man/man5 $(dir $(completion)))
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/lib/systemd/system \
		$(DESTDIR)$(PREFIX)/share/frugald $(DESTDIR)$(PREFIX)/share/doc/frugald $(DESTDIR)$(SYSCONF)/frugald
	install -m 755 $(B)/frugald $(DESTDIR)$(PREFIX)/sbin/frugald
	install -m 755 $(B)/frugalctl $(DESTDIR)$(PREFIX)/bin/frugalctl
	$(B)/frugalctl --completion bash > $(DESTDIR)$(PREFIX)/$(completion)
	chmod 644 $(DESTDIR)$(PREFIX)/$(completion)
	install -m 644 docs/frugalctl.1 $(DESTDIR)$(PREFIX)/share/man/man1/frugalctl.1
	install -m 644 docs/frugald.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/frugald.yaml.5
	install -m 644 docs/frugald.8 $(DESTDIR)$(PREFIX)/share/man/man8/frugald.8
	install -m 644 $(B)/frugald.service $(B)/frugald@.service $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 644 config/catalogue.yaml $(DESTDIR)$(PREFIX)/share/frugald/catalogue.yaml
	install -m 644 config/prometheus-rules.yml $(DESTDIR)$(PREFIX)/share/frugald/prometheus-rules.yml
	install -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/frugald/LICENSE
	[ -e $(DESTDIR)$(SYSCONF)/frugald/frugald.yaml ] || install -m 644 config/frugald.yaml $(DESTDIR)$(SYSCONF)/frugald/frugald.yaml

uninstall: ## Remove what install put there, but not the configuration
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/frugalctl share/man/man1/frugalctl.1 share/man/man5/frugald.yaml.5 $(completion))
	rm -f $(DESTDIR)$(PREFIX)/sbin/frugald $(DESTDIR)$(PREFIX)/share/man/man8/frugald.8 \
		$(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,frugald.service frugald@.service)
	rm -rf $(DESTDIR)$(PREFIX)/share/frugald $(DESTDIR)$(PREFIX)/share/doc/frugald

clean: ## Remove build/
	rm -rf build

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: CC=gcc|clang SAN=address,undefined|thread DESTDIR= PREFIX=/usr/local V=1'

FORCE:
.PHONY: FORCE all twin run test check $(layers) $(addprefix built-,$(layers)) bench bench-growth bench-credits profile lint everything format format-check documents \
	units install uninstall clean help
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
