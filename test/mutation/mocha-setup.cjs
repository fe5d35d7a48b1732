// Lets Mocha run the domain's specs for the mutation run: Stryker keeps one process for all mutants with it, where Jest would
// load every spec anew for each. TypeScript through SWC, `expect` and `it.each` as the specs know them from Jest.
'use strict';
const Module = require('node:module');
const { readFileSync } = require('node:fs');
const { dirname, relative, resolve } = require('node:path');
const { format } = require('node:util');
const { transformSync } = require('@swc/core');
const { expect } = require('expect');

const ROOT = resolve(module.path, '../..');

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (request.endsWith('.js') && parent?.filename?.endsWith('.ts')) {
    const source = `${request.slice(0, -3)}.ts`;
    if (request.startsWith('.')) return resolve(dirname(parent.filename), source);
    if (request.startsWith('#'))
      return resolve(ROOT, /^#(apps|projections)\//.test(request) ? '' : 'libs', source.slice(1));
  }
  return resolveFilename.call(this, request, parent, ...rest);
};

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  module._compile(code + forgetting(filename), filename);
};

/**
 * What a module remembers from call to call. Each test begins without it: else a mutant that is switched off again would
 * go on living in what it left there, and one in what is done once would show in a single test.
 */
const REMEMBERED = {
  'libs/domain/time.ts': "lastDay = Number.NaN; lastDayText = ''; lastAt = undefined; lastAtText = '';",
  'libs/domain/canonical.ts': 'shapes.next.clear(); shapes.shape = null; shapeNodes = 0;',
  'libs/domain/accounts/accounts.ts': 'interned.clear();',
};
const forgets = [];
global.onForget = (forget) => forgets.push(forget);
const forgetting = (filename) => {
  const remembered = REMEMBERED[relative(ROOT, filename)];
  return remembered === undefined ? '' : `\nonForget(() => { ${remembered} });`;
};

exports.mochaHooks = {
  beforeEach: () => {
    for (const forget of forgets) forget();
  },
};

/** Jest's table of cases: `%s` takes a row's values in turn, `$name` a property of a row. */
const titleOf = (title, row, index) => {
  const values = Array.isArray(row) ? row : [row];
  const named = title.replace(/\$(\w+)/g, (whole, key) =>
    row !== null && typeof row === 'object' && key in row ? String(row[key]) : whole,
  );
  const places = named.match(/%[sdifjoOp]/g)?.length ?? 0;
  return `${format(named.replace(/%[pj]/g, '%o'), ...values.slice(0, places))} #${index}`;
};

const withEach = (declare) => {
  declare.each = (rows) => (title, body) => {
    for (const [index, row] of rows.entries()) {
      declare(titleOf(title, row, index), () => (Array.isArray(row) ? body(...row) : body(row)));
    }
  };
  return declare;
};

global.expect = expect;
// Mocha sets its globals after this file is required, for each run.
for (const name of ['it', 'test', 'describe']) {
  let current;
  Object.defineProperty(global, name, {
    configurable: true,
    get: () => current,
    set: (value) => {
      if (value && !value.each) withEach(value);
      current = value;
      if (name === 'it') global.test = value;
    },
  });
}

// Of what is random ten examples, the same in each run: the tables are to find a mutant, and a score is to be repeatable.
const fc = require('fast-check');
fc.default = {
  ...fc.default,
  assert: (property, parameters) => fc.assert(property, { ...parameters, numRuns: 10, seed: 1, endOnFailure: true }),
};

// Stryker names the tests that a mutant needs in one expression of all their titles; a set answers at once.
const Mocha = require('mocha');
const grep = Mocha.prototype.grep;
Mocha.prototype.grep = function (expression) {
  if (!(expression instanceof RegExp)) return grep.call(this, expression);
  const titles = new Set(
    expression.source
      .slice(2, -2)
      .split('$)|(^')
      .map((title) => title.replace(/\\(.)/g, '$1')),
  );
  this.options.grep = { test: (title) => titles.has(title) };
  return this;
};
