// Hooks of Node's module loader: `#room/file.js` and `./file.js` are TypeScript beside them, compiled when they are loaded.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from '@swc/core';

const ROOT = new URL('../../', import.meta.url);

/** Where a source stands that an import names; undefined where it names none. */
const sourceOf = (specifier, parent) => {
  const [, app, room] = /^#(?:(apps|projections)|([a-z-]+))\//.exec(specifier) ?? [];
  const file = specifier.replace(/\.js$/, '.ts');
  if (app !== undefined) return new URL(file.slice(1), ROOT);
  if (room !== undefined) return new URL(`libs/${file.slice(1)}`, ROOT);
  return specifier.startsWith('.') && parent?.endsWith('.ts') ? new URL(file, parent) : undefined;
};

export async function resolve(specifier, context, next) {
  const source = sourceOf(specifier, context.parentURL);
  if (source === undefined || !existsSync(source)) return next(specifier, context);
  return { url: pathToFileURL(fileURLToPath(source)).href, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transform(await readFile(new URL(url), 'utf8'), {
    filename: fileURLToPath(url),
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
