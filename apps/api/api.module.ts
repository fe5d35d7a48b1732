import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Operation as OperationTerms } from '#contract/operation-terms.js';
import type { Access } from '#platform/http/principal.js';
import { Cursors } from '#platform/http/cursors.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { AdminAccountsController } from './accounts/admin-accounts.controller.js';
import { AdminApiKeysController } from './api-keys/admin-api-keys.controller.js';
import { ApiKeys } from './api-keys/api-keys.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditLogAnswers } from './audit/audit-log.js';
import { AuditReading } from './audit/audit-reading.js';
import { RawEvents } from './audit/raw-events.js';
import { StreamProofs } from './audit/stream-proofs.js';
import { AuthController } from './auth/auth.controller.js';
import { SignIn } from './auth/sign-in.js';
import { CardTransactionsController } from './card-transactions/card-transactions.controller.js';
import { CardsController } from './cards/cards.controller.js';
import { ClockController } from './clock/clock.controller.js';
import { Commands } from './commands.js';
import type { ApiDependencies } from './dependencies.js';
import { CustomersController } from './customers/customers.controller.js';
import { ErasureController } from './erasure/erasure.controller.js';
import { EventsController } from './events/events.controller.js';
import { Following, FOLLOWING, type RefusalOf } from './events/following.js';
import { ExecuteCommandHandler } from './execute-command.js';
import { AdminEntitlementsController } from './entitlements/admin-entitlements.controller.js';
import { AdminFeesController } from './fees/admin-fees.controller.js';
import { FeesController } from './fees/fees.controller.js';
import { InstallationController } from './installation/installation.controller.js';
import type { Published } from './installation/published.js';
import { PublishedVersionsController } from './versions/published-versions.controller.js';
import type { RecentReads } from './versions/recent-reads.js';
import { VersionsController } from './versions/versions.controller.js';
import { AdminKycController } from './kyc/admin-kyc.controller.js';
import { KycController } from './kyc/kyc.controller.js';
import { AdminLimitsController } from './limits/admin-limits.controller.js';
import { LimitsController } from './limits/limits.controller.js';
import { FinanceSettingsController } from './finance/finance-settings.controller.js';
import { LiquidityController } from './finance/liquidity.controller.js';
import { SettlementLines } from './finance/settlement-lines.js';
import { SettlementsController } from './finance/settlements.controller.js';
import { ReconciliationController } from './reconciliation/reconciliation.controller.js';
import { MonthReports } from './periods/month-reports.js';
import { PeriodsController } from './periods/periods.controller.js';
import { Reading } from './reading.js';
import { ReservationsController } from './reservations/reservations.controller.js';
import { RecentWrites } from './recent-writes.js';
import { AdminTenantsController } from './tenants/admin-tenants.controller.js';
import { StatementsController } from './statements/statements.controller.js';
import { TenantLookup } from './tenants/tenant-lookup.js';
import { TenantController } from './tenants/tenant.controller.js';
import {
  API_KEYS,
  AUDIT,
  BASE_URL,
  CHECKPOINT_KEY,
  CLOCK,
  SETTABLE_CLOCK,
  DOCUMENT,
  ENDPOINT_SECRETS,
  ENGINE,
  ERASING,
  EVENT_STORE,
  FOLLOWING_TERMS,
  METRICS,
  NOTE_ENTITLEMENTS,
  NOTE_VERSION,
  RECENT_READS,
  VERSION_USES,
  OPENER,
  PROBES,
  READS,
  REFUSAL_OF,
  TENANTS,
  USERS,
  WORKSPACES,
  VERSION_OF,
  MOST_ENDPOINTS,
  WEBHOOK_ALLOW,
  WEBHOOK_DESK,
  WEBHOOK_KEYS,
} from './tokens.js';
import { Batches } from './transactions/batches.js';
import { TransactionsController } from './transactions/transactions.controller.js';
import { AdminUsersController } from './users/admin-users.controller.js';
import { Users } from './users/users.js';
import { AdminWorkspacesController } from './workspaces/admin-workspaces.controller.js';
import { AdminWebhookEndpointsController } from './webhooks/admin-webhook-endpoints.controller.js';
import { Deliveries } from './webhooks/deliveries.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { WebhookEndpointsController } from './webhooks/webhook-endpoints.controller.js';
import { WebhookEndpoints } from './webhooks/webhook-endpoints.js';

