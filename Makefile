# make demo    what mini is for: install what the host lacks, build a Linux from source, boot it, say hello
# make test    the same set-up, then every test, the real builds and boots included
# make bench   the numbers, each beside what it is measured against
# make bench-plan   what it takes to evaluate and plan scripts of 200 to 100,000 steps: time and memory for a step
# make soak    the long ones: newer kernels, the newest of everything, reproducibility

GO ?= go
MINI = ./mini

.PHONY: all mini setup demo test fast real bench bench-plan soak lint reference clean

all: mini

mini:
	$(GO) build -o $(MINI) ./cmd/mini

# The second line of it is for the tests alone.
setup: mini
	$(MINI) doctor --install --yes examples/distro.star
	$(MINI) doctor --install --yes examples/distro.star arch=i386

# What the tests have besides: other programs that read what mini writes, and a terminal and the headers of a menu.
oracles:
	@for p in cpio bsdtar:libarchive-tools xz:xz-utils zstd lz4 readelf:binutils bzip2 tmux pkg-config ssh:openssh-client dot:graphviz chromium; do \
		command -v $${p%%:*} >/dev/null || missing="$$missing $${p##*:}"; done; \
	[ -f /usr/include/ncurses.h ] || missing="$$missing libncurses-dev"; \
	[ -d /usr/share/fonts/truetype/dejavu ] || missing="$$missing fonts-dejavu-core"; \
	if [ -n "$$missing" ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi

# The examples have no mini.lock of their own, and where CI=true mini makes none unless it is told to.
demo: setup
	$(MINI) run --lock=update examples/distro.star

test: setup oracles lint real

fast:
	$(GO) test ./...

# One package and one test at a time: a guest under emulation next to two compilers is a slow guest.
REAL = MINI_TEST_CACHE=$(CURDIR)/.cache $(GO) test -count=1 -p 1 -parallel 1

real:
	MINI_REAL=1 $(REAL) -timeout 80m ./...

# What shows programs another date and another order of files; without them the tests that need them say so.
soak:
	@for p in faketime disorderfs fusermount3:fuse3; do \
		command -v $${p%%:*} >/dev/null || missing="$$missing $${p##*:}"; done; \
	if [ -n "$$missing" ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
	MINI_SOAK=1 $(REAL) -timeout 3h -v -run Soak ./...

lint: mini
	$(MINI) fmt --check examples stdlib
	$(MINI) lint examples stdlib
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

reference: mini
	$(MINI) doc --markdown > REFERENCE.md

bench: setup oracles
	sh bench/bench.sh $(MINI) .bench

# From the start of the process to a plan of which most is still to be made, and, in one process, of a graph that is cached whole.
bench-plan:
	$(GO) test -run NoTest -bench Script -benchtime 5x ./cmd/mini
	$(GO) test -run NoTest -bench CachedGraph -benchtime 3x -timeout 60m ./build

clean:
	chmod -R u+w .cache .bench 2>/dev/null; rm -rf $(MINI) out .bench .cache
