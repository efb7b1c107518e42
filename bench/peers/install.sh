#!/bin/sh
# Installs the peers, once, into a separate folder: bench/.peers.
set -e
cd "$(dirname "$0")/.."
[ -e .peers/complete ] && exit 0
python3 -m venv .peers
.peers/bin/pip install --quiet torch==2.13.0
# The toolkit pins versions that no longer build; it runs with newer ones.
.peers/bin/pip install --quiet --no-deps seldonian-engine==0.8.11
.peers/bin/pip install --quiet autograd cma graphviz matplotlib numpy pandas pytest scikit-learn scipy tqdm
# confseq has no build for newer Pythons, and its betting part needs none.
.peers/bin/pip install --quiet --no-deps --only-binary=:all: --python-version 3.10 --target .peers/confseq confseq==0.0.11
"$1" run -A jobs/mnist_files.ts .peers/mnist.bytes
touch .peers/complete
