/** The few words that main says itself; everything else is said by the page. */
const lv = {
  file: 'Fails',
  lock: 'Bloķēt',
  quit: 'Iziet',
  edit: 'Rediģēt',
  undo: 'Atsaukt',
  redo: 'Atcelt atsaukšanu',
  cut: 'Izgriezt',
  copy: 'Kopēt',
  paste: 'Ielīmēt',
  selectAll: 'Atlasīt visu',
  view: 'Skats',
  zoomIn: 'Tuvināt',
  zoomOut: 'Tālināt',
  zoomReset: 'Parastais lielums',
  fullScreen: 'Pilnekrāna režīms',
  devTools: 'Izstrādātāja rīki',
  crashTitle: 'SIVIS logs apstājās vairākas reizes',
  crashText:
    'Saglabātais ir drošībā šajā datorā. Aizveriet SIVIS un atveriet to no jauna; ja tas atkārtojas, zvaniet IT atbalstam.',
  networkProfileTitle: 'SIVIS šeit nevar glabāt datus',
  networkProfileText:
    'Jūsu Windows profila mape atrodas tīklā, un tur datu bāze sabojātos. Nekas nav mainīts. Lūdziet IT atbalstam lokālu profila mapi.',
  serverQuestion: 'Vai pieslēgt šo darbstaciju serverim?',
  serverWarning: 'Jūsu vārds, parole un dati tiks sūtīti uz šo adresi. Pieslēdziet tikai iestādes serverim.',
  connect: 'Pieslēgt',
  browserQuestion: 'Vai atvērt pārlūku, lai pierakstītos iestādes kontā?',
  browserDone: 'Gatavs. Atgriezieties SIVIS logā; šo lapu var aizvērt.',
  open: 'Atvērt',
  cancel: 'Atcelt',
};

export type Texts = typeof lv;

const en: Texts = {
  file: 'File',
  lock: 'Lock',
  quit: 'Quit',
  edit: 'Edit',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  selectAll: 'Select all',
  view: 'View',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomReset: 'Actual size',
  fullScreen: 'Full screen',
  devTools: 'Developer tools',
  crashTitle: 'The SIVIS window has stopped several times',
  crashText:
    'What was saved is safe on this computer. Close SIVIS and open it again; if it happens again, call IT support.',
  networkProfileTitle: 'SIVIS cannot keep its data here',
  networkProfileText:
    'Your Windows profile folder is on the network, where a database would break. Nothing was changed. Ask IT support for a local profile folder.',
  serverQuestion: 'Connect this workstation to the server?',
  serverWarning:
    'Your name, password and data will be sent to this address. Connect only to your institution’s server.',
  connect: 'Connect',
  browserQuestion: 'Open the browser to sign in with the account of the organisation?',
  browserDone: 'Done. Go back to the SIVIS window; this page can be closed.',
  open: 'Open',
  cancel: 'Cancel',
};

/** English where the system speaks English, Latvian everywhere else. */
export function textsFor(locale: string): Texts {
  return /^en\b/i.test(locale) ? en : lv;
}
