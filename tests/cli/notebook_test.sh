#!/usr/bin/env bash
# Executes a notebook without a screen; its asserts are the test. The copy in the repository has no outputs.
#   notebook_test.sh COLOSSIM SOURCE NOTEBOOK
set -euo pipefail

export COLOSSIM=$1
source=$2
notebook=$source/notebooks/$3.ipynb
if ! command -v jupyter-nbconvert >/dev/null; then
  echo "skipped: no jupyter-nbconvert"
  exit 77
fi
if grep -q '"output_type"' "$notebook"; then
  echo "$3.ipynb is stored with outputs" >&2
  exit 1
fi
export MPLBACKEND=agg TMPDIR
TMPDIR=$(mktemp -d)
trap 'rm -rf "$TMPDIR"' EXIT
export JUPYTER_CONFIG_DIR=$TMPDIR IPYTHONDIR=$TMPDIR JUPYTER_RUNTIME_DIR=$TMPDIR
cd "$source/notebooks"
jupyter-nbconvert --to notebook --execute --ExecutePreprocessor.timeout=600 --output-dir "$TMPDIR" "$notebook"
