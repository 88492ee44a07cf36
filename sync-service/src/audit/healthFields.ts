/** Fields that say something about health (decisions.md, audit view): masked in the log. */
const HEALTH_FIELDS: ReadonlySet<string> = new Set(['person.alerts', 'stay.dietCode', 'stay.checkin']);

export function isHealthField(kind: string, field: string): boolean {
  return HEALTH_FIELDS.has(`${kind}.${field}`);
}
