/** The store was written by a newer program; it is left as it is. */
export class SchemaNewerError extends Error {
  readonly code = 'SCHEMA_NEWER';
  constructor(found: number, known: number) {
    super(`the store has schema ${found}, this program knows ${known}`);
    this.name = 'SchemaNewerError';
  }
}

/** The database has an older schema, or none: its owner has to migrate it first. */
export class SchemaOlderError extends Error {
  readonly code = 'SCHEMA_OLDER';
  constructor(found: number, known: number) {
    super(`the database has schema ${found}, this program needs ${known}`);
    this.name = 'SchemaOlderError';
  }
}

/** The database is set up in a way in which the service does not run: it could rewrite its log, or lose what it said is safe. */
export class DatabaseSetupError extends Error {
  readonly code: 'ROLE_TOO_STRONG' | 'NOT_DURABLE';
  constructor(code: DatabaseSetupError['code']) {
    super(
      code === 'ROLE_TOO_STRONG'
        ? "the service's role owns the tables of the audit log or is a superuser"
        : 'fsync or synchronous_commit is off',
    );
    this.name = 'DatabaseSetupError';
    this.code = code;
  }
}
