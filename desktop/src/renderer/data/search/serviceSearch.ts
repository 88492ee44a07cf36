import { searchResponseSchema, type SearchResponse } from '@sivis/shared/protocol/messages/search.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import type { DeskEvents } from '../audit/deskEvents.ts';
import type { Api } from '../net/api.ts';
import { NoAnswerError } from '../net/failure.ts';

const MIN_CHARS = 2;
const MAX_CHARS = 120;

/**
 * Searches all people of the user's scope at the service, also those whom the desk does not hold. The service writes
 * what it delivered, the desk that somebody looked for it, before the answer is shown (decision 10). `null` when there
 * is no connection; rejects with a `SivisError` when it refuses.
 */
export async function searchAtService(
  { api, events }: { readonly api: Api; readonly events: Pick<DeskEvents, 'record'> },
  screen: string,
  text: string,
  limit: number,
  signal?: AbortSignal,
): Promise<SearchResponse | null> {
  const asked = text.trim().slice(0, MAX_CHARS);
  if (asked.length < MIN_CHARS) return null;
  let answer: SearchResponse;
  try {
    answer = await api.call(PATHS.searchPeople, { text: asked, limit }, searchResponseSchema, { signal });
  } catch (error) {
    if (error instanceof NoAnswerError) return null;
    throw error;
  }
  const personIds = answer.hits.map((hit) => hit.person.id);
  await events.record({ action: 'search', screen, filter: asked, count: answer.total, personIds });
  return answer;
}
