import type { Json } from '@sivis/shared/docs/json.ts';
import type { DraftForm } from '../../data/desk/drafts.ts';
import type { Work } from '../../data/work.ts';

/** A form that may be left half-filled. */
export interface KeptForm<T extends object> {
  /** Names the form, with the ids of what it is about, so that two of them do not meet: `booking/<person>`. */
  readonly key: DraftForm | `${DraftForm}/${string}`;
  /** What was filled in, as plain JSON, read reactively; `null` while there is nothing that would be missed. */
  readonly read: () => T | null;
  readonly restore: (value: T) => void;
}

/**
 * Keeps a half-filled form as a draft and fills it in again when it is opened the next time: after the lock, a crash or
 * a reload. During component initialisation. `restored` tells that it was filled in; `forget` gives the draft up: when
 * the form was saved, and when somebody does not want it any more.
 */
export function keepForm<T extends object>(
  { drafts }: Pick<Work, 'drafts'>,
  form: KeptForm<T>,
): { readonly restored: boolean; readonly forget: () => void } {
  const { key } = form;
  const before = drafts.get(key) as T | undefined;
  if (before !== undefined) form.restore(before);
  let given = false;
  $effect(() => {
    const value = form.read();
    if (!given) drafts.keep(key, value as Json);
  });
  return {
    restored: before !== undefined,
    forget() {
      given = true;
      drafts.keep(key, null);
    },
  };
}
