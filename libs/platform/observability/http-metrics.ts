import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { CallRequest } from '../http/call.js';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How often each operation was answered, with which status and how fast; and, on request, a line a request in the log. */
export class HttpMetrics {
  private readonly answered: Counter<'operation' | 'status'>;
  private readonly seconds: Histogram<'operation'>;
  /** Counted here and handed to the registry when it is read: its own look-ups cost more than the counting. */
  private readonly counts = new Map<string, Map<number, number>>();
  private readonly timers = new Map<string, { observe(seconds: number): void }>();
  private readonly logsRequests: boolean;

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    // A line a request costs a tenth of the throughput, so it is written only when somebody debugs.
    this.logsRequests = logger.isLevelEnabled('debug');
    this.answered = new Counter({
      name: 'daybook_http_requests_total',
      help: 'Requests answered.',
      labelNames: ['operation', 'status'],
      registers: [registry],
      collect: () => this.handOver(),
    });
    this.seconds = new Histogram({
      name: 'daybook_http_request_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      labelNames: ['operation'],
      buckets: BUCKETS_SECONDS,
      registers: [registry],
    });
  }

  install(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      this.note(request as CallRequest, reply);
      done();
    });
  }

  private note(request: CallRequest, reply: FastifyReply): void {
    const { call } = request;
    const name = call?.operationName ?? 'none';
    const status = reply.statusCode;
    let counts = this.counts.get(name);
    if (counts === undefined) this.counts.set(name, (counts = new Map()));
    counts.set(status, (counts.get(status) ?? 0) + 1);
    let timer = this.timers.get(name);
    if (timer === undefined) this.timers.set(name, (timer = this.seconds.labels(name)));
    timer.observe(reply.elapsedTime / 1000);
    // No path and no body: both may name a person.
    if (this.logsRequests) {
      this.logger.debug({ operation: name, status, ms: reply.elapsedTime, request_id: call?.requestId }, 'answered');
    }
  }

  private handOver(): void {
    this.answered.reset();
    for (const [operation, counts] of this.counts) {
      for (const [status, count] of counts) this.answered.inc({ operation, status: String(status) }, count);
    }
  }
}
