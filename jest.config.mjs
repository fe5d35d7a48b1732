const swc = (type) => [
  '@swc/jest',
  {
    sourceMaps: 'inline',
    module: { type },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
  },
];
// Packages that ship only ES modules and are required by CommonJS ones: Jest before Node 24.9 cannot require() them.
const esmOnly = ['content-disposition', 'cookie'].join('|');

export default {
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  // These need a Redis or an EventStoreDB: npm run test:all.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.DAYBOOK_TEST_LIVE === undefined ? ['\\.live\\.spec\\.ts$'] : []),
  ],
  reporters: ['default', '<rootDir>/test/support/reporter.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  // Most of what a spec waits for are other processes: on two cores two workers take two thirds of the time of one.
  maxWorkers: '100%',
  testTimeout: 30_000,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/projections', '<rootDir>/test'],
  transform: { '^.+\\.ts$': swc('es6'), [`/node_modules/(${esmOnly})/.+\\.js$`]: swc('commonjs') },
  transformIgnorePatterns: [`/node_modules/(?!(.*/)?(${esmOnly})/)`],
  moduleNameMapper: {
    '^#apps/(.*)\\.js$': '<rootDir>/apps/$1.ts',
    '^#projections/(.*)\\.js$': '<rootDir>/projections/$1.ts',
    '^#([a-z-]+)/(.*)\\.js$': '<rootDir>/libs/$1/$2.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};
