/**
 * A server for webhooks with nothing but Node: says of each event what it is, once its signature holds.
 *
 *   SIGNING_SECRET=whsec_… node docs/examples/receive.mjs
 *
 * It listens at http://127.0.0.1:4000/webhooks, or at the port in PORT.
 */
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { InvalidSignature, verify } from './verify-webhook.mjs';

const { SIGNING_SECRET = '', PORT = '4000' } = process.env;

createServer(async (request, response) => {
  try {
    const { sequence, type, id } = verify(request.headers, await buffer(request), SIGNING_SECRET);
    console.log(sequence, type, id);
    response.writeHead(200).end();
  } catch (error) {
    if (!(error instanceof InvalidSignature)) throw error;
    console.log('refused:', error.message);
    response.writeHead(400).end();
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log(`Waiting at http://127.0.0.1:${PORT}/webhooks`));
