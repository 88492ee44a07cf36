import { ERRORS, SivisError } from '@sivis/shared/protocol/errors.ts';
import { NoAnswerError } from '../../data/net/failure.ts';
import { m } from '../../i18n/generated/messages.js';
import { currentLocale } from '../../i18n/locale.svelte.ts';

/** Why a call to the service did not succeed, in plain words; the code is for support. */
export function serviceError(error: unknown): { readonly text: string; readonly code: string } {
  if (error instanceof SivisError) return { text: ERRORS[error.code][currentLocale()], code: error.code };
  if (error instanceof NoAnswerError) return { text: m.oversight_no_answer(), code: error.code };
  return { text: ERRORS.INTERNAL[currentLocale()], code: 'INTERNAL' };
}
