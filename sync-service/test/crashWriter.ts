/** Writes documents with their audit entries, one transaction each, and prints the count after every commit; until it is killed. */
import { makeDoc, SITES, testId } from '../src/store/contractWorld.ts';
import { openPostgresStore } from '../src/store/postgres/open.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';

const target = process.argv[2] ?? '';
const store = target.startsWith('postgresql:')
  ? await openPostgresStore({ url: target })
  : await openSqliteStore({ file: target });
let at = await store.read((tx) => tx.countDocs('person'));
for (;;) {
  at += 1;
  const number = at;
  await store.write(async (tx) => {
    await tx.putDoc(
      makeDoc(testId(3, number), 'person', SITES[0], { familyName: 'Liepa', givenName: `N${number}` }),
    );
    const now = '2026-11-21T10:00:00.000Z';
    await tx.appendAudit('{}', 'h', '{}', 'aa', {
      at: now,
      happenedAt: now,
      actorId: '',
      deviceId: '',
      action: 'create',
      siteId: SITES[0],
      subjectRefs: [],
      personal: false,
    });
  });
  process.stdout.write(`${number}\n`);
}
