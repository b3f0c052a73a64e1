# syntax=docker/dockerfile:1
#
#   docker build -t roamhub .
#   docker run --init --read-only --cap-drop ALL -v roamhub-data:/data -p 8080:8080 roamhub
#
# `--init` gives the container a process 1 that forwards signals and reaps (compose.yaml: `init: true`). The root file
# system may be read-only: the hub writes to /data only. Outside development the hub needs its secret keys:
# `docker run --rm -v roamhub-data:/data roamhub roamhub secret-key /data/secret-keys.json` makes them.

# Node.js 24.22.1 or newer: older ones have a hole in the Brotli decoder. For a reproducible image name the digest, too:
#   --build-arg NODE_IMAGE=node:24.22.1-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24.22.1-bookworm-slim

FROM ${NODE_IMAGE} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# The one native module is compiled here, against the headers that the image has: nothing is fetched but packages.
ENV npm_config_nodedir=/usr/local \
    npm_config_build_from_source=true \
    npm_config_audit=false \
    npm_config_fund=false
COPY package.json package-lock.json ./
RUN npm ci --omit=dev \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/build/Release/obj* node_modules/better-sqlite3/build/Release/sqlite3.a \
 && mv node_modules /production_modules
# The compiler needs no install scripts.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM ${NODE_IMAGE}
# /data holds the database, /keys may hold the secret keys. Volumes mounted there start with this owner.
RUN mkdir /data /keys \
 && chown node:node /data /keys \
 && ln -s /app/dist/cli/main.js /usr/local/bin/roamhub
WORKDIR /app
COPY --from=build /production_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY config ./config
COPY ocpi-schemas ./ocpi-schemas
# TMPDIR: SQLite sorts in temporary files, and /data is where it may write.
ENV NODE_ENV=production \
    TMPDIR=/data \
    ROAMHUB_DATA_DIR=/data \
    ROAMHUB_HOST=0.0.0.0
USER node
VOLUME ["/data"]
EXPOSE 8080 8081
# A stopping hub takes up to 28 seconds: stop with `--stop-timeout 30` (compose.yaml: `stop_grace_period`).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.ROAMHUB_PORT || 8080, path: '/health', timeout: 2000 }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('timeout', () => process.exit(1)).on('error', () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
