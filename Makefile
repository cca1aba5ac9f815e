# SPDX-License-Identifier: BSD-2-Clause
# 'make help' lists the targets. Everything is made below build/, but for kernels.db.

V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '%-7s %s\n' '$(1)' '$(2)')

CC ?= cc
CLANG ?= clang
LLVM_OBJCOPY ?= llvm-objcopy
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr
DESTDIR ?=
CFLAGS ?= -O2 -g
SAN ?= 0
ARGS ?=
CPUS := $(shell nproc)

B := build$(if $(filter 1,$(SAN)),/san,)
O := $(B)/obj
DB := $(PREFIX)/share/sextant/kernels.db

# What the sources need, apart from the user's CFLAGS.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
HARDENING := -fstack-protector-strong -fPIE -Wl,-z,relro,-z,now -pie \
	$(if $(filter 1,$(SAN)),,-D_FORTIFY_SOURCE=2)
comma := ,
SANITIZE := $(if $(filter 1,$(SAN)),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer,)
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(HARDENING) $(SANITIZE) $(CFLAGS) \
	$(if $(CI),-Werror,) -MMD -MP
LINK = $(CC) $(HARDENING) $(SANITIZE) $(CFLAGS) $(LDFLAGS)

libs = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)
OFFSETS_LIBS = $(call libs,sqlite3)
SIGNATURE_LIBS = $(call libs,libsodium)
# Optional: distributions older than Debian 11 and RHEL 8 lack it.
DEBUGINFOD_LIBS := $(call libs,libdebuginfod)
LKCCB_LIBS = $(call libs,libarchive liblzma libdw libelf rpm libcrypto libcurl expat libseccomp libzstd yajl) $(DEBUGINFOD_LIBS) $(SIGNATURE_LIBS) $(OFFSETS_LIBS) -pthread
LOADER_LIBS = $(call libs,libbpf libelf zlib inih libseccomp libmicrohttpd libmd libpcre2-8 libcurl libcares yajl libcrypto libzstd) $(SIGNATURE_LIBS) $(OFFSETS_LIBS)

