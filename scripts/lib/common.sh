# What scripts/* share. Sourced by bash with the repository root as working directory.

say() { printf '%s\n' "$*" >&2; }

# Node with npm, new enough. The hub supports 20.19 and later.
require_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    say 'Node.js 20.19 or newer with npm is needed, and node or npm is not on the PATH.'
    return 1
  fi
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    say "Node.js 20.19 or newer is needed; this is $(node --version)."
    return 1
  fi
}

# Dependencies exactly as locked. Does nothing when they are there already.
install_dependencies() {
  if node scripts/lib/dependencies-current.mjs; then return 0; fi
  say 'Installing dependencies (npm ci; one native module is compiled, which takes a minute or two) …'
  if ! npm ci --no-audit --no-fund --loglevel=error </dev/null >&2; then
    say 'npm ci failed. It needs the npm registry, python3, make and g++.'
    return 1
  fi
}

# dist/ as built from the present sources.
build_if_needed() {
  if [ -f dist/main.js ] && [ -z "$(find src package.json tsconfig.json tsconfig.build.json -newer dist/main.js -print 2>/dev/null | head -n 1)" ]; then
    return 0
  fi
  say 'Building …'
  npm run --silent build </dev/null >&2
}
