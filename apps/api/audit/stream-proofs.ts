import { Inject, Injectable } from '@nestjs/common';
import { ledgerStream } from '#domain/codec.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { NO_HASH } from '#proof/book-file.js';
import { originOf, signCheckpoint, verifierKey } from '#proof/checkpoint.js';
import { RECEIPT_FORMAT } from '#proof/receipt.js';
import { StreamTree } from '#proof/stream-tree.js';
import { CHECKPOINT_KEY, EVENT_STORE } from '../tokens.js';
import type { CheckpointKey } from '../dependencies.js';
import type { Streams } from './raw-events.js';

/** Trees that are kept; those of the tenants asked for last. */
const MOST_TREES = 1000;

/** Checkpoints of tenants' streams, and receipts for single events. Nothing of it is on the way of a command. */
@Injectable()
export class StreamProofs {
  private readonly trees = new Map<string, StreamTree>();

  constructor(
    @Inject(EVENT_STORE) private readonly store: Streams,
    @Inject(CHECKPOINT_KEY) private readonly key: CheckpointKey,
  ) {}

  async checkpoint(call: Call, tenantId: string): Promise<string> {
    const stream = ledgerStream(tenantId);
    const size = await this.sizeOf(call, stream);
    const { root, note, public_key } = await this.signed(stream, size);
    const told = { object: 'checkpoint', stream, revision: size - 1, size, root_hash: root.toString('base64') };
    return this.answer(call, { ...told, note, public_key });
  }

  /** Throws `Problem` where the stream has no event at that revision. */
  async receipt(call: Call, tenantId: string): Promise<string> {
    const { revision } = call.query as { readonly revision: number };
    const stream = ledgerStream(tenantId);
    const size = await this.sizeOf(call, stream);
    if (revision >= size) throw new Problem('out_of_range', { param: 'revision' });
    const { note, public_key } = await this.signed(stream, size);
    const inclusion = await this.treeOf(stream).inclusion(revision, size);
    const events = await this.read(stream, Math.max(0, revision - 1), revision === 0 ? 1 : 2);
    const event = events.at(-1)!;
    const before = revision === 0 ? undefined : events[0];
    return this.answer(call, {
      object: 'receipt',
      format: RECEIPT_FORMAT,
      stream,
      revision,
      event: event.text,
      previous_hash: before === undefined ? NO_HASH : Buffer.from(before.hash).toString('hex'),
      hash: Buffer.from(event.hash).toString('hex'),
      inclusion: inclusion.map((node) => node.toString('base64')),
      checkpoint: { note, public_key },
    });
  }

  private async signed(stream: string, size: number): Promise<{ root: Buffer; note: string; public_key: string }> {
    const tree = this.treeOf(stream);
    await tree.grow(size);
    const root = await tree.root(size);
    const origin = originOf(stream);
    const note = signCheckpoint({ origin, size, root }, this.key);
    return { root, note, public_key: verifierKey(origin, this.key.public) };
  }

  private async sizeOf(call: Call, stream: string): Promise<number> {
    const revision = (await this.store.head(stream))?.revision ?? -1;
    call.atRevision(revision);
    return revision + 1;
  }

  private treeOf(stream: string): StreamTree {
    const tree =
      this.trees.get(stream) ??
      new StreamTree(async (revision, count) => (await this.read(stream, revision, count)).map(({ hash }) => hash));
    // The last one asked for stands last, so that the first is the one to forget.
    this.trees.delete(stream);
    this.trees.set(stream, tree);
    if (this.trees.size > MOST_TREES) this.trees.delete(this.trees.keys().next().value!);
    return tree;
  }

  private async read(stream: string, from: number, count: number) {
    const events = [];
    for await (const page of this.store.read(stream, from, count)) {
      events.push(...page);
      if (events.length >= count) break;
    }
    return events.slice(0, count);
  }

  private answer(call: Call, told: object): string {
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify(told);
  }
}
