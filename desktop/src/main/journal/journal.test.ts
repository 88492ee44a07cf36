import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { nodeDisk } from './disk.ts';
import { createJournal } from './journal.ts';
import { frame, scan } from './record.ts';
import { testDisk } from './testDisk.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

describe('records', () => {
  it('has the checksum of RFC 3720 B.4', () => {
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
    expect(crc32c(new Uint8Array(32).fill(0xff)).toString(16)).toBe('62a8ab43');
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)).toString(16)).toBe('46dd794e');
  });

  it('reads what was written, cut anywhere: every whole record and nothing else', () => {
    const whole = Buffer.concat(['eins', '', 'SJR1', 'vier'].map((one) => frame(bytes(one))));
    expect(scan(whole)).toMatchObject({ lost: 0 });
    expect(scan(whole).bodies.map(text)).toEqual(['eins', '', 'SJR1', 'vier']);
    for (let end = 0; end < whole.length; end += 1) {
      const read = scan(whole.subarray(0, end)).bodies.map(text);
      expect(['eins', '', 'SJR1', 'vier'].slice(0, read.length)).toEqual(read);
    }
  });

  it('loses one record by one damaged byte, not those behind it', () => {
    const parts = ['first', 'second', 'third'].map((one) => frame(bytes(one)));
    const whole = Buffer.concat(parts);
    const from = parts[0]?.length ?? 0;
    const to = from + (parts[1]?.length ?? 0);
    for (let at = from; at < to; at += 1) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const { bodies, lost } = scan(damaged);
      expect(bodies.map(text)).toEqual(['first', 'third']);
      expect(lost).toBeGreaterThan(0);
    }
  });
});