OFFSETS_O := $(patsubst %.c,$(O)/%.o,$(wildcard offsets/*.c offsets/*/*.c))
LKCCB_O := $(patsubst %.c,$(O)/%.o,$(wildcard lkccb/*/*.c))
LOADER_O := $(patsubst %.c,$(O)/%.o,$(wildcard loader/*/*.c)) $(O)/loader/bpf/object.o $(O)/loader/trace/object.o
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
KERNELS := $(sort $(wildcard offsets/kernels/*.txt))

.PHONY: FORCE all deb rpm dist docs run test static check check-host check-vm siege soak outage fuzzers bench install clean format help setup tests-built
.DELETE_ON_ERROR:

all: $(B)/sextant $(B)/lkccb $(B)/sextant.bpf.o $(B)/trace.bpf.o $(B)/liboffsets.a kernels.db

help:
	@echo 'make              build $(B)/sextant, lkccb, liboffsets.a and kernels.db'
	@echo 'sudo make run     install what is missing, build, report events (ARGS="--duration 10")'
	@echo 'sudo make test    install what is missing, build, run every test that can run here'
	@echo 'make check        the tests that need no root, network or particular kernel'
	@echo 'sudo make check-host  the real probes on this kernel'
	@echo 'make check-vm     the same in VMs: three Debian kernels, or KERNEL=bzImage VMLINUX=vmlinux'
	@echo 'sudo make siege   the sensor under attack for SECONDS=600; SEED= repeats one'
	@echo 'sudo make soak    reloads, rotations, full disks and kills beside it, for SECONDS=600'
	@echo 'sudo make outage  what happens between a sensor and its collector in a day, in SECONDS=600'
	@echo 'make static       build/static/sextant, for hosts where nothing is installed'
	@echo 'make fuzzers     libFuzzer targets, in build/fuzz; tests/fuzz/run SECONDS runs them'
	@echo 'make bench        measurements, for docs/benchmarks.md'
	@echo 'make kernels.db   the database, from offsets/kernels/*.txt'
	@echo 'make deb|rpm    packages of the static binary and of kernels.db, in build/dist; make dist: a tarball'
	@echo 'make install      to $$DESTDIR$$PREFIX ($(PREFIX))'
	@echo 'make docs         what is generated in docs/ and lkccb/site/ from the tables of the sources'
	@echo 'make format       clang-format over the sources'
	@echo 'make clean'
	@echo 'options: V=1 (show commands), SAN=1 (ASan and UBSan, in build/san), CFLAGS, CC, CLANG'

# ---- build ----------------------------------------------------------------

$(B)/liboffsets.a: $(OFFSETS_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^

# The archive that is installed: what no installed header declares is local to it, and it
# needs SQLite alone.
OFFSETS_HEADERS := offsets/offsets.h offsets/util/error.h
INSTALLED_O := $(filter-out $(O)/offsets/signature/% $(O)/offsets/confine/%,$(OFFSETS_O))
$(B)/installed/liboffsets.a: $(INSTALLED_O) $(OFFSETS_HEADERS)
	$(call say,AR,$@)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)grep -ohE 'offsets_[a-z_0-9]+\(' $(OFFSETS_HEADERS) | tr -d '(' | sort -u >$(@D)/public
	$(Q)$(CC) -r -nostdlib $(INSTALLED_O) -o $(@D)/offsets.o
	$(Q)objcopy --keep-global-symbols=$(@D)/public $(@D)/offsets.o && ar rcsD $@ $(@D)/offsets.o

$(B)/lkccb: $(LKCCB_O) $(B)/liboffsets.a
	$(call say,LD,$@)
	$(Q)$(LINK) $^ $(LKCCB_LIBS) -o $@

$(B)/sextant: $(LOADER_O) $(B)/liboffsets.a
	$(call say,LD,$@)
	$(Q)$(LINK) $^ $(LOADER_LIBS) -o $@

# One file for hosts where nothing is installed: RHEL7's libraries are too old.
static: build/static/sextant
MICROHTTPD := build/libraries/microhttpd/lib/libmicrohttpd.a
CURL := build/libraries/curl/lib/libcurl.a
build/static/sextant: $(LOADER_O) $(B)/liboffsets.a $(MICROHTTPD) $(CURL)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -static $(CFLAGS) $(LDFLAGS) $^ \
		$(shell $(PKG_CONFIG) --static --libs libbpf libelf zlib inih libseccomp libmd libpcre2-8 libsodium sqlite3 libcares libssl libcrypto libzstd) -lyajl_s -o $@
# Debian's archive of it needs GnuTLS.
$(MICROHTTPD): scripts/static-library scripts/debian-apt
	$(call say,BUILD,$@)
	$(Q)scripts/static-library libmicrohttpd-dev build/libraries/microhttpd --disable-https --disable-bauth \
		--disable-dauth --disable-postprocessor --disable-httpupgrade --disable-cookie --disable-examples \
		--disable-curl --disable-tools

# Debian's archive of it needs a dozen libraries; of HTTP and TLS alone it is small.
$(CURL): scripts/static-library scripts/debian-apt
	$(call say,BUILD,$@)
	$(Q)scripts/static-library libcurl4-openssl-dev build/libraries/curl --with-openssl --with-zlib --with-ca-bundle=no \
		--without-brotli --without-zstd --without-libpsl --without-libidn2 --without-nghttp2 --without-librtmp \
		--without-libssh2 --without-gssapi --disable-ldap --disable-ldaps --disable-rtsp --disable-dict --disable-telnet \
		--disable-tftp --disable-pop3 --disable-imap --disable-smb --disable-smtp --disable-gopher --disable-mqtt \
		--disable-ftp --disable-file --disable-manual --disable-threaded-resolver --disable-unix-sockets \
		--disable-cookies --disable-ntlm --disable-netrc --disable-alt-svc --disable-hsts --disable-libcurl-option

$(O)/loader/%.o: CPPFLAGS += -DSEXTANT_DB='"$(DB)"'
$(O)/lkccb/io/debuginfod.o: CPPFLAGS += $(if $(DEBUGINFOD_LIBS),-DWITH_DEBUGINFOD)
# Compiled anew when the library comes or goes.
$(O)/lkccb/io/debuginfod.o: $(B)/debuginfod.libs
$(B)/debuginfod.libs: FORCE
	$(Q)mkdir -p $(@D) && echo '$(DEBUGINFOD_LIBS)' | cmp -s - $@ || echo '$(DEBUGINFOD_LIBS)' >$@

$(O)/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(COMPILE) -I. $(CPPFLAGS) -c $< -o $@

$(O)/loader/bpf/object.o: loader/bpf/object.S $(B)/sextant.bpf.o
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D) && $(CC) -DFILE='"$(B)/sextant.bpf.o"' -DOBJECT=probes_object -DOBJECT_END=probes_object_end -c $< -o $@
$(O)/loader/trace/object.o: loader/bpf/object.S $(B)/trace.bpf.o
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D) && $(CC) -DFILE='"$(B)/trace.bpf.o"' -DOBJECT=trace_object -DOBJECT_END=trace_object_end -c $< -o $@

# The instruction set of the oldest kernels; the gate holds it to its rules.
BPF_FLAGS := -target bpf -D__TARGET_ARCH_x86 -mcpu=v1 -g -O2 -Wall -Wextra -Werror
BPF_INCLUDES = -I. -idirafter /usr/include/$(shell $(CC) -dumpmachine)
# One unit of all files of a folder, which lists them anew when one comes or goes: the sensor's,
# and those of 'sextant trace'.
$(B)/sextant.bpf.c: BPF_C = $(wildcard probes/*.bpf.c)
$(B)/trace.bpf.c: BPF_C = $(wildcard probes/trace/*.bpf.c)
$(B)/sextant.bpf.c $(B)/trace.bpf.c: FORCE
	$(Q)mkdir -p $(@D) && printf '#include "%s"\n' $(sort $(BPF_C)) >$@.$$$$ && \
		{ cmp -s $@.$$$$ $@ && rm $@.$$$$ || mv $@.$$$$ $@; }
FORCE:

$(B)/sextant.bpf.o $(B)/trace.bpf.o: %.o: %.c scripts/check-probes scripts/bpf-strip
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_FLAGS) $(BPF_INCLUDES) -MMD -MP -MF $*.d -MT $@ -c $< -o $@.debug
	$(Q)LLVM_OBJCOPY=$(LLVM_OBJCOPY) scripts/bpf-strip $@.debug $@
	$(Q)scripts/check-probes --quiet $@

# The tables of event classes and fields, as JSON: for 'make docs' and the tests.
$(B)/schema: $(O)/scripts/schema_print.o $(O)/loader/stream/fields.o $(O)/loader/stream/decode.o $(O)/loader/verify/covered.o $(B)/liboffsets.a
	$(call say,LD,$@)
	$(Q)$(LINK) $^ $(OFFSETS_LIBS) -o $@

docs: $(B)/schema $(B)/tests/sources_print $(B)/tests/classes_print
	$(call say,DOCS,docs)
	$(Q)scripts/schema-docs $(B)/schema
	$(Q)$(B)/tests/sources_print >docs/sources.md.new && mv docs/sources.md.new docs/sources.md
	$(Q)$(B)/tests/classes_print >lkccb/site/classes.c.new && mv lkccb/site/classes.c.new lkccb/site/classes.c
	$(Q)/usr/bin/python3 tests/layers/arrows.py --write
	$(Q)scripts/elastic-template >docs/elastic-template.json.new && mv docs/elastic-template.json.new docs/elastic-template.json

# From text alone, in order. It is in the repository, and stays as it is while its text does: another version of
# SQLite writes other bytes. sextant takes it only if no group may write it.
kernels.db: $(KERNELS) | $(B)/lkccb
	$(call say,DB,$@)
	$(Q)rm -f $(B)/kernels.db && $(B)/lkccb import --db $(B)/kernels.db $(KERNELS) >/dev/null
	$(Q)$(B)/lkccb export --db $(B)/kernels.db >$(B)/kernels.txt
	$(Q)$(B)/lkccb export --db $@ 2>/dev/null | cmp -s - $(B)/kernels.txt || cp $(B)/kernels.db $@
	$(Q)chmod 644 $@ && touch $@

# ---- run and test ---------------------------------------------------------

setup:
	$(Q)scripts/setup test

# The tools may have just been installed: a new make sees what setup changed.
# Standard output of 'run' is for events alone.
run:
	$(Q)scripts/setup >&2
	$(Q)$(MAKE) -j$(CPUS) --no-print-directory all >&2
	$(Q)exec $(B)/sextant run --db kernels.db $(ARGS)

test: setup
	$(Q)$(MAKE) -j$(CPUS) --no-print-directory all
	$(Q)tests/run

check: all
	$(Q)tests/run unit cli

check-host: all
	$(Q)tests/run host

# KERNEL=bzImage VMLINUX=vmlinux: that kernel in place of Debian's.
check-vm: all
	$(Q)KERNEL='$(KERNEL)' VMLINUX='$(VMLINUX)' tests/run vm

SECONDS ?= 600
siege: all build/tests/siege
	$(Q)/usr/bin/python3 tests/host/siege.py $(B)/sextant kernels.db build/tests/siege $(SECONDS) $(SEED)

soak: all build/tests/siege
	$(Q)/usr/bin/python3 tests/host/soak.py $(B)/sextant kernels.db build/tests/siege $(SECONDS)

outage: all build/tests/scenario
	$(Q)/usr/bin/python3 tests/host/outage.py $(B)/sextant kernels.db build/tests/scenario docs/events.schema.json $(SECONDS)

tests-built: $(UNIT_TESTS)

# Static: it also runs where nothing is installed.
SCENARIO_C := $(wildcard tests/host/scenario*.c) tests/host/truth.c tests/host/children.c
build/tests/scenario: $(SCENARIO_C) $(wildcard tests/host/scenario*.h)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -I. -O2 -static -pthread $(SCENARIO_C) -o $@

# What 'sextant trace' is held to; both static.
CALLS_C := $(wildcard tests/host/calls*.c)
build/tests/calls: $(CALLS_C) tests/host/calls.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -I. -O2 -static -pthread $(CALLS_C) -o $@
build/tests/calls_32: tests/host/calls_32.S
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -m32 -nostdlib -static $< -o $@

SIEGE_C := $(wildcard tests/host/siege*.c)
build/tests/siege: $(SIEGE_C) tests/host/siege.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -I. -O2 -static -pthread $(SIEGE_C) -o $@

# An archive for each folder, of which the linker takes what is needed:
# build/obj/loader-stream.a of loader/stream/*.c
folder-objects = $(patsubst %.c,%.o,$(wildcard $(subst -,/,$(1))/*.c))
.SECONDEXPANSION:
.SECONDARY:
$(O)/loader-bpf.a: $(O)/loader/bpf/object.o
$(O)/loader-trace.a: $(O)/loader/trace/object.o
$(O)/%.a: $$(addprefix $(O)/,$$(call folder-objects,$$*))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^

# A program of the tests is linked with the archives of the folders whose headers
# it includes, and of those that these may use: tests/layers/arrows.mk says which.
include tests/layers/arrows.mk
named = $(shell sed -nE 's,^.include "((offsets|loader|lkccb)[a-z/]*)/.*,\1,p' $(1) | sort -u)
reached = $(if $(filter-out $(1),$(foreach f,$(1),$($(f)))),$(call reached,$(sort $(1) $(foreach f,$(1),$($(f))))),$(1))
LIBRARY := offsets offsets/confine offsets/db offsets/signature offsets/util # one to its users
archives = $(patsubst %,$(1)/%.a,$(subst /,-,$(sort $(LIBRARY) \
	$(filter loader/% lkccb/%,$(call reached,$(call named,$(2)))))))
archive-libs = $(if $(findstring /lkccb-,$^),$(LKCCB_LIBS)) $(if $(findstring /loader-,$^),$(LOADER_LIBS)) $(SIGNATURE_LIBS) $(OFFSETS_LIBS)
grouped = -Wl,--start-group $(filter %.a,$^) -Wl,--end-group

UNIT_HELPERS := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
vpath %.c tests/unit tests/cli tests/host tests/bench
$(B)/tests/%: %.c $(UNIT_HELPERS) $$(call archives,$(O),$$(wildcard tests/*/$$*.c))
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(COMPILE) -I. -MF $@.d $(filter %.c,$^) $(grouped) $(call libs,cmocka) $(archive-libs) -o $@

