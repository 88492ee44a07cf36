/**
 * The closed list of error codes on the wire. `status` is the HTTP status, `lv` and `en` say in plain words what
 * happened, what is safe and what to do; a desk shows them by code and never shows a bare number.
 */
export const ERRORS = {
  MALFORMED: {
    status: 400,
    lv: 'Pieprasījums nav saprotams. Nekas nav mainīts. Ja tas atkārtojas, nosūtiet IT atbalstam diagnostiku.',
    en: 'The request cannot be understood. Nothing was changed. If it happens again, send the diagnostics to IT.',
  },
  TOO_DEEP: {
    status: 400,
    lv: 'Pieprasījums ir ielikts pārāk dziļi. Nekas nav mainīts.',
    en: 'The request is nested too deeply. Nothing was changed.',
  },
  BAD_CHECKPOINT: {
    status: 400,
    lv: 'Sinhronizācijas atzīme nav derīga. Dati šajā datorā ir drošībā; sinhronizācija sāksies no jauna.',
    en: 'The sync checkpoint is not valid. The data on this computer are safe; sync will start anew.',
  },
  UNKNOWN_VERSION: {
    status: 400,
    lv: 'Darbstacija ir jaunāka par servisu. Darbs turpinās; dati tiks nosūtīti, kad serviss būs atjaunināts.',
    en: 'The workstation is newer than the service. Work goes on; data are sent when the service is updated.',
  },
  UNAUTHENTICATED: {
    status: 401,
    lv: 'Jāpierakstās no jauna. Nesinhronizētās izmaiņas ir saglabātas šajā datorā.',
    en: 'Please sign in again. Unsynced changes are kept on this computer.',
  },
  WRONG_CREDENTIALS: {
    status: 401,
    lv: 'Lietotājvārds vai parole nav pareiza.',
    en: 'The user name or password is wrong.',
  },
  DPOP_NONCE: {
    status: 401,
    lv: 'Darbstacijas apliecinājums ir novecojis. Darbstacija to atjaunos pati.',
    en: 'The proof of this workstation is out of date. The workstation renews it by itself.',
  },
  DPOP_INVALID: {
    status: 401,
    lv: 'Serviss neatpazīst šīs darbstacijas apliecinājumu. Nekas nav mainīts. Pierakstieties no jauna; ja tas atkārtojas, ziņojiet IT.',
    en: 'The service does not recognise the proof of this workstation. Nothing was changed. Sign in again; if it happens again, tell IT.',
  },
  DEVICE_UNKNOWN: {
    status: 403,
    lv: 'Šī darbstacija vēl nav pieslēgta iestādei. Palūdziet IT vienreizēju pieslēgšanas kodu.',
    en: 'This workstation is not enrolled yet. Ask IT for a one-time enrolment code.',
  },
  TOTP_REQUIRED: {
    status: 401,
    lv: 'Vajadzīgs arī vienreizējais kods no jūsu tālruņa lietotnes.',
    en: 'The one-time code of the app on your phone is needed as well.',
  },
  TOTP_WRONG: {
    status: 401,
    lv: 'Vienreizējais kods nav pareizs vai ir jau izmantots. Pagaidiet nākamo un mēģiniet vēlreiz.',
    en: 'The one-time code is wrong or was used already. Wait for the next one and try again.',
  },
  TOTP_SETUP: {
    status: 403,
    lv: 'Jūsu lomai vajadzīga divpakāpju pierakstīšanās. Iestatiet to, lai turpinātu.',
    en: 'Your role needs two-step sign-in. Set it up to go on.',
  },
  OIDC_FAILED: {
    status: 403,
    lv: 'Pierakstīšanās iestādes kontā neizdevās. Nekas nav mainīts. Sāciet vēlreiz; ja tas atkārtojas, ziņojiet IT.',
    en: 'The sign-in with the account of the organisation failed. Nothing was changed. Begin again; if it happens again, tell IT.',
  },
  OIDC_NO_ROLE: {
    status: 403,
    lv: 'Jūsu kontam SIVIS nav piešķirtas tiesības. Sazinieties ar IT atbalstu.',
    en: 'Your account has no rights in SIVIS. Contact IT.',
  },
  ENROL_CODE: {
    status: 403,
    lv: 'Pieslēgšanas kods nav pareizs, ir jau izmantots vai novecojis. Palūdziet IT jaunu.',
    en: 'The enrolment code is wrong, used or expired. Ask IT for a new one.',
  },
  FORBIDDEN: {
    status: 403,
    lv: 'Jums nav tiesību uz šo darbību. Nekas nav mainīts.',
    en: 'You have no right to do this. Nothing was changed.',
  },
  NOT_FOUND: {
    status: 404,
    lv: 'Tāda ieraksta nav vai tas nav pieejams.',
    en: 'There is no such record, or it is not available.',
  },
  CONFLICT: {
    status: 409,
    lv: 'Tāds ieraksts jau ir. Nekas nav mainīts.',
    en: 'Such a record exists already. Nothing was changed.',
  },
  TOO_LARGE: {
    status: 413,
    lv: 'Sūtījums ir pārāk liels. Dati paliek šajā datorā un tiks sūtīti pa daļām.',
    en: 'The message is too large. The data stay on this computer and are sent in parts.',
  },
  UNSUPPORTED_MEDIA: { status: 415, lv: 'Serviss pieņem tikai JSON.', en: 'The service accepts JSON only.' },
  CLIENT_TOO_OLD: {
    status: 426,
    lv: 'Darbstacija jāatjaunina. Lasīt un rakstīt melnrakstus var; nosūtīšana gaida.',
    en: 'The workstation must be updated. Reading and drafting go on; sending waits.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    lv: 'Par daudz mēģinājumu. Pagaidiet brīdi un mēģiniet vēlreiz.',
    en: 'Too many attempts. Wait a moment and try again.',
  },
  INTERNAL: {
    status: 500,
    lv: 'Servisā radās kļūda. Dati šajā datorā ir drošībā; mēģināsim vēlreiz.',
    en: 'The service failed. The data on this computer are safe; we will try again.',
  },
  STORE_FULL: {
    status: 507,
    lv: 'Servisa disks ir pilns. Dati ir saglabāti šajā datorā; ziņojiet IT.',
    en: 'The disk of the service is full. The data are kept on this computer; tell IT.',
  },
  UNAVAILABLE: {
    status: 503,
    lv: 'Serviss pašlaik neatbild. Dati šajā datorā ir drošībā; mēģināsim vēlreiz.',
    en: 'The service does not answer now. The data on this computer are safe; we will try again.',
  },
} as const satisfies Record<string, { status: number; lv: string; en: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of the list; `detail` names fields and limits, never personal data. */
export class SivisError extends Error {
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, string | number>>;
  constructor(code: ErrorCode, detail: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.name = 'SivisError';
    this.code = code;
    this.detail = detail;
  }
}
