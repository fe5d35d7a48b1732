import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { kycTold } from '../rendering.js';
import type { ResubmitKycBody, SubmitKycBody } from './kyc.dto.js';

@Controller()
export class KycController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('submitKyc')
  submit(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as SubmitKycBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'SubmitKyc', data }, kycTold);
  }

  @Operation('listKycSubmissions')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'kyc_submissions');
  }

  @Operation('getKycSubmission')
  get(@Req() { call }: CallRequest): Promise<string> {
    const id = call.param('kyc_submission_id');
    return this.reading.one(call, call.tenant.tenantId, 'kyc_submissions', id, 'kyc_submission_not_found');
  }

  @Operation('resubmitKyc')
  resubmit(@Req() { call }: CallRequest): Promise<string> {
    const data = { kyc_submission_id: call.param('kyc_submission_id'), ...(call.body as ResubmitKycBody) };
    return this.commands.run(call, call.tenant.tenantId, { type: 'ResubmitKyc', data }, kycTold);
  }
}