describe('the journal', () => {
  const PLACE = 'ab12-1';

  it('keeps what it has said to keep, whenever the power goes off, and repeats nothing', async () => {
    // Every step of the same work is cut once; of what was not durable nothing, a half or all is there afterwards.
    let finished = false;
    for (let dieAt = 1; !finished; dieAt += 1) {
      for (const [share, withNames] of [
        [0, false],
        [0.5, true],
        [1, true],
      ] as const) {
        const { disk, state, restart } = testDisk();
        state.dieAt = dieAt;
        const journal = createJournal('/j', disk);
        const kept: string[] = [];
        const asked: string[] = [];
        const keep = async (name: string): Promise<void> => {
          asked.push(name);
          const answer = await journal.append(PLACE, [bytes(name)]);
          if (answer.state === 'written') kept.push(name);
        };
        const save = async (): Promise<void> => {
          const { from } = await journal.turn(PLACE);
          const answer = await journal.snapshot(PLACE, from, bytes(kept.join()));
          if (answer.state === 'written') expect(state.dead).toBe(false);
        };
        try {
          await Promise.all([keep('a'), keep('b')]);
          await keep('c');
          for (const name of ['d', 'e', 'f', 'g', 'h']) {
            await save();
            await keep(name);
          }
        } catch {
          // The power went off under a call that tells no outcome.
        }
        finished = !state.dead;
        restart(share, withNames);
        const read = await createJournal('/j', disk).read(PLACE);
        const [newest] = read.snapshots;
        const found = [
          ...(newest === undefined ? [] : text(newest.state).split(',')),
          ...read.records
            .filter(({ segment }) => newest === undefined || segment >= newest.from)
            .map(({ record }) => text(record)),
        ].filter((name) => name !== '');
        for (const name of kept) expect(found).toContain(name);
        for (const name of found) expect(asked).toContain(name);
        expect(new Set(found).size).toBe(found.length);
      }
    }
  });

  it('writes on behind a torn end, in a file of its own', async () => {
    const { disk, damage, files } = testDisk();
    await createJournal('/j', disk).append(PLACE, [bytes('one'), bytes('two')]);
    damage(files()[0] ?? '', (all) => all.subarray(0, all.length - 1));
    const later = createJournal('/j', disk);
    await later.append(PLACE, [bytes('three')]);
    const read = await later.read(PLACE);
    expect(read.records.map(({ record }) => text(record))).toEqual(['one', 'three']);
    expect(read.lost).toBeGreaterThan(0);
    expect(files()).toHaveLength(2);
  });

  it('says when the disk is full, and goes on when there is room again', async () => {
    const { disk, state } = testDisk();
    const journal = createJournal('/j', disk);
    await journal.append(PLACE, [bytes('one')]);
    state.full = true;
    expect(await journal.append(PLACE, [bytes('not kept')])).toEqual({ state: 'refused' });
    expect(await journal.snapshot(PLACE, (await journal.turn(PLACE)).from, bytes('s'))).toEqual({
      state: 'refused',
    });
    state.full = false;
    expect(await journal.append(PLACE, [bytes('two')])).toEqual({ state: 'written' });
    expect((await journal.read(PLACE)).records.map(({ record }) => text(record))).toEqual(['one', 'two']);
  });

  it('gives up the room held back before it refuses, and holds it back again when there is room', async () => {
    const { disk, state, files } = testDisk();
    const journal = createJournal('/j', disk);
    state.room = 4_000_000_000;
    await journal.append(PLACE, [bytes('one')]);
    await journal.free();
    await expect.poll(files).toContain('/j.reserve');
    expect((await journal.free()).bytes).toBeLessThanOrEqual(4_000_000_000 - 67_108_864);

    // Somebody else filled the disk.
    state.room = 67_108_864 + 40;
    expect(await journal.append(PLACE, [bytes('two'.repeat(100))])).toEqual({ state: 'written' });
    expect(files()).not.toContain('/j.reserve');
    const { from } = await journal.turn(PLACE);
    expect(await journal.snapshot(PLACE, from, bytes('s'.repeat(500)))).toEqual({ state: 'written' });
    await journal.free();
    expect(files()).not.toContain('/j.reserve');

    state.room = 4_000_000_000;
    await journal.free();
    await expect.poll(files).toContain('/j.reserve');
    state.room = 67_108_864;
    const refused = await journal.snapshot(PLACE, from + 1, new Uint8Array(70_000_000));
    expect(refused).toEqual({ state: 'refused' });
    expect((await journal.read(PLACE)).records.map(({ record }) => text(record))).toEqual([
      'one',
      'two'.repeat(100),
    ]);
  });

  it('makes many wishes durable together', async () => {
    const { disk, state } = testDisk();
    const journal = createJournal('/j', disk);
    await journal.append(PLACE, [bytes('first')]);
    const before = state.steps;
    const many = Array.from({ length: 50 }, (_, index) => journal.append(PLACE, [bytes(String(index))]));
    expect((await Promise.all(many)).every((answer) => answer.state === 'written')).toBe(true);
    expect(state.steps - before).toBeLessThanOrEqual(4);
    const read = (await journal.read(PLACE)).records.map(({ record }) => text(record));
    expect(read.slice(1)).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
  });

  it('keeps three snapshots and every segment that the oldest of them needs', async () => {
    const { disk, files, damage } = testDisk();
    const journal = createJournal('/j', disk);
    for (let round = 1; round <= 6; round += 1) {
      await journal.append(PLACE, [bytes(`r${round}`)]);
      const { from } = await journal.turn(PLACE);
      await journal.snapshot(PLACE, from, bytes(`s${round}`));
    }
    expect(files().filter((name) => name.endsWith('.snap'))).toHaveLength(3);
    const newest = files()
      .filter((name) => name.endsWith('.snap'))
      .at(-1);
    damage(newest ?? '', (all) => all.fill(0, 12));
    const read = await journal.read(PLACE);
    expect(read.snapshots.map(({ state }) => text(state))).toEqual(['s5', 's4']);
    const since = read.records.filter(({ segment }) => segment >= (read.snapshots[0]?.from ?? 0));
    expect(since.map(({ record }) => text(record))).toEqual(['r6']);
  });

  it('keeps the people of one desk apart, and erases one or all', async () => {
    const { disk, files } = testDisk();
    const journal = createJournal('/j', disk);
    await journal.append('one-1', [bytes('1')]);
    await journal.append('two-1', [bytes('2')]);
    await journal.erase('one-1');
    expect((await journal.read('one-1')).records).toEqual([]);
    expect((await journal.read('two-1')).records).toHaveLength(1);
    await journal.append('one-1', [bytes('3')]);
    expect((await journal.read('one-1')).records).toHaveLength(1);
    await journal.erase(null);
    expect(files()).toEqual([]);
  });

  it('works on a real disk', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sivis-journal-'));
    try {
      const first = createJournal(path.join(folder, 'journal'), nodeDisk);
      await Promise.all([first.append(PLACE, [bytes('a')]), first.append(PLACE, [bytes('b')])]);
      const { from } = await first.turn(PLACE);
      expect(await first.snapshot(PLACE, from, bytes('both'))).toEqual({ state: 'written' });
      const second = createJournal(path.join(folder, 'journal'), nodeDisk);
      await second.append(PLACE, [bytes('c')]);
      const read = await second.read(PLACE);
      expect(read.records.map(({ record }) => text(record))).toEqual(['a', 'b', 'c']);
      expect(read.snapshots.map(({ state }) => text(state))).toEqual(['both']);
      expect((await second.free()).bytes).toBeGreaterThan(0);
      await second.erase(null);
      expect(readdirSync(path.join(folder, 'journal'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
