/**
 * What the oracle knows of the world: plain data, nothing of the product's. Commands have the shapes of the contract's
 * bodies; whatever exists is named by the order in which it was made (`acc1`, `ltx3`, `txn2`), never by an id.
 */
export type Side = 'debit' | 'credit';
export type Direction = 'inbound' | 'outbound';
export type Tier = 'tier1' | 'tier2' | 'tier3';
export type Wallet = 'customer' | 'business' | 'merchant' | 'agent' | 'float' | 'general' | 'system';
export type TenantStatus = 'active' | 'suspended' | 'inactive';
export type Party = 'platform' | 'merchant' | 'customer' | 'tenant' | 'processor';
export type Interval = 'per_authorization' | 'daily' | 'monthly' | 'all_time';

/** Who asks: the tenant's own key, or an operator. */
export type Plane = 'tenant' | 'admin';

export interface Leg {
  account: string;
  direction: Side;
  amount: number;
  currency: string;
}

export interface PostBody {
  type: 'transfer' | 'deposit' | 'withdrawal' | 'journal' | 'exchange';
  channel?: string;
  amount?: number;
  currency?: string;
  source?: string;
  destination?: string;
  destination_amount?: number;
  rate?: string;
  entries?: Leg[];
  reference?: string;
  effective_at?: string;
}

export interface FeeTerms {
  channel: string;
  currency: string;
  flat_amount: number;
  percentage_rate: string;
  min_amount?: number | null;
  max_amount?: number | null;
  fee_floor?: number | null;
  fee_cap?: number | null;
  who_pays: Party;
  who_gets_paid: Party;
  effective_from: string;
}

export interface LimitTerms {
  kyc_level: Tier;
  direction: Direction;
  window: 'daily' | 'monthly';
  amount: number;
  max_balance?: number;
  currency: string;
}

export interface Controls {
  blocked_categories: string[];
  limits: { amount: number; interval: Interval }[];
}

export interface Merchant {
  name: string;
  category_code: string;
}

interface Purchase {
  card_id: string;
  amount: number;
  currency: string;
  merchant: Merchant;
  network_reference: string;
}

interface Message {
  card_transaction_id: string;
  network_reference?: string;
}

export type Command =
  | { type: 'ChangeTenantStatus'; data: { status: TenantStatus } }
  | {
      type: 'OpenAccount';
      data: {
        account_code?: string;
        account_name: string;
        wallet_type: Exclude<Wallet, 'system'>;
        currency: string;
        normal_side?: Side;
        overdraft_limit?: number;
        allow_negative?: boolean;
        kyc_tier?: Tier;
        parent_account_id?: string;
        customer_id?: string;
      };
    }
  | { type: 'UpdateAccount'; data: { account_id: string; overdraft_limit?: number; kyc_tier?: Tier } }
  | {
      type: 'BlockAccount';
      data: { account_id: string; reason: string; source: string; block_debits: boolean; block_credits: boolean };
    }
  | {
      type: 'UnblockAccount';
      data: {
        account_id: string;
        reason: string;
        source: string;
        unblock_debits: boolean;
        unblock_credits: boolean;
        block_source?: string;
      };
    }
  | { type: 'CloseAccount'; data: { account_id: string; reason: string; source: string; confirmation: string } }
  | { type: 'PostTransaction'; data: PostBody }
  | { type: 'PostBatch'; data: { transactions: PostBody[] } }
  | { type: 'ReverseTransaction'; data: { transaction_id: string; amount?: number } }
  | { type: 'ReplaceFeeRules'; data: { rules: FeeTerms[] } }
  | { type: 'ReplaceLimits'; data: { limits: LimitTerms[] } }
  | { type: 'EvaluateLimits'; data: { account_id: string; direction: Direction; amount: number; currency: string } }
  | { type: 'CreateCustomer'; data: { kind: 'person' | 'business'; name: string; kyc_tier?: Tier } }
  | { type: 'UpdateCustomer'; data: { customer_id: string; kyc_tier: Tier } }
  | { type: 'ChangeEntitlements'; data: { entitlements: Record<string, { enabled: boolean; config?: Entitled }> } }
  | { type: 'ClosePeriod'; data: { through: string } }
  | {
      type: 'IssueCard';
      data: {
        account_id: string;
        type: 'virtual' | 'physical' | 'nfc';
        spending_controls?: Partial<Controls>;
        exp_month?: number;
        exp_year?: number;
      };
    }
  | { type: 'UpdateCard'; data: { card_id: string; spending_controls: Partial<Controls> } }
  | {
      type: 'ChangeCardStatus';
      data: { card_id: string; action: 'activate' | 'suspend' | 'resume' | 'terminate' };
    }
  | { type: 'AuthorizeCard'; data: Purchase & { partial_approval?: boolean; expires_at?: string } }
  | { type: 'IncrementCardTransaction'; data: Message & { amount: number } }
  | { type: 'AdjustCardTransaction'; data: Message & { amount: number } }
  | { type: 'ReverseCardTransaction'; data: Message & { amount?: number } }
  | { type: 'ExpireCardTransaction'; data: { card_transaction_id: string } }
  | {
      type: 'CaptureCardTransaction';
      data: { card_transaction_id: string; network_reference: string; amount: number; final?: boolean };
    }
  | { type: 'PostCardTransaction'; data: Purchase & { direction: Side; posted_at?: string; channel?: string } }
  | {
      type: 'RefundCardTransaction';
      data: { card_transaction_id: string; network_reference: string; amount: number };
    }
  | { type: 'RefundToCard'; data: Purchase }
  | {
      type: 'CreateReservation';
      data: {
        account_id: string;
        amount: number;
        currency: string;
        destination?: string;
        reference?: string;
        expires_at?: string;
      };
    }
  | {
      type: 'CaptureReservation';
      data: { reservation_id: string; amount?: number; destination?: string; final?: boolean };
    }
  | { type: 'ReleaseReservation'; data: { reservation_id: string } };

export interface Entitled {
  max_single_transaction?: number | Record<string, number>;
}

export type CommandType = Command['type'];
export type DataOf<T extends CommandType> = Extract<Command, { type: T }>['data'];

/** What may be known of the moment of a command besides the books. */
export interface Now {
  /** Milliseconds since 1970. */
  at: number;
  /** The tenant's calendar day, `YYYY-MM-DD`. */
  today: string;
}

/**
 * What comes of a command, in one line: `done`, `unchanged`, `unchanged: other_body`, `refused: <code>`,
 * `failed: <code>`, `declined: <reason>`; where a rule is responsible ` by <rule>` follows. Of a question about limits
 * `allowed`, or `exceeds` with each limit and what is used and left of it.
 */
export type Verdict = string;
