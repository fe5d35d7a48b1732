import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { ledgerStream } from '#domain/codec.js';
import type { EventStore } from '#event-store/event-store.js';
import { exportedLine } from '#event-store/exported-line.js';
import type { CallRequest } from '#platform/http/call.js';
import { lines } from '../lines.js';
import { EVENT_STORE } from '../tokens.js';

const EVENTS_AT_ONCE = 100;

/** What is read of a store's streams. */
export type Streams = Pick<EventStore, 'read' | 'head'>;

/** A tenant's stored events as they are, with their hashes. */
@Injectable()
export class RawEvents {
  constructor(@Inject(EVENT_STORE) private readonly store: Streams) {}

  async answer(request: CallRequest, tenantId: string): Promise<Readable> {
    const { after_revision = -1, limit = Infinity } = request.call.query as {
      readonly after_revision?: number;
      readonly limit?: number;
    };
    const stream = ledgerStream(tenantId);
    const head = (await this.store.head(stream))?.revision ?? -1;
    request.call.atRevision(head);
    return lines(request, this.pieces(stream, after_revision + 1, Math.min(head, after_revision + limit)));
  }

  private async *pieces(stream: string, from: number, to: number): AsyncIterable<string> {
    if (from > to) return;
    for await (const page of this.store.read(stream, from, EVENTS_AT_ONCE)) {
      const wanted = page.filter(({ revision }) => revision <= to);
      if (wanted.length > 0) yield wanted.map(exportedLine).join('');
      if (wanted.length < page.length || wanted.at(-1)?.revision === to) return;
    }
  }
}
