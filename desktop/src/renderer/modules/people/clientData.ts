import type { Fields } from '@sivis/shared/docs/json.ts';
import type { FieldsOf, Kind } from '@sivis/shared/docs/kinds.ts';
import type { SearchResponse } from '@sivis/shared/protocol/messages/search.ts';
import type { WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';

/** A person with everything that belongs to the card, from the desk or, read-only, from the service. */
export interface ClientData {
  readonly source: 'desk' | 'service';
  readonly person: DeskDoc<'person'>;
  readonly stays: readonly DeskDoc<'stay'>[];
  readonly contacts: readonly DeskDoc<'contact'>[];
  readonly tasks: readonly DeskDoc<'task'>[];
}

/** The card's content out of what the desk holds; `null` when the person is not here. */
export function clientOnDesk(desk: Desk, personId: string): ClientData | null {
  const person = desk.get('person', personId);
  if (person === undefined) return null;
  const stays = desk.staysOfPerson(personId);
  const stayIds = new Set(stays.map((stay) => stay.id));
  const tasks = [...desk.all('task').values()].filter(
    ({ fields }) =>
      fields.personIds?.includes(personId) === true || fields.stayIds?.some((id) => stayIds.has(id)) === true,
  );
  return { source: 'desk', person, stays, contacts: desk.contactsOfPerson(personId), tasks };
}

function docOf<K extends Kind>(kind: K, wire: WireDoc): DeskDoc<K> {
  return {
    id: wire.id,
    kind,
    siteId: wire.siteId,
    rev: wire.rev,
    fields: wire.fields as Fields as unknown as FieldsOf<K>,
    pending: null,
  };
}

/** The card's content as the service sent it: to look at, not to change. */
export function clientFromService(hit: SearchResponse['hits'][number]): ClientData {
  return {
    source: 'service',
    person: docOf('person', hit.person),
    stays: hit.stays.map((wire) => docOf('stay', wire)),
    contacts: hit.contacts.map((wire) => docOf('contact', wire)),
    tasks: [],
  };
}
