/**
 * Why a command was refused. Each code is of one kind; only the contract knows which HTTP status a kind becomes.
 *
 * - `invalid`: the request names something that can't be (400)
 * - `missing`: what the path names does not exist (404)
 * - `conflict`: the state forbids it, nothing to mend in the request (409)
 * - `state`: a rule about access or the tenant's status forbids it (403)
 * - `business`: a rule of the ledger refuses the posting; a customer would ask why (422)
 */
export const REFUSALS = {
  amount_not_positive: 'invalid',
  amount_out_of_range: 'invalid',
  invalid_parameter: 'invalid',
  invalid_currency: 'invalid',
  missing_field: 'invalid',
  immutable_field: 'invalid',

  account_not_found: 'missing',
  customer_not_found: 'missing',
  kyc_submission_not_found: 'missing',
  card_not_found: 'missing',
  card_transaction_not_found: 'missing',
  reservation_not_found: 'missing',
  transaction_not_found: 'missing',
  settlement_not_found: 'missing',
  api_key_not_found: 'missing',
  webhook_endpoint_not_found: 'missing',
  user_not_found: 'missing',
  tenant_not_found: 'missing',

  tenant_suspended: 'state',
  tenant_inactive: 'state',
  entitlement_required: 'state',
  revoked_key: 'state',
  revoked_user: 'state',

  duplicate_reference: 'conflict',
  duplicate_account_code: 'conflict',
  already_reversed: 'conflict',
  not_reversible: 'conflict',
  invalid_state: 'conflict',
  invalid_status_transition: 'conflict',
  retention_expired: 'conflict',
  account_is_closed: 'conflict',
  account_not_empty: 'conflict',
  account_has_holds: 'conflict',
  account_has_open_children: 'conflict',
  account_owes: 'conflict',
  currency_in_use: 'conflict',
  last_owner: 'conflict',
  invitation_used: 'conflict',
  invitation_expired: 'conflict',
  overlapping_fee_rules: 'conflict',
  overlapping_limits: 'conflict',
  period_closed: 'conflict',
  kyc_profile_exists: 'conflict',
  kyc_incomplete: 'conflict',
  hierarchy_too_deep: 'conflict',

  insufficient_funds: 'business',
  account_frozen: 'business',
  account_closed: 'business',
  currency_mismatch: 'business',
  limit_exceeded: 'business',
  max_balance_exceeded: 'business',
  contradictory_max_balance: 'business',
  max_single_transaction_exceeded: 'business',
  unbalanced_entries: 'business',
  same_account: 'business',
  effective_at_out_of_range: 'business',
  fee_payer_missing: 'business',
  card_inactive: 'business',
  card_suspended: 'business',
  card_terminated: 'business',
  expired_card: 'business',
  category_blocked: 'business',
  spending_limit_exceeded: 'business',
  contradictory_status: 'business',
  unknown_entitlement: 'business',
  invalid_entitlement_config: 'business',
  expiry_in_the_past: 'business',
  expiry_too_late: 'business',
  amount_exceeds_reservation: 'business',
  limit_above_tier: 'business',
  confirmation_required: 'business',
} as const;

export type RefusalCode = keyof typeof REFUSALS;
