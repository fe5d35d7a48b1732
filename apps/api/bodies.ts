import type { BodyClass } from '#platform/validation/body-schemas.js';
import {
  BlockAccountBody,
  CloseAccountBody,
  OpenAccountBody,
  UnblockAccountBody,
  UpdateAccountBody,
} from './accounts/accounts.dto.js';
import { CreateApiKeyBody, RotateApiKeyBody, UpdateApiKeyBody } from './api-keys/api-keys.dto.js';
import {
  AcceptInvitationBody,
  ChangePasswordBody,
  LoginBody,
  LoginLinkBody,
  RefreshBody,
  ResetPasswordBody,
  SwitchTenantBody,
} from './auth/auth.dto.js';
import {
  AdjustCardTransactionBody,
  AuthorizeCardBody,
  CaptureCardTransactionBody,
  ExpireCardTransactionBody,
  IncrementCardTransactionBody,
  PostCardTransactionBody,
  RefundCardTransactionBody,
  RefundToCardBody,
  ReverseCardTransactionBody,
  SimulateAuthorizationBody,
  SimulateDeclineBody,
} from './card-transactions/card-transactions.dto.js';
import { IssueCardBody, NoBody, UpdateCardBody } from './cards/cards.dto.js';
import { SetClockBody } from './clock/clock.dto.js';
import { CreateCustomerBody, UpdateCustomerBody } from './customers/customers.dto.js';
import { UpdateEntitlementsBody } from './entitlements/entitlements.dto.js';
import { PreviewFeeBody, ReplaceFeesBody } from './fees/fees.dto.js';
import { ApproveKycBody, RejectKycBody, ResubmitKycBody, SubmitKycBody } from './kyc/kyc.dto.js';
import { EvaluateLimitsBody, ReplaceLimitsBody } from './limits/limits.dto.js';
import {
  CompleteSettlementBody,
  FailSettlementBody,
  RecordNetworkItemBody,
  SimulateLiquidityBody,
  UpdateFinanceSettingsBody,
} from './finance/finance.dto.js';
import { ImportBankStatementBody, ResolveBankStatementLineBody } from './reconciliation/reconciliation.dto.js';
import { ClosePeriodBody } from './periods/periods.dto.js';
import {
  CaptureReservationBody,
  CreateReservationBody,
  ReleaseReservationBody,
} from './reservations/reservations.dto.js';
import { ChangeTenantStatusBody, CreateTenantBody, UpdateTenantBody } from './tenants/tenants.dto.js';
import { CreateWorkspaceBody } from './workspaces/workspaces.dto.js';
import { PostBatchBody, PostTransactionBody, ReverseTransactionBody } from './transactions/transactions.dto.js';
import { InviteUserBody, UpdateUserBody } from './users/users.dto.js';
import { PinApiVersionBody, RehearseVersionBody } from './versions/versions.dto.js';
import { CreateReplayBody, TestWebhookBody } from './webhooks/deliveries.dto.js';
import {
  CreateWebhookEndpointBody,
  RotateWebhookSecretBody,
  UpdateWebhookEndpointBody,
} from './webhooks/webhook-endpoints.dto.js';

/** Every request body. The operations table names them by class. */
export const BODIES: readonly BodyClass[] = [
  OpenAccountBody,
  UpdateAccountBody,
  BlockAccountBody,
  UnblockAccountBody,
  CloseAccountBody,
  PinApiVersionBody,
  RehearseVersionBody,
  PostTransactionBody,
  PostBatchBody,
  ReverseTransactionBody,
  CreateReservationBody,
  CaptureReservationBody,
  ReleaseReservationBody,
  SetClockBody,
  IssueCardBody,
  UpdateCardBody,
  NoBody,
  AuthorizeCardBody,
  PostCardTransactionBody,
  CaptureCardTransactionBody,
  IncrementCardTransactionBody,
  AdjustCardTransactionBody,
  ReverseCardTransactionBody,
  ExpireCardTransactionBody,
  RefundCardTransactionBody,
  RefundToCardBody,
  SimulateAuthorizationBody,
  SimulateDeclineBody,
  CreateTenantBody,
  UpdateTenantBody,
  ChangeTenantStatusBody,
  ReplaceFeesBody,
  PreviewFeeBody,
  ReplaceLimitsBody,
  EvaluateLimitsBody,
  CreateCustomerBody,
  UpdateCustomerBody,
  SubmitKycBody,
  ResubmitKycBody,
  ApproveKycBody,
  RejectKycBody,
  UpdateEntitlementsBody,
  ClosePeriodBody,
  CompleteSettlementBody,
  FailSettlementBody,
  RecordNetworkItemBody,
  UpdateFinanceSettingsBody,
  SimulateLiquidityBody,
  ImportBankStatementBody,
  ResolveBankStatementLineBody,
  CreateApiKeyBody,
  UpdateApiKeyBody,
  RotateApiKeyBody,
  CreateWorkspaceBody,
  InviteUserBody,
  UpdateUserBody,
  CreateWebhookEndpointBody,
  UpdateWebhookEndpointBody,
  RotateWebhookSecretBody,
  CreateReplayBody,
  TestWebhookBody,
  AcceptInvitationBody,
  LoginBody,
  LoginLinkBody,
  RefreshBody,
  SwitchTenantBody,
  ChangePasswordBody,
  ResetPasswordBody,
];
