import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  appended,
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  emptyAppendAnswer,
  eventMessage,
  notFoundMessage,
  readAppend,
  streamOf,
  supportedMethods,
  wrongVersion,
} from './messages.js';
import type { AppendRequest, Kept } from './messages.js';

/**
 * What the server does with the next call instead of what it should.
 * - `write`: whether an append is written though it is not acknowledged
 * - `answer`: never; with an error of this code and text; with a success or an end that says nothing; after a while;
 *   by losing every connection; by sending the client elsewhere; to an append with a conflict or a revision that are wrong
 * - `after`: how many events of a read or a subscription come first
 */
export interface Misbehaviour {
  readonly write?: boolean;
  readonly after?: number;
  readonly answer:
    | 'never'
    | 'empty'
    | 'end'
    | 'lose-connections'
    | 'not-leader'
    | 'conflict'
    | 'wrong-revision'
    | { readonly code: status; readonly text: string }
    | { readonly lateMs: number };
}

type AppendCall = ServerDuplexStream<AppendReq, AppendResp>;
type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

// Appending is declared as answering with a stream, so that it can also end without an answer.
const appendMethod = { ...services.StreamsService.append, responseStream: true as const };

/**
 * A small EventStoreDB over gRPC, made from the client's own generated messages: appends with the server's idempotence
 * (by id alone), reads, and `$all` by prefix. On demand it misbehaves as servers and networks do.
 */
