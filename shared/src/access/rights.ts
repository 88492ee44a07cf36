import type { Kind } from '../docs/kinds.ts';
import type { TextKind } from '../texts/texts.ts';
import type { Role } from './roles.ts';

/** What rights are given on: replicated kinds, texts written together, and the kinds that only the service keeps. */
export type AccessKind = Kind | TextKind | (typeof SERVICE_KINDS)[number];
export const SERVICE_KINDS = ['audit', 'user', 'device', 'quarantine'] as const;

export const VERBS = ['view', 'create', 'update'] as const;
export type Verb = (typeof VERBS)[number];

/**
 * Where a right reaches.
 * `site`: documents of the user's sites. `ownClients`: of people whose stay names the user as specialist.
 * `own`: documents that the user made or owns, himself or by his role. `ownNotes`: texts on own clients of which the user
 * is the author. `ownActs`: audit entries of his own acts.
 * `ownUnit`: audit entries of his sites. `technical`: audit entries that touch no person. `all`: everything.
 */
export type Scope = 'site' | 'ownClients' | 'own' | 'ownNotes' | 'ownActs' | 'ownUnit' | 'technical' | 'all';

/**
 * Which part of the scope a desk holds. `window`: people who stay, stayed or will stay from 60 days back to 400
 * days ahead, and their documents; everybody else is found by search at the service. `scope`: all of it.
 */
export type Replica = 'window' | 'scope' | 'none';

export interface RightsRow {
  readonly role: Role;
  readonly kinds: readonly AccessKind[];
  readonly scope: Scope;
  readonly replica: Replica;
  /** Fields per verb; an absent verb is no right, `*` is every field of the kind. */
  readonly view: '*' | readonly string[];
  readonly create?: '*' | readonly string[];
  readonly update?: '*' | readonly string[];
  /** May set a rule aside with a reason. */
  readonly override?: boolean;
}

const PLACES = ['site', 'building', 'floor', 'room', 'bed'] as const;

/** Fields of a person that identify: everything but alerts and what the service itself keeps. */
export const IDENTITY_FIELDS = [
  'familyName',
  'givenName',
  'formerNames',
  'personalCode',
  'previousPersonalCodes',
  'documentNumber',
  'birthDate',
  'sex',
  'country',
] as const;

/** What the kitchen needs of a stay: when somebody eats, what code, in which house; never who (K10). */
export const MEAL_FIELDS = [
  'arriveDate',
  'arriveMeal',
  'arriveTime',
  'departDate',
  'departMeal',
  'state',
  'boardPlan',
  'dietCode',
  'checkedInAt',
  'checkedOutAt',
] as const;

/** Window of the replica `window`, in days before and after today (decisions.md, scope). */
export const REPLICA_WINDOW = { back: 60, ahead: 400 } as const;

/**
 * The rights, as data; the only place where a right stands (decisions.md, "Rights of the first main job").
 * Deny by default: what no row gives is refused. A field or kind added later is refused until a row names it.
 */
