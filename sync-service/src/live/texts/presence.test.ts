import { describe, expect, it } from 'vitest';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { applyAwarenessUpdate, Awareness } from 'y-protocols/awareness';
import { SERVICE_LIMITS } from '../../limits.ts';
import { createPresence, type Present } from './presence.ts';

const ANNA = { userId: 'a', deviceId: '1', name: 'Anna', writes: true };
const BERTA: Present = { userId: 'b', deviceId: '2', name: 'Berta', writes: false };

const says = (client: number, state: unknown, clock = 0): Uint8Array =>
  encoding.encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, client);
    encoding.writeVarUint(to, clock);
    encoding.writeVarString(to, JSON.stringify(state));
  });

/** A stock client that hears what the service tells. */
function listener() {
  const awareness = new Awareness(new Y.Doc());
  awareness.destroy();
  return {
    hears(update: Uint8Array | undefined): unknown {
      if (update !== undefined) applyAwarenessUpdate(awareness, update, 'test');
      return Object.fromEntries(awareness.getStates());
    },
  };
}

describe('who is in a room', () => {
  it('is said by the service: the name of the account, and the cursor of who writes', () => {
    const presence = createPresence();
    const other = listener();
    const lies = { user: { name: 'Direktore' }, cursor: { anchor: 1 }, more: 'x' };
    expect(other.hears(presence.hear({ ...ANNA }, says(7, lies), 0))).toEqual({
      7: { user: { name: 'Anna' }, cursor: { anchor: 1 } },
    });
    expect(other.hears(presence.hear(BERTA, says(8, lies), 0))).toMatchObject({
      8: { user: { name: 'Berta' } },
    });
    expect(JSON.stringify(other.hears(undefined))).not.toContain('Direktore');
  });

  it('is said of nobody by others, and of a socket under one client', () => {
    const presence = createPresence();
    presence.hear(ANNA, says(7, {}), 0);
    presence.hear(BERTA, says(8, {}), 0);
    for (const [client, state] of [
      [7, null],
      [7, {}],
      [9, {}],
    ] as const)
      expect(presence.hear(BERTA, says(client, state, 99), 0)).toBeUndefined();
    expect(presence.isOthers(BERTA, 7)).toBe(true);
    expect(presence.isOthers(ANNA, 7)).toBe(false);
    expect(() => presence.hear(ANNA, says(7, { cursor: 'x'.repeat(2_000) }), 0)).toThrow();
  });

  it('follows rights, leaving and coming again, whatever the client counts', () => {
    const presence = createPresence();
    const other = listener();
    const anna = { ...ANNA };
    other.hears(presence.hear(anna, says(7, { cursor: 1 }, 50), 0));
    anna.writes = false;
    expect(other.hears(presence.again(anna, 0))).toEqual({ 7: { user: { name: 'Anna' } } });
    expect(other.hears(presence.leave(anna))).toEqual({});
    expect(other.hears(presence.hear({ ...ANNA }, says(7, {}, 50), 0))).toEqual({
      7: { user: { name: 'Anna' } },
    });
  });

  it('of another instance is shown, and forgotten when nobody renews it', () => {
    const [here, there] = [createPresence(), createPresence()];
    const other = listener();
    other.hears(here.hearOther(there.hear(ANNA, says(7, {}), 0) ?? new Uint8Array(), 0));
    expect(other.hears(undefined)).toEqual({ 7: { user: { name: 'Anna' } } });
    expect(here.hear(BERTA, says(7, null, 9), 0)).toBeUndefined();
    expect(here.own()).toEqual([]);
    expect(here.forgetSilent(SERVICE_LIMITS.presenceMs)).toBeUndefined();
    expect(other.hears(here.forgetSilent(SERVICE_LIMITS.presenceMs + 1))).toEqual({});
  });
});
