/** The demonstration accounts as a table. */

const ROLES = {
  reception: 'Reģistratūra',
  dutyManager: 'Dežurējošais vadītājs',
  specialist: 'Speciālists',
  catering: 'Ēdināšana',
  it: 'IT',
  auditor: 'Auditors',
};

/** @param {string} role as the service names it, in any of `dutyManager`, `duty-manager`, `duty_manager` */
function roleName(role) {
  const key = role.replace(/[-_ ](\w)/g, (_, letter) => letter.toUpperCase());
  return ROLES[key] ?? role;
}

/**
 * Lays rows out in aligned columns.
 * @param {string[][]} rows the first one is the heading
 * @returns {string[]} lines, indented by two
 */
export function columns(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const pad = (text, width) => text + ' '.repeat(width - [...text].length);
  return rows.map((row) => `  ${row.map((cell, column) => pad(cell, widths[column])).join('   ')}`.trimEnd());
}

/**
 * @param {Array<{ role: string, user: string, password: string, name?: string }>} accounts
 * @returns {string[]} lines; none when there are no accounts
 */
export function accountTable(accounts) {
  if (accounts.length === 0) return [];
  const rows = accounts.map(({ role, name = '', user, password }) => [roleName(role), name, user, password]);
  return columns([['Loma', 'Vārds', 'Lietotājs', 'Parole'], ...rows]);
}
