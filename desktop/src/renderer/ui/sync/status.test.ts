import { describe, expect, it } from 'vitest';
import { PENDING_WARN_MS, presentSync, type SyncLink, type SyncStatus } from './status.ts';

const NOW = Date.parse('2026-11-21T08:07:00.000Z');
const calm: SyncStatus = {
  link: 'online',
  hasSynced: true,
  lastPulledAt: '2026-11-21T08:06:00.000Z',
  lastPushedAt: '2026-11-21T08:05:00.000Z',
  downloading: null,
  uploading: null,
  pendingOps: 0,
  oldestPendingAt: null,
  rejectedOps: 0,
  conflicts: 0,
  storagePct: 12,
};
const show = (change: Partial<SyncStatus>) => presentSync({ ...calm, ...change }, NOW);

const links: SyncLink[] = [
  'online',
  'connecting',
  'offline',
  'serverDown',
  'authRequired',
  'versionBlocked',
  'clockSkew',
];
const expectedWord: Record<SyncLink, [calm: string, pending: string]> = {
  online: ['synced', 'waiting'],
  connecting: ['connecting', 'connecting'],
  offline: ['offline', 'offlinePending'],
  serverDown: ['serverDown', 'serverDown'],
  authRequired: ['authRequired', 'authRequired'],
  versionBlocked: ['versionBlocked', 'versionBlocked'],
  clockSkew: ['clockSkew', 'clockSkew'],
};

const combinations = links.flatMap((link) =>
  [0, 4].flatMap((pendingOps) =>
    [0, 1].flatMap((rejectedOps) =>
      [0, 2].map((conflicts) => ({ link, pendingOps, rejectedOps, conflicts })),
    ),
  ),
);

describe('every combination of link × pending × rejected × conflicts', () => {
  it.each(combinations)('$link, $pendingOps, $rejectedOps, $conflicts', (change) => {
    const shown = show({
      ...change,
      oldestPendingAt: change.pendingOps > 0 ? '2026-11-21T08:00:00.000Z' : null,
    });
    const all = [shown.main, ...shown.attention];
    const words = all.map((entry) => entry.word);

    expect(words.includes('rejected')).toBe(change.rejectedOps > 0);
    expect(words.includes('conflicts')).toBe(change.conflicts > 0);
    expect(new Set(words).size).toBe(words.length);
    if (change.link === 'online' && change.rejectedOps > 0) expect(shown.main.word).toBe('rejected');
    else if (change.link === 'online' && change.conflicts > 0) expect(shown.main.word).toBe('conflicts');
    else {
      expect(shown.main.word).toBe(expectedWord[change.link][change.pendingOps > 0 ? 1 : 0]);
      expect(shown.main.count).toBe(change.pendingOps);
    }
    const actionable = ['serverDown', 'authRequired', 'versionBlocked', 'clockSkew', 'conflicts'];
    if (actionable.includes(shown.main.word)) expect(shown.main.tone).toBe('warn');
    for (const entry of all) {
      if (entry.word === 'rejected')
        expect(entry).toMatchObject({ tone: 'danger', icon: 'rejected', count: 1 });
      if (entry.word === 'conflicts')
        expect(entry).toMatchObject({ tone: 'warn', icon: 'conflict', count: 2 });
    }
  });
});

describe('the words of each state', () => {
  it('all pushed and pulled: quiet, with the time of the last exchange', () => {
    expect(show({}).main).toEqual({
      icon: 'check',
      word: 'synced',
      tone: 'neutral',
      count: 0,
      progress: null,
      detail: { kind: 'lastSynced', at: '2026-11-21T08:06:00.000Z' },
    });
  });
  it('moving: the progress, never a spinner alone', () => {
    expect(show({ downloading: { done: 12, total: 40 } }).main).toMatchObject({
      word: 'syncing',
      tone: 'info',
      progress: { done: 12, total: 40 },
    });
    expect(show({ uploading: { done: 1, total: 4 }, pendingOps: 3 }).main.progress).toEqual({
      done: 1,
      total: 4,
    });
  });
  it('what waits for a manager stands beside the word: nothing is to be done about it here', () => {
    const shown = show({ heldOps: 2 });
    expect(shown.main.word).toBe('synced');
    expect(shown.attention).toMatchObject([{ word: 'held', tone: 'info', count: 2 }]);
  });
  it('offline with nothing to send: quiet, work goes on', () => {
    expect(show({ link: 'offline' }).main).toMatchObject({ word: 'offline', tone: 'neutral' });
  });
  it('offline with own changes: violet, after 24 hours a warning', () => {
    const at = (age: number) => new Date(NOW - age).toISOString();
    expect(show({ link: 'offline', pendingOps: 4, oldestPendingAt: at(3_600_000) }).main.tone).toBe('sync');
    expect(show({ link: 'offline', pendingOps: 4, oldestPendingAt: at(PENDING_WARN_MS) }).main.tone).toBe(
      'sync',
    );
    expect(
      show({ link: 'offline', pendingOps: 4, oldestPendingAt: at(PENDING_WARN_MS + 1) }).main,
    ).toMatchObject({
      tone: 'warn',
      detail: { kind: 'waitsLong', since: at(PENDING_WARN_MS + 1) },
    });
  });
  it('the service does not answer is not the same as offline', () => {
    expect(show({ link: 'serverDown', pendingOps: 4 }).main).toMatchObject({
      word: 'serverDown',
      tone: 'warn',
      count: 4,
    });
  });
  it('a desk that never received its data says so', () => {
    const never = { hasSynced: false, lastPulledAt: null, lastPushedAt: null };
    expect(show({ ...never, link: 'offline' }).main).toMatchObject({ word: 'neverSynced', tone: 'warn' });
    expect(show(never).main).toMatchObject({ word: 'syncing', detail: { kind: 'none' } });
  });
  it('another log than the one seen comes before everything that is not about the link', () => {
    expect(show({ logAlarm: true, conflicts: 2 })).toMatchObject({
      main: { word: 'logAlarm', tone: 'danger' },
      attention: [{ word: 'conflicts' }],
    });
    expect(show({ logAlarm: true, link: 'offline' })).toMatchObject({
      main: { word: 'offline' },
      attention: [{ word: 'logAlarm' }],
    });
  });
  it('storage that runs full stands beside the word, not in its place', () => {
    const shown = show({ storagePct: 90 });
    expect(shown.main.word).toBe('synced');
    expect(shown.attention).toMatchObject([{ word: 'storage', detail: { kind: 'percent', value: 90 } }]);
  });
});
