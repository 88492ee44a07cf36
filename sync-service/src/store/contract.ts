import { describe } from 'vitest';
import { commitContract } from './contract/commits.ts';
import { documentContract } from './contract/documents.ts';
import { searchContract } from './contract/search.ts';
import { auditContract } from './contract/audit.ts';
import { identityContract } from './contract/identity.ts';
import { textContract } from './contract/texts.ts';
import { testStores, type ContractEngine } from './contract/testStores.ts';

/** The contract of every store, run against one engine. */
export function storeContract(name: string, engine: ContractEngine): void {
  describe(`store contract: ${name}`, () => {
    const stores = testStores(engine);
    commitContract(stores);
    documentContract(stores);
    searchContract(stores);
    auditContract(stores);
    identityContract(stores);
    textContract(stores);
  });
}