export class EventStoreDouble {
  /** How often each method was called; `batchAppend` must stay at none. */
  readonly calls = { append: 0, read: 0, subscribe: 0, batchAppend: 0 };
  readonly #all: Kept[] = [];
  readonly #misbehaviours: Record<'append' | 'read' | 'subscribe', Misbehaviour[]> = {
    append: [],
    read: [],
    subscribe: [],
  };
  readonly #live = new Set<(event: Kept) => void>();
  #server = new Server();
  #port = 0;

  static async start(): Promise<EventStoreDouble> {
    const double = new EventStoreDouble();
    await double.#listen();
    return double;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** How many subscriptions are open at this moment. */
  get subscriptions(): number {
    return this.#live.size;
  }

  /** The next calls of a kind misbehave, each in its own way; those after them don't. */
  misbehave(call: 'append' | 'read' | 'subscribe', ...how: Misbehaviour[]): void {
    this.#misbehaviours[call].push(...how);
  }

  /** Writes as another client would. */
  write(request: AppendRequest): AppendResp {
    const stored = this.#all.filter((event) => event.stream === request.stream);
    const head = stored.length - 1;
    const known = stored.slice(request.expected + 1, request.expected + 1 + request.events.length);
    if (head !== request.expected) {
      const same =
        known.length === request.events.length && known.every((event, i) => event.id === request.events[i]!.id);
      return same ? appended(known.at(-1)!) : wrongVersion(request.expected, head);
    }
    for (const event of request.events) {
      const revision = stored.length;
      const kept = { ...event, stream: request.stream, revision, position: 2 * (this.#all.length + 1) };
      stored.push(kept);
      this.#all.push(kept);
      for (const send of this.#live) send(kept);
    }
    return appended(stored.at(-1)!);
  }

  /** Loses every connection and every subscription, and is there again on the same port. */
  async restart(): Promise<void> {
    this.#server.forceShutdown();
    this.#live.clear();
    this.#server = new Server();
    await this.#listen();
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #listen(): Promise<void> {
    this.#server.addService(
      { append: appendMethod, read: services.StreamsService.read, batchAppend: services.StreamsService.batchAppend },
      {
        append: (call: AppendCall) => this.#append(call),
        read: (call: ReadCall) => this.#read(call),
        batchAppend: () => {
          this.calls.batchAppend += 1;
        },
      },
    );
    this.#server.addService(features.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, answer: sendUnaryData<SupportedMethods>) => answer(null, supportedMethods()),
    });
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${this.#port}`, ServerCredentials.createInsecure(), (error, port) => {
        this.#port = port;
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #append(call: AppendCall): void {
    const messages: AppendReq[] = [];
    call.on('error', () => undefined);
    call.on('data', (message: AppendReq) => messages.push(message));
    call.on('end', () => {
      this.calls.append += 1;
      const wrong = this.#misbehaviours.append.shift();
      const answer = !wrong || wrong.write ? this.write(readAppend(messages)) : emptyAppendAnswer();
      const send = (): void => {
        call.write(answer);
        call.end();
      };
      if (!wrong) return send();
      const instead = {
        conflict: wrongVersion(-1, 1_000),
        'wrong-revision': appended({ ...this.#all[0]!, revision: 1_000 }),
      };
      this.#misbehave(wrong, call, send, () =>
        call.write(instead[wrong.answer as keyof typeof instead] ?? emptyAppendAnswer()),
      );
    });
  }

  #read(call: ReadCall): void {
    call.on('error', () => undefined);
    const options = call.request.getOptions()!;
    const kind = options.hasSubscription() ? 'subscribe' : 'read';
    this.calls[kind] += 1;
    const wrong = this.#misbehaviours[kind].shift();
    if (kind === 'subscribe') this.#subscribe(call, wrong);
    else this.#readOnce(call, wrong);
  }

  #readOnce(call: ReadCall, wrong: Misbehaviour | undefined): void {
    const options = call.request.getOptions()!;
    const backwards = options.getReadDirection() === 1;
    const stream = options.hasStream() ? streamOf(call.request) : undefined;
    const events = this.#all.filter((event) => stream === undefined || event.stream === stream);
    const from = options.getStream()?.hasRevision() ? Number(options.getStream()!.getRevision()) : 0;
    const wanted = (backwards ? events.toReversed() : events.slice(from)).slice(0, Number(options.getCount()));
    const send = (most = Infinity): void => {
      if (stream !== undefined && events.length === 0) call.write(notFoundMessage(stream));
      for (const event of wanted.slice(0, most)) call.write(eventMessage(event));
    };
    const finish = (): void => {
      send();
      call.end();
    };
    if (!wrong) return finish();
    if (wrong.after !== undefined) send(wrong.after);
    this.#misbehave(wrong, call, finish, () => undefined);
  }

  #subscribe(call: ReadCall, wrong: Misbehaviour | undefined): void {
    const options = call.request.getOptions()!;
    const from = options.getAll()?.hasPosition() ? Number(options.getAll()!.getPosition()!.getCommitPosition()) : 0;
    const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [];
    const matches = (event: Kept): boolean => prefixes.some((prefix) => event.stream.startsWith(prefix));
    if (from % 2 === 1) return void call.emit('error', failure(status.UNKNOWN, 'Exception was thrown by handler.'));
    if (wrong && wrong.after === undefined)
      return this.#misbehave(
        wrong,
        call,
        () => undefined,
        () => undefined,
      );

    call.write(confirmationMessage());
    const waiting = this.#all.filter((event) => event.position > from && matches(event));
    for (const event of waiting.slice(0, wrong?.after)) call.write(eventMessage(event));
    if (wrong)
      return this.#misbehave(
        wrong,
        call,
        () => undefined,
        () => undefined,
      );
    if (this.#all.length > 0) call.write(checkpointMessage(this.#all.at(-1)!.position));
    call.write(caughtUpMessage());
    const send = (event: Kept): void => void (matches(event) && call.write(eventMessage(event)));
    this.#live.add(send);
    call.on('cancelled', () => this.#live.delete(send));
  }

  #misbehave(wrong: Misbehaviour, call: AppendCall | ReadCall, answer: () => void, empty: () => void): void {
    if (wrong.answer === 'never') return;
    if (wrong.answer === 'end') return void call.end();
    if (wrong.answer === 'lose-connections') return void this.restart();
    if (wrong.answer === 'not-leader') {
      const error = failure(status.NOT_FOUND, 'Leader info available');
      error.metadata.set('exception', 'not-leader');
      error.metadata.set('leader-endpoint-host', '127.0.0.1');
      error.metadata.set('leader-endpoint-port', String(this.#port));
      return void call.emit('error', error);
    }
    if (wrong.answer === 'empty' || wrong.answer === 'conflict' || wrong.answer === 'wrong-revision') {
      empty();
      return void call.end();
    }
    if ('lateMs' in wrong.answer) return void setTimeout(answer, wrong.answer.lateMs).unref();
    call.emit('error', failure(wrong.answer.code, wrong.answer.text));
  }
}

function failure(code: status, details: string): Error & { code: status; details: string; metadata: Metadata } {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}
