import { isId } from '@sivis/shared/ids/ids.ts';
import { cardResponseSchema } from '@sivis/shared/protocol/messages/search.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { untrack } from 'svelte';
import type { Work } from '../../data/work.ts';
import { serviceError, watchDesk } from '../oversight/index.ts';
import { clientFromService, clientOnDesk, type ClientData } from './clientData.ts';
import { fromLive } from './shell.ts';

/** A client whose card is open: what is known of him and from where. */
export interface OpenClient {
  /** `null` while nobody with the id is known. */
  readonly data: ClientData | null;
  /** The log knows that the card is open; nothing is shown before. */
  readonly shown: boolean;
  /** Somebody is still being looked for: here, because the first synchronisation runs, or at the service. */
  readonly looking: boolean;
  /** Why the service did not give the card. */
  readonly failure: { readonly text: string; readonly code: string } | null;
  /** Asks the service again. */
  readonly retry: () => void;
}

/** Finds a client on the desk, otherwise at the service, and records the look. During component initialisation. */
export function openClient(work: Work, id: () => string, onopen: () => void): OpenClient {
  const version = watchDesk(work.desk);
  const online = fromLive(work.online, false);
  const loaded = fromLive(work.loaded, false);
  let fetched = $state.raw<ClientData | null>(null);
  let fetching = $state(false);
  let failure = $state.raw<OpenClient['failure']>(null);
  let recorded = $state<string | null>(null);

  const onDesk = $derived.by(() => {
    void version.current;
    return clientOnDesk(work.desk, id());
  });
  const data = $derived(onDesk ?? (fetched?.person.id === id() ? fetched : null));

  async function fetchCard(personId: string): Promise<void> {
    fetching = true;
    failure = null;
    try {
      fetched = clientFromService(await work.api.call(PATHS.personCard, { personId }, cardResponseSchema));
    } catch (error) {
      failure = serviceError(error);
    } finally {
      fetching = false;
    }
  }

  $effect(() => {
    const personId = id();
    if (!isId(personId) || onDesk !== null || !loaded.current || !online.current) return;
    untrack(() => void (fetched?.person.id === personId || fetchCard(personId)));
  });

  $effect(() => {
    const personId = id();
    if (data === null) return;
    untrack(() => {
      if (recorded === personId) return;
      onopen();
      void work.events
        .record({
          action: 'view',
          kind: 'person',
          objectId: personId,
          personIds: [personId],
          screen: 'client',
        })
        .then(() => (recorded = personId));
    });
  });

  return {
    get data() {
      return data;
    },
    get shown() {
      return data !== null && recorded === id();
    },
    get looking() {
      return isId(id()) && failure === null && (fetching || !loaded.current || online.current);
    },
    get failure() {
      return failure;
    },
    retry() {
      void fetchCard(id());
    },
  };
}
