import type { Person } from '@sivis/shared/people/person.ts';

/** Somebody whom a search found, here or at the service. */
export interface FoundPerson {
  readonly id: string;
  readonly person: Person;
  readonly bed?: string | undefined;
  readonly atService: boolean;
}
