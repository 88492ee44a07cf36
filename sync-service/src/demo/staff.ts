import type { Role } from '@sivis/shared/access/roles.ts';

/** The staff of the invented centre, one or two per role. */
export const STAFF: readonly { readonly user: string; readonly name: string; readonly role: Role }[] = [
  { user: 'agnese.liepina', name: 'Agnese Liepiņa', role: 'reception' },
  { user: 'karlis.ozols', name: 'Kārlis Ozols', role: 'reception' },
  { user: 'inara.kalnina', name: 'Ināra Kalniņa', role: 'dutyManager' },
  { user: 'ieva.saulite', name: 'Ieva Saulīte', role: 'specialist' },
  { user: 'juris.vitols', name: 'Juris Vītols', role: 'specialist' },
  { user: 'baiba.zagare', name: 'Baiba Žagare', role: 'catering' },
  { user: 'girts.skele', name: 'Ģirts Šķēle', role: 'it' },
  { user: 'dace.erele', name: 'Dace Ērele', role: 'auditor' },
];
