/** A document small enough to be altered in many places, one at a time. */
type Node = Record<string, unknown>;

const json = (schema: unknown): Node => ({ 'application/json': { schema } });
const thing = { $ref: '#/components/schemas/thing' };
const key = [{ apiKey: [] }, { userToken: [] }];

export const smallDocument = (): Node => ({
  openapi: '3.1.0',
  info: { title: 'Small', version: '1', 'x-webhook-signature-header': 'Small-Signature' },
  paths: {
    '/things': {
      get: {
        summary: 'List things',
        security: key,
        'x-rights': { scope: 'things:read' },
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
          { name: 'status', in: 'query', schema: { type: 'string', enum: ['open', 'shut'] } },
        ],
        responses: {
          200: {
            description: 'Things',
            headers: { 'Request-Id': { schema: { type: 'string' } } },
            content: json({
              type: 'object',
              properties: { data: { type: 'array', items: thing }, has_more: { type: 'boolean' } },
              required: ['data', 'has_more'],
            }),
          },
          404: { $ref: '#/components/responses/Error404' },
        },
      },
      post: {
        summary: 'Make a thing',
        security: key,
        'x-rights': { scope: 'things:write' },
        parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }],
        requestBody: { required: true, content: json({ $ref: '#/components/schemas/ThingBody' }) },
        responses: { 201: { description: 'Made', content: json(thing) } },
      },
    },
    '/things/{id}': {
      patch: {
        summary: 'Change a thing',
        security: key,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: { required: false, content: json({ $ref: '#/components/schemas/ChangeBody' }) },
        responses: { 200: { description: 'Changed', content: json(thing) } },
      },
      delete: {
        summary: 'Take a thing away',
        security: key,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 204: { description: 'Gone' } },
      },
    },
    '/health': {
      get: {
        summary: 'Alive',
        security: [],
        responses: { 200: { description: 'Alive', content: json({ type: 'object', properties: { status: { type: 'string' } } }) } },
      },
    },
  },
  components: {
    schemas: {
      thing: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          amount: { type: 'integer' },
          status: { type: 'string', enum: ['open', 'shut', 'lost'] },
          note: { type: ['string', 'null'] },
          owner: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] },
        },
        required: ['id', 'amount', 'status', 'note', 'owner'],
      },
      ThingBody: {
        type: 'object',
        properties: {
          amount: { type: 'integer', minimum: 1, maximum: 1000 },
          kind: { type: 'string', enum: ['big', 'small'] },
          name: { type: 'string', maxLength: 100 },
          code: { type: 'string', pattern: '^\\d{4}$' },
          share: { type: 'integer' },
          tags: { type: 'array', maxItems: 10, items: { type: 'string' } },
          owner: { type: 'object', properties: { name: { type: 'string' } } },
        },
        required: ['amount', 'kind'],
        additionalProperties: false,
      },
      ChangeBody: { type: 'object', properties: { name: { type: 'string' } } },
    },
    responses: {
      Error404: { description: 'One of `thing_not_found`, `route_not_found`.', content: json({ type: 'object' }) },
      Error409: { description: 'One of `already_shut`.', content: json({ type: 'object' }) },
    },
  },
});
