#!/usr/bin/env bash
# Installs a build into a scratch prefix, then builds and runs a program that finds it there.
# Usage: install_test.sh BUILD_DIR SOURCE_DIR
set -euo pipefail

if (($# != 2)); then
  echo "usage: install_test.sh BUILD_DIR SOURCE_DIR" >&2
  exit 2
fi
build_dir=$1
source_dir=$2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build_dir" --prefix "$scratch/prefix"
cmake -G Ninja -S "$source_dir/tests/cli/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/prefix"
cmake --build "$scratch/build"

printed=$("$scratch/build/consumer")
if [[ $printed != "3 kWh" ]]; then
  echo "the consumer printed '$printed', expected '3 kWh'" >&2
  exit 1
fi
echo "the consumer printed '$printed'"
