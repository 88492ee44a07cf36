import { describe, expect, it } from 'vitest';
import type { SyncState } from './db/syncTypes.ts';
import type { PendingOps } from './desk/pending.ts';
import { liveValue } from './live.ts';
import type { LinkState } from './net/link.ts';
import { createStatus, NO_STATUS, type SyncStatus } from './status.ts';

function sources(replicates = true) {
  return {
    link: liveValue<LinkState>('connecting'),
    sync: liveValue<SyncState>({
      hasSynced: false,
      lastPulledAt: null,
      lastPushedAt: null,
      downloading: null,
      uploading: null,
    }),
    pending: liveValue<PendingOps>({ count: 0, oldestAt: null }),
    conflicts: liveValue<readonly unknown[]>([]),
    rejections: liveValue<readonly { rejection: { code: string } }[]>([]),
    storagePct: liveValue(0),
    logWitness: liveValue<{ alarm: object | null }>({ alarm: null }),
    replicates,
  };
}

describe('createStatus', () => {
  it('is one value of all that is known', () => {
    const from = sources();
    let shown: SyncStatus = NO_STATUS;
    const { status, close } = createStatus(from);
    status.subscribe((now) => {
      shown = now;
    });
    from.link.set('online');
    from.sync.set({
      hasSynced: true,
      lastPulledAt: '2026-11-21T10:00:00.000Z',
      lastPushedAt: null,
      downloading: { done: 1, total: 2 },
      uploading: null,
    });
    from.pending.set({ count: 3, oldestAt: '2026-11-21T09:00:00.000Z' });
    from.conflicts.set([1]);
    from.rejections.set(['noRight', 'quarantined', 'I5'].map((code) => ({ rejection: { code } })));
    from.storagePct.set(91);
    from.logWitness.set({ alarm: {} });
    expect(shown).toEqual({
      link: 'online',
      hasSynced: true,
      lastPulledAt: '2026-11-21T10:00:00.000Z',
      lastPushedAt: null,
      downloading: { done: 1, total: 2 },
      uploading: null,
      pendingOps: 3,
      oldestPendingAt: '2026-11-21T09:00:00.000Z',
      rejectedOps: 2,
      heldOps: 1,
      conflicts: 1,
      storagePct: 91,
      logAlarm: true,
    });
    close();
    from.link.set('offline');
    expect(shown.link).toBe('online');
  });

  it('does not wait for a first sync where a role replicates nothing', () => {
    let shown: SyncStatus = NO_STATUS;
    createStatus(sources(false)).status.subscribe((now) => {
      shown = now;
    });
    expect(shown.hasSynced).toBe(true);
  });
});
