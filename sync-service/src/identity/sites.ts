import { z } from 'zod';
import { wholeText } from '@sivis/shared/docs/fieldTypes.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { siteSchema, type Site } from '@sivis/shared/lodging/places.ts';
import type { AuditLog, AuditWho } from '../audit/auditLog.ts';
import type { WriteTx } from '../store/store.ts';
import { changesOf } from '../sync/changes.ts';
import { SERVICE_ACTOR_ID } from '../sync/env.ts';

/** What a new site is called. */
export const newSiteSchema = z.strictObject({
  name: wholeText.pipe(siteSchema.shape.name),
  code: wholeText.pipe(siteSchema.shape.code),
});

/** Makes a site where no desk can: before anybody may sign in, or from the command line. Returns its id. */
export async function createSite(
  tx: WriteTx,
  audit: AuditLog,
  who: AuditWho,
  site: z.infer<typeof newSiteSchema>,
): Promise<string> {
  const id = newId();
  const fields: Site = { ...site, order: await tx.countDocs('site') };
  await tx.putDoc({
    id,
    kind: 'site',
    siteId: id,
    rev: 1,
    fields: fields,
    stamps: {},
    createdBy: SERVICE_ACTOR_ID,
  });
  await audit.recordAudit(tx, who, {
    action: 'create',
    kind: 'site',
    objectId: id,
    objectRev: 1,
    siteId: id,
    personIds: [],
    result: 'ok',
    changes: changesOf(undefined, fields),
  });
  return id;
}