# tests/cli/events.py compares what it prints with the tables.
$(B)/tests/events_print: | $(B)/schema

# libFuzzer comes with clang; all that the targets reach is instrumented.
FUZZ_FLAGS := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -DWORK_CALL=300000
fuzzers: $(B)/schema $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
build/fuzz/obj/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) -std=gnu11 -D_GNU_SOURCE $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link \
		-I. -MMD -MP -c $< -o $@
build/fuzz/obj/%.a: $$(addprefix build/fuzz/obj/,$$(call folder-objects,$$*))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^
build/fuzz/%: tests/fuzz/%.c $$(call archives,build/fuzz/obj,tests/fuzz/$$*.c)
	$(call say,LD,$@)
	$(Q)$(CLANG) -std=gnu11 -D_GNU_SOURCE $(FUZZ_FLAGS) -fsanitize=fuzzer -I. \
		$< $(grouped) $(archive-libs) -o $@

bench: all build/tests/scenario
	$(Q)scripts/setup bench
	$(Q)tests/bench/run >tests/bench/results/run.md
	$(Q)tests/bench/exec >tests/bench/results/exec.md
	$(Q)tests/bench/replay >tests/bench/results/replay.md
	$(Q)tests/bench/document

# ---- the rest -------------------------------------------------------------

