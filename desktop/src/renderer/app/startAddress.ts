/** Addresses with which a start hands a desk something; in the fragment, so that it reaches no log. */
const ENROL = /^#\/pieslegt\/([0-9A-Za-z-]{20,60})$/;
const OIDC = /^#\/oidc\/([\w%.~-]{10,5000})$/;

/** The enrolment code of an address's fragment, or `null`. */
export function enrolCode(hash: string): string | null {
  return ENROL.exec(hash)?.[1] ?? null;
}

/** With what the identity provider's answer is asked for at the service, or `null`. */
export function oidcState(hash: string): string | null {
  const found = OIDC.exec(hash)?.[1];
  try {
    return found === undefined ? null : decodeURIComponent(found);
  } catch {
    // A link that somebody made: no text is behind its percent signs.
    return null;
  }
}
