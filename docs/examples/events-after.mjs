/**
 * Every event of a tenant, in order, from after a sequence on, for ever.
 *
 *   for await (const event of eventsAfter(await lastSequence(), { url, key })) await takeIn(event);
 *
 * Keep the last `sequence` with what the event changed, in one transaction, and each event takes effect exactly once.
 */
export async function* eventsAfter(sequence, { url, key }) {
  for (;;) {
    // Answers at once where there are events, else when there is one, or after 20 s with none.
    const response = await fetch(`${url}/v1/events?after_sequence=${sequence}&limit=100&wait_ms=20000`, {
      headers: { authorization: `Bearer ${key}` },
    });
    if (!response.ok) throw new Error(await response.text());
    for (const event of (await response.json()).data) {
      yield event;
      sequence = event.sequence;
    }
  }
}