VERSION = $(shell sed -n 's/^\#define SEXTANT_VERSION "\(.*\)"/\1/p' offsets/util/version.h)

install: all $(B)/installed/liboffsets.a
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
		$(DESTDIR)$(PREFIX)/include/offsets/util $(DESTDIR)$(PREFIX)/share/sextant \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 755 $(B)/sextant $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(B)/lkccb $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/installed/liboffsets.a $(DESTDIR)$(PREFIX)/lib/
	for header in $(OFFSETS_HEADERS); do \
		install -m 644 $$header $(DESTDIR)$(PREFIX)/include/$$header || exit 1; done
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' offsets/offsets.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/offsets.pc
	install -m 644 kernels.db docs/events.schema.json $(DESTDIR)$(PREFIX)/share/sextant/
	install -d $(DESTDIR)/etc/sextant/conf.d $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -d -m 750 $(DESTDIR)/var/log/sextant
	[ -e $(DESTDIR)/etc/sextant/sextant.conf ] || \
		install -m 644 scripts/package/sextant.conf $(DESTDIR)/etc/sextant/
	sed 's|/usr/sbin|$(PREFIX)/sbin|' scripts/package/sextant.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/sextant.service
	install -m 644 docs/lkccb.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 docs/sextant.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 docs/sextant.8 docs/sextant-trace.8 $(DESTDIR)$(PREFIX)/share/man/man8/

deb rpm dist: static kernels.db
	$(call say,PACKAGE,$@)
	$(Q)scripts/make-package $@

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build

-include $(O)/scripts/schema_print.d $(wildcard build/fuzz/obj/*/*.d build/fuzz/obj/*/*/*.d) $(OFFSETS_O:.o=.d) $(LKCCB_O:.o=.d) $(LOADER_O:.o=.d) $(B)/sextant.bpf.d $(B)/trace.bpf.d $(UNIT_TESTS:=.d)
