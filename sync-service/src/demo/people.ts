import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Alert } from '@sivis/shared/people/person.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { inventPersonalCode } from './codes.ts';
import type { DemoDoc } from './doc.ts';
import type { IdSource } from './ids.ts';
import { inventAddress, inventName, type PersonName, type Sex } from './names.ts';
import type { Random } from './random.ts';

export interface DemoPerson extends PersonName {
  readonly id: string;
  readonly sex: Sex;
  readonly alerts: readonly Alert[];
  /** The fields of the document but the name. */
  readonly fields: Fields;
  readonly contacts: readonly DemoDoc[];
}

const ALERT_SHARES: readonly (readonly [Alert, number])[] = [
  ['noStairs', 0.06],
  ['wheelchair', 0.025],
  ['walker', 0.06],
  ['hearing', 0.03],
  ['vision', 0.02],
  ['latex', 0.007],
  ['assistance', 0.03],
];

/** Test codes of the new kind (329999-999xx) belong to nobody; there are a hundred of them. */
const NEW_KIND_CODES = 100;

const ascii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();

export interface PeopleSource {
  next(sex: Sex): DemoPerson;
}

/** Makes people one by one; no two have one code. */
export function createPeople(random: Random, newId: IdSource): PeopleSource {
  const oldest = '1938-01-01';
  const codes = new Set<string>();
  let newKind = 0;

  const codeFor = (birthDate: PlainDate): string => {
    if (birthDate >= '1990-01-01' && newKind < NEW_KIND_CODES && random.chance(0.3)) {
      newKind += 1;
      return `329999-999${String(newKind - 1).padStart(2, '0')}`;
    }
    for (;;) {
      const code = inventPersonalCode(birthDate, random.int(0, 999));
      if (!codes.has(code)) return code;
    }
  };

  const contactsOf = (personId: string, name: PersonName): DemoDoc[] => {
    const contact = (contactKind: string, value: string): DemoDoc => ({
      id: newId(),
      kind: 'contact',
      fields: { personId, contactKind, value },
    });
    const docs: DemoDoc[] = [];
    if (random.chance(0.75))
      docs.push(contact('phone', `2000${String(random.int(0, 9_999)).padStart(4, '0')}`));
    if (random.chance(0.15)) {
      docs.push(contact('email', `${ascii(name.givenName)}.${ascii(name.familyName)}@example.lv`));
    }
    if (random.chance(0.3)) docs.push(contact('address', inventAddress(random)));
    return docs;
  };

  return {
    next(sex) {
      const id = newId();
      const name = inventName(random, sex);
      // Two draws make the middle ages the most common ones.
      const birthDate = addDays(oldest, Math.floor(((random.next() + random.next()) / 2) * 25_000));
      const code = random.chance(0.015) ? undefined : codeFor(birthDate);
      if (code !== undefined) codes.add(code);
      const alerts = ALERT_SHARES.filter(([, share]) => random.chance(share)).map(([alert]) => alert);
      return {
        ...name,
        id,
        sex,
        alerts,
        fields: {
          ...(code === undefined
            ? {
                documentNumber: `XX${random.int(100_000, 999_999)}`,
                country: 'Lietuva',
                flags: ['noPersonalCode'],
              }
            : { personalCode: code, country: 'Latvija' }),
          birthDate,
          sex,
          ...(alerts.length > 0 ? { alerts } : {}),
        },
        contacts: contactsOf(id, name),
      };
    },
  };
}
