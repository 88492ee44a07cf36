import { expect } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { idsPath } from '@sivis/shared/protocol/paths.ts';
import { createRow, pushTo, send, type Row, type Session } from './liveService.ts';

/** Desks that write until somebody stops them, and what of it was acknowledged. */

/** What no log may hold. */
export const SECRETS = { family: 'Slepenā', given: 'Zigrīda', code: '010177-01234' };
const person = (session: Session, siteId: string): Row =>
  createRow(session, 'person', siteId, {
    familyName: SECRETS.family,
    givenName: SECRETS.given,
    documentNumber: newId(),
  });
export const people = (session: Session, siteId: string, count: number): Row[] =>
  Array.from({ length: count }, () => person(session, siteId));

/** Ids of all people whom the session may hold. */
export async function peopleAt(base: string, session: Session): Promise<Set<string>> {
  const reply = await send(base, idsPath('people'), { session, body: { after: '', limit: 20_000 } });
  expect([reply.status, reply.body['more']]).toEqual([200, false]);
  return new Set(reply.body['ids'] as string[]);
}

/** Writes on several lanes until it is told to stop or the service is gone. */
export function keepWriting(base: string, session: Session, siteId: string) {
  const acknowledged: Row[] = [];
  const unanswered: Row[] = [];
  const told = new AbortController();
  const lane = async (): Promise<void> => {
    while (!told.signal.aborted) {
      const rows = people(session, siteId, 4);
      try {
        const results = await pushTo(base, session, 'people', rows);
        expect(results.every(({ outcome }) => outcome === 'accepted')).toBe(true);
        acknowledged.push(...rows);
      } catch (error) {
        // The connection broke: whether the rows were taken nobody knows. Any other failure is one of the test.
        if (!(error instanceof TypeError)) throw error;
        unanswered.push(...rows);
        return;
      }
      // Below the limit of requests of one desk.
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  };
  const lanes = Promise.all([lane(), lane(), lane()]);
  return {
    acknowledged,
    unanswered,
    async end(): Promise<void> {
      told.abort();
      await lanes;
    },
  };
}

/** The same of all sessions together: a person without a stay is on the desks of who made her. */
export async function peopleOfAll(base: string, sessions: readonly Session[]): Promise<Set<string>> {
  const all = await Promise.all(sessions.map((session) => peopleAt(base, session)));
  return new Set(all.flatMap((ids) => [...ids]));
}
