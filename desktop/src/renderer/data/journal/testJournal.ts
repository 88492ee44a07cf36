import type { HostJournal } from '../../host/index.ts';

/** For tests: a journal in memory, with the numbers of the real one; `refuse` stands for a full disk. */
export function testHostJournal() {
  let records: { segment: number; record: Uint8Array<ArrayBuffer> }[] = [];
  let snapshots: { from: number; state: Uint8Array<ArrayBuffer> }[] = [];
  let segment = 1;
  const state = { refuse: false, lost: 0 };
  const host: HostJournal = {
    append: (_place, added) => {
      if (state.refuse) return Promise.resolve({ state: 'refused' });
      records.push(...added.map((record) => ({ segment, record })));
      return Promise.resolve({ state: 'written' });
    },
    read: () => Promise.resolve({ snapshots: [...snapshots], records: [...records], lost: state.lost }),
    turn: () => Promise.resolve({ from: (segment += 1) }),
    snapshot: (_place, from, sealed) => {
      if (state.refuse) return Promise.resolve({ state: 'refused' });
      snapshots = [{ from, state: sealed }, ...snapshots].slice(0, 3);
      return Promise.resolve({ state: 'written' });
    },
    erase: () => {
      records = [];
      snapshots = [];
      return Promise.resolve({ state: 'gone' });
    },
  };
  return {
    host,
    state,
    records: () => records.length,
    snapshots: () => snapshots.length,
    damageNewestSnapshot(): void {
      const [newest] = snapshots;
      if (newest !== undefined) newest.state[30] = (newest.state[30] ?? 0) ^ 1;
    },
  };
}
