# The cluster, each target a name for a command of `pyli` (README.md, "The cluster"). As root, on Debian 13:
#
#   make                           makes this machine the first of a cluster
#   make worker MANAGER=HOST       makes this machine one of the others; the token comes by standard input
#
# Options of the commands: make OPTIONS='--workers 0 --flavour small'; make OPTIONS=--help lists them.

PYLI := node bootstrap.mjs pyli

.PHONY: manager worker node

manager: node
	@$(PYLI) manager $(OPTIONS)

worker: node
	@$(PYLI) worker $(MANAGER) $(OPTIONS)

# What brings the rest: any Node and npm. libatomic1 is a library of the Node that the project brings along.
NODE_PACKAGES := nodejs npm libatomic1

# It reads nothing: a token that is piped in is for `worker`.
node:
	@command -v node npm >/dev/null && ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] || { echo 'This sets the machine up, which needs root: run it with sudo.' >&2; exit 1; }; \
	  echo 'Installing $(NODE_PACKAGES) from Debian'; \
	  { apt-get update --quiet --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes \
	      --no-install-recommends $(NODE_PACKAGES); } </dev/null >/var/log/pyli-node.log 2>&1 \
	  || { tail -n 3 /var/log/pyli-node.log >&2; echo 'The packages could not be installed.' >&2; exit 1; }; \
	}

# The image by itself, on any machine with a Docker engine. OPTIONS here are those of `pyli image`:
#
#   make build_dockerfile          builds the image of the Jupyter servers; OPTIONS='--flavour small' one without weight
#   make run_dockerfile            runs one server of it and prints its address; Ctrl-C ends it

.PHONY: build_dockerfile run_dockerfile

build_dockerfile: node
	@$(PYLI) image build $(OPTIONS)

run_dockerfile: node
	@$(PYLI) image run $(OPTIONS)
