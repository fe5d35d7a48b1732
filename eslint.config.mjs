import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const forbidden = (names, message) => names.map((name) => ({ name, message }));
const given = 'The domain is given its time, ids and randomness in the command. See libs/engine/admission.ts.';
const alone = 'The domain talks to nothing and runs anywhere. Do this in the engine or in an app.';

export default tseslint.config(
  { ignores: ['dist/', 'dist-*/', 'coverage/', 'node_modules/', '.daybook/', 'bench-results/'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'module', 'Buffer', 'URL', 'fetch', 'setTimeout', 'clearTimeout'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // TypeScript itself finds these, and knows types that ESLint does not.
      'no-undef': 'off',
      'no-unused-vars': 'off',
      'no-redeclare': 'off',
      'no-control-regex': 'off',
      'no-dupe-class-members': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-array-delete': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.contract.ts', 'test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // Handlers, bodies and queries know the newest version alone: what differs before is a change in libs/contract/versions.
    files: [
      'apps/{api,projector,webhook-worker}/**/*.ts',
      'projections/**/*.ts',
      'libs/platform/**/*.ts',
      'libs/webhooks/**/*.ts',
      'libs/engine/**/*.ts',
    ],
    ignores: [
      '**/*.spec.ts',
      '**/spec-*.ts',
      'libs/platform/http/version-edge.ts',
      'apps/api/versions/versions.controller.ts',
      'apps/api/versions/published-versions.controller.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          'BinaryExpression > MemberExpression[property.name=/^(version|apiVersion|api_version|pinned_api_version)$/]',
          'BinaryExpression > Identifier[name=/^(apiVersion|api_version|NEWEST_API_VERSION)$/]',
          'BinaryExpression > Literal[value=/^\\d{4}-\\d{2}-\\d{2}$/]',
          'SwitchCase > Literal[value=/^\\d{4}-\\d{2}-\\d{2}$/]',
        ].map((selector) => ({
          selector,
          message: 'Nothing here compares API versions: declare the change in libs/contract/versions instead.',
        })),
      ],
    },
  },
  {
    // What writes to a terminal on purpose.
    files: ['apps/cli/**/*.ts', 'apps/standalone/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['libs/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...forbidden(['Date', 'Intl', 'globalThis', 'performance'], given),
        ...forbidden(
          [
            'process',
            'console',
            'fetch',
            'Buffer',
            'crypto',
            'setTimeout',
            'setInterval',
            'setImmediate',
            'queueMicrotask',
          ],
          alone,
        ),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: given },
        ...['localeCompare', 'toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase'].map((property) => ({
          property,
          message: 'What it answers depends on the machine. Compare by code unit: a < b.',
        })),
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\.{1,2}/|#domain/)', message: 'libs/domain imports only libs/domain.' }] },
      ],
      // A `default` would make a switch over a union look complete after the union has grown.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, considerDefaultExhaustiveForUnions: false },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'libs/domain imports only libs/domain, and statically.' },
      ],
    },
  },
  {
    // Its switch is over what typeof answers, not over a union of ours.
    files: ['libs/domain/canonical.ts'],
    rules: { '@typescript-eslint/switch-exhaustiveness-check': 'off' },
  },
);
