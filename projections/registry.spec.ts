import { readdirSync } from 'node:fs';
import path from 'node:path';
import { PROJECTION_MIGRATIONS, PROJECTIONS } from './registry.js';

/** Folders of tables that are no projection. */
const OTHERS = ['snapshots'];

describe('the registry', () => {
  const here = import.meta.dirname;
  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = PROJECTIONS.map(({ name }) => name);

  it('has every folder, and each once', () => {
    expect([...names, ...OTHERS].sort()).toEqual(folders.map(({ name }) => name).sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it('finds in each folder what a reader looks for', () => {
    for (const name of names) {
      const files = readdirSync(path.join(here, name));
      for (const kind of ['sql', 'projection.ts', 'queries.ts', 'spec.ts']) expect(files).toContain(`${name}.${kind}`);
    }
  });

  it('gives each table to one projection, and each migration one name', () => {
    const tables = PROJECTIONS.flatMap((projection) => projection.tables);
    expect(new Set(tables).size).toBe(tables.length);
    const steps = PROJECTION_MIGRATIONS.map(({ name }) => name);
    expect(new Set(steps).size).toBe(steps.length);
    for (const { tables: own, migrations } of PROJECTIONS) {
      const made = migrations.flatMap(({ sql }) =>
        [...sql.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, table]) => table),
      );
      expect(made).toEqual([...own]);
    }
  });
});
