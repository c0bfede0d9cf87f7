#!/bin/sh
# Installs the vendors' official SDKs, which the tests run against the emulator: Python packages into
# `.tools/venv`, Node packages into `crates/emulator/sdk/node_modules`. Does nothing where the pins are in place.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
sdk="$root/crates/emulator/sdk"
venv="$root/.tools/venv"

fail() {
    printf 'sdk: %s\n' "$1" >&2
    exit 1
}

# A stamp holds what was installed; another content means another installation.
in_place() {
    [ -f "$2" ] && cmp -s "$1" "$2"
}

if ! in_place "$sdk/requirements.txt" "$venv/.sdk-requirements"; then
    python=${VYAPAR_SYSTEM_PYTHON:-python3}
    command -v "$python" >/dev/null || fail "python3 is missing: install the packages python3 and python3-venv"
    [ -x "$venv/bin/pip" ] || "$python" -m venv "$venv" \
        || fail "python3 cannot make a virtual environment: install the package python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$sdk/requirements.txt"
    cp "$sdk/requirements.txt" "$venv/.sdk-requirements"
fi

if ! in_place "$sdk/package-lock.json" "$sdk/node_modules/.sdk-lock"; then
    if [ -n "${VYAPAR_NODE:-}" ]; then
        PATH="$(dirname -- "$VYAPAR_NODE"):$PATH"
    elif [ -x "$root/.tools/node/bin/npm" ]; then
        PATH="$root/.tools/node/bin:$PATH"
    fi
    command -v npm >/dev/null || fail "npm is missing: install Node 20 or newer, or name its binary in VYAPAR_NODE"
    (cd "$sdk" && npm ci --no-audit --no-fund --loglevel=error)
    cp "$sdk/package-lock.json" "$sdk/node_modules/.sdk-lock"
fi
