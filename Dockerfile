# One image for all roles; the command says which. Without the embedded PostgreSQL: give DATABASE_URL.
FROM node:24-bookworm-slim AS build
WORKDIR /daybook
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production DAYBOOK_HOST=0.0.0.0 DAYBOOK_DATA_DIR=/var/lib/daybook
WORKDIR /daybook
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY --from=build /daybook/dist ./dist
COPY bin ./bin
RUN install -d -o node -g node -m 0700 /var/lib/daybook
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.DAYBOOK_PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node answers SIGTERM itself; --init reaps what it leaves.
# Room for a second of requests in the young generation: collected while they are under way, they would be copied twice.
CMD ["node", "--no-allocation-site-pretenuring", "--min-semi-space-size=16", "--max-semi-space-size=16", "dist/apps/api/main.js"]
