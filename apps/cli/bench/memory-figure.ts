import { evolve, type LedgerEvent } from '#domain/ledger.js';
import { emptyState } from '#domain/state.js';
import { UlidSequence } from '#engine/identifiers.js';

const ACCOUNTS = 1_000_000;

const collect = (globalThis as { gc?: () => void }).gc;
if (!collect) throw new Error('run it with --expose-gc');

const used = (): number => {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
};

const ids = new UlidSequence();
const opened = (revision: number): LedgerEvent => {
  const ulid = ids.next(Date.now());
  return {
    revision,
    id: ulid,
    at: Date.now(),
    type: 'AccountOpened',
    data: {
      account: {
        // A text of its own, as decoding makes it: not a view of a longer one.
        account_id: JSON.parse(`"acc_${ulid}"`) as string,
        account_code: `WLT-${revision}`,
        account_name: 's1.x.y',
        wallet_type: 'customer',
        currency: 'EUR',
        normal_side: 'credit',
        status: 'active',
        post_no_debit: false,
        post_no_credit: false,
        kyc_tier: 'tier1',
        parent_account_id: null,
        customer_id: null,
        overdraft_limit: 0,
        allow_negative: false,
        blocks: [],
        closure: null,
        balance: 0,
        held: 0,
        receivable: 0,
        metadata: [],
      },
    },
    meta: {
      tenant_id: 'tnt_x',
      sequence: revision,
      actor: 'x',
      request_id: null,
      api_version: null,
      ip: null,
      idempotency: null,
    },
  };
};

const state = emptyState();
const before = used();
for (let i = 0; i < ACCOUNTS; i++) evolve(state, opened(i));
const bytesPerAccount = (used() - before) / state.accounts.size;
process.stdout.write(JSON.stringify({ accounts: state.accounts.size, bytesPerAccount }));
