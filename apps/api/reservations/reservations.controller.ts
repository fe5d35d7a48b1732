import { Controller, Inject, Req } from '@nestjs/common';
import type { Command } from '#domain/commands.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { reservationTold } from '../rendering.js';
import type { CaptureReservationBody, CreateReservationBody, ReleaseReservationBody } from './reservations.dto.js';

@Controller()
export class ReservationsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('createReservation')
  create(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...data } = call.body as CreateReservationBody;
    return this.run(call, { type: 'CreateReservation', data }, dry_run);
  }

  @Operation('listReservations')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'reservations');
  }

  @Operation('getReservation')
  get(@Req() { call }: CallRequest): Promise<string> {
    const { reservation_id } = named(call);
    return this.reading.one(call, call.tenant.tenantId, 'reservations', reservation_id, 'reservation_not_found');
  }

  @Operation('captureReservation')
  capture(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run, ...body } = call.body as CaptureReservationBody;
    return this.run(call, { type: 'CaptureReservation', data: { ...named(call), ...body } }, dry_run);
  }

  @Operation('releaseReservation')
  release(@Req() { call }: CallRequest): Promise<string> {
    const { dry_run } = call.body as ReleaseReservationBody;
    return this.run(call, { type: 'ReleaseReservation', data: named(call) }, dry_run);
  }

  private run(call: Call, command: Command, dryRun = false): Promise<string> {
    return this.commands.run(call, call.tenant.tenantId, command, reservationTold, dryRun);
  }
}

const named = (call: Call): { readonly reservation_id: string } => ({ reservation_id: call.param('reservation_id') });
