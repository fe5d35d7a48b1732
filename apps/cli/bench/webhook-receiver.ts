import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const SLOW_MS = 2_000;

/**
 * A consumer of webhooks on this machine: when each delivery came first, and how often. Under `/dead/` it never answers and
 * under `/slow/` late, and counts nothing of either.
 */
export class WebhookReceiver {
  /** By path and event: milliseconds from the event's own time to its first delivery. */
  private readonly latencies = new Map<string, number>();
  private received = 0;
  /** When the first and the last came, by `performance.now()`. */
  firstAt = 0;
  lastAt = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const self = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url?.startsWith('/dead/') === true) return;
        if (request.url?.startsWith('/slow/') === true) {
          setTimeout(() => response.writeHead(204).end(), SLOW_MS);
          return;
        }
        response.writeHead(204).end();
        self.take(request.url as string, Buffer.concat(chunks).toString());
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return self;
  }

  /** As `DAYBOOK_WEBHOOK_ALLOW` has it. */
  get hostAndPort(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many there were of (event, endpoint), and how many came again. */
  get counts(): { readonly told: number; readonly doubled: number } {
    return { told: this.latencies.size, doubled: this.received - this.latencies.size };
  }

  private take(path: string, body: string): void {
    const now = Date.now();
    this.lastAt = performance.now();
    if (this.received === 0) this.firstAt = this.lastAt;
    this.received += 1;
    const { id, created } = JSON.parse(body) as { id: string; created: string };
    const key = `${path} ${id}`;
    if (!this.latencies.has(key)) this.latencies.set(key, now - Date.parse(created));
  }

  /** Waits until so many have come, or none has for a while. */
  async until(count: number, patienceMs: number): Promise<void> {
    let idleSince = performance.now();
    for (let seen = -1; this.counts.told < count && performance.now() - idleSince < patienceMs;) {
      if (this.counts.told !== seen) idleSince = performance.now();
      seen = this.counts.told;
      await new Promise((next) => setTimeout(next, 20));
    }
  }

  /** Milliseconds, of which so large a share is not above. */
  quantile(share: number): number {
    const sorted = [...this.latencies.values()].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }

  /** Begins to count anew. */
  forget(): void {
    this.latencies.clear();
    this.received = 0;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
