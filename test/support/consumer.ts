/** A consumer of webhooks on this machine, which answers as it is told to. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { listen } from '#platform/listening.js';
import { freePort } from './postgres.js';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly sequence: number | null;
    readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly [field: string]: unknown;
  };
  /** ms, monotonic. */
  readonly at: number;
}

/** Answers a delivery: 200 unless it says otherwise. */
export type Behaviour = (response: ServerResponse, received: Received, nth: number) => void;

export class Consumer {
  readonly received: Received[] = [];
  behaviour: Behaviour = (response) => void response.writeHead(200).end();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(port?: number): Promise<Consumer> {
    const at = port ?? (await freePort());
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const event = JSON.parse(body.toString()) as Received['event'];
        const one = { path: request.url ?? '', headers: request.headers, body, event, at: performance.now() };
        self.received.push(one);
        self.behaviour(response, one, self.received.filter(({ path }) => path === one.path).length);
      });
    });
    const self = new Consumer(server, at);
    await listen(server, '127.0.0.1', at);
    return self;
  }

  /** As `DAYBOOK_WEBHOOK_ALLOW` names it. */
  get hostAndPort(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(path: string): string {
    return `http://${this.hostAndPort}${path}`;
  }

  at(path: string): readonly Received[] {
    return this.received.filter((one) => one.path === path);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Waits, generously, for something to become so. */
export const eventually = async (isSo: () => boolean | Promise<boolean>, what = 'it'): Promise<void> => {
  const deadline = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about`);
    await new Promise((next) => setTimeout(next, 10));
  }
};
