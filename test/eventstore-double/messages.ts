import shared from '@eventstore/db-client/generated/shared_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';

/** An event as the double keeps it. Positions are even, so that an odd one is no record's boundary. */
export interface Kept {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export type Proposed = Pick<Kept, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;

export interface AppendRequest {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly Proposed[];
}

export function readAppend(messages: readonly AppendReq[]): AppendRequest {
  const options = messages[0]!.getOptions()!;
  const events = messages.slice(1).map((message): Proposed => {
    const proposed = message.getProposedMessage()!;
    return {
      id: proposed.getId()!.getString(),
      type: proposed.getMetadataMap().get('type') ?? '',
      contentType: proposed.getMetadataMap().get('content-type') ?? '',
      data: proposed.getData_asU8(),
      metadata: proposed.getCustomMetadata_asU8(),
    };
  });
  const expected = options.hasNoStream() ? -1 : Number(options.getRevision());
  return { stream: nameOf(options.getStreamIdentifier()!), expected, events };
}

export function appended(last: Kept): AppendResp {
  const position = new streams.AppendResp.Position();
  position.setCommitPosition(String(last.position)).setPreparePosition(String(last.position));
  const success = new streams.AppendResp.Success();
  success.setCurrentRevision(String(last.revision)).setPosition(position);
  return new streams.AppendResp().setSuccess(success);
}

export function wrongVersion(expected: number, actual: number): AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(actual));
  if (expected < 0) wrong.setExpectedNoStream(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
}

/** An answer that says neither yes nor no. */
export function emptyAppendAnswer(): AppendResp {
  return new streams.AppendResp();
}

/** That the server has the shared path of appending too, so that a client may choose it. */
export function supportedMethods(): SupportedMethods {
  const method = new features.SupportedMethod();
  method.setServiceName('event_store.client.streams.Streams').setMethodName('batchappend');
  return new features.SupportedMethods().setEventStoreServerVersion('23.10.6').setMethodsList([method]);
}

export function streamOf(request: ReadReq): string {
  return nameOf(request.getOptions()!.getStream()!.getStreamIdentifier()!);
}

export function eventMessage(event: Kept): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(event.id);
  recorded.setId(id).setStreamIdentifier(identifier(event.stream)).setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.position)).setPreparePosition(String(event.position));
  recorded.getMetadataMap().set('type', event.type).set('content-type', event.contentType).set('created', '0');
  recorded.setData(event.data).setCustomMetadata(event.metadata);
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(recorded).setCommitPosition(String(event.position));
  return new streams.ReadResp().setEvent(read);
}

export function notFoundMessage(stream: string): ReadResp {
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(identifier(stream));
  return new streams.ReadResp().setStreamNotFound(missing);
}

export function confirmationMessage(): ReadResp {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId('double');
  return new streams.ReadResp().setConfirmation(confirmation);
}

export function checkpointMessage(position: number): ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position)).setPreparePosition(String(position));
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

export function caughtUpMessage(): ReadResp {
  return new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());
}

function identifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  const made = new shared.StreamIdentifier();
  made.setStreamName(Buffer.from(stream));
  return made;
}

function nameOf(stream: { getStreamName_asU8(): Uint8Array }): string {
  return Buffer.from(stream.getStreamName_asU8()).toString();
}
