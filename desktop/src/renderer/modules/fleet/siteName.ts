import { compareLatvian } from '@sivis/shared/text/collate.ts';
import type { Desk } from '../../data/desk/desk.ts';
import { m } from '../../i18n/generated/messages.js';

/** The name of a site; while the desk has not received it yet, that it has none. */
export function siteName(desk: Pick<Desk, 'get'>, id: string): string {
  return desk.get('site', id)?.fields.name ?? m.fleet_site_unknown();
}

/** Every site in the order of its names: to which people can belong. */
export function siteIds(desk: Pick<Desk, 'all'>): readonly string[] {
  return [...desk.all('site').values()]
    .sort((a, b) => compareLatvian(a.fields.name, b.fields.name))
    .map((site) => site.id);
}
