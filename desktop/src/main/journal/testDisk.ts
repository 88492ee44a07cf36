import type { JournalDisk } from './disk.ts';

interface TestFile {
  /** What is on the platter, and what the system has only promised to write. */
  durable: Uint8Array;
  written: Uint8Array;
}

/** The power went off; nothing of the process goes on. */
const powerLost = (): Error => new Error('the power went off');

const missing = (): Error => Object.assign(new Error('no such file'), { code: 'ENOENT' });

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * For tests: a disk that keeps across a loss of power only what was made durable, and a part of what was not. `steps`
 * counts the calls that change something; at the step `dieAt` the power goes off in the middle of it.
 */
export function testDisk() {
  let names = new Map<string, TestFile>();
  let durableNames = new Map<string, TestFile>();
  const state = { steps: 0, dieAt: Infinity, dead: false, full: false, room: Infinity };

  /** @returns whether the power goes off in the middle of this step */
  function step(): boolean {
    if (state.dead) throw powerLost();
    state.steps += 1;
    return state.steps >= state.dieAt;
  }
  function die(): never {
    state.dead = true;
    throw powerLost();
  }
  const used = (): number => [...names.values()].reduce((sum, file) => sum + file.written.length, 0);
  const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/'));

  const disk: JournalDisk = {
    async makeFolder() {
      if (step()) die();
    },
    async list(folder) {
      if (state.dead) throw powerLost();
      const inside = [...names.keys()].filter((name) => name.startsWith(`${folder}/`));
      return [...new Set(inside.map((name) => name.slice(folder.length + 1).split('/')[0] ?? ''))];
    },
    async read(file) {
      const found = names.get(file);
      if (found === undefined) throw missing();
      return found.written.slice();
    },
    async create(file) {
      if (names.has(file)) throw new Error('there is one');
      const made: TestFile = { durable: new Uint8Array(), written: new Uint8Array() };
      if (step()) die();
      names.set(file, made);
      return {
        async append(bytes) {
          const dies = step();
          if (state.full || bytes.length > state.room - used()) {
            made.written = joined(made.written, bytes.subarray(0, bytes.length >> 1));
            throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          }
          made.written = joined(made.written, bytes);
          if (dies) die();
        },
        async sync() {
          if (step()) die();
          made.durable = made.written;
        },
        async close() {
          if (state.dead) throw powerLost();
        },
      };
    },
    exists: (file) => Promise.resolve(names.has(file)),
    async rename(from, to) {
      if (step()) die();
      const moved = names.get(from);
      if (moved === undefined) throw missing();
      names.delete(from);
      names.set(to, moved);
    },
    async remove(path) {
      const gone = [...names.keys()].filter((name) => name === path || name.startsWith(`${path}/`));
      if (gone.length === 0) return;
      if (step()) die();
      for (const name of gone) names.delete(name);
    },
    async syncFolder(folder) {
      if (step()) die();
      for (const name of [...durableNames.keys()])
        if (folderOf(name) === folder && !names.has(name)) durableNames.delete(name);
      for (const [name, file] of names) if (folderOf(name) === folder) durableNames.set(name, file);
    },
    free: () => Promise.resolve(Math.max(0, state.room - used())),
  };

  return {
    disk,
    state,
    files: () => [...names.keys()].sort(),
    /** Changes a file as damage would. */
    damage(file: string, change: (bytes: Uint8Array) => Uint8Array): void {
      const found = names.get(file);
      if (found === undefined) throw missing();
      found.written = change(found.written.slice());
      found.durable = found.written;
    },
    /** The computer starts again: of what was not durable the given share of bytes is there, and names may be too. */
    restart(share: number, withNames: boolean): void {
      const next = new Map<string, TestFile>();
      for (const [name, file] of withNames ? new Map([...durableNames, ...names]) : durableNames) {
        const more = file.written.slice(file.durable.length);
        const content = joined(file.durable, more.subarray(0, Math.floor(more.length * share)));
        next.set(name, { durable: content, written: content });
      }
      names = next;
      durableNames = new Map(next);
      Object.assign(state, { steps: 0, dieAt: Infinity, dead: false, full: false, room: Infinity });
    },
  };
}
