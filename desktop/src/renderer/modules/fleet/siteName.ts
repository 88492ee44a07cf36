import type { Desk } from '../../data/desk/desk.ts';
import { m } from '../../i18n/generated/messages.js';

/** The name of a site; a number in the list of known ones for roles whose desk holds no sites (IT, auditor). */
export function siteName(desk: Pick<Desk, 'get'>, id: string, known: readonly string[]): string {
  const name = desk.get('site', id)?.fields.name;
  if (name !== undefined) return name;
  const at = known.indexOf(id);
  return at < 0 ? id.slice(-8) : m.fleet_site_number({ number: at + 1 });
}
