import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './desktop/svelte.config.js';
import { boundaryRule } from './scripts/lib/boundaries.mjs';

const root = import.meta.dirname;

/** Sources that a tsconfig covers: they are linted with types. */
const TYPED = [
  'shared/src/**/*.ts',
  'sync-service/{src,test}/**/*.ts',
  'desktop/{src,e2e,test-electron}/**/*.{ts,svelte}',
  'desktop/*.config.ts',
  'sim/**/*.ts',
  'fuzz/**/*.ts',
  'vitest.config.ts',
];

const parserOptions = {
  project: [
    './shared/tsconfig.json',
    './sync-service/tsconfig.json',
    './sim/tsconfig.json',
    './fuzz/tsconfig.json',
    './desktop/tsconfig.json',
    './desktop/tsconfig.node.json',
  ],
  tsconfigRootDir: root,
  extraFileExtensions: ['.svelte'],
};

const core = {
  'no-console': 'error',
  'no-debugger': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-func': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  eqeqeq: ['error', 'always'],
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-control-regex': 'off',
  'no-duplicate-case': 'error',
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-irregular-whitespace': 'error',
  'no-loss-of-precision': 'error',
  'no-misleading-character-class': 'error',
  'no-prototype-builtins': 'error',
  'no-self-assign': 'error',
  'no-self-compare': 'error',
  'no-sparse-arrays': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-unsafe-optional-chaining': 'error',
  'no-useless-catch': 'error',
  'no-useless-escape': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'start' }],
  'require-yield': 'error',
  'use-isnan': 'error',
  'valid-typeof': 'error',
};

const typed = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
  ],
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
  ],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // Interfaces that are asynchronous on one side of host/ or store/ and immediate on the other are intended.
  '@typescript-eslint/require-await': 'off',
};

const NODE_GLOBALS = [
  'process',
  'Buffer',
  'global',
  'require',
  'setImmediate',
  'clearImmediate',
  '__dirname',
];

/** Names that would tie shared code to Node or to the browser. */
const PLATFORM_GLOBALS = [
  ...NODE_GLOBALS,
  'window',
  'document',
  'navigator',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'location',
];

const ONLY_HOST = 'only host/ touches window.sivis';

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    '**/out/',
    '**/dist/',
    '**/coverage/',
    '.data/',
    'bench/',
    '**/test-results/',
    '**/playwright-report/',
    'desktop/src/renderer/i18n/generated/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: core },

  // Plain JavaScript: launchers and configuration.
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node, ecmaVersion: 'latest' },
    rules: { 'no-undef': 'error', 'no-unused-vars': ['error', { caughtErrors: 'none' }] },
  },

  // TypeScript and Svelte, with types.
  { files: TYPED, extends: [ts.configs.recommendedTypeChecked], languageOptions: { parserOptions } },
  { files: ['desktop/**/*.svelte', 'desktop/**/*.svelte.ts'], extends: [svelte.configs.recommended] },
  {
    files: ['desktop/**/*.svelte', 'desktop/**/*.svelte.ts'],
    languageOptions: { parserOptions: { ...parserOptions, parser: ts.parser, svelteConfig } },
  },
  { files: TYPED, rules: typed },
  {
    // $props() is destructured as a whole; the plugin's rule knows the runes.
    files: ['desktop/**/*.svelte'],
    rules: {
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { destructuring: 'all', excludedRunes: ['$props', '$bindable'] }],
      'svelte/no-at-html-tags': 'error',
      // The parser does not know the types of imported components, so what their snippets and callbacks hand over looks
      // like `any` here; svelte-check, which knows them, runs in the same check.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },

  // Which folder may import what.
  {
    files: ['{shared,sync-service,desktop}/**/*.{ts,svelte}'],
    plugins: { sivis: { rules: { boundaries: boundaryRule(root) } } },
    rules: { 'sivis/boundaries': 'error' },
  },
  {
    files: ['shared/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...PLATFORM_GLOBALS.map((name) => ({ name, message: 'shared runs in Node and in the browser' })),
      ],
    },
  },
  {
    files: ['desktop/src/renderer/**/*.{ts,svelte}'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...NODE_GLOBALS.map((name) => ({ name, message: 'the renderer runs in a browser' })),
      ],
    },
  },
  {
    files: ['desktop/src/renderer/**/*.{ts,svelte}'],
    ignores: ['desktop/src/renderer/host/**'],
    rules: {
      // Also through a cast: `(window as unknown as …).sivis`.
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[property.name='sivis']", message: ONLY_HOST },
        { selector: "MemberExpression[property.value='sivis']", message: ONLY_HOST },
      ],
    },
  },

  // Where printing is the purpose.
  {
    files: ['scripts/**', 'sync-service/src/cli/**/output*.ts', '.ci/**', 'installers/**', '**/e2e/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // A test may read a value that it knows to be there; vitest's matchers and fixtures are loosely typed.
    files: ['**/*.test.ts', '**/test/**/*.ts', '**/e2e/**/*.ts', '**/test-electron/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  prettier,
  svelte.configs.prettier,
);