export const RIGHTS: readonly RightsRow[] = [
  {
    role: 'reception',
    kinds: ['person'],
    scope: 'site',
    replica: 'window',
    view: '*',
    create: IDENTITY_FIELDS,
    update: IDENTITY_FIELDS,
  },
  {
    role: 'reception',
    kinds: ['contact'],
    scope: 'site',
    replica: 'window',
    view: '*',
    create: '*',
    update: '*',
  },
  { role: 'reception', kinds: [...PLACES, 'staff'], scope: 'site', replica: 'scope', view: '*' },
  {
    role: 'reception',
    kinds: ['reservation', 'stay', 'block'],
    scope: 'site',
    replica: 'window',
    view: '*',
    create: '*',
    update: '*',
  },
  {
    role: 'reception',
    kinds: ['task'],
    scope: 'site',
    replica: 'scope',
    view: '*',
    create: '*',
    update: '*',
  },
  {
    role: 'reception',
    kinds: ['shiftLog', 'teamLog'],
    scope: 'site',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },
  { role: 'reception', kinds: ['audit'], scope: 'ownActs', replica: 'none', view: '*' },

  {
    role: 'dutyManager',
    kinds: ['person'],
    scope: 'site',
    replica: 'window',
    view: '*',
    create: [...IDENTITY_FIELDS],
    update: [...IDENTITY_FIELDS, 'alerts'],
    override: true,
  },
  {
    role: 'dutyManager',
    kinds: ['contact'],
    scope: 'site',
    replica: 'window',
    view: '*',
    create: '*',
    update: '*',
  },
  {
    role: 'dutyManager',
    kinds: PLACES,
    scope: 'site',
    replica: 'scope',
    view: '*',
    create: '*',
    update: '*',
  },
  {
    role: 'dutyManager',
    kinds: ['reservation', 'stay', 'block'],
    scope: 'site',
    replica: 'window',
    view: '*',
    create: '*',
    update: '*',
    override: true,
  },
  {
    role: 'dutyManager',
    kinds: ['task'],
    scope: 'site',
    replica: 'scope',
    view: '*',
    create: '*',
    update: '*',
  },
  { role: 'dutyManager', kinds: ['staff'], scope: 'site', replica: 'scope', view: '*' },
  {
    role: 'dutyManager',
    kinds: ['shiftLog', 'teamLog'],
    scope: 'site',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },
  { role: 'dutyManager', kinds: ['audit'], scope: 'ownUnit', replica: 'none', view: '*' },
  // Edits of people whose rights changed before they arrived: to decide about, not to make.
  { role: 'dutyManager', kinds: ['quarantine'], scope: 'site', replica: 'none', view: '*', update: '*' },

  { role: 'specialist', kinds: ['person', 'contact'], scope: 'ownClients', replica: 'window', view: '*' },
  { role: 'specialist', kinds: [...PLACES, 'staff'], scope: 'site', replica: 'scope', view: '*' },
  { role: 'specialist', kinds: ['reservation', 'stay'], scope: 'ownClients', replica: 'window', view: '*' },
  { role: 'specialist', kinds: ['block', 'task'], scope: 'own', replica: 'scope', view: '*' },
  {
    role: 'specialist',
    kinds: ['teamLog'],
    scope: 'site',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },
  {
    role: 'specialist',
    kinds: ['clientNote'],
    scope: 'ownClients',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },
  {
    role: 'specialist',
    kinds: ['protectedNote'],
    scope: 'ownNotes',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },
  { role: 'specialist', kinds: ['audit'], scope: 'ownActs', replica: 'none', view: '*' },

  {
    role: 'catering',
    kinds: ['site', 'building', 'floor', 'room', 'staff'],
    scope: 'site',
    replica: 'scope',
    view: '*',
  },
  { role: 'catering', kinds: ['reservation'], scope: 'site', replica: 'window', view: ['state'] },
  { role: 'catering', kinds: ['stay'], scope: 'site', replica: 'window', view: MEAL_FIELDS },
  { role: 'catering', kinds: ['block', 'task'], scope: 'own', replica: 'scope', view: '*' },
  {
    role: 'catering',
    kinds: ['teamLog'],
    scope: 'site',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },
  { role: 'catering', kinds: ['audit'], scope: 'ownActs', replica: 'none', view: '*' },

  // Who administers accounts sees where they belong, and makes sites: no scope of a site covers one that is not there yet.
  { role: 'it', kinds: ['site'], scope: 'all', replica: 'scope', view: '*', create: '*' },
  {
    role: 'it',
    kinds: ['building', 'floor', 'room', 'bed', 'staff'],
    scope: 'all',
    replica: 'scope',
    view: '*',
  },
  { role: 'it', kinds: ['audit'], scope: 'technical', replica: 'none', view: '*' },
  {
    role: 'it',
    kinds: ['user', 'device'],
    scope: 'all',
    replica: 'none',
    view: '*',
    create: '*',
    update: '*',
  },

  { role: 'auditor', kinds: ['site', 'staff'], scope: 'all', replica: 'scope', view: '*' },
  { role: 'auditor', kinds: ['audit'], scope: 'all', replica: 'none', view: '*' },
  { role: 'auditor', kinds: ['user', 'device'], scope: 'all', replica: 'none', view: '*' },
];

/** Version of the table; part of every checkpoint, so that a change of rights is noticed by every desk. */
export const RIGHTS_VERSION = 3;

const ROWS = new Map<string, RightsRow>();
for (const row of RIGHTS) for (const kind of row.kinds) ROWS.set(`${row.role}/${kind}`, row);

/** The row that gives a role its rights on a kind, or `undefined`: no right at all. */
export function rightsRow(role: Role, kind: AccessKind): RightsRow | undefined {
  return ROWS.get(`${role}/${kind}`);
}
