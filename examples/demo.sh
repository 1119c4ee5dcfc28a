#!/bin/sh
# What netspec does, on a network of the book: each command as one would type it, and what it prints.
set -eu
cd "$(dirname "$0")/.."

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }
[ -t 1 ] || say() { printf '\n$ %s\n' "$*"; "$@"; }

spec=specs/notebook_4_2.yaml
say cat "$spec"
say netspec validate "$spec"
say netspec show "$spec"
say netspec build "$spec"
say netspec graph "$spec" -o build/notebook_4_2.svg
say cat examples/inputs.csv
say python build/notebook_4_2.pyz examples/inputs.csv

cat <<'END'

The picture is build/notebook_4_2.svg: open it in a browser. Next:

  . .venv/bin/activate           puts the command netspec on the path
  netspec new first              writes first.yaml, a spec with comments to begin with
  netspec validate first.yaml
  netspec --help

docs/tutorial.md takes ten minutes from there.
END
