import { ageOn, formatDate, rigaDate } from '@sivis/shared/time/plainDate.ts';
import { maskPersonalCode } from '@sivis/shared/people/personalCode.ts';
import { bannerName, type Person } from '@sivis/shared/people/person.ts';
import type { SearchResponse } from '@sivis/shared/protocol/messages/search.ts';
import type { PeopleAnswer } from './peopleSearch.ts';

/** One line of an answer, as the shell shows it. */
export interface SearchResult {
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string;
  readonly note?: string;
  readonly run: () => void;
}

export interface SearchAnswer {
  readonly results: readonly SearchResult[];
  readonly total: number;
}

function resultOf(
  id: string,
  person: Person,
  note: string | undefined,
  open: (id: string) => void,
): SearchResult {
  const { birthDate, personalCode } = person;
  const facts = [
    birthDate === undefined ? '' : `${formatDate(birthDate)} (${ageOn(birthDate, rigaDate(Date.now()))})`,
    personalCode === undefined ? '' : maskPersonalCode(personalCode),
  ].filter((fact) => fact !== '');
  return {
    id,
    title: bannerName(person),
    ...(facts.length === 0 ? {} : { subtitle: facts.join(' · ') }),
    ...(note === undefined ? {} : { note }),
    run: () => {
      open(id);
    },
  };
}

/** The desk's own answer. */
export function personAnswer(answer: PeopleAnswer, open: (id: string) => void): SearchAnswer {
  return {
    total: answer.total,
    results: answer.hits.map(({ person, bed }) => resultOf(person.id, person.fields, bed, open)),
  };
}

/** The service's answer; its fields are already what the role may see. */
export function serviceAnswer(answer: SearchResponse, open: (id: string) => void): SearchAnswer {
  return {
    total: answer.total,
    results: answer.hits.map(({ person }) =>
      resultOf(person.id, person.fields as unknown as Person, undefined, open),
    ),
  };
}
