// Mutation testing of the domain: `npm run mutate`; a part of it: `npm run mutate -- --mutate libs/domain/money.ts`.
export default {
  plugins: ['@stryker-mutator/mocha-runner', './test/mutation/sentences.mjs'],
  ignorers: ['sentences'],
  testRunner: 'mocha',
  mochaOptions: { config: 'test/mutation/mocharc.json' },
  mutate: ['libs/domain/**/*.ts', '!libs/domain/**/*.spec.ts', '!libs/domain/**/spec-*.ts'],
  coverageAnalysis: 'perTest',
  // The tables of cases must find a mutant by themselves: whole histories (`*.property.spec.ts`) would take a day.
  // What runs only when a module is loaded can't be switched on and off within one process.
  ignoreStatic: true,
  concurrency: 1,
  timeoutMS: 3000,
  thresholds: { high: 95, low: 90, break: 85 },
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  tempDirName: 'coverage/stryker',
  ignorePatterns: ['dist', '.daybook', 'bench-results', 'docs', 'coverage'],
};
