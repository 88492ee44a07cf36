const ROOT = 'data-print-root';
const PATH = 'data-print-path';

/** The section, what is in it and what it is in; nothing else is printed while a section is marked. */
const RULES = `@media print {
  html[${PATH}] :not([${PATH}], [${ROOT}], [${ROOT}] *) { display: none !important; }
  html[${PATH}] [${PATH}] { overflow: visible !important; height: auto !important; max-height: none !important; }
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
    return await print();
  } finally {
    unmark();
  }
}
