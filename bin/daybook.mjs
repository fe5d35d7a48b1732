#!/usr/bin/env node
// The `daybook` command. Builds when dist is missing or older than the sources, then hands over to apps/cli.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Daybook needs Node 20.19 or later (24 is recommended); this is ${process.version}.`);
  process.exit(1);
}
const { buildIfNeeded } = await import('./build.mjs');
buildIfNeeded();
await import('../dist/apps/cli/main.js');
