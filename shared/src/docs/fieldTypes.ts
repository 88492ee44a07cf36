import { z } from 'zod';
import { isId } from '../ids/ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import { isInstant } from '../time/clock.ts';
import { isPlainDate } from '../time/plainDate.ts';

/** A text of whole characters: half of a surrogate pair has no UTF-8 and no canonical JSON (RFC 8785 3.2.2.2). */
export const wholeText = z.string().refine((text) => text.isWellFormed(), 'half of a character');

/** The types of which the fields of documents consist. */
export const idField = z.string().refine(isId, 'id');
export const dateField = z.string().refine(isPlainDate, 'date');
export const instantField = z.string().refine(isInstant, 'instant');
export const nameField = z.string().trim().min(1).max(120);
export const shortText = z.string().max(200);
export const longText = z.string().max(LIMITS.textChars);
/** An amount of money in euro cents. */
export const centsField = z.int().min(0).max(100_000_000);
