import { describe, expect, it } from 'vitest';
import type { Draft } from '@sivis/shared/lodging/commands.ts';
import type { Work } from '../../data/work.ts';
import { perform, settled } from './act.ts';

/** A work whose commands end when the test says so, and what they were given. */
function slowWork() {
  const given: (readonly Draft[])[] = [];
  const ends: (() => void)[] = [];
  const work = {
    commands: {
      execute: (drafts: readonly Draft[]) => {
        given.push(drafts);
        return new Promise((resolve) => {
          ends.push(() => {
            resolve({ ok: true, opIds: [], docIds: [] });
          });
        });
      },
    },
  } as unknown as Work;
  return { work, given, ends };
}

const draft = (id: string) => [{ id }] as unknown as readonly Draft[];
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('acts that come quickly one after the other', () => {
  it('are made one by one, each from what the one before it wrote', async () => {
    const { work, given, ends } = slowWork();
    let written = 'before';
    const first = perform(work, draft('first'), '', { quiet: true });
    const second = perform(work, () => draft(written), '', { quiet: true });
    await turn();
    expect(given).toHaveLength(1);
    written = 'after the first';
    ends[0]?.();
    await first;
    await turn();
    expect(given[1]).toEqual(draft('after the first'));
    ends[1]?.();
    expect(await second).toEqual([]);
  });

  it('are waited for by whoever decides after them', async () => {
    const { work, ends } = slowWork();
    const act = perform(work, draft('tick'), '', { quiet: true });
    const seen: string[] = [];
    const decision = settled().then(() => seen.push('decided'));
    await turn();
    expect(seen).toEqual([]);
    ends[0]?.();
    await Promise.all([act, decision]);
    expect(seen).toEqual(['decided']);
  });
});
