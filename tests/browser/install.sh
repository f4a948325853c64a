#!/usr/bin/env bash
# Brings what the browser checks need: Chromium from Debian, axe-core and playwright-core from npm.
# Where it cannot (no root, no apt, no npm), it says so and the checks are skipped by name.
set -u
cd "$(dirname "$0")"
if ! command -v chromium >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "browser checks: installing chromium"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } \
      >/dev/null 2>&1 || echo "browser checks: chromium could not be installed; they will be skipped"
  else
    echo "browser checks: no chromium, and no right to install it; they will be skipped"
  fi
fi
if [ -d node_modules/axe-core ] && [ -d node_modules/playwright-core ]; then exit 0; fi
if command -v npm >/dev/null; then
  npm install --no-audit --no-fund --no-package-lock --loglevel=error >/dev/null 2>&1 ||
    echo "browser checks: npm could not fetch axe-core and playwright-core; they will be skipped"
else
  echo "browser checks: no npm; they will be skipped"
fi
exit 0
