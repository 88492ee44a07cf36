import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { boundaryRule, boundaryViolation } from './boundaries.mjs';

const R = 'desktop/src/renderer';

/** [file, specifier, typeOnly] */
const ALLOWED = [
  ['shared/src/lodging/stay.ts', '../time/plainDate.ts'],
  ['shared/src/lodging/stay.ts', 'zod'],
  ['shared/src/text/fold.test.ts', 'node:fs'],
  ['sync-service/src/sync/push.ts', '@sivis/shared/docs/op.ts'],
  ['sync-service/src/store/sqlite.ts', 'node:sqlite'],
  [`${R}/ui/Pill.svelte`, '@sivis/shared/text/fold.ts'],
  [`${R}/ui/Tape.svelte`, '@sivis/shared/time/plainDate.ts'],
  [`${R}/ui/Pill.svelte`, '../i18n/generated/messages.js'],
  [`${R}/data/rxdb/store.ts`, 'rxdb/plugins/storage-dexie'],
  [`${R}/data/rxdb/store.ts`, '../core/merge.ts'],
  [`${R}/data/core/merge.ts`, './outbox.ts'],
  [`${R}/data/core/merge.ts`, '@sivis/shared/docs/op.ts'],
  [`${R}/modules/lodging/Board.svelte`, '../../data/index.ts'],
  [`${R}/modules/lodging/Board.svelte`, '../people/index.ts'],
  [`${R}/modules/lodging/shell.ts`, '../../app/keys.svelte.ts'],
  [`${R}/app/App.svelte`, '../modules/lodging/Board.svelte'],
  [`${R}/host/electron.ts`, '../../preload/api.ts', true],
  ['desktop/src/main/index.ts', 'electron'],
  ['desktop/src/main/index.ts', '../preload/api.ts', true],
  ['desktop/e2e/offline.spec.ts', '../../sync-service/src/cli/main.ts'],
];

const FORBIDDEN = [
  ['shared/src/lodging/stay.ts', 'node:fs'],
  ['shared/src/lodging/stay.ts', '../../../sync-service/src/sync/push.ts'],
  ['shared/src/lodging/stay.ts', 'svelte/store'],
  ['sync-service/src/sync/push.ts', '../../../desktop/src/renderer/data/core/merge.ts'],
  ['sync-service/src/sync/push.ts', 'electron'],
  [`${R}/ui/Pill.svelte`, '@sivis/shared/lodging/stay.ts'],
  [`${R}/ui/Pill.svelte`, '../../../../shared/src/lodging/stay.ts'],
  [`${R}/ui/Pill.svelte`, '../data/index.ts'],
  [`${R}/ui/Pill.svelte`, '../modules/lodging/index.ts'],
  [`${R}/ui/Pill.svelte`, 'rxjs'],
  [`${R}/data/rxdb/store.ts`, '../../modules/lodging/index.ts'],
  [`${R}/data/rxdb/store.ts`, '../../ui/Pill.svelte'],
  [`${R}/data/rxdb/store.ts`, '../../app/session.ts'],
  [`${R}/data/core/merge.ts`, 'rxdb'],
  [`${R}/data/core/merge.ts`, 'rxjs/operators'],
  [`${R}/data/core/merge.ts`, '../rxdb/store.ts'],
  [`${R}/modules/lodging/Board.svelte`, '../../app/session.ts'],
  [`${R}/modules/lodging/shell.ts`, '../../app/session.ts'],
  [`${R}/modules/lodging/Board.svelte`, '../../app/keys.svelte.ts'],
  [`${R}/modules/lodging/Board.svelte`, '../people/Card.svelte'],
  [`${R}/modules/lodging/Board.svelte`, 'electron'],
  [`${R}/modules/lodging/Board.svelte`, 'node:fs'],
  [`${R}/host/electron.ts`, '../../preload/api.ts', false],
  [`${R}/data/rxdb/store.ts`, '../../../preload/api.ts', true],
  ['desktop/src/main/index.ts', '../renderer/host/electron.ts', true],
  ['desktop/src/preload/index.ts', '../renderer/host/electron.ts', true],
];

describe('boundaryViolation', () => {
  it.each(ALLOWED)('%s may import %s', (file, specifier, typeOnly) => {
    expect(boundaryViolation({ file, specifier, typeOnly })).toBeUndefined();
  });
  it.each(FORBIDDEN)('%s may not import %s', (file, specifier, typeOnly) => {
    expect(boundaryViolation({ file, specifier, typeOnly })).toEqual(expect.any(String));
  });
  it('has nothing to say of scripts', () => {
    expect(boundaryViolation({ file: 'scripts/start.mjs', specifier: 'node:fs' })).toBeUndefined();
  });
});

describe('boundaryRule', () => {
  const forms = [
    "import { a } from 'rxdb';",
    "export { a } from 'rxdb';",
    "export * from 'rxdb';",
    "await import('rxdb');",
    "import 'rxdb';",
  ];
  it.each(forms)('reports %s', (code) => {
    const messages = new Linter({ cwd: '/p' }).verify(
      code,
      [
        {
          files: ['**/*.ts'],
          plugins: { sivis: { rules: { boundaries: boundaryRule('/p') } } },
          rules: { 'sivis/boundaries': 'error' },
        },
      ],
      `/p/${R}/data/core/merge.ts`,
    );
    expect(messages.map((message) => message.ruleId)).toEqual(['sivis/boundaries']);
  });
});