/** Every controller there is; an operation whose controller is not here fails a test. */
export const CONTROLLERS = [
  AccountsController,
  TransactionsController,
  ReservationsController,
  ClockController,
  CardsController,
  CardTransactionsController,
  EventsController,
  AuditController,
  StatementsController,
  TenantController,
  AdminTenantsController,
  AdminAccountsController,
  AdminFeesController,
  AdminEntitlementsController,
  FeesController,
  AdminLimitsController,
  LimitsController,
  CustomersController,
  KycController,
  ErasureController,
  AdminKycController,
  PeriodsController,
  SettlementsController,
  ReconciliationController,
  LiquidityController,
  FinanceSettingsController,
  AdminApiKeysController,
  AdminWorkspacesController,
  AdminUsersController,
  WebhookEndpointsController,
  AdminWebhookEndpointsController,
  DeliveriesController,
  AuthController,
  InstallationController,
  VersionsController,
  PublishedVersionsController,
];

/** Judged anew of what goes on for long: a key may be revoked meanwhile. */
const refusalOf =
  (access: Access): RefusalOf =>
  async ({ headers, raw, call }) => {
    const found = await access.authenticate(headers, raw.rawHeaders);
    if ('code' in found) return found.code;
    return access.missingRight(found, call.operation as OperationTerms)?.code ?? null;
  };

@Module({})
export class ApiModule {
  /** All that the API is made of, in one list: nothing is found by looking around. */
  static with(
    given: ApiDependencies,
    published: Published,
    recentReads: RecentReads,
    baseUrl: () => string,
  ): DynamicModule {
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: CONTROLLERS,
      providers: [
        ExecuteCommandHandler,
        Commands,
        Reading,
        RecentWrites,
        Batches,
        ApiKeys,
        WebhookEndpoints,
        Deliveries,
        Users,
        SignIn,
        TenantLookup,
        SettlementLines,
        Following,
        AuditLogAnswers,
        RawEvents,
        StreamProofs,
        { provide: ENGINE, useValue: given.engine },
        MonthReports,
        { provide: READS, useValue: given.reads },
        { provide: OPENER, useValue: given.vault },
        { provide: NOTE_ENTITLEMENTS, useValue: given.noteEntitlements },
        { provide: CLOCK, useValue: given.clock },
        { provide: SETTABLE_CLOCK, useValue: given.settableClock },
        { provide: AUDIT, useValue: new AuditReading(given.audit, given.store, given.vault) },
        { provide: EVENT_STORE, useValue: given.store },
        { provide: CHECKPOINT_KEY, useValue: given.checkpointKey },
        { provide: TENANTS, useValue: given.tenants },
        { provide: API_KEYS, useValue: given.keySecrets },
        { provide: WEBHOOK_DESK, useValue: given.webhookDesk },
        { provide: VERSION_OF, useValue: given.versionOf },
        { provide: ENDPOINT_SECRETS, useValue: given.endpointSecrets },
        { provide: WEBHOOK_ALLOW, useValue: given.webhookAllow },
        { provide: MOST_ENDPOINTS, useValue: given.mostEndpoints },
        { provide: WEBHOOK_KEYS, useValue: given.webhookKeys },
        { provide: REFUSAL_OF, useValue: refusalOf(given.access) },
        { provide: FOLLOWING_TERMS, useValue: given.following ?? FOLLOWING },
        { provide: USERS, useValue: given.users },
        { provide: ERASING, useValue: given.erasing },
        { provide: WORKSPACES, useValue: given.workspaces },
        { provide: PROBES, useValue: given.probes },
        { provide: METRICS, useValue: given.metrics },
        { provide: BASE_URL, useValue: baseUrl },
        { provide: DOCUMENT, useValue: published },
        { provide: RECENT_READS, useValue: recentReads },
        { provide: VERSION_USES, useValue: given.versionUses },
        { provide: NOTE_VERSION, useValue: given.noteVersion },
        { provide: Cursors, useValue: new Cursors(given.keys.cursors) },
      ],
    };
  }
}
