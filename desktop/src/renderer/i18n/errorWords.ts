import { ERRORS } from '@sivis/shared/protocol/errors.ts';
import { WORDS, wordsOf } from '@sivis/shared/rules/words.ts';
import { m } from './generated/messages.js';
import { currentLocale } from './locale.svelte.ts';

/** Errors of the desk itself, by code: what happened, what is safe, what to do. Those of the service are in `ERRORS`. */
const DESK: Readonly<Record<string, () => string>> = {
  UNREACHABLE: () => m.app_error_no_answer(),
  TIMEOUT: () => m.app_error_no_answer(),
  ABORTED: () => m.app_error_no_answer(),
  STOPPED: () => m.app_error_stopped(),
  NOT_WRITTEN: () => m.app_error_not_written(),
  SCHEMA: () => m.app_error_schema(),
  SECOND_WINDOW: () => m.app_error_second_window(),
  UNDO_NOTHING: () => m.app_error_undo_nothing(),
  UNDO_STALE: () => m.app_error_undo_stale(),
  UNDO_RULES: () => m.app_error_undo_rules(),
  TAMPERED: () => m.app_error_tampered(),
  WRONG_KEY: () => m.app_error_wrong_key(),
  LOCKED: () => m.app_error_locked(),
  STORE_BROKEN: () => m.app_signin_store_broken(),
  'no-secure-storage': () => m.app_error_no_secure_storage(),
  'backend-changed': () => m.app_error_key_backend(),
  'decrypt-failed': () => m.app_error_key_decrypt(),
  damaged: () => m.app_error_key_damaged(),
  'unreadable-exists': () => m.app_error_key_exists(),
  denied: () => m.app_error_print_denied(),
  failed: () => m.app_error_failed(),
  'bad-sender': () => m.app_error_failed(),
  'bad-args': () => m.app_error_failed(),
  managed: () => m.app_error_address_managed(),
  'not-an-address': () => m.app_error_address_wrong(),
  'not-secure': () => m.app_error_address_insecure(),
  declined: () => m.app_error_address_declined(),
};

/** The words of a code, of the service or of the desk; `null` for one that this version does not know. */
export function codeText(code: string): string | null {
  if (Object.hasOwn(ERRORS, code)) return ERRORS[code as keyof typeof ERRORS][currentLocale()];
  return Object.hasOwn(DESK, code) ? (DESK[code]?.() ?? null) : null;
}

interface Told {
  readonly text: string;
  /** For support. */
  readonly code: string;
}

/**
 * Any error in plain words, never with the error's own text: that may quote data. What a rule refused is told by the
 * rule's words.
 */
export function errorText(error: unknown): Told {
  const { code, violations } = (error ?? {}) as {
    readonly code?: unknown;
    readonly violations?: readonly {
      readonly code: string;
      readonly params: Readonly<Record<string, string>>;
    }[];
  };
  const known = typeof code === 'string' ? codeText(code) : null;
  if (typeof code !== 'string' || known === null) return { text: m.app_error_unknown(), code: 'UNKNOWN' };
  const rules = (violations ?? []).flatMap((found) =>
    Object.hasOwn(WORDS, found.code) ? [wordsOf(found.code, found.params, currentLocale())] : [],
  );
  return { text: [known, ...rules].join(' '), code };
}
