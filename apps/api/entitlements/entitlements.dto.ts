import type { EntitlementChange } from '#domain/entitlements/change-entitlements.js';
import { EntitlementChanges, Says } from '#platform/validation/fields.js';

export class UpdateEntitlementsBody {
  @Says(
    'By key; what is not named stays. Of a `config`, each value that is named is replaced, and null takes it away.',
    {
      'transactions.write': { enabled: true, config: { max_single_transaction: { NGN: 50000000 } } },
      'payouts.write': { enabled: false },
    },
  )
  @EntitlementChanges()
  entitlements: Record<string, EntitlementChange>;
}
