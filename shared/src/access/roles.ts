/** The roles of the first main job (decisions.md, rights table). */
export const ROLES = ['reception', 'dutyManager', 'specialist', 'catering', 'it', 'auditor'] as const;
export type Role = (typeof ROLES)[number];
