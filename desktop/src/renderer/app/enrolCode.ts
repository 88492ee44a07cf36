/** Address with which a start hands a desk its one-time code; in the fragment, so that it reaches no log. */
const PATH = /^#\/pieslegt\/([0-9A-Za-z-]{20,60})$/;

/** The enrolment code of an address's fragment, or `null`. */
export function enrolCode(hash: string): string | null {
  return PATH.exec(hash)?.[1] ?? null;
}
