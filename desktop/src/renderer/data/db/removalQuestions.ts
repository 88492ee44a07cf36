import { liveValue, type Live } from '../live.ts';
import { pause } from './gate.ts';
import type { RemovalQuestion } from './syncTypes.ts';

/** After a refusal the question is asked again not sooner than this. */
const REFUSED_PAUSE_MS = 60_000;

/** Large removals that wait for a human. */
export interface RemovalQuestions {
  /** The one that is shown; the others wait behind it. */
  readonly question: Live<RemovalQuestion | null>;
  /** Resolves when the removal is agreed to; rejects when it is refused or sync stops. */
  ask(question: RemovalQuestion, signal: AbortSignal): Promise<void>;
  /** Answers the one that is shown. */
  answer(agreed: boolean): void;
}

export function createRemovalQuestions(): RemovalQuestions {
  const question = liveValue<RemovalQuestion | null>(null);
  const asked: { readonly question: RemovalQuestion; readonly answer: (agreed: boolean) => void }[] = [];
  return {
    question,
    ask: (about, signal) =>
      new Promise((resolve, reject) => {
        const entry = {
          question: about,
          answer: (agreed: boolean): void => {
            asked.splice(asked.indexOf(entry), 1);
            question.set(asked[0]?.question ?? null);
            signal.removeEventListener('abort', stop);
            if (agreed) resolve();
            else
              pause(REFUSED_PAUSE_MS, signal).then(() => {
                reject(new Error('the removal was refused'));
              }, reject);
          },
        };
        const stop = (): void => {
          entry.answer(false);
        };
        signal.addEventListener('abort', stop, { once: true });
        asked.push(entry);
        if (asked[0] === entry) question.set(entry.question);
      }),
    answer(agreed) {
      asked[0]?.answer(agreed);
    },
  };
}
