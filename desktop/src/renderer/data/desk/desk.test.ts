import { describe, expect, it } from 'vitest';
import { createDesk } from './desk.ts';
import { testStore } from './testStore.ts';

const task = (id: string) => ({ id, kind: 'task' as const, siteId: 's', fields: { state: 'open' } });

describe('what screens are told of a change', () => {
  it('once per frame, or at once when somebody says that all is here, and then not again', () => {
    const store = testStore([]);
    const frames: (() => void)[] = [];
    const desk = createDesk(store, (run) => void frames.push(run));
    const told: string[][] = [];
    desk.changed.on(({ ids }) => told.push([...ids]));

    store.put([task('a'), task('b')]);
    expect(told).toEqual([]);
    desk.tell();
    expect(told).toEqual([['a', 'b']]);
    for (const frame of frames.splice(0)) frame();
    desk.tell();
    expect(told).toEqual([['a', 'b']]);
    expect(desk.version()).toBe(1);

    store.put([task('c')]);
    for (const frame of frames.splice(0)) frame();
    expect(told).toEqual([['a', 'b'], ['c']]);
    desk.close();
  });
});
