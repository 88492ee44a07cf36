/** Ids of the commands used last, newest first: the palette shows them on top. Lives as long as the session. */
let ids = $state<readonly string[]>([]);

const KEPT = 6;

export function recentCommandIds(): readonly string[] {
  return ids;
}

export function rememberCommand(id: string): void {
  ids = [id, ...ids.filter((kept) => kept !== id)].slice(0, KEPT);
}

/** At lock and sign-out: the next person begins with an empty list. */
export function forgetCommands(): void {
  ids = [];
}
