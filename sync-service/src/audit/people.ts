import type { z } from 'zod';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import { bannerName, type Person } from '@sivis/shared/people/person.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { auditPeopleResponseSchema } from '@sivis/shared/protocol/messages/audit.ts';
import type { Store } from '../store/store.ts';
import type { AuditLog } from './auditLog.ts';
import type { AuditReader } from './query.ts';

/** Of so many matches it is asked whether they occur in the log, and so many are shown. */
const LOOKED_AT = 100;
const SHOWN = 12;

const EVERYBODY = { sql: '1 = 1', params: [] };

/**
 * People by name or code among those who occur in the log, for the reader of the whole log: he sees identities there and
 * nowhere else, so whoever is not in it is not found. The search stands in the log before it is answered. Throws
 * FORBIDDEN for everybody else.
 */
export async function searchLogPeople(
  store: Store,
  audit: AuditLog,
  reader: AuditReader,
  text: string,
): Promise<z.infer<typeof auditPeopleResponseSchema>> {
  if (rightsRow(reader.subject.role, 'audit')?.scope !== 'all') throw new SivisError('FORBIDDEN');
  const found = await store.read(async (tx) => {
    const { ids, total } = await tx.searchPeople(text, LOOKED_AT, EVERYBODY);
    const docs = new Map((await tx.docs(ids)).map((doc) => [doc.id, doc.fields as unknown as Person]));
    const people: z.infer<typeof auditPeopleResponseSchema>['people'] = [];
    for (const id of ids) {
      if (people.length > SHOWN) break;
      const person = docs.get(id);
      if (person === undefined) continue;
      const { rows } = await tx.auditPage({ subjectRef: audit.subjectRef(id) }, 1);
      if (rows.length === 0) continue;
      people.push({ id, name: bannerName(person), birthDate: person.birthDate ?? '' });
    }
    return { people: people.slice(0, SHOWN), more: people.length > SHOWN || total > LOOKED_AT };
  });
  await audit.auditRead(store, reader, {
    action: 'auditQuery',
    kind: 'person',
    objectId: '',
    personIds: found.people.map(({ id }) => id),
    personal: true,
    result: 'ok',
    detail: { filter: text, count: found.people.length },
  });
  return found;
}
