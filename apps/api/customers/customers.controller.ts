import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { customerTold } from '../rendering.js';
import type { CreateCustomerBody, UpdateCustomerBody } from './customers.dto.js';

@Controller()
export class CustomersController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('createCustomer')
  create(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as CreateCustomerBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'CreateCustomer', data }, customerTold);
  }

  @Operation('listCustomers')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'customers');
  }

  @Operation('getCustomer')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.one(call, call.tenant.tenantId, 'customers', call.param('customer_id'), 'customer_not_found');
  }

  @Operation('updateCustomer')
  update(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as UpdateCustomerBody;
    // What a customer may spend is not for whoever may change a name (DECISIONS 22).
    if (body.kyc_tier !== undefined && !call.tenant.scopes.has('accounts:manage')) {
      throw new Problem('missing_scope', { rule: 'accounts:manage' });
    }
    const data = { customer_id: call.param('customer_id'), ...body };
    return this.commands.run(call, call.tenant.tenantId, { type: 'UpdateCustomer', data }, customerTold);
  }
}
