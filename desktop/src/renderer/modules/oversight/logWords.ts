import type { LogCheck } from '../../data/audit/logCheck.ts';
import type { LogAlarmCode } from '../../data/audit/logWitness.ts';
import { formatNumber } from '../../i18n/format.ts';
import { m } from '../../i18n/generated/messages.js';
import type { Locale } from '../../i18n/locale.svelte.ts';

const DESK_ALARMS: Readonly<Record<LogAlarmCode, { word: () => string; advice: () => string }>> = {
  forked: { word: () => m.oversight_chk_forked(), advice: () => m.oversight_chk_advice_changed() },
  rolledBack: { word: () => m.oversight_chk_rolled_back(), advice: () => m.oversight_chk_advice_changed() },
  restarted: { word: () => m.oversight_chk_restarted(), advice: () => m.oversight_chk_advice_restarted() },
  key: { word: () => m.oversight_chk_key(), advice: () => m.oversight_chk_advice_changed() },
  signature: { word: () => m.oversight_chk_signature(), advice: () => m.oversight_chk_advice_changed() },
};

/** What this desk has found about the log. */
export function logAlarmWord(code: LogAlarmCode): string {
  return DESK_ALARMS[code].word();
}

/** What to do about it. */
export function alarmAdvice(code: LogAlarmCode): string {
  return DESK_ALARMS[code].advice();
}

const ALARMS: Readonly<Record<string, () => string>> = {
  forked: () => m.oversight_chk_forked(),
  rolledBack: () => m.oversight_chk_rolled_back(),
  restarted: () => m.oversight_chk_restarted(),
  signer: () => m.oversight_chk_signer(),
  refused: () => m.oversight_chk_refused(),
  entry: () => m.oversight_chk_entry(),
  witnessRefused: () => m.oversight_chk_witness_refused(),
  'chain-gap': () => m.oversight_chk_chain_gap(),
  'chain-fork': () => m.oversight_chk_chain_fork(),
  'chain-reuse': () => m.oversight_chk_chain_reuse(),
  'chain-unsigned': () => m.oversight_chk_chain_unsigned(),
  'chain-restart': () => m.oversight_chk_chain_restart(),
};

/** An alarm that stands in the log or that the service has now; the code of one that this version does not know. */
export function alarmWord(code: string): string {
  return Object.hasOwn(ALARMS, code) ? (ALARMS[code]?.() ?? code) : code;
}

/** The result of a check in plain words. */
export function checkWords(
  check: LogCheck,
  locale: Locale,
): { readonly title: string; readonly detail: string } {
  const size = formatNumber(check.size, locale);
  switch (check.verdict) {
    case 'ok':
      return {
        title: m.oversight_chk_ok(),
        detail:
          check.entries === 0
            ? m.oversight_chk_ok_head({ size })
            : m.oversight_chk_ok_detail({ size, entries: formatNumber(check.entries, locale) }),
      };
    case 'tampered':
      return {
        title: m.oversight_chk_tampered(),
        detail: m.oversight_chk_tampered_detail({
          where: check.problems
            .slice(0, 5)
            .map(({ where }) => where)
            .join(', '),
        }),
      };
    case 'alarm':
      return check.alarm === null
        ? { title: m.oversight_chk_none_yet(), detail: m.oversight_chk_none_yet_detail() }
        : { title: logAlarmWord(check.alarm), detail: alarmAdvice(check.alarm) };
  }
}
