import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cruise } from 'dependency-cruiser';

/** Which libraries a library may import. Specs may import more. A room that is not here may import nothing. */
export const LIBRARIES = {
  domain: [],
  'event-store': [],
  contract: ['domain'],
  engine: ['domain', 'event-store'],
  projecting: ['event-store'],
  webhooks: ['domain', 'contract', 'projecting'],
  access: ['domain', 'contract'],
  vault: ['domain', 'contract'],
  proof: ['domain'],
  statements: ['domain', 'contract'],
  platform: ['contract'],
  // Opens what every process needs, so it knows the rooms it opens. Only apps may import it.
  installation: [
    'access',
    'contract',
    'domain',
    'engine',
    'event-store',
    'platform',
    'projecting',
    'proof',
    'statements',
    'vault',
    'webhooks',
  ],
};

/** And each projection. A projection never imports another. */
export const PROJECTIONS = ['domain', 'contract', 'projecting'];

/** The apps that put others together; the rest never import one another. */
export const APPS_OF_APPS = ['standalone', 'cli'];

/** They take what they need in arguments and run anywhere: no package, no Node. */
export const PURE = ['domain', 'contract'];

/** Only these know Nest. Others may not reach it through anybody, either. */
export const NEST_ROOMS = ['platform'];

const TESTS = '\\.(spec|contract)\\.ts$|(^|/)(spec-[a-z-]+|test-[a-z-]+)\\.ts$|/spec/|^test/';
const oneOf = (names) => `(${names.length === 0 ? 'none' : names.join('|')})`;

const rules = (libraries) => [
  ...libraries.map((name) => ({
    name: `libs/${name}`,
    comment: `libs/${name} may import ${(LIBRARIES[name] ?? []).join(', ') || 'no other room'}. Move what is needed down into one of these, or declare a port here that an app fills.`,
    from: { path: `^libs/${name}/`, pathNot: TESTS },
    to: {
      path: '^(libs|projections|apps|test)/',
      pathNot: [
        `^libs/${oneOf([name, ...(LIBRARIES[name] ?? [])])}/`,
        // The list of all projections, and nothing in them.
        ...(name === 'installation' ? ['^projections/registry\\.ts$'] : []),
      ],
    },
  })),
  {
    name: 'projections',
    comment: `A projection may import ${PROJECTIONS.join(', ')}, and never another: copy the few lines, or move them into libs/projecting.`,
    from: { path: '^projections/([^/]+)/', pathNot: TESTS },
    to: { path: '^(libs|projections|apps|test)/', pathNot: `^(projections/$1/|libs/${oneOf(PROJECTIONS)}/)` },
  },
  {
    name: 'apps',
    comment: `An app never imports another (${APPS_OF_APPS.join(' and ')} excepted). What two need belongs in a library.`,
    from: { path: '^apps/([^/]+)/', pathNot: `${TESTS}|^apps/${oneOf(APPS_OF_APPS)}/` },
    to: { path: '^(apps|test)/', pathNot: '^apps/$1/' },
  },
  {
    name: 'console',
    comment:
      'The console knows the API by its routes alone, so that nothing it shows has passed another door than a client’s call: ask a route.',
    from: { path: '^apps/api/console/', pathNot: TESTS },
    to: {
      path: `^(apps|projections|libs/${oneOf(['access', 'event-store', 'installation', 'projecting', 'vault', 'webhooks'])})/|node_modules/(@nestjs|pg|kysely)/`,
      pathNot: '^apps/api/console/',
    },
  },
  {
    name: 'no-tests-in-the-product',
    comment: 'What ships never imports a test or its support.',
    from: { path: '^(apps|libs|projections)/', pathNot: TESTS },
    to: { path: TESTS },
  },
  {
    name: 'pure',
    comment: `${PURE.map((name) => `libs/${name}`).join(' and ')} take what they need in arguments: no package, no Node module.`,
    from: { path: `^libs/${oneOf(PURE)}/`, pathNot: TESTS },
    to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'] },
  },
  {
    name: 'nest',
    comment: `Only ${NEST_ROOMS.map((name) => `libs/${name}`).join(', ')} and apps know Nest. Make it a plain class or function and let a module of an app wire it.`,
    from: { path: '^(libs|projections)/', pathNot: `${TESTS}|^libs/${oneOf(NEST_ROOMS)}/` },
    to: { path: 'node_modules/@nestjs/', reachable: true },
  },
  {
    name: 'declared',
    comment: 'Add the package to package.json: dependencies for what ships, devDependencies for tests and tools.',
    from: { path: '^(apps|libs|projections)/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'resolvable',
    comment: 'There is no such file. Imports of another room are written #room/file.js, of the same room ./file.js.',
    from: { path: '^(apps|libs|projections)/' },
    to: { couldNotResolve: true },
  },
  {
    name: 'no-cycles',
    comment: 'Files that import each other can be understood only together: move what both need into a third.',
    from: { path: '^(apps|libs|projections)/' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
];

/**
 * The imports below a root that break the rules, one sentence each, with the rule's advice. Types count as imports.
 */
export async function brokenImports(root) {
  const libraries = readdirSync(path.join(root, 'libs'));
  const alias = {
    '#apps': path.join(root, 'apps'),
    '#projections': path.join(root, 'projections'),
    ...Object.fromEntries(libraries.map((name) => [`#${name}`, path.join(root, 'libs', name)])),
  };
  const folders = ['apps', 'libs', 'projections'].filter((folder) => existsSync(path.join(root, folder)));
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: rules(libraries) },
      tsPreCompilationDeps: true,
      combinedDependencies: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '^(dist|coverage)/' },
    },
    {
      alias,
      extensionAlias: { '.js': ['.ts', '.js'], '.mjs': ['.mts', '.mjs'] },
      conditionNames: ['node', 'import', 'types', 'default'],
    },
  );
  const advice = Object.fromEntries(rules(libraries).map(({ name, comment }) => [name, comment]));
  return output.summary.violations.map(({ from, to, rule }) => `${from} → ${to}: [${rule.name}] ${advice[rule.name]}`);
}
