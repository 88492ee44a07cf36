const ROOT = 'data-print-root';
const PATH = 'data-print-path';

/**
 * The section, what is in it and what it is in; nothing else is printed while a section is marked. What it is in becomes
 * plain flow: a dialog's fixed place, frame, width or scrolling would leave one cut sheet of many.
 */
const RULES = `@media print {
  html[${PATH}] :not([${PATH}], [${ROOT}], [${ROOT}] *) { display: none !important; }
  html[${PATH}], html[${PATH}] [${PATH}] {
    display: block !important;
    position: static !important;
    width: auto !important;
    min-width: 0 !important;
    max-width: none !important;
    height: auto !important;
    min-height: 0 !important;
    max-height: none !important;
    margin: 0 !important;
    padding: 0 !important;
    overflow: visible !important;
    background: none !important;
    border: 0 !important;
    box-shadow: none !important;
    transform: none !important;
    translate: none !important;
    zoom: 1 !important;
  }
}`;

let sheet: CSSStyleSheet | undefined;

function adoptRules(page: Document): void {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(RULES);
  }
  if (!page.adoptedStyleSheets.includes(sheet)) page.adoptedStyleSheets.push(sheet);
}

function mark(section: Element): () => void {
  adoptRules(section.ownerDocument);
  section.setAttribute(ROOT, '');
  const path: Element[] = [];
  for (let e = section.parentElement; e !== null; e = e.parentElement) path.push(e);
  for (const element of path) element.setAttribute(PATH, '');
  return () => {
    section.removeAttribute(ROOT);
    for (const element of path) element.removeAttribute(PATH);
  };
}

/**
 * Does something that prints while only a section of the page is printable.
 * @param section undefined means the page as its own print style shows it
 */
export async function withSection<T>(section: Element | undefined, print: () => Promise<T>): Promise<T> {
  if (section === undefined) return print();
  const unmark = mark(section);
  try {
    // A sheet in a font that is not there yet would break its lines elsewhere.
    await section.ownerDocument.fonts.ready;
    return await print();
  } finally {
    unmark();
  }
}
