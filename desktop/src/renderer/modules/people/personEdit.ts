import type { Json } from '@sivis/shared/docs/json.ts';
import { checkPersonalCode } from '@sivis/shared/people/personalCode.ts';

/** What a typed value of a field amounts to. */
export type FieldReading =
  | { readonly ok: true; readonly value: Json; readonly warning?: 'checksum' }
  | { readonly ok: false; readonly problem: 'required' | 'code' | 'tooLong' };

const REQUIRED = new Set(['familyName', 'givenName', 'value']);
const MAX: Readonly<Record<string, number>> = {
  familyName: 120,
  givenName: 120,
  documentNumber: 200,
  country: 80,
};

/**
 * Reads what somebody typed into a field of a person or a contact. An empty text takes the value away where that is
 * possible. A personal code is brought to its form; a wrong check digit is a warning, never a refusal.
 */
export function readField(field: string, typed: string): FieldReading {
  const text = typed.trim();
  if (text === '')
    return REQUIRED.has(field) ? { ok: false, problem: 'required' } : { ok: true, value: null };
  if (text.length > (MAX[field] ?? 200)) return { ok: false, problem: 'tooLong' };
  if (field !== 'personalCode') return { ok: true, value: text };
  const check = checkPersonalCode(text);
  if (!check.ok) return { ok: false, problem: 'code' };
  return check.checksum === 'mismatch'
    ? { ok: true, value: check.code, warning: 'checksum' }
    : { ok: true, value: check.code };
}
