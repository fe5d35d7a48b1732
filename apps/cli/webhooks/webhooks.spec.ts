import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as Svix } from 'svix';
import { PUBLIC_EVENT_TYPES, type PublicEventType } from '#contract/public-events.js';
import { newSigningSecret } from '#webhooks/signing.js';
import { ApiUnderTest } from '../../api/spec-support.js';
import { UsedWrongly } from '../outcome.js';
import { followed } from './event-stream.js';
import { forwarded, type Forwarding } from './listen.js';
import { NOT_TRIGGERED, RECIPES } from './recipes.js';
import { Sandbox, type SandboxAccess } from './sandbox.js';
import { triggered } from './trigger.js';

let api: ApiUnderTest;
let baseUrl: string;
let tenant: string;
beforeAll(async () => {
  const usual = { maxWaitMs: 20_000, heartbeatMs: 1_000, streamMs: 60_000, stallMs: 60_000, perTenant: 50 };
  api = await ApiUnderTest.start('silent', true, usual);
  baseUrl = await api.api.listen('127.0.0.1', 0);
  tenant = await api.tenant({ environment: 'sandbox' });
});
afterAll(() => api.close());
const accessOf = (key: string): SandboxAccess => ({ baseUrl, key });
const sandbox = (): Sandbox => new Sandbox(accessOf(tenant), 'operator-token');

describe('daybook trigger', () => {
  it('knows every type of event: how it is triggered, or why it is not', () => {
    const known = PUBLIC_EVENT_TYPES.filter(
      (type) => (RECIPES[type] === undefined) !== (NOT_TRIGGERED[type] === undefined),
    );
    expect(known).toEqual(PUBLIC_EVENT_TYPES);
  });

  /** Ends by itself, some time later: the clock is moved instead. */
  const LATER: PublicEventType = 'reservation.expired';
  it.each(PUBLIC_EVENT_TYPES.filter((type) => RECIPES[type] !== undefined && type !== LATER))('%s', async (type) => {
    const before = await sandbox().newest();
    const event = await triggered(sandbox(), type);
    expect(event.type).toBe(type);
    expect(event.sequence).toBeGreaterThan(before);
  });

  it(LATER, async () => {
    const before = await sandbox().newest();
    const waiting = triggered(sandbox(), LATER);
    await sandbox().eventOf('reservation.created', before);
    await api.send(tenant, 'POST', '/v1/test/clock', { advance_ms: 10_000 });
    expect((await waiting).type).toBe(LATER);
  });

  it.each([
    ['account.exploded', /There is no type account.exploded. There are: .*account\.created/],
    ['tenant.deactivated', /it would end the sandbox tenant/],
  ])('%s: says why not', async (type, why) => {
    await expect(triggered(sandbox(), type)).rejects.toThrow(why);
    await expect(triggered(sandbox(), type)).rejects.toThrow(UsedWrongly);
  });

  it('does nothing at a live tenant', async () => {
    const live = await api.tenant({ environment: 'live' });
    await expect(triggered(new Sandbox(accessOf(live), null), 'account.created')).rejects.toThrow(UsedWrongly);
    expect(await api.head(live)).toBe(0);
  });
});

describe('daybook listen', () => {
  it('ends where no installation answers', async () => {
    const nobody = { baseUrl: 'http://127.0.0.1:1', key: 'qp_sk_sandbox_x' };
    const told = followed(nobody, null, new AbortController().signal, () => undefined);
    await expect(told.next()).rejects.toThrow(
      'No installation answers at http://127.0.0.1:1. Start it with: npm start',
    );
  });

  it('sends on what was asked for, in order, signed as deliveries are', async () => {
    const secret = newSigningSecret();
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(got.length === 2 ? 500 : 204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const mine = await api.tenant({ environment: 'sandbox' });
    await api.account(mine);
    const forwarding: Forwarding = {
      url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`),
      secret,
      selectors: new Set(['account.*']),
      after: 0,
      count: 3,
    };
    const told: (number | null)[] = [];
    const listening = (async () => {
      for await (const { status } of forwarded(
        accessOf(mine),
        forwarding,
        new AbortController().signal,
        () => undefined,
      )) {
        told.push(status);
      }
    })();
    await api.account(mine);
    await api.account(mine);
    await listening;
    server.close();
    expect(told).toEqual([204, 500, 204]);
    const verified = got.map(({ body, headers: given }) => {
      const headers = given as Record<string, string>;
      new Svix(secret).verify(body, headers);
      new Stripe('sk_none').webhooks.constructEvent(body, headers['qairopay-signature']!, secret);
      return new Webhook(secret).verify(body, headers);
    });
    expect(verified).toMatchObject([2, 3, 4].map((sequence) => ({ type: 'account.created', sequence })));
    expect(got[0]!.headers['qairopay-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  });

  it('ends with the npx that began it', async () => {
    const command = `"$0" bin/daybook.mjs listen --forward http://127.0.0.1:9 --key ${tenant} & echo $!; wait`;
    const { hostname, port } = new URL(baseUrl);
    const folder = mkdtempSync(join(tmpdir(), 'daybook-listen-'));
    const place = { DAYBOOK_DATA_DIR: folder, DAYBOOK_HOST: hostname, DAYBOOK_PORT: port };
    const env = { ...process.env, NODE_OPTIONS: '', npm_command: 'exec', ...place };
    const shell = spawn('sh', ['-c', command, process.execPath], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let pid: number | null = null;
    try {
      pid = Number(String((await once(shell.stdout, 'data'))[0]));
      // It may have to be built first.
      let said = '';
      const signal = AbortSignal.timeout(25_000);
      shell.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      while (!said.includes('Signing secret')) await once(shell.stderr, 'data', { signal });
      // Both write to it: it ends with the last of them.
      const ended = once(shell.stderr, 'end', { signal });
      shell.kill('SIGKILL');
      await ended;
      pid = null;
    } finally {
      shell.kill('SIGKILL');
      if (pid !== null) process.kill(pid, 'SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
