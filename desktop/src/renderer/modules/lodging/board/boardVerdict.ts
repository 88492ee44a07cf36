import { mayOverride } from '@sivis/shared/access/can.ts';
import type { Draft } from '@sivis/shared/lodging/commands.ts';
import type { BedClaim } from '@sivis/shared/lodging/rules.ts';
import { isInHouse } from '@sivis/shared/lodging/stay.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';
import { formatDate, fromEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Work } from '../../../data/work.ts';
import { formatSpan } from '../../../i18n/format.ts';
import { m } from '../../../i18n/generated/messages.js';
import type { TapeCreate, TapeIntent, TapeMove, TapeResize, TapeVerdict } from '../../../ui/tape/model.ts';
import { violationWords } from '../act.ts';
import { bedState } from '../bedState.ts';
import { bedName, type BedPlace } from '../places.ts';
import { draftOfIntent } from './boardIntents.ts';
import { claimsOfDraft, freeUntil, nearbyBeds } from './boardJudge.ts';
import { NO_BED_LANE } from './boardRows.ts';
import { holderWord } from './boardTexts.ts';

/** What the answer to an intent depends on. */
export interface VerdictPorts {
  readonly work: Pick<Work, 'desk' | 'commands' | 'subject'>;
  readonly today: PlainDate;
  /** The beds in the order of the house: the nearest ones are proposed. */
  readonly places: readonly BedPlace[];
  readonly rowName: (rowId: string) => string;
}

function claimWords({ work }: VerdictPorts, claims: readonly BedClaim[]): string[] {
  const words = claims.map(({ holder, holderKind, from, to }) => {
    const span = formatSpan(from, to);
    const personId = holder.fields['personId'];
    if (holderKind === 'stay' && typeof personId === 'string')
      return m.lodging_taken_by({ span, name: holderWord(work.desk, personId) });
    const reason = holder.fields['reason'];
    return m.lodging_blocked_by({ span, reason: typeof reason === 'string' ? reason : '' });
  });
  return [...new Set(words)];
}

/** The words of what is in the way, with the names that the reader may know, and where there is room instead. */
function refusal(
  ports: VerdictPorts,
  intent: TapeMove | TapeResize,
  draft: Draft,
  found: readonly Violation[],
): TapeVerdict {
  const { work, today, places, rowName } = ports;
  const place = rowName(intent.rowId);
  const claims = claimsOfDraft(work.desk, today, draft);
  const stay = work.desk.get('stay', draft.id);
  const near: string[] = [];
  if (stay !== undefined && intent.rowId !== NO_BED_LANE) {
    const from = fromEpochDay(intent.from);
    const start = isInHouse(stay.fields) && from < today ? today : from;
    const wish = {
      stayId: stay.id,
      stay: stay.fields,
      bedId: intent.rowId,
      from: start,
      to: fromEpochDay(intent.to),
    };
    near.push(...nearbyBeds(work.desk, today, places, wish).flatMap((id) => bedName(work.desk, id) ?? []));
    const until = freeUntil(claims, intent.rowId, start);
    if (until !== null) near.push(m.lodging_until({ bed: place, date: formatDate(until) }));
  }
  const others = found.filter(({ rule }) => rule !== 'I1' || claims.length === 0).map(violationWords);
  const instead = near.length === 0 ? [] : [m.lodging_alternatives({ beds: near.join(', ') })];
  return {
    ok: false,
    title: intent.kind === 'move' ? m.lodging_cannot_move({ bed: place }) : m.lodging_cannot_resize(),
    text: [...claimWords(ports, claims), ...others, ...instead].join(' '),
  };
}

function createVerdict({ work, today }: VerdictPorts, intent: TapeCreate): TapeVerdict {
  const no = (text: string): TapeVerdict => ({ ok: false, title: m.lodging_cannot(), text });
  if (fromEpochDay(intent.from) < today) return no(m.lodging_past());
  for (let night = intent.from; night < intent.to; night += 1) {
    const date = formatDate(fromEpochDay(night));
    const found = bedState(work.desk, intent.rowId, fromEpochDay(night));
    if (found.state === 'blocked')
      return no(m.lodging_night_blocked({ date, reason: found.block.fields.reason }));
    if (found.state === 'taken')
      return no(m.lodging_night_taken({ date, name: holderWord(work.desk, found.stay.fields.personId) }));
  }
  return { ok: true };
}

/** The answer to what somebody is about to drop: allowed, allowed with a warning, or the reasons why not. */
export function verdictOf(ports: VerdictPorts, intent: TapeIntent): TapeVerdict {
  if (intent.kind === 'create') return createVerdict(ports, intent);
  const { work, today } = ports;
  const made = draftOfIntent(work.desk, intent, today);
  if (!made.ok) {
    const text = made.why === 'inHouseDates' ? m.lodging_in_house_dates() : m.lodging_gone();
    return { ok: false, title: m.lodging_cannot(), text };
  }
  const found = work.commands.check([made.draft]).map(({ violation }) => violation);
  if (found.length === 0) {
    if (made.hint === 'fromToday') return { ok: true, note: m.lodging_from_today() };
    if (made.hint === 'wholeStayShifts') return { ok: true, note: m.lodging_whole_stay_shifts() };
    return { ok: true };
  }
  const mayAll = found.every(({ overridable }) => overridable) && mayOverride(work.subject, made.draft.kind);
  if (!mayAll) return refusal(ports, intent, made.draft, found);
  return { ok: true, note: `${found.map(violationWords).join(' ')} ${m.lodging_override_asks()}` };
}
