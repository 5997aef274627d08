#!/usr/bin/env bash
# Builds the image: Gradescope runs it once, as root. Everything lies below /autograder.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
cd "$root/source"

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv bubblewrap graphviz

# The grader needs Python 3.11. Older images have none; this archive has newer ones for Ubuntu.
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  apt-get install -y --no-install-recommends software-properties-common
  add-apt-repository -y ppa:deadsnakes/ppa
  apt-get install -y --no-install-recommends python3.12 python3.12-venv
  python=python3.12
fi

"$python" -m venv env
pip=(env/bin/python -m pip install --quiet --disable-pip-version-check)
if [ -n "$TORCH_INDEX" ]; then
  # shellcheck disable=SC2046  # one requirement a line
  "${pip[@]}" --index-url "$TORCH_INDEX" $(grep -E '^torch(vision)?==' requirements.txt)
fi
"${pip[@]}" --requirement requirements.txt
"${pip[@]}" --no-deps --ignore-installed ./*.whl

# Answers and mistakes of the reference are computed now, not once per student. It also shows,
# while the image is built, whether grading works here.
bash run_autograder --prepare
