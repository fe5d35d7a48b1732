/** The operations on reservations, and on the time at which they end: rows of `operations.ts`. */
import { created, tenant, type Operation } from './operation-terms.js';
import { PAGING, RESERVATION_FILTERS } from './query-parameters.js';

const READ = { entitlement: 'reservations.read' } as const;
const WRITE = { entitlement: 'reservations.write' } as const;

export const RESERVATION_OPERATIONS = {
  createReservation: tenant(
    'Reservations',
    'transactions:write',
    ['POST /v1/reservations', 'reservation_outcome', 'Hold money on an account'],
    {
      ...created('CreateReservationBody'),
      ...WRITE,
      description:
        'What is held can’t be spent by anything else, and counts towards outbound limits from now on. It is captured, ' +
        'all or in parts, or released; at `expires_at` what is still held goes back by itself. A refusal of the ledger is ' +
        'a 422 and is kept: `error.transaction_id` names the failed transaction, of type `reservation`.',
    },
  ),
  listReservations: tenant(
    'Reservations',
    'transactions:read',
    ['GET /v1/reservations', 'list:reservation', 'List reservations'],
    { query: { ...PAGING, ...RESERVATION_FILTERS }, ...READ },
  ),
  getReservation: tenant(
    'Reservations',
    'transactions:read',
    ['GET /v1/reservations/{reservation_id}', 'reservation', 'Get a reservation'],
    READ,
  ),
  captureReservation: tenant(
    'Reservations',
    'transactions:write',
    ['POST /v1/reservations/{reservation_id}/capture', 'reservation_outcome', 'Take what is held, all or in part'],
    {
      body: 'CaptureReservationBody',
      bodyOptional: true,
      ...WRITE,
      description:
        'Posts a ledger transaction of type `reservation_capture`, without a fee; the reservation’s `transaction_id` names ' +
        'the latest. A final capture of less than is held gives the rest back. After a release or an expiry, or when ' +
        'nothing more is to come, it is a 409 `invalid_state`.',
    },
  ),
  releaseReservation: tenant(
    'Reservations',
    'transactions:write',
    ['POST /v1/reservations/{reservation_id}/release', 'reservation', 'Give back what is still held'],
    { body: 'ReleaseReservationBody', bodyOptional: true, ...WRITE },
  ),

  setClock: tenant('Test', null, ['POST /v1/test/clock', 'clock', 'Move business time forward'], {
    body: 'SetClockBody',
    sandboxOnly: true,
    description:
      'For the whole installation, and only where it runs with `DAYBOOK_CLOCK=settable`; else there is nothing here (404). ' +
      'Expiry, windows of limits, cut-offs and retry schedules follow; credentials, signatures, time-outs and rate limits ' +
      'keep to the time of day. Never goes back. Sent again under its Idempotency-Key it is not moved again.',
  }),
} as const satisfies Record<string, Operation>;
