import type { Fields } from '../docs/json.ts';
import { KINDS, type Kind } from '../docs/kinds.ts';
import type { Op } from '../docs/op.ts';
import { judgeBlock, judgeStay } from '../lodging/rules.ts';
import type { Block, Stay } from '../lodging/stay.ts';
import { judgePerson } from '../people/rules.ts';
import type { Person } from '../people/person.ts';
import { violation, type Violation } from './violation.ts';
import type { World } from './world.ts';

export interface Deed {
  readonly kind: Kind;
  readonly id: string;
  readonly op: Pick<Op, 'kind' | 'override' | 'undoes'>;
  /** `undefined` for a new document. */
  readonly before: Fields | undefined;
  readonly after: Fields;
  /** Fields that the operation really changes. */
  readonly touched: ReadonlySet<string>;
}

/** The fields as their kind's schema allows them; a violation names the field. */
export function judgeShape(kind: Kind, fields: Fields, touched: ReadonlySet<string>): Violation[] {
  const parsed = KINDS[kind].schema.safeParse(fields);
  if (parsed.success) return [];
  const names = parsed.error.issues.map((issue) => String(issue.path[0] ?? issue.code));
  // Unknown keys are reported at the root; they are always new, because nothing with them was ever accepted.
  const atRoot = parsed.error.issues.some((issue) => issue.path.length === 0);
  const wrong = names.filter((name) => touched.has(name));
  if (wrong.length === 0 && !atRoot) return [];
  return [violation('schema', 'schema', { field: wrong[0] ?? names[0] ?? '' })];
}

/**
 * Every rule that a deed breaks: the one function that the desk asks before it writes and the service asks again on
 * arrival. Rules that the operation overrides are left out if they may be; whether the actor may override is a right
 * and is asked separately. Bed-nights are not asked here: at the service the database answers (decision 24), on the
 * desk `claimsAgainst`.
 */
export function judge(deed: Deed, world: World): Violation[] {
  const shape = judgeShape(deed.kind, deed.after, deed.touched);
  if (shape.length > 0) return shape;
  const found = judgeKind(deed, world);
  const set = new Set(deed.op.override ?? []);
  return found.filter((entry) => !(entry.overridable && set.has(entry.rule)));
}

function judgeKind(deed: Deed, world: World): Violation[] {
  switch (deed.kind) {
    case 'stay':
      return judgeStay(
        {
          id: deed.id,
          before: deed.before as unknown as Stay | undefined,
          after: deed.after as unknown as Stay,
          undo: deed.op.undoes !== undefined,
          world,
        },
        deed.touched,
      );
    case 'person':
      return judgePerson(deed.after as unknown as Person, world.today, deed.touched);
    case 'block':
      return judgeBlock(deed.after as unknown as Block);
    default:
      return [];
  }
}

/** The documents to which a document refers; they must be at the service before it (outcome `waits`). */
export function referencesOf(kind: Kind, fields: Fields): { kind: Kind; id: string }[] {
  const references: { kind: Kind; id: string }[] = [];
  const add = (target: Kind, id: unknown): void => {
    if (typeof id === 'string') references.push({ kind: target, id });
  };
  switch (kind) {
    case 'contact':
      add('person', fields['personId']);
      break;
    case 'stay': {
      add('reservation', fields['reservationId']);
      add('person', fields['personId']);
      add('stay', fields['companionOf']);
      const segments = fields['segments'];
      if (Array.isArray(segments))
        for (const segment of segments) add('bed', (segment as Fields | null)?.['bedId']);
      break;
    }
    case 'block':
      add(fields['scope'] === 'room' ? 'room' : 'bed', fields['targetId']);
      break;
    case 'bed':
      add('room', fields['roomId']);
      break;
    case 'room':
      add('floor', fields['floorId']);
      add('building', fields['buildingId']);
      break;
    case 'floor':
      add('building', fields['buildingId']);
      break;
    default:
      break;
  }
  return references;
}
