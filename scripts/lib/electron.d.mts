/** The types of electron.mjs, for the whole-system tests. */
export function findElectron(system?: {
  readonly root?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: string;
}): string | undefined;
